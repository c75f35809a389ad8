"""`output_dir`: whole or not, never a mixture, and nothing in it deleted that is not ours."""

from __future__ import annotations

import json

import pytest

from olive_engine import publish, runs, summary
from olive_engine.errors import RunError
from olive_engine.preflight import ChecksFailed

TRAIN = {"name": "lora", "type": "Train", "steps": 4}
MERGE = {"name": "merge", "type": "Merge"}
BUILD = {"name": "build", "type": "Build"}
OTHER = {**BUILD, "precision": "fp16"}


def logs(events) -> str:
    return "\n".join(event.data["message"] for event in events if event.type == "log")


def test_what_an_earlier_run_put_there_is_replaced(bench):
    bench.here(TRAIN, MERGE, BUILD)
    bench.here(TRAIN, MERGE, OTHER)
    assert (bench.out / "model" / "model.onnx").read_text().startswith("fp16")
    assert sorted(path.name for path in bench.out.iterdir()) == [
        ".olivepress",
        "adapter",
        "model",
        "run-summary.json",
    ]


def test_a_model_folder_that_is_not_ours_is_an_error_before_any_work(bench):
    (bench.out / "model").mkdir(parents=True)
    (bench.out / "model" / "precious.bin").write_text("mine")
    with pytest.raises(ChecksFailed, match="not made by an earlier run") as refused:
        bench.here(TRAIN, MERGE, BUILD)
    assert (refused.value.code, refused.value.pointer) == ("output-not-ours", "/output_dir")
    assert (bench.out / "model" / "precious.bin").read_text() == "mine"
    assert not (bench.folder / "cache").exists()


def test_other_files_in_the_output_stay(bench):
    bench.out.mkdir()
    (bench.out / "notes.txt").write_text("mine")
    bench.here(TRAIN, MERGE, BUILD)
    bench.here(TRAIN, MERGE, OTHER)
    assert (bench.out / "notes.txt").read_text() == "mine"


def test_an_output_dir_that_is_a_file_is_an_error(bench):
    bench.out.write_text("a file")
    with pytest.raises(ChecksFailed, match="is a file"):
        bench.here(TRAIN)


def test_what_the_user_added_to_the_model_is_carried_over(bench):
    bench.here(TRAIN, MERGE, BUILD)
    (bench.out / "model" / "README.md").write_text("mine")
    _, events = bench.here(TRAIN, MERGE, OTHER)
    assert (bench.out / "model" / "README.md").read_text() == "mine"
    assert "README.md" in logs(events)


def test_what_the_user_edited_in_the_model_is_kept_beside_the_new(bench):
    bench.here(TRAIN, MERGE, BUILD)
    (bench.out / "model" / "genai_config.json").write_text('{"model": 2}')
    _, events = bench.here(TRAIN, MERGE, OTHER)
    kept = list((bench.out / "model").glob("genai_config.json.before-*"))
    assert [path.read_text() for path in kept] == ['{"model": 2}']
    assert (bench.out / "model" / "genai_config.json").read_text() == '{"model": 1}'
    assert "edited by hand" in logs(events)


def test_editing_a_small_file_does_not_damage_the_cache(bench):
    bench.here(TRAIN, MERGE, BUILD)
    (bench.out / "model" / "genai_config.json").write_text('{"model": 2}')
    outcome, events = bench.here(TRAIN, MERGE, BUILD)
    assert all(one["cached"] for one in outcome.summary["passes"]) and "damaged" not in logs(events)
    assert (bench.out / "model" / "genai_config.json").read_text() == '{"model": 2}', (
        "the same result: left alone"
    )


def test_a_model_file_that_was_deleted_is_put_back(bench):
    bench.here(TRAIN, MERGE, BUILD)
    (bench.out / "model" / "model.onnx.data").unlink()
    bench.here(TRAIN, MERGE, BUILD)
    assert (bench.out / "model" / "model.onnx.data").stat().st_size == 1_500_000


