"""A run as lines: one when a pass begins and ends, the numbers every few seconds. For logs, pipes, dumb terminals."""

from __future__ import annotations

import sys
import time

from .view import Event, RunView
from .words import seconds, size

EVERY_SECONDS = 5.0


class PlainView:
    """Writes to stdout; BrokenPipeError goes to whoever follows."""

    def __init__(self, view: RunView) -> None:
        self._view = view
        self._said = ""
        self._last = time.monotonic()

    def __enter__(self) -> PlainView:
        return self

    def __exit__(self, *error: object) -> None:
        return

    def event(self, event: Event) -> None:
        data = event.data
        if event.type == "pass_started":
            total = data.get("total") or len(self._view.passes)
            self.line(f"[{data.get('index', 0) + 1}/{total}] {event.pass_name} ({data.get('type', '')})")
            self._last = time.monotonic()
        elif event.type == "pass_finished":
            self.line(f"  {event.pass_name}: {_how_it_ended(self._view, event)}")
        elif event.type == "log" and data.get("level") != "debug":
            level = data.get("level", "info")
            self.line(f"  {'' if level == 'info' else f'{level}: '}{data.get('message', '')}")

    def tick(self) -> None:
        """Called several times a second, whether anything happened or not."""
        current = self._view.current
        if current is None or time.monotonic() - self._last < EVERY_SECONDS:
            return
        said = f"  {current.name}: {current.phase} {', '.join(current.numbers())}".rstrip()
        self._last = time.monotonic()
        if said != self._said:
            self._said = said
            self.line(said)

    def line(self, text: str) -> None:
        print(text, flush=True)

    def note(self, text: str) -> None:
        """For the person who pressed a key."""
        print(text, file=sys.stderr, flush=True)


def _how_it_ended(view: RunView, event: Event) -> str:
    one = view.of(event.pass_name)
    if one.state != "done":
        return one.state
    if one.cached:
        return "from the cache"
    peak = f", peak memory {size(one.peak_memory)}" if one.peak_memory else ""
    return f"done in {seconds(one.seconds)}{peak}"
