"""Runs as text: the list, and one in full."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from .tables import table
from .terminal import coloured, paint
from .words import seconds, short_path, size

if TYPE_CHECKING:
    from olive_engine.runs import Run

_STYLE = {"succeeded": "good", "running": "bold", "queued": "bold", "failed": "error", "lost": "error", "cancelled": "warning"}  # fmt: skip


def listing(runs: Sequence[Run], *, everywhere: bool) -> str:
    """Newest last, where the eye is."""
    if not runs:
        return (
            "no runs"
            if everywhere
            else "no runs of configs in this folder (--all: every run on this machine)"
        )
    rows = [
        [run.id, run.state, _progress(run), _age(run.created), _lasted(run), short_path(run.config)]
        for run in runs
    ]
    return table(
        ["id", "state", "passes", "started", "took", "config"], rows, right=(4,), colour=coloured(sys.stdout)
    )


def details(run: Run) -> str:
    colour = coloured(sys.stdout)
    facts = {
        "run": run.id,
        "state": paint(run.state, _STYLE.get(run.state, "bold"), colour),
        "config": short_path(run.config),
        "created": f"{run.created} ({_age(run.created)})",
        "took": _lasted(run),
        "worker": f"process {run.pid} on {run.host}" if run.pid and not run.final else "",
        "attempt": str(run.attempt) if run.attempt > 1 else "",
        "now": _now(run),
        "output": short_path(run.output_dir) if run.output_dir else "",
        "as it was run": short_path(run.snapshot),
        "log": short_path(run.log),
    }
    lines = [f"{name + ':':<15}{value}" for name, value in facts.items() if value and value != "-"]
    if run.passes:
        lines += ["", _passes(run.passes, colour)]
    if run.state in ("failed", "lost"):
        from .ending import failure

        lines += ["", failure(run, run.error or {}, colour)]
    return "\n".join(lines)


def _now(run: Run) -> str:
    """Where a run that goes on stands: `lora: train 12/40 steps, loss 1.23, ...`."""
    if run.final:
        return ""
    from olive_engine.runs import read_events

    from .view import RunView

    view = RunView()
    for event in read_events(run.events)[0]:
        view.apply(event)
    current = view.current
    return f"{current.name}: {current.phase} {', '.join(current.numbers())}".rstrip() if current else ""


def _passes(passes: Sequence[Mapping[str, Any]], colour: bool) -> str:
    rows = [
        [
            str(one.get("name", "")),
            str(one.get("type", "")),
            "cached" if one.get("cached") else str(one.get("state") or "waiting"),
            seconds(one.get("seconds")),
            size(one.get("peak_memory_bytes")),
        ]
        for one in passes
    ]
    return table(["pass", "type", "state", "time", "peak memory"], rows, right=(3, 4), colour=colour)


def _progress(run: Run) -> str:
    done = sum(one.get("state") in ("succeeded", "done") or bool(one.get("cached")) for one in run.passes)
    current = next((one.get("name") for one in run.passes if one.get("state") == "running"), None)
    text = f"{done}/{len(run.passes)}" if run.passes else "-"
    return f"{text} {current}" if current and not run.final else text


def _time(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat((text or "").replace("Z", "+00:00"))
    except ValueError:
        return None


def _age(text: str) -> str:
    then = _time(text)
    if then is None:
        return "-"
    past = max((datetime.now(timezone.utc) - then).total_seconds(), 0)
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if past >= length:
            return f"{past // length:.0f} {unit} ago"
    return "now" if past < 5 else f"{past:.0f} s ago"


def _lasted(run: Run) -> str:
    began = _time(run.started)
    ended = _time(run.finished) or (None if run.final else datetime.now(timezone.utc))
    return seconds((ended - began).total_seconds()) if began and ended else "-"
