"""kill -9 at any moment: nothing half is taken for whole, and what is resumed ends as if nothing had happened."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from olive_engine import runs
from olive_engine.errors import RunError
from olive_engine.runs import process

TRAIN = {"name": "lora", "type": "Train", "steps": 7}
MERGE = {"name": "merge", "type": "Merge"}
BUILD = {"name": "build", "type": "Build"}


def until(true, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def dying(step: dict, at: int, mark: Path) -> dict:
    return {**step, "die_at": at, "die_once": str(mark)}


@pytest.mark.parametrize(
    "where",
    ["train, between two checkpoints", "train, at its last step", "merge", "build, in the middle of a file"],
)
def test_a_killed_run_resumes_to_what_an_undisturbed_one_gives(bench, tmp_path, where):
    undisturbed = bench.run(TRAIN, MERGE, BUILD, cache_dir="other-cache", output_dir="other-out")
    assert undisturbed.state == "succeeded"
    mark = tmp_path / "died"
    passes = {
        "train, between two checkpoints": [dying(TRAIN, 5, mark), MERGE, BUILD],
        "train, at its last step": [dying(TRAIN, 7, mark), MERGE, BUILD],
        "merge": [TRAIN, dying(MERGE, 1, mark), BUILD],
        "build, in the middle of a file": [TRAIN, MERGE, dying(BUILD, 1, mark)],
    }[where]
    killed = bench.run(*passes)
    assert (killed.state, killed.error["code"]) == ("lost", "worker-gone")
    assert not bench.out.exists()
    assert all((entry / "manifest.json").is_file() for entry in (bench.cache / "entries").iterdir())

    resumed = runs.wait(runs.resume(killed), timeout=30)
    assert (resumed.id, resumed.state, resumed.attempt) == (killed.id, "succeeded", 2)
    for name in ("adapter/adapter_model.safetensors", "model/model.onnx"):
        assert (bench.out / name).read_bytes() == (bench.folder / "other-out" / name).read_bytes()
    ours, theirs = (
        json.loads((out / "run-summary.json").read_text()) for out in (bench.out, bench.folder / "other-out")
    )
    assert ours["passes"][0]["metrics"] == theirs["passes"][0]["metrics"]
    assert not list((bench.cache / "tmp").iterdir()), "what the crash left half-made is gone"
    assert not list((resumed.folder / "checkpoints").iterdir())


def test_a_resumed_run_goes_on_from_its_checkpoint_and_its_seq(bench, tmp_path):
    killed = bench.run(dying(TRAIN, 5, tmp_path / "died"))
    before = list(runs.follow(killed))
    resumed = runs.wait(runs.resume(killed), timeout=30)
    after = list(runs.follow(resumed, after=before[-1].seq))
    assert [event.seq for event in after] == list(range(before[-1].seq + 1, before[-1].seq + 1 + len(after)))
    assert [event.data["step"] for event in after if event.type == "metric"] == [5, 6, 7]
    assert after[0].data["resumed"] is True


def test_passes_that_were_done_before_the_crash_come_from_the_cache(bench, tmp_path):
    resumed = runs.wait(runs.resume(bench.run(TRAIN, MERGE, dying(BUILD, 1, tmp_path / "died"))), timeout=30)
    assert [one["cached"] for one in resumed.passes] == [True, True, False]


def test_a_killed_follower_leaves_the_run_alone(bench):
    run = bench.launch({**TRAIN, "delay": 0.1}, MERGE, BUILD)
    code = f"from olive_engine import runs; [None for _ in runs.follow(runs.find({str(run.folder)!r}))]"
    follower = subprocess.Popen([sys.executable, "-c", code])
    time.sleep(0.3)
    follower.kill()
    follower.wait()
    assert runs.wait(run, timeout=30).state == "succeeded"


def test_a_killed_launcher_with_its_whole_session_leaves_the_run_alone(bench):
    config = bench.write({**TRAIN, "delay": 0.15}, MERGE, BUILD)
    code = (
        "import time; from olive_engine import runs; "
        f"run = runs.launch({str(config)!r}, python={bench.python!r}); print(run.id, flush=True); time.sleep(60)"
    )
    launcher = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    run = runs.find(launcher.stdout.readline().strip(), bench.folder)
    os.killpg(launcher.pid, signal.SIGHUP)
    os.killpg(launcher.pid, signal.SIGKILL)
    launcher.wait()
    launcher.stdout.close()
    assert runs.wait(run, timeout=30).state == "succeeded"


def test_a_running_run_is_not_resumed_and_not_cleaned(bench):
    run = bench.launch({**TRAIN, "steps": 100, "delay": 0.1})
    with pytest.raises(RunError) as refused:
        runs.resume(run)
    assert refused.value.code == "run-still-running"
    assert runs.clean(bench.folder) == [] and run.folder.is_dir()
    runs.cancel(run)


def test_a_run_that_succeeded_has_nothing_to_resume(bench):
    with pytest.raises(RunError) as refused:
        runs.resume(bench.run())
    assert refused.value.code == "run-succeeded"


def test_two_resumes_at_once_give_one_worker(bench, tmp_path):
    killed = bench.run(dying({**TRAIN, "delay": 0.1}, 3, tmp_path / "died"))
    code = (
        "from olive_engine import runs; from olive_engine.errors import RunError\n"
        f"run = runs.find({str(killed.folder)!r})\n"
        "try: runs.resume(run); print('resumed')\n"
        "except RunError as error: print(error.code)"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    said = sorted(one.communicate(timeout=60)[0].strip() for one in both)
    assert said in (["resumed", "run-still-running"], ["resumed", "run-succeeded"])
    done = runs.wait(killed, timeout=30)
    assert (done.state, done.attempt) == ("succeeded", 2)


def test_a_worker_that_was_killed_for_memory_is_told_so(bench, tmp_path):
    """The counter that the worker read in its last moment has grown since: put back by one here."""
    killed = bench.run(dying(TRAIN, 3, tmp_path / "died"))
    counter = tmp_path / "memory.events"
    counter.write_text("low 0\noom_kill 7\n")
    beat = json.loads((killed.folder / "heartbeat.json").read_text())
    assert beat["kills_for_memory"] and beat["memory_bytes"] > 1_000_000
    (killed.folder / "heartbeat.json").write_text(json.dumps({**beat, "kills_for_memory": {str(counter): 7}}))
    assert runs.refresh(killed).error["code"] == "worker-gone"
    counter.write_text("low 0\noom_kill 8\n")
    error = runs.refresh(killed).error
    assert error["code"] == "killed-for-memory"
    assert "per_device_train_batch_size" in error["hint"] and "resume" in error["hint"]


def test_a_restart_of_the_machine_is_told_so(bench, tmp_path, monkeypatch):
    killed = bench.run(dying(TRAIN, 3, tmp_path / "died"))
    monkeypatch.setattr(process, "boot", lambda: "another boot")
    assert runs.refresh(killed).error["code"] == "host-rebooted"


def test_how_the_worker_ended_is_told_if_its_launcher_saw_it(bench, tmp_path):
    killed = bench.run(dying(TRAIN, 3, tmp_path / "died"))
    until(lambda: (killed.folder / "exit.json").exists())
    assert "SIGKILL" in runs.refresh(killed).error["message"]


def test_an_interpreter_without_olivepress_is_told_at_once(bench, tmp_path):
    bench.write()
    bare = tmp_path / "bare-python"
    bare.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "$@"\n')
    bare.chmod(0o755)
    with pytest.raises(RunError, match="has no olivepress") as refused:
        runs.launch(bench.config, python=str(bare))
    assert "pip install" in refused.value.hint
    assert [run.state for run in runs.list_runs(bench.folder)] == ["failed"]


def test_an_interpreter_that_does_not_exist_is_told_at_once(bench):
    bench.write()
    with pytest.raises(RunError, match="cannot be started"):
        runs.launch(bench.config, python="/no/such/python")
