"""The cache: right or not at all. Whole entries, checked at each use, made once by however many runs."""

from __future__ import annotations

import json
import threading
import time

import pytest

from olive_engine import one_pass, runs, store
from olive_engine.errors import RunError
from olive_engine.hashes import HashMemory

TRAIN = {"name": "lora", "type": "Train", "steps": 4}
MERGE = {"name": "merge", "type": "Merge"}
BUILD = {"name": "build", "type": "Build"}


def cached(outcome) -> list[bool]:
    return [one["cached"] for one in outcome[0].summary["passes"]]


def warnings(events) -> list[str]:
    return [
        event.data["message"] for event in events if event.type == "log" and event.data["level"] == "warning"
    ]


def entry_of(bench, index: int):
    key = json.loads((bench.out / "run-summary.json").read_text())["passes"][index]["key"]
    return bench.cache / "entries" / key


@pytest.mark.parametrize(
    ("name", "damage", "said"),
    [
        ("a changed byte", lambda path: path.write_bytes(b"X" + path.read_bytes()[1:]), "has changed"),
        ("a cut file", lambda path: path.write_bytes(path.read_bytes()[:-1]), "changed its size"),
        ("a missing file", lambda path: path.unlink(), "is missing"),
        ("a file too many", lambda path: path.with_name("more").write_text(""), "was added"),
        (
            "a manifest of nothing",
            lambda path: (path.parent.parent / "manifest.json").write_text("{"),
            "manifest",
        ),
    ],
)
def test_a_damaged_entry_is_removed_told_and_made_anew(bench, name, damage, said):
    bench.here(TRAIN, MERGE, BUILD)
    good = (bench.out / "model" / "model.onnx").read_text()
    damage(entry_of(bench, 2) / "artifact" / "model.onnx")
    again = bench.here(TRAIN, MERGE, BUILD)
    assert cached(again) == [True, True, False]
    assert len(warnings(again[1])) == 1 and said in warnings(again[1])[0]
    assert (bench.out / "model" / "model.onnx").read_text() == good
    assert cached(bench.here(TRAIN, MERGE, BUILD)) == [True, True, True]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ([{**TRAIN, "content": "other"}, MERGE, BUILD], [False, False, False]),
        ([{**TRAIN, "say": "something else"}, MERGE, BUILD], [True, True, True]),
        ([TRAIN, MERGE, {**BUILD, "precision": "fp16"}], [True, True, False]),
        ([TRAIN], [True]),
        ([{**TRAIN, "name": "adapter"}, {**MERGE, "name": "folded"}, BUILD], [True, True, True]),
    ],
)
def test_only_what_depends_on_a_change_is_made_anew(bench, changed, expected):
    bench.here(TRAIN, MERGE, BUILD)
    assert cached(bench.here(*changed)) == expected


def test_a_merge_asks_who_comes_next_and_an_adapter_does_not(bench):
    """Alone it writes the merged model, before a build it leaves it to be made."""
    bench.here(TRAIN, MERGE, BUILD)
    assert cached(bench.here(TRAIN, MERGE)) == [True, False]
    assert (bench.out / "model" / "model.safetensors").is_file()


def test_a_changed_input_model_is_noticed_by_content_not_by_date(bench):
    bench.here(TRAIN)
    weights = bench.folder / "input" / "model.safetensors"
    weights.write_text(bench.weights("base weights"))
    assert cached(bench.here(TRAIN)) == [True]
    weights.write_text(bench.weights("Base weights"))
    assert cached(bench.here(TRAIN)) == [False]


def test_a_project_that_was_moved_keeps_its_cache(bench, tmp_path):
    bench.here(TRAIN, MERGE, BUILD)
    bench.folder.rename(tmp_path / "elsewhere")
    bench.folder = tmp_path / "elsewhere"
    moved = bench.here(TRAIN, MERGE, BUILD)
    assert cached(moved) == [True, True, True]
    assert moved[0].output_dir == tmp_path / "elsewhere" / "out"


def test_no_secret_is_in_a_key_or_in_the_cache(bench):
    token = "hf_" + "abcdefghij" * 3
    first = bench.here({**TRAIN, "hub_token": token})
    assert cached(bench.here({**TRAIN, "hub_token": "another"})) == [True]
    texts = [path.read_text() for path in bench.folder.rglob("*") if path.is_file() and path != bench.config]
    assert first[0].summary["passes"][0]["parameters"] == {"steps": 4}
    assert not any(token in text for text in texts)


def test_two_runs_at_once_do_the_work_once(bench):
    slow = {**TRAIN, "delay": 0.15}
    first, second = bench.launch(slow, MERGE, BUILD), bench.launch(slow, MERGE, BUILD, output_dir="out2")
    ended = [runs.wait(run, timeout=60) for run in (first, second)]
    assert [run.state for run in ended] == ["succeeded", "succeeded"]
    assert sorted(run.passes[0]["cached"] for run in ended) == [False, True]
    waited = next(run for run in ended if run.passes[0]["cached"])
    assert any("waiting for its result" in str(event.data) for event in runs.follow(waited))
    results = [(out / "model" / "model.onnx.data").read_bytes() for out in (bench.out, bench.folder / "out2")]
    assert results[0] == results[1]


