"""When a run counts as lost, and what is known of why: killed for memory, crashed, or the machine went down."""

from __future__ import annotations

import json
import signal
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from . import process
from .locks import is_held
from .model import Run, seconds_since

HEARTBEAT_SECONDS = 2.0
_PATIENCE = 120.0
"""Seconds without a heartbeat after which a worker on another host, whose lock cannot be seen, counts as gone."""


def judge(run: Run, record: Mapping[str, Any]) -> Run:
    """`run`, whose file says queued or running: the same if its worker lives, else `lost` with the reason."""
    held = is_held(run.folder / "run.lock")
    if held or (held is None and _alive_without_lock(run)) or (run.host != process.host() and _beats(run)):
        return run
    if run.state == "queued" and still_launching(run, record):
        return run
    again = is_held(run.folder / "run.lock")
    if again:
        return run
    return replace(run, state="lost", error=reason(run))


def reason(run: Run) -> dict[str, Any]:
    """What can be told about a worker that is gone, in an error's form; the most certain cause first."""
    beat = _read(run, "heartbeat.json")
    seen = f" It was last seen at {beat['time']}." if beat.get("time") else ""
    goes_on = f"`olivepress runs resume {run.id}` goes on from the last checkpoint."
    if run.host and run.host != process.host():
        return _error("worker-gone", f"The worker on {run.host} no longer answers.{seen}", goes_on)
    if run.boot and process.boot() and run.boot != process.boot():
        return _error(
            "host-rebooted",
            f"The machine {run.host} was restarted while the run was going on.{seen}",
            goes_on,
        )
    code = _read(run, "exit.json").get("returncode")
    before = beat.get("kills_for_memory")
    if isinstance(before, dict) and process.was_killed_for_memory(before) and code in (None, -9, 137):
        used = beat.get("memory_bytes")
        held = f" It held {used / 1e9:.1f} GB when it was last seen." if used else ""
        return _error(
            "killed-for-memory",
            f"The system ended the worker because memory ran out.{held}",
            "Lower per_device_train_batch_size or max_seq_len, turn on gradient_checkpointing, or take a smaller "
            f"model or QLoRA. Then {goes_on}",
        )
    if run.state == "queued":
        return _error("worker-never-started", "The worker ended before it had begun.", f"See {run.log}.")
    how = f" ({_signal_name(code)})" if isinstance(code, int) else ""
    return _error(
        "worker-gone", f"The worker ended without a last word{how}.{seen}", f"See {run.log}. {goes_on}"
    )


def _error(code: str, message: str, hint: str) -> dict[str, Any]:
    return {"code": code, "message": message, "pointer": "", "hint": hint, "line": 0, "column": 0}


def _signal_name(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _alive_without_lock(run: Run) -> bool:
    """For file systems without locks: the process itself, or its heartbeat if it is another machine's."""
    if run.host == process.host():
        return process.is_process(run.pid, run.pid_started)
    return _beats(run)


def _beats(run: Run) -> bool:
    time = _read(run, "heartbeat.json").get("time")
    return isinstance(time, str) and seconds_since(time) < _PATIENCE


def still_launching(run: Run, record: Mapping[str, Any]) -> bool:
    """Between making the directory and the worker's first act the lock is free: the launcher answers for it."""
    launcher = record.get("launcher") or {}
    return process.is_process(launcher.get("pid"), launcher.get("started")) and (
        seconds_since(str(launcher.get("time") or run.created)) < _PATIENCE
    )


def _read(run: Run, name: str) -> dict[str, Any]:
    try:
        raw = json.loads((run.folder / name).read_bytes())
    except (OSError, ValueError):
        return {}
    return raw if isinstance(raw, dict) else {}
