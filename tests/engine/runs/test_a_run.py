"""One run from the command to its last event, seen from outside."""

from __future__ import annotations

import json
import os

from olive_engine import runs


def types(events) -> list[str]:
    return [event.type for event in events]


def test_a_run_leaves_a_model_an_adapter_and_a_summary(bench):
    run = bench.run()
    assert run.state == "succeeded", run.error
    assert sorted(path.name for path in bench.out.iterdir()) == [
        ".olivepress",
        "adapter",
        "model",
        "run-summary.json",
    ]
    assert sorted(path.name for path in (bench.out / "model").iterdir()) == [
        "genai_config.json",
        "model.onnx",
        "model.onnx.data",
    ]
    assert run.output_dir == str(bench.out)
    summary = json.loads((bench.out / "run-summary.json").read_text())
    assert [(one["name"], one["type"], one["cached"]) for one in summary["passes"]] == [
        ("lora", "Train", False),
        ("merge", "Merge", False),
        ("build", "Build", False),
    ]
    assert summary["passes"][0]["metrics"] == {
        "first_loss": 0.75,
        "last_loss": 0.31640625,
        "steps": 4,
        "learning_rate": 1e-4,
    }
    assert all(one["peak_memory_bytes"] > 1_000_000 for one in summary["passes"])
    assert all(one["import_seconds"] >= 0 for one in summary["passes"])


def test_events_are_whole_numbered_and_end_with_run_finished(bench):
    events = list(runs.follow(bench.launch()))
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert types(events)[0] == "run_started" and types(events)[-1] == "run_finished"
    assert types(events).count("pass_started") == types(events).count("pass_finished") == 3
    assert [event.data["step"] for event in events if event.type == "metric"] == [1, 2, 3, 4]
    last = events[-1].data
    assert last["state"] == "succeeded" and last["error"] is None
    assert last["summary"]["outputs"] == {"model": "model", "adapter": "adapter"}
    assert {event.data["kind"] for event in events if event.type == "artifact"} == {
        "model",
        "adapter",
        "summary",
    }


def test_following_goes_on_after_the_last_seq_seen(bench):
    run = bench.run()
    everything = list(runs.follow(run))
    assert list(runs.follow(run, after=5)) == everything[5:]


def test_a_second_run_comes_from_the_cache(bench):
    bench.run()
    before = (bench.out / "model" / "model.onnx").read_text()
    run = bench.run()
    summary = json.loads((bench.out / "run-summary.json").read_text())
    assert [one["cached"] for one in summary["passes"]] == [True, True, True]
    assert [one["cached"] for one in run.passes] == [True, True, True]
    assert summary["passes"][0]["metrics"]["last_loss"] == 0.31640625
    assert (bench.out / "model" / "model.onnx").read_text() == before


def test_big_files_are_stored_once_and_small_ones_twice(bench):
    bench.run()
    assert (bench.out / "model" / "model.onnx.data").stat().st_nlink == 2
    assert (bench.out / "model" / "genai_config.json").stat().st_nlink == 1


def test_the_worker_is_in_a_session_of_its_own(bench):
    run = bench.launch({"name": "lora", "type": "Train", "steps": 100, "delay": 0.05})
    assert os.getsid(run.pid) == run.pid != os.getsid(0)
    assert runs.cancel(run).state == "cancelled"


def test_the_run_directory_keeps_the_config_as_it_was_run(bench):
    run = bench.run()
    as_run = bench.config.read_bytes()
    bench.config.write_text("{}")
    assert run.snapshot.read_bytes() == as_run
    assert (bench.folder / ".olivepress" / ".gitignore").read_text() == "*\n"


def test_a_config_that_is_wrong_is_a_failed_run_with_its_place(bench):
    bench.config.write_text('{"passes": [')
    run = runs.wait(runs.launch(bench.config, python=bench.python), timeout=30)
    assert run.state == "failed"
    assert (run.error["code"], run.error["line"], run.error["column"]) == ("syntax", 3, 7)
    assert run.error["problems"][0]["message"] == "this is no JSON"


def test_an_error_of_a_pass_has_its_place_in_the_config(bench):
    run = bench.run({"name": "lora", "type": "Train", "raise": "run-error"})
    assert run.state == "failed"
    assert run.error == {
        "code": "no-modules",
        "message": "target_modules match nothing",
        "pointer": "/passes/0/type",
        "hint": "q_proj",
        "line": 12,
        "column": 5,
    }
    assert not bench.out.exists()
    assert "Traceback" not in run.log.read_text()


def test_a_defect_is_told_in_a_line_and_its_traceback_is_in_the_log(bench):
    run = bench.run({"name": "lora", "type": "Train", "raise": "defect"})
    assert (run.state, run.error["code"]) == ("failed", "internal-error")
    assert "\n" not in run.error["message"]
    assert "Traceback" in run.log.read_text()


def test_lack_of_memory_ends_with_a_suggestion(bench):
    run = bench.run({"name": "lora", "type": "Train", "raise": "memory"})
    assert (run.state, run.error["code"]) == ("failed", "out-of-memory")
    assert "per_device_train_batch_size" in run.error["hint"]


def test_all_refusals_come_at_once_before_any_work(bench):
    run = bench.run(
        {"name": "a", "type": "Train", "refuse": "no such thing"},
        {"name": "b", "type": "Build", "refuse": "nor this"},
    )
    assert [one["message"] for one in run.error["problems"]] == ["no such thing", "nor this"]
    assert not any(event.type == "pass_started" for event in runs.follow(run))
