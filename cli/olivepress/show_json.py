"""A run as the lines of its events, for programs: one JSON object a line, with `type` and `data` in each."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from .view import Event


class JsonView:
    """Writes to stdout; BrokenPipeError goes to whoever follows."""

    def __enter__(self) -> JsonView:
        return self

    def __exit__(self, *error: object) -> None:
        return

    def event(self, event: Event) -> None:
        to_line = getattr(event, "to_line")  # noqa: B009 - the run directory's own events have it
        print(to_line(), flush=True)

    def tick(self) -> None:
        """Nothing is said unasked."""

    def line(self, text: str) -> None:
        del text

    def note(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)


def print_line(type: str, data: Mapping[str, Any]) -> None:
    """A line that is no event of a run (`problem`, `launched`): the same two keys, no `seq`."""
    print_json({"type": type, "data": dict(data)})


def print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str), flush=True)
