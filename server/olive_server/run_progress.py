"""How far a run is, as a share and one line of text, from its events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from olive_engine.runs import Event


@dataclass
class Progress:
    """`share` never falls while a run goes on: phases of a pass that begin anew do not show."""

    share: float = 0.0
    text: str = ""
    _done: int = 0
    _total: int = 1
    _losses: dict[str, float] = field(default_factory=dict)

    def take(self, event: Event) -> bool:
        """Whether there is something new to show."""
        change = _CHANGES.get(event.type)
        if change is None:
            return False
        change(self, event)
        return True

    def _at(self, within: float) -> None:
        share = (self._done + min(max(within, 0.0), 1.0)) / max(self._total, 1)
        self.share = max(self.share, min(share, 1.0))


def _run_started(progress: Progress, event: Event) -> None:
    progress._done, progress.share = 0, 0.0
    progress._total = len(event.data.get("passes") or ()) or 1
    progress.text = "starting"


def _pass_started(progress: Progress, event: Event) -> None:
    progress.text = f"{event.pass_name}{' (from the cache)' if event.data.get('cached') else ''}"
    progress._at(0.0)


def _pass_finished(progress: Progress, event: Event) -> None:
    progress._done += 1
    progress._at(0.0)


def _metric(progress: Progress, event: Event) -> None:
    loss = event.data.get("loss")
    if isinstance(loss, (int, float)):
        progress._losses[event.pass_name or ""] = float(loss)


def _progressed(progress: Progress, event: Event) -> None:
    data = event.data
    done, total = _number(data, "done"), _number(data, "total")
    # Preparing counts for little: the phase that takes the time is the one with many steps.
    if total and data.get("phase") in ("train", "build", "merge"):
        progress._at((done or 0.0) / total)
    parts = [f"{event.pass_name}: {data.get('phase') or ''}"]
    if total and total > 1:
        parts.append(f"{done or 0:g}/{total:g} {data.get('unit') or ''}".rstrip())
    loss = data.get("loss", progress._losses.get(event.pass_name or ""))
    if isinstance(loss, (int, float)):
        parts.append(f"loss {loss:.4g}")
    left = _number(data, "seconds_left")
    if left:
        parts.append(f"{int(left) // 60}:{int(left) % 60:02d} left")
    progress.text = ", ".join(parts)


def _number(data: Mapping[str, Any], name: str) -> float | None:
    value = data.get(name)
    return float(value) if isinstance(value, (int, float)) else None


_CHANGES = {
    "run_started": _run_started,
    "pass_started": _pass_started,
    "pass_finished": _pass_finished,
    "metric": _metric,
    "progress": _progressed,
}
