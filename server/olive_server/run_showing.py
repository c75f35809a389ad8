"""Runs as work-done progress, for clients that show such: one bar a run, which can be cancelled."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .run_following import Followed

if TYPE_CHECKING:
    from .session import Session

_REPORT = 0.3
"""Seconds between two reports."""


async def begin(session: Session, followed: Followed) -> None:
    """Asks the client for a bar, and shows it if the run still goes on when the answer comes."""
    if not session.can("window.workDoneProgress"):
        return
    token = f"olivepress-{followed.run.id}-{followed.run.attempt}"
    await asyncio.wait_for(session.request("window/workDoneProgress/create", {"token": token}), 30)
    if followed.over:
        return
    followed.token = token
    title = f"Olive Press: {Path(followed.run.config).name}"
    _send(session, followed, {"kind": "begin", "title": title, "cancellable": True, "percentage": 0})


def report(session: Session, followed: Followed) -> None:
    if followed.token and time.monotonic() - followed.reported >= _REPORT:
        followed.reported = time.monotonic()
        percent = int(followed.progress.share * 100)
        told = {"kind": "report", "message": followed.progress.text, "percentage": percent}
        _send(session, followed, {**told, "cancellable": True})


def end(session: Session, followed: Followed) -> None:
    followed.over = True
    if followed.token:
        _send(session, followed, {"kind": "end", "message": followed.run.state})
        followed.token = ""


def _send(session: Session, followed: Followed, value: dict[str, Any]) -> None:
    session.notify("$/progress", {"token": followed.token, "value": value})
