"""Cancelling: at the next step, by force after a while, and never anything but the run's own worker."""

from __future__ import annotations

import json
import os
import signal
import time

from olive_engine import runs
from olive_engine.runs import folder as folders

SLOW = {"name": "lora", "type": "Train", "steps": 200, "delay": 0.05}
STUCK = {"name": "lora", "type": "Train", "raise": "stuck"}


def begun(run) -> None:
    """Until the first progress of its first pass."""
    for event in runs.follow(run):
        if event.type == "progress":
            return


def test_cancel_stops_at_the_next_step_and_can_be_resumed(bench):
    run = bench.launch({**SLOW, "steps": 30})
    begun(run)
    cancelled = runs.cancel(run)
    assert cancelled.state == "cancelled" and cancelled.passes[0]["state"] == "cancelled"
    assert list(runs.follow(run))[-1].data == {
        "state": "cancelled",
        "output_dir": str(bench.out),
        "summary": None,
        "error": None,
    }
    assert not bench.out.exists()
    assert runs.wait(runs.resume(cancelled), timeout=30).state == "succeeded"


def test_a_pass_that_never_comes_to_a_step_is_ended_after_the_grace(bench):
    run = bench.launch(STUCK)
    begun(run)
    assert runs.cancel(run, grace=0.5).state == "cancelled"
    assert "was ended" in run.log.read_text()
    assert list(runs.follow(run))[-1].type == "run_finished"


def test_the_worker_keeps_to_the_grace_even_if_who_asked_is_gone(bench):
    run = bench.launch(STUCK)
    begun(run)
    runs.request_cancel(run, grace=0.5)
    assert runs.wait(run, timeout=20).state == "cancelled"


def test_a_worker_that_does_not_even_listen_is_killed(bench, monkeypatch):
    monkeypatch.setattr(runs.control, "TERM_SECONDS", 0.2)
    run = bench.launch(SLOW)
    begun(run)
    os.kill(run.pid, signal.SIGSTOP)
    cancelled = runs.cancel(run, grace=0.1)
    assert cancelled.state == "cancelled"
    assert list(runs.follow(run))[-1].data["state"] == "cancelled"


def test_no_process_is_killed_that_only_has_the_workers_number(bench):
    """The pid was given to another process since: its start time differs."""
    run = bench.launch(SLOW)
    begun(run)
    assert runs.control._is_our_worker(run)
    record = folders.record(run.folder)
    for field, value in (("pid", os.getpid()), ("pid_started", "0")):
        assert not runs.control._is_our_worker(runs.Run.from_json(run.folder, {**record, field: value}))
    runs.cancel(run)
    assert not runs.control._is_our_worker(run)


def test_a_lost_run_can_be_cancelled(bench):
    run = bench.run({"name": "lora", "type": "Train", "die_at": 2})
    assert run.state == "lost"
    assert runs.cancel(run).state == "cancelled"
    assert runs.find(run.id, bench.folder).state == "cancelled"


def test_a_run_that_has_ended_stays_as_it_ended(bench):
    run = bench.run()
    assert runs.cancel(run).state == "succeeded"


def test_sigterm_is_a_wish_to_stop(bench):
    run = bench.launch(SLOW)
    begun(run)
    os.kill(run.pid, signal.SIGTERM)
    assert runs.wait(run, timeout=20).state == "cancelled"


def test_ctrl_c_once_stops_at_the_next_step(bench):
    run = bench.launch(SLOW)
    begun(run)
    told: list[int] = []
    with runs.cancel_on_interrupt(run, told.append):
        os.kill(os.getpid(), signal.SIGINT)
        last = list(runs.follow(run))[-1]
    assert told == [1] and last.data["state"] == "cancelled"
    assert "was ended" not in run.log.read_text()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_twice_stops_at_once(bench):
    run = bench.launch(STUCK)
    begun(run)
    told: list[int] = []
    with runs.cancel_on_interrupt(run, told.append):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGINT)
        begin = time.monotonic()
        last = list(runs.follow(run))[-1]
    assert told == [1, 2] and last.data["state"] == "cancelled"
    assert time.monotonic() - begin < runs.GRACE_SECONDS / 2


def test_ctrl_c_in_the_terminal_does_not_reach_the_worker(bench):
    run = bench.launch({**SLOW, "steps": 10})
    os.kill(run.pid, signal.SIGINT)
    os.kill(run.pid, signal.SIGHUP)
    assert runs.wait(run, timeout=30).state == "succeeded"


def test_a_cancelled_run_waits_for_no_other(bench):
    """The second run waits for the first one's pass; its cancel is heard all the same."""
    first = bench.launch(SLOW)
    begun(first)
    second = bench.launch(SLOW, output_dir="out2")
    deadline = time.monotonic() + 20
    while not any(
        e.type == "log" and "waiting" in e.data["message"] for e in runs.read_events(second.events)[0]
    ):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert runs.cancel(second).state == "cancelled"
    assert runs.refresh(first).state == "running"
    runs.cancel(first)


def test_the_cancel_file_is_gone_after_a_resume(bench):
    run = bench.launch({**SLOW, "steps": 20})
    begun(run)
    runs.cancel(run)
    assert json.loads((run.folder / "cancel").read_text())["grace"] == runs.GRACE_SECONDS
    runs.wait(runs.resume(run), timeout=30)
    assert not (run.folder / "cancel").exists()
