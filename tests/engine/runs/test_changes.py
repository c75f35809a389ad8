"""A config or data that is edited while it is used: the run does what it was told, and no key is ever wrong."""

from __future__ import annotations

import pytest

from olive_engine import runs

TRAIN = {"name": "lora", "type": "Train", "steps": 4}
BUILD = {"name": "build", "type": "Build"}
MERGE = {"name": "merge", "type": "Merge"}


@pytest.fixture
def rows(bench):
    path = bench.folder / "rows.json"
    path.write_text("first rows")
    return path


def adapter(bench) -> str:
    return (bench.out / "adapter" / "adapter_model.safetensors").read_text()


def warnings(events) -> list[str]:
    return [
        event.data["message"] for event in events if event.type == "log" and event.data["level"] == "warning"
    ]


def test_a_config_edited_during_the_run_changes_nothing_of_it(bench):
    run = bench.launch({**TRAIN, "delay": 0.1, "content": "as launched"}, MERGE, BUILD)
    bench.write({**TRAIN, "content": "edited"})
    assert runs.wait(run, timeout=30).state == "succeeded"
    assert adapter(bench).startswith("as launched")


def test_a_resumed_run_goes_on_with_the_config_as_it_was(bench, tmp_path):
    died = {"die_at": 3, "die_once": str(tmp_path / "died")}
    run = bench.run({**TRAIN, **died, "content": "as launched"})
    bench.write({**TRAIN, "content": "edited"})
    assert runs.wait(runs.resume(run), timeout=30).state == "succeeded"
    assert adapter(bench).startswith("as launched")


def test_edited_data_is_a_new_key(bench, rows):
    bench.here(TRAIN, data=rows.name)
    rows.write_text("other rows")
    outcome, events = bench.here(TRAIN, data=rows.name)
    assert not outcome.summary["passes"][0]["cached"] and not warnings(events)
    assert "other rows" in adapter(bench)


def test_data_that_changes_while_a_pass_reads_it_is_kept_for_no_other_run(bench, rows):
    """The adapter holds the first rows; neither the key of the first nor that of the second may lead to it."""
    _, events = bench.here({**TRAIN, "grow_data": "second rows"}, data=rows.name)
    assert "first rows" in adapter(bench)
    assert len(warnings(events)) == 1 and "changed while" in warnings(events)[0]
    for text in ("second rows", "first rows"):
        rows.write_text(text)
        outcome, _ = bench.here({**TRAIN, "grow_data": text}, data=rows.name)
        assert not outcome.summary["passes"][0]["cached"]
        assert text in adapter(bench)


def test_data_that_changes_before_its_pass_is_used_as_it_then_is_with_a_warning(bench, rows):
    first = {"name": "first", "type": "Train", "grow_data": "second rows"}
    second = {"name": "second", "type": "Train", "content": "again"}
    _, events = bench.here(first, second, data=rows.name)
    assert any("changed since the run began" in text for text in warnings(events))
    assert "second rows" in adapter(bench)


def test_a_checkpoint_of_other_data_is_not_gone_on_from(bench, rows, tmp_path):
    died = {"die_at": 3, "die_once": str(tmp_path / "died")}
    run = bench.run({**TRAIN, **died}, data=rows.name)
    rows.write_text("other rows")
    resumed = runs.wait(runs.resume(run), timeout=30)
    events = [event for event in runs.follow(resumed) if event.seq > 3]
    assert any("checkpoint of the earlier attempt is not used: the data" in text for text in warnings(events))
    assert [event.data["step"] for event in events if event.type == "metric"][-4:] == [1, 2, 3, 4]
    assert "other rows" in adapter(bench)
