"""One run whose events are sent on: what is new since the last look. Reads only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from olive_engine import runs as engine
from olive_engine.errors import RunError
from olive_engine.runs import FINAL, Event, Run
from olive_engine.runs.folder import LOCK
from olive_engine.runs.locks import is_held

from .run_progress import Progress


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

    def look(self) -> tuple[list[Event], Run, bool]:
        """(new events, the run as it is, whether nothing more will come). The state first, so that no event that was
        written before the end is missed."""
        try:
            run = engine.refresh(self.run)
        except RunError:
            return [], self.run, True
        over = run.state == "lost" or (
            run.state in FINAL and (self.last == "run_finished" or not is_held(run.folder / LOCK))
        )
        events, self.offset = engine.read_events(run.events, self.offset)
        if events:
            self.last = events[-1].type
        return events, run, over and not events


def event_json(event: Event) -> dict[str, Any]:
    return {
        "seq": event.seq,
        "time": event.time,
        "type": event.type,
        "pass_name": event.pass_name,
        "data": dict(event.data),
    }
