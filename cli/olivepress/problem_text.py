"""Problems the way a compiler prints them: place, severity, message, code, the line and a caret beneath it.

Works on anything with a problem's fields; standard library only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from .terminal import cells, paint
from .words import several


class Located(Protocol):
    """The part of `olive_schemas.problems.Problem` that is shown."""

    @property
    def code(self) -> str: ...
    @property
    def severity(self) -> Any: ...
    @property
    def message(self) -> str: ...
    @property
    def pointer(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...
    @property
    def end_line(self) -> int: ...
    @property
    def end_column(self) -> int: ...


_RANK = {"error": 0, "warning": 1, "information": 2, "hint": 3}


def severity_of(problem: Located) -> str:
    return str(getattr(problem.severity, "value", problem.severity))


def render(
    problem: Located, path: str, lines: Sequence[str], *, colour: bool = False, width: int = 100
) -> str:
    """`path:line:column: error: message [code]`, then the source line and a caret; without a place, the first alone."""
    severity = severity_of(problem)
    place = f"{path}:{problem.line}:{problem.column}: " if problem.line else f"{path}: "
    head = (
        paint(place, "bold", colour)
        + paint(f"{severity}: ", severity, colour)
        + problem.message
        + paint(f" [{problem.code}]", "dim", colour)
    )
    if not 0 < problem.line <= len(lines):
        return head
    return head + "\n" + _excerpt(problem, lines[problem.line - 1], severity, colour, width)


def render_all(
    problems: Iterable[Located], path: str, text: str, *, colour: bool = False, width: int = 100
) -> str:
    """All of them in the order of the file, errors before warnings on one line."""
    lines = text.splitlines()
    ordered = sorted(
        problems, key=lambda each: (each.line or 0, each.column, _RANK.get(severity_of(each), 9))
    )
    return "\n".join(render(each, path, lines, colour=colour, width=width) for each in ordered)


def tally(problems: Iterable[Located]) -> str:
    """`2 errors, 1 warning`; empty where there is neither."""
    severities = [severity_of(problem) for problem in problems]
    counts = [(severities.count(name), name) for name in ("error", "warning")]
    return ", ".join(several(count, name) for count, name in counts if count)


def as_data(problem: Located, path: str) -> dict[str, Any]:
    """A problem as JSON."""
    return {
        "path": path, "severity": severity_of(problem), "code": problem.code, "message": problem.message,
        "pointer": problem.pointer, "line": problem.line, "column": problem.column,
        "end_line": problem.end_line, "end_column": problem.end_column,
    }  # fmt: skip


def _excerpt(problem: Located, source: str, severity: str, colour: bool, width: int) -> str:
    """The source line under its number and the marks below; a very long line is cut to a window around the place."""
    number = f"{problem.line:>5}"
    start = min(problem.column - 1, len(source))
    last = problem.end_column - 1 if problem.end_line == problem.line else len(source)
    end = max(min(last, len(source)), start + 1)
    room = max(width - len(number) - 4, 20)
    if cells(source.expandtabs(4)) > room:
        cut = max(min(start - room // 4, len(source) - room + 2), 0)
        source = (
            ("…" if cut else "")
            + source[cut : cut + room - 2]
            + ("…" if cut + room - 2 < len(source) else "")
        )
        shift = cut - (1 if cut else 0)
        start, end = start - shift, min(end - shift, len(source))
    before, marked = source[:start].expandtabs(4), source[start:end]
    marks = paint("^" * max(cells(marked), 1), severity, colour)
    bar = paint("|", "dim", colour)
    shown = before + marked + source[end:].replace("\t", "    ")
    return f"{paint(number, 'dim', colour)} {bar} {shown}\n{' ' * len(number)} {bar} {' ' * cells(before)}{marks}"
