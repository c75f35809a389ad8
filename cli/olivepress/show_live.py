"""A run on a terminal: a line for each pass, redrawn, with a bar and the numbers of the one that runs."""

from __future__ import annotations

import time
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from .view import Event, PassView, RunView
from .words import seconds, size

_SIGNS = {
    "waiting": ("·", "dim"),
    "done": ("✓", "green"),
    "failed": ("✗", "bold red"),
    "cancelled": ("■", "yellow"),
}
_STYLES = {"warning": "yellow", "error": "bold red"}


class LiveView:
    """Draws from its own thread; everything else happens in the caller's."""

    def __init__(self, view: RunView, console: Console | None = None) -> None:
        self._view = view
        self._console = console or Console(highlight=False)
        self._spinner = Spinner("dots", style="cyan")
        self._began = time.monotonic()
        self._pass_began = self._began
        self._live = Live(
            get_renderable=self._draw, console=self._console, refresh_per_second=8, transient=True
        )

    def __enter__(self) -> LiveView:
        self._live.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._live.__exit__(*error)

    def event(self, event: Event) -> None:
        if event.type == "pass_started":
            self._pass_began = time.monotonic()
        level = event.data.get("level", "info")
        if event.type == "log" and level != "debug":
            name = f"{event.pass_name}: " if event.pass_name else ""
            self._console.print(
                Text(f"{name}{event.data.get('message', '')}", style=_STYLES.get(level, "dim"))
            )

    def tick(self) -> None:
        """Called several times a second; the drawing goes by itself."""

    def line(self, text: str) -> None:
        self._console.print(Text(text))

    def note(self, text: str) -> None:
        self._console.print(Text(text, style="bold yellow"))

    def _draw(self) -> Table:
        table = Table.grid(padding=(0, 1))
        for _ in range(4):
            table.add_column(no_wrap=True)
        for one in list(self._view.passes):
            sign, style = _SIGNS.get(one.state, ("·", "dim"))
            mark: Any = self._spinner if one.state == "running" else Text(sign, style=style)
            table.add_row(mark, Text(one.name), Text(one.type, style="dim"), self._state(one))
        if not self._view.passes:
            table.add_row(self._spinner, Text("starting"), Text(""), self._elapsed(self._began))
        return table

    def _state(self, one: PassView) -> Any:
        if one.state == "done":
            if one.cached:
                return Text("from the cache", style="dim")
            peak = f"  {size(one.peak_memory)}" if one.peak_memory else ""
            return Text(f"{seconds(one.seconds)}{peak}", style="dim")
        if one.state != "running":
            return Text("" if one.state == "waiting" else one.state, style="dim")
        row = Table.grid(padding=(0, 1))
        # One single thing to do has no halves: the bar only shows that something goes on.
        total = one.total if one.total != 1 else None
        bar = ProgressBar(total=total, completed=min(one.done, total or 0), width=20, pulse=not total)
        row.add_row(
            Text(one.phase, style="cyan"),
            bar,
            Text("  ".join(one.numbers()), no_wrap=True, overflow="ellipsis"),
            self._elapsed(self._pass_began),
        )
        return row

    def _elapsed(self, since: float) -> Text:
        return Text(seconds(float(int(time.monotonic() - since))).replace(".0 s", " s"), style="dim")
