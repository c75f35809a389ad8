"""Runs: starting them, finding them, watching them, stopping them. Standard library only, so that the command line
and the language server can use it without the engine's packages.

    run = launch("olive-config.json")
    for event in follow(run): ...
    run = refresh(run)

The directory of a run is described in `folder.py`; its only writer is the worker (`olive_engine.worker`).
"""

from __future__ import annotations

from .control import (
    GRACE_SECONDS,
    cancel,
    cancel_on_interrupt,
    clean,
    find,
    list_runs,
    refresh,
    remove,
    request_cancel,
    wait,
)
from .events import follow, read_events
from .launch import launch, resume
from .model import FINAL, Event, Run, State

__all__ = [
    "FINAL",
    "GRACE_SECONDS",
    "Event",
    "Run",
    "State",
    "cancel",
    "cancel_on_interrupt",
    "clean",
    "find",
    "follow",
    "launch",
    "list_runs",
    "read_events",
    "refresh",
    "remove",
    "request_cancel",
    "resume",
    "wait",
]
