"""Full disks, read-only folders, other disks: real ones where the tests may mount them, else simulated (conftest)."""

from __future__ import annotations

import json

import pytest

from olive_engine import runs
from olive_engine.errors import RunError
from olive_engine.runs.events import EventWriter, read_events

TRAIN = {"name": "lora", "type": "Train", "steps": 4}
MERGE = {"name": "merge", "type": "Merge"}
BUILD = {"name": "build", "type": "Build"}


def test_a_full_cache_disk_fails_the_run_and_leaves_no_half_entry(bench, small_disk):
    run = bench.run(TRAIN, MERGE, {**BUILD, "size": 8_000_000}, cache_dir=str(small_disk / "cache"))
    assert (run.state, run.error["code"]) == ("failed", "disk-full")
    assert "MB free" in run.error["message"] and "Free some space" in run.error["hint"]
    assert list(runs.follow(run))[-1].type == "run_finished"
    assert not bench.out.exists()
    left = small_disk / "cache" / "olivepress"
    assert not list((left / "tmp").iterdir())
    assert all((entry / "manifest.json").is_file() for entry in (left / "entries").iterdir())


def test_after_making_room_the_run_resumes(bench, small_disk):
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(2_500_000))
    run = bench.run(TRAIN, MERGE, BUILD, cache_dir=str(small_disk / "cache"))
    assert run.error["code"] == "disk-full"
    ballast.unlink()
    resumed = runs.wait(runs.resume(run), timeout=30)
    assert resumed.state == "succeeded", resumed.error
    assert [one["cached"] for one in resumed.passes] == [True, True, False]


def test_a_pass_that_tells_it_will_not_fit_is_not_begun(bench):
    with pytest.raises(RunError, match=r"GB free") as refused:
        bench.here(TRAIN, MERGE, {**BUILD, "disk_bytes": 10**15})
    assert (refused.value.code, refused.value.pointer) == ("disk-full", "/cache_dir")


def test_a_full_disk_under_the_run_itself_is_still_told(bench, small_disk):
    """The record lies on the full disk too: the room set aside holds its last words."""
    bench.folder = small_disk
    (small_disk / "input").mkdir()
    (small_disk / "input" / "model.safetensors").write_text(bench.weights("base"))
    run = bench.run(TRAIN, MERGE, {**BUILD, "size": 8_000_000})
    assert (run.state, run.error["code"]) == ("failed", "disk-full")
    last = list(runs.follow(run))[-1]
    assert (last.type, last.data["error"]["code"]) == ("run_finished", "disk-full")


def test_events_are_whole_lines_up_to_the_last_byte_of_a_disk(small_disk):
    writer = EventWriter(small_disk / "events.jsonl")
    written = 0
    with pytest.raises(OSError):
        while True:
            writer.emit("log", None, {"level": "info", "message": "x" * 5000})
            written += 1
    writer.close()
    text = (small_disk / "events.jsonl").read_bytes()
    assert text.endswith(b"\n")
    assert [event.seq for event in read_events(small_disk / "events.jsonl")[0]] == list(range(1, written + 1))


def test_a_full_output_disk_leaves_no_half_output(bench, small_disk):
    run = bench.run(TRAIN, MERGE, {**BUILD, "size": 8_000_000}, output_dir=str(small_disk / "out"))
    assert (run.state, run.error["code"]) == ("failed", "disk-full")
    assert not (small_disk / "out" / "run-summary.json").exists()
    assert not (small_disk / "out" / "model").exists()
    assert [path.name for path in (small_disk / "out").iterdir()] == [".olivepress"]


def test_an_output_on_another_disk_is_copied_and_that_is_said(bench, other_disk):
    outcome, events = bench.here(TRAIN, MERGE, BUILD, output_dir=str(other_disk / "out"))
    assert (other_disk / "out" / "model" / "model.onnx.data").stat().st_size == 1_500_000
    assert outcome.published["model"].copied_bytes == 1_500_000
    assert any("stored twice" in event.data["message"] for event in events if event.type == "log")


def test_a_read_only_output_is_refused_before_any_work(bench, read_only):
    run = bench.run(TRAIN, MERGE, BUILD, output_dir=str(read_only / "out"))
    assert (run.state, run.error["code"], run.error["pointer"]) == (
        "failed",
        "output-not-writable",
        "/output_dir",
    )
    assert not any(event.type == "pass_started" for event in runs.follow(run))


def test_a_read_only_cache_is_refused_before_any_work(bench, read_only):
    run = bench.run(TRAIN, cache_dir=str(read_only / "cache"))
    assert (run.state, run.error["code"], run.error["pointer"]) == (
        "failed",
        "cache-not-writable",
        "/cache_dir",
    )
    assert not any(event.type == "pass_started" for event in runs.follow(run))


def test_a_config_in_a_read_only_folder_is_refused_at_once(bench, read_only):
    with pytest.raises(RunError, match=r"Read-only|Permission") as refused:
        runs.launch(read_only / "olive-config.json", text=json.dumps({"passes": []}), python=bench.python)
    assert refused.value.code == "run-folder-not-writable"


def test_a_home_that_cannot_be_written_costs_only_the_list(bench, read_only, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(read_only))
    run = bench.run(TRAIN)
    assert run.state == "succeeded"
    assert "found only from its own folder" in run.log.read_text()
    assert [one.id for one in runs.list_runs(bench.folder)] == [run.id]


def test_the_disks_of_these_tests_are_real(small_disk, other_disk, read_only):
    assert small_disk.stat().st_dev != other_disk.stat().st_dev
    with pytest.raises(OSError):
        (read_only / "file").write_text("x")
