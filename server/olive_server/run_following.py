"""One run whose events are sent on: what is new since the last look. Reads only."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from olive_engine import runs as engine
from olive_engine.errors import RunError
from olive_engine.runs import FINAL, Event, Run
from olive_engine.runs.folder import LOCK
from olive_engine.runs.locks import is_held

from .run_progress import Progress

_BYTES = 1 << 19
"""Read of a run at one look: what is left waits for the next, so that no log fills the memory."""
BATCH = 250
"""Most events of a message."""


class Look(NamedTuple):
    events: list[Event]
    run: Run
    """As it is now."""
    more: bool
    """There are more events already."""
    over: bool
    """Nothing more will come."""


@dataclass
class Followed:
    """A run whose events are sent on."""

    run: Run
    after: int = 0
    """The last `seq` that was sent, or that the client had before."""
    offset: int = 0
    """Where reading goes on in its file of events."""
    last: str = ""
    """The type of its newest event."""
    progress: Progress = field(default_factory=Progress)
    token: str = ""
    """Of its work-done progress; empty where the client shows none."""
    reported: float = 0.0
    over: bool = False

    def look(self) -> Look:
        """The state first, so that no event that was written before the end is missed."""
        try:
            run = engine.refresh(self.run)
        except RunError:
            return Look([], self.run, False, True)
        over = run.state == "lost" or (
            run.state in FINAL and (self.last == "run_finished" or not is_held(run.folder / LOCK))
        )
        events, offset = engine.read_events(run.events, self.offset, _BYTES)
        more = offset - self.offset >= _BYTES
        self.offset = offset
        if events:
            self.last = events[-1].type
        return Look(events, run, more, over and not events)


def page(path: Path, after: int, offset: int) -> dict[str, Any]:
    """Events with a greater `seq` than `after` from a byte offset on, some hundred kilobytes of them; as `EventsPage`."""
    while True:
        found, end = engine.read_events(path, offset, _BYTES)
        more = end - offset >= _BYTES
        offset = end
        events = [event_json(event) for event in found if event.seq > after]
        if events or not more:
            return {"events": events, "offset": offset, "more": more}


def batches(events: Sequence[Event]) -> Iterator[Sequence[Event]]:
    for begin in range(0, len(events), BATCH):
        yield events[begin : begin + BATCH]


def event_json(event: Event) -> dict[str, Any]:
    """As JSON has it: it knows no NaN, which is what the loss of a training that came apart is."""
    data = event.data
    if event.type in ("metric", "progress"):
        data = {
            name: str(value).replace("inf", "Infinity").replace("nan", "NaN")
            if isinstance(value, float) and not math.isfinite(value)
            else value
            for name, value in data.items()
        }
    return {
        "seq": event.seq,
        "time": event.time,
        "type": event.type,
        "pass_name": event.pass_name,
        "data": dict(data),
    }
