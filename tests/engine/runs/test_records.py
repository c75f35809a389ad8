"""Finding runs, locks, cleaning up; and that none of it needs more than the standard library."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

from olive_engine import runs
from olive_engine.errors import RunError
from olive_engine.runs import folder as folders
from olive_engine.runs import index, process
from olive_engine.runs.locks import FileLock, is_held, locked

TRAIN = {"name": "lora", "type": "Train", "steps": 2}


def made(bench, count: int) -> list[runs.Run]:
    """Records of runs that have ended, without running them."""
    found = []
    for number in range(count):
        run = folders.create(bench.config, b"{}", {})
        index.add(run)
        finished = f"2020-01-{number + 1:02d}T00:00:00.000Z"
        folders.update(run.folder, state="succeeded", finished=finished, created=finished)
        found.append(runs.refresh(run))
    return sorted(found, key=lambda run: run.id)


def test_runs_import_only_the_standard_library():
    code = (
        "import sys; before = set(sys.modules); import olive_engine.runs\n"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(new - set(sys.stdlib_module_names)))\n"
        "print(sorted(name for name in sys.modules if name.startswith('olive')))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert said[0] == "['olive_engine']"
    assert all(
        name in ("olive_engine", "olive_engine.errors") or "olive_engine.runs" in name
        for name in eval(said[1])
    )


def test_a_run_is_found_by_the_beginning_of_its_id_from_anywhere(bench, tmp_path):
    run = made(bench, 1)[0]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert runs.find(run.id, elsewhere).folder == run.folder
    assert runs.find(run.id[:17], elsewhere).id == run.id
    assert runs.find(str(run.folder)).id == run.id
    assert [one.id for one in runs.list_runs(elsewhere, everywhere=True)] == [run.id]
    assert runs.list_runs(elsewhere) == []


def test_a_beginning_that_two_ids_share_is_refused(bench):
    first, second = made(bench, 2)
    with pytest.raises(RunError, match="2 runs begin with") as refused:
        runs.find("20")
    assert refused.value.code == "run-id-ambiguous" and second.id in refused.value.message
    assert runs.find(first.id).id == first.id


@pytest.mark.parametrize("name", ["nosuch", "", "../../etc"])
def test_a_run_that_is_not_there_is_said(bench, name):
    with pytest.raises(RunError, match="There is no run"):
        runs.find(name, bench.folder)


def test_ids_begin_with_their_time_and_are_short():
    before, one, after = time.gmtime(), folders.new_id(), time.gmtime()
    stamps = [time.strftime("%Y%m%d-%H%M%S", moment) for moment in (before, after)]
    assert stamps[0] <= one[:15] <= stamps[1]
    assert len(one) == 20


def test_an_id_that_is_taken_is_not_given_again(bench, monkeypatch):
    ids = iter(["20260131-184502-aaaa", "20260131-184502-aaaa", "20260131-184502-bbbb"])
    monkeypatch.setattr(folders, "new_id", lambda: next(ids))
    first, second = (folders.create(bench.config, b"{}", {}) for _ in range(2))
    assert [first.id, second.id] == ["20260131-184502-aaaa", "20260131-184502-bbbb"]


def test_pointers_to_runs_that_are_gone_are_pruned(bench, state_home):
    first, second = made(bench, 2)
    for path in sorted(first.folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    first.folder.rmdir()
    assert [run.id for run in runs.list_runs("/", everywhere=True)] == [second.id]
    assert [path.stem for path in (state_home / "olivepress" / "runs").iterdir()] == [second.id]


def test_cleaning_keeps_the_newest_and_the_young(bench):
    old = made(bench, 4)
    assert [run.id for run in runs.clean(bench.folder, keep=2, dry_run=True)] == [run.id for run in old[:2]]
    assert len(runs.list_runs(bench.folder)) == 4
    assert runs.clean(bench.folder, older_than=1e12) == []
    runs.clean(bench.folder, keep=1)
    assert [run.id for run in runs.list_runs(bench.folder)] == [old[3].id]
    assert [run.id for run in runs.list_runs("/", everywhere=True)] == [old[3].id]


def test_one_run_is_removed_only_when_it_has_ended(bench):
    run = bench.launch({**TRAIN, "steps": 1000, "delay": 0.05})
    with pytest.raises(RunError, match="still going on"):
        runs.remove(run)
    runs.cancel(run, grace=0.0)
    runs.remove(run)
    assert not run.folder.exists()
    assert runs.list_runs("/", everywhere=True) == []
    runs.remove(run)  # nothing is left to remove


def test_cleaning_leaves_outputs_and_the_cache(bench):
    run = bench.run(TRAIN)
    assert [one.id for one in runs.clean(bench.folder)] == [run.id]
    assert not run.folder.exists()
    assert (bench.out / "adapter" / "adapter_config.json").is_file()
    assert bench.run(TRAIN).passes[0]["cached"]


def test_a_damaged_record_is_a_lost_run_that_says_so(bench):
    run = made(bench, 1)[0]
    (run.folder / "run.json").write_text('{"id": "x"')
    (found,) = runs.list_runs(bench.folder)
    assert (found.state, found.error["code"]) == ("lost", "run-damaged")
    assert len(runs.clean(bench.folder)) == 1


def test_a_run_that_no_worker_took_up_is_lost_once_its_launcher_is_gone(bench):
    bench.write(TRAIN)
    run = folders.create(bench.config, b"{}", {})
    assert run.state == "queued"
    folders.update(run.folder, launcher={"pid": 2**22 - 1, "started": "0"})
    assert (runs.refresh(run).state, runs.refresh(run).error["code"]) == ("lost", "worker-never-started")


def test_a_worker_on_another_machine_counts_by_its_heartbeat(bench):
    run = folders.create(bench.config, b"{}", {})
    folders.update(run.folder, state="running", host="another-host", pid=1)
    beat = run.folder / "heartbeat.json"
    beat.write_text(json.dumps({"time": runs.model.now()}))
    assert runs.refresh(run).state == "running"
    beat.write_text(json.dumps({"time": "2020-01-01T00:00:00.000Z"}))
    lost = runs.refresh(run)
    assert lost.state == "lost" and "another-host" in lost.error["message"]


def test_a_lock_is_free_when_its_process_is_killed(tmp_path):
    path = tmp_path / "lock"
    code = (
        "import sys, time; from pathlib import Path; from olive_engine.runs.locks import FileLock\n"
        f"print(FileLock(Path({str(path)!r})).acquire(), flush=True); time.sleep(60)"
    )
    code = code.replace("print(FileLock", "lock = FileLock").replace(
        ".acquire(), flush=True)", "; print(lock.acquire(), flush=True)"
    )
    holder = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline().strip() == "True"
    assert is_held(path) and not FileLock(path).acquire()
    holder.kill()
    holder.wait()
    holder.stdout.close()
    assert is_held(path) is False
    with locked(path), pytest.raises(TimeoutError), locked(path, timeout=0.1):
        pass


def test_a_child_that_outlives_its_parent_does_not_hold_its_lock(tmp_path):
    """A data loader's worker, forked, that is left behind by kill -9."""
    path = tmp_path / "lock"
    code = (
        "import os, sys, time; from pathlib import Path; from olive_engine.runs.locks import FileLock\n"
        f"lock = FileLock(Path({str(path)!r})); lock.acquire(); child = os.fork()\n"
        "if not child: print(os.getpid(), flush=True)\n"
        "time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    child = int(holder.stdout.readline())
    assert is_held(path)
    holder.kill()
    holder.wait()
    holder.stdout.close()
    try:
        assert process.started(child) is not None, "the child lives"
        assert is_held(path) is False
    finally:
        os.kill(child, 9)


def test_a_process_is_known_by_its_start_and_not_by_its_number():
    mine = process.started(os.getpid())
    assert mine and process.is_process(os.getpid(), mine)
    assert not process.is_process(os.getpid(), "another time")
    child = subprocess.Popen([sys.executable, "-c", ""])
    deadline = time.monotonic() + 10
    while process.started(child.pid) is not None:
        assert time.monotonic() < deadline, "a zombie is no process"
        time.sleep(0.02)
    child.wait()


def test_the_worker_offers_itself_to_the_out_of_memory_killer(bench):
    run = bench.launch({**TRAIN, "steps": 100, "delay": 0.05})
    from pathlib import Path

    assert int(Path(f"/proc/{run.pid}/oom_score_adj").read_text()) >= 500
    runs.cancel(run)