def test_two_runs_at_once_into_one_output_leave_it_whole(bench):
    both = [bench.launch(TRAIN, MERGE, BUILD) for _ in range(2)]
    assert [runs.wait(run, timeout=60).state for run in both] == ["succeeded", "succeeded"]
    summary = json.loads((bench.out / "run-summary.json").read_text())
    assert all((bench.out / name).is_file() for name in summary["hashes"])
    assert sorted(path.name for path in bench.out.iterdir() if path.name.startswith(".")) == [".olivepress"]


def test_the_first_pass_begins_before_the_model_is_hashed(bench, monkeypatch):
    monkeypatch.setattr(one_pass, "HASH_PATIENCE", 0.0)
    hashed, begun = threading.Event(), threading.Event()
    hashes = HashMemory.hashes

    def slowly(self, paths):
        assert begun.wait(20), "the pass waits for the hash"
        hashed.set()
        return hashes(self, paths)

    monkeypatch.setattr(HashMemory, "hashes", slowly)
    train = bench.fakes.PASSES["Train"]
    work = train._work
    monkeypatch.setattr(train, "_work", lambda *given: (begun.set(), work(*given))[1])
    assert cached(bench.here(TRAIN)) == [False]
    assert hashed.is_set()
    assert cached(bench.here(TRAIN)) == [True], "its result has the key of the content"


def test_a_pass_that_began_too_early_gives_way_to_the_cache(bench, monkeypatch):
    """The model's hash is not remembered, so the pass begins; the hash then shows that the work was done before."""
    bench.here(TRAIN, MERGE, BUILD)
    good = (bench.out / "adapter" / "adapter_model.safetensors").read_text()
    (bench.cache / "hashes.json").unlink(missing_ok=True)
    monkeypatch.setattr(one_pass, "HASH_PATIENCE", 0.0)
    hashes = HashMemory.hashes
    monkeypatch.setattr(HashMemory, "hashes", lambda self, paths: (time.sleep(0.3), hashes(self, paths))[1])
    outcome, events = bench.here({**TRAIN, "steps": 4, "delay": 0.3}, MERGE, BUILD)
    assert cached((outcome, events)) == [True, True, True]
    assert len([event for event in events if event.type == "metric"]) < 4
    assert [event.data["cached"] for event in events if event.type == "pass_finished"] == [True, True, True]
    assert (bench.out / "adapter" / "adapter_model.safetensors").read_text() == good
    assert not list((bench.cache / "tmp").iterdir())
    assert not list((bench.folder / "checkpoints").iterdir()), "what the early start kept is of no use"


def test_an_input_model_that_cannot_be_read_is_told_with_its_place(bench, monkeypatch):
    def refused(self, paths):
        raise PermissionError(13, "Permission denied", "model.safetensors")

    monkeypatch.setattr(HashMemory, "hashes", refused)
    with pytest.raises(RunError, match="cannot be read") as failed:
        bench.here(TRAIN)
    assert (failed.value.code, failed.value.pointer) == ("input-not-readable", "/input_model")


def test_a_pass_that_fails_leaves_nothing_behind(bench):
    with pytest.raises(RunError):
        bench.here(TRAIN, MERGE, {**BUILD, "raise": "run-error"})
    assert len(list((bench.cache / "entries").iterdir())) == 2
    assert not list((bench.cache / "tmp").iterdir())
    assert not bench.out.exists()


def test_cleaning_keeps_what_an_output_holds(bench):
    bench.here(TRAIN, MERGE, BUILD)
    bench.here({**TRAIN, "content": "other"}, output_dir="gone")
    for path in sorted((bench.folder / "gone").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    assert store.clean(bench.folder / "cache", dry_run=True)[0] == 2, (
        "the lost one, and the merge that no output holds"
    )
    assert len(list((bench.cache / "entries").iterdir())) == 4
    store.clean(bench.folder / "cache")
    assert cached(bench.here({**TRAIN, "content": "other"}, output_dir="gone")) == [False]


def test_cleaning_never_takes_what_a_living_run_relies_on(bench):
    run = bench.launch(TRAIN, MERGE, {**BUILD, "delay": 1.5})
    for event in runs.follow(run):
        if event.type == "pass_started" and event.pass_name == "build":
            break
    assert store.clean(bench.folder / "cache", everything=True) == (0, 0)
    assert runs.wait(run, timeout=30).state == "succeeded"
    assert store.clean(bench.folder / "cache", everything=True)[0] == 3
    assert (bench.out / "model" / "model.onnx.data").is_file()


def test_clean_cache_in_the_config_begins_anew(bench):
    bench.here(TRAIN)
    assert cached(bench.here(TRAIN, clean_cache=True)) == [False]


def test_a_hash_is_computed_once_for_an_unchanged_file(tmp_path, monkeypatch):
    file = tmp_path / "weights"
    file.write_text("abc")
    import os

    os.utime(file, (1, 1))
    memory = HashMemory(tmp_path / "hashes.json")
    first = memory.hashes([file])
    monkeypatch.setattr("olive_engine.hashes.file_hash", lambda path: pytest.fail("read again"))
    assert memory.hashes([file]) == HashMemory(tmp_path / "hashes.json").known([file]) == first
    file.write_text("abd")
    assert memory.known([file]) is None
