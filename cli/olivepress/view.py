"""What the events of a run add up to: its passes, where each stands, the last numbers. No output, no clock of its own.

Both ways of showing a run read this, so they cannot differ in what they know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from .words import amount, seconds, size


class Event(Protocol):
    """The part of `olive_engine.runs.Event` that is read here."""

    @property
    def type(self) -> str: ...
    @property
    def pass_name(self) -> str | None: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


@dataclass
class PassView:
    name: str
    type: str = ""
    state: str = "waiting"
    cached: bool = False
    phase: str = ""
    done: float = 0
    total: float | None = None
    unit: str = ""
    loss: float | None = None
    tokens_per_second: float | None = None
    seconds_left: float | None = None
    memory: int | None = None
    seconds: float | None = None
    peak_memory: int | None = None

    def numbers(self) -> list[str]:
        """`12/40 steps`, `loss 1.23`, `507 tokens/s`, `0:32 left`, `1.7 GB`: those that are known."""
        known: list[str] = []
        if self.total != 1 and (self.done or self.total):
            known.append(_count(self.done, self.total, self.unit))
        if self.loss is not None:
            known.append(f"loss {self.loss:.4g}")
        if self.tokens_per_second:
            known.append(f"{amount(self.tokens_per_second)} tokens/s")
        if self.seconds_left is not None:
            known.append(f"{seconds(self.seconds_left)} left")
        if self.memory:
            known.append(size(self.memory))
        return known


@dataclass
class RunView:
    passes: list[PassView] = field(default_factory=list)
    state: str = "queued"
    output_dir: str | None = None
    error: Mapping[str, Any] | None = None
    summary: Any = None
    artifacts: list[Mapping[str, Any]] = field(default_factory=list)
    last_seq: int = 0

    @property
    def current(self) -> PassView | None:
        return next((each for each in self.passes if each.state == "running"), None)

    def apply(self, event: Event) -> None:
        """Events that are not known change nothing: a newer worker may tell more."""
        self.last_seq = getattr(event, "seq", self.last_seq)
        change = _CHANGES.get(event.type)
        if change is not None:
            change(self, event)

    def of(self, name: str | None) -> PassView:
        """The pass of that name, added at the end if it was not heard of before."""
        found = next((each for each in self.passes if each.name == name), None)
        if found is None:
            found = PassView(name or "")
            self.passes.append(found)
        return found


def _run_started(view: RunView, event: Event) -> None:
    view.state, view.error = "running", None
    view.output_dir = event.data.get("output_dir", view.output_dir)
    for entry in event.data.get("passes") or ():
        if isinstance(entry, Mapping) and entry.get("name"):
            one = view.of(str(entry["name"]))
            one.type = str(entry.get("type") or one.type)
            if one.state in ("failed", "cancelled", "running"):  # resumed
                one.state = "waiting"


def _pass_started(view: RunView, event: Event) -> None:
    one = view.of(event.pass_name)
    one.type = str(event.data.get("type") or one.type)
    one.state, one.cached = "running", bool(event.data.get("cached"))
    one.phase, one.done, one.total, one.loss, one.seconds_left = "", 0, None, None, None


def _progress(view: RunView, event: Event) -> None:
    one, data = view.of(event.pass_name), event.data
    if data.get("phase") != one.phase:
        one.tokens_per_second = one.seconds_left = None
    one.phase, one.unit = str(data.get("phase") or ""), str(data.get("unit") or "")
    one.done, one.total = data.get("done") or 0, data.get("total")
    one.seconds_left = data.get("seconds_left", one.seconds_left)
    one.memory = data.get("memory_bytes", one.memory)
    _numbers(one, data)


def _metric(view: RunView, event: Event) -> None:
    _numbers(view.of(event.pass_name), event.data)


def _numbers(one: PassView, data: Mapping[str, Any]) -> None:
    for name in ("loss", "tokens_per_second"):
        if isinstance(data.get(name), int | float):
            setattr(one, name, float(data[name]))


def _artifact(view: RunView, event: Event) -> None:
    view.artifacts.append(event.data)


def _pass_finished(view: RunView, event: Event) -> None:
    one, data = view.of(event.pass_name), event.data
    one.state = "done" if data.get("state") in (None, "succeeded", "done") else str(data["state"])
    one.seconds, one.peak_memory = data.get("seconds"), data.get("peak_memory_bytes")
    one.cached = bool(data.get("cached", one.cached))
    one.seconds_left = None


def _run_finished(view: RunView, event: Event) -> None:
    view.state = str(event.data.get("state") or "failed")
    view.output_dir = event.data.get("output_dir") or view.output_dir
    view.summary, view.error = event.data.get("summary"), event.data.get("error")
    for one in view.passes:
        if one.state == "running":
            one.state = "failed" if view.state == "failed" else view.state


_CHANGES = {
    "run_started": _run_started,
    "pass_started": _pass_started,
    "progress": _progress,
    "metric": _metric,
    "artifact": _artifact,
    "pass_finished": _pass_finished,
    "run_finished": _run_finished,
}


def _count(done: float, total: float | None, unit: str) -> str:
    """`12/40 steps`, `1.2 GB/3.1 GB`, `7 rows`."""
    shown, name = (
        (size, "") if unit == "byte" else (amount, unit if unit.endswith("s") or not unit else f"{unit}s")
    )
    return (f"{shown(done)}/{shown(total)}" if total else shown(done)) + (f" {name}" if name else "")