@pytest.mark.parametrize("where", ["_lay_out", "_swap"])
def test_an_output_that_was_interrupted_does_not_look_whole(bench, monkeypatch, where):
    bench.here(TRAIN, MERGE, BUILD)
    before = (bench.out / "run-summary.json").read_bytes()

    def interrupted(*given):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(publish, where, interrupted)
        bench.here(TRAIN, MERGE, OTHER)
    if where == "_lay_out":
        assert (bench.out / "run-summary.json").read_bytes() == before, "nothing was touched yet"
    else:
        assert not (bench.out / "run-summary.json").exists()
    assert (bench.out / "model" / "model.onnx").read_text().startswith("int4"), "the former one, whole"
    _, events = bench.here(TRAIN, MERGE, OTHER)
    assert (bench.out / "model" / "model.onnx").read_text().startswith("fp16")
    assert not list(bench.out.glob(".model.*"))
    assert not list((bench.out / "model").glob("*.before-*")) and "by hand" not in logs(events)


def test_a_crash_between_the_two_renames_loses_nothing(bench):
    bench.here(TRAIN, MERGE, BUILD)
    (bench.out / "model" / "README.md").write_text("mine")
    (bench.out / "model").rename(bench.out / ".model.old-1234")
    (bench.out / "run-summary.json").unlink()
    bench.here(TRAIN, MERGE, OTHER)
    assert (bench.out / "model" / "README.md").read_text() == "mine"
    assert not list(bench.out.glob(".model.*"))


def test_only_a_lora_gives_only_an_adapter(bench):
    outcome, _ = bench.here(TRAIN)
    assert outcome.summary["outputs"] == {"adapter": "adapter"}
    assert not (bench.out / "model").exists()


def test_an_adapter_of_an_earlier_run_is_not_passed_off_as_this_ones(bench):
    """LoRA and build before, a build alone now: the adapter stays (it may be all there is of it), and that is said."""
    bench.here(TRAIN, MERGE, BUILD, run_id="earlier")
    outcome, events = bench.here(BUILD)
    assert outcome.summary["outputs"] == {"model": "model"}
    assert "adapter is of an earlier run (earlier) and stays" in logs(events)


def test_the_summary_takes_in_what_is_measured_later(bench):
    bench.here(TRAIN)
    summary.update(bench.out, {"accuracy": {"base": 0.3}})
    summary.update(bench.out, {"accuracy": {"int4": 0.8}})
    after = json.loads((bench.out / "run-summary.json").read_text())
    assert after["accuracy"] == {"base": 0.3, "int4": 0.8} and after["passes"][0]["name"] == "lora"
    with pytest.raises(FileNotFoundError):
        summary.update(bench.folder, {"accuracy": {}})


def test_what_was_measured_stays_as_long_as_the_results_do(bench):
    bench.here(TRAIN, MERGE, BUILD)
    summary.update(bench.out, {"accuracy": {"base": 0.3}})
    assert bench.here(TRAIN, MERGE, BUILD)[0].summary["accuracy"] == {"base": 0.3}
    assert "accuracy" not in bench.here(TRAIN, MERGE, OTHER)[0].summary


def test_every_file_is_in_the_summary_with_its_hash(bench):
    outcome, _ = bench.here(TRAIN, MERGE, BUILD)
    there = {path.relative_to(bench.out).as_posix() for path in bench.out.rglob("*") if path.is_file()}
    assert set(outcome.summary["hashes"]) == {
        name for name in there if not name.startswith(".olivepress") and name != "run-summary.json"
    }
    assert outcome.summary["versions"]["python"].startswith("3.")


def test_a_run_whose_result_lacks_a_file_has_not_succeeded(bench, monkeypatch):
    swap = publish._swap

    def lossy(fresh, place, ours, say):
        swap(fresh, place, ours, say)
        (place / "adapter_config.json").unlink(missing_ok=True)

    monkeypatch.setattr(publish, "_swap", lossy)
    with pytest.raises(RunError, match=r"lacks adapter_config\.json"):
        bench.here(TRAIN)
    assert not (bench.out / "run-summary.json").exists()


def test_the_output_may_be_the_configs_own_folder(bench):
    run = bench.run(TRAIN, MERGE, BUILD, output_dir=".")
    assert run.state == "succeeded" and runs.find(run.id, bench.folder).state == "succeeded"
    assert (bench.folder / "model" / "model.onnx").is_file()
