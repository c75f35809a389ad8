"""From what checks and features give to what the protocol carries, as plain JSON: offsets to positions and back.

Results are dictionaries in the protocol's own spelling: turning hundreds of typed items into JSON costs more than
finding them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from lsprotocol import types

from olive_schemas.positions import Lines
from olive_schemas.problems import Problem, Severity
from olive_schemas.tree import Tree

from . import links
from .document import Document
from .edits import Edit
from .text import Units

SOURCE = "olivepress"
Json = dict[str, Any]

_SEVERITY = {
    Severity.ERROR.value: int(types.DiagnosticSeverity.Error),
    Severity.WARNING.value: int(types.DiagnosticSeverity.Warning),
    Severity.INFORMATION.value: int(types.DiagnosticSeverity.Information),
    Severity.HINT.value: int(types.DiagnosticSeverity.Hint),
}
_TAGS = {
    "unnecessary": int(types.DiagnosticTag.Unnecessary),
    "deprecated": int(types.DiagnosticTag.Deprecated),
}


class Stretch(Protocol):
    """Anything that has a start and an end in code points."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


class Places:
    """Positions of one text as the client counts them."""

    __slots__ = ("_ascii", "_units", "lines")

    def __init__(self, lines: Lines, units: Units) -> None:
        self.lines = lines
        self._units = units
        self._ascii = lines.text.isascii()

    @classmethod
    def of(cls, document: Document, units: Units) -> Places:
        return cls(document.tree.lines, units)

    def offset(self, position: types.Position) -> int:
        return self.lines.offset(position.line, position.character, self._units)

    def span(self, range_: types.Range) -> tuple[int, int]:
        start, end = self.offset(range_.start), self.offset(range_.end)
        return min(start, end), max(start, end)

    def position(self, offset: int) -> Json:
        if self._ascii:
            line, column = self.lines.position(offset)
        else:
            line, column = self.lines.position(offset, self._units)
        return {"line": line, "character": column}

    def range(self, start: int, end: int) -> Json:
        return {"start": self.position(start), "end": self.position(end)}

    def of_stretch(self, stretch: Stretch) -> Json:
        return self.range(stretch.start, stretch.end)

    def point(self, line: int, column: int) -> Json:
        """From a line and a column that count from 1, in code points."""
        if self._ascii:
            return {"line": line - 1, "character": column - 1}
        start = self.lines.starts[min(line, len(self.lines.starts)) - 1]
        return self.position(start + column - 1)

    def edits(self, edits: Iterable[Edit]) -> list[Json]:
        return [{"range": self.of_stretch(edit), "newText": edit.new_text} for edit in edits]


def diagnostic(problem: Problem, tree: Tree, places: Places, uri: str, severity: str | None = None) -> Json:
    """`severity` overrides the usual one."""
    if problem.line:
        start = places.point(problem.line, problem.column)
        end = places.point(problem.end_line or problem.line, problem.end_column or problem.column)
        where = {"start": start, "end": end}
    else:
        where = places.range(*tree.span(problem.pointer, problem.on))
    result: Json = {
        "range": where,
        "severity": _SEVERITY[severity or problem.severity.value],
        "code": problem.code,
        "source": SOURCE,
        "message": problem.message,
        "data": {"pointer": problem.pointer, "fixable": bool(problem.remedies)},
    }
    if address := links.of_code(problem.code):
        result["codeDescription"] = {"href": address}
    if problem.tags:
        result["tags"] = [_TAGS[tag] for tag in problem.tags]
    if problem.related:
        result["relatedInformation"] = [
            {
                "location": {"uri": uri, "range": places.range(*tree.span(related.pointer, related.on))},
                "message": related.message,
            }
            for related in problem.related
        ]
    return result


def workspace_edit(document: Document, edits: list[Json], *, versioned: bool) -> Json:
    """The edits of one document; with its version where the client understands that."""
    if versioned:
        identifier = {"uri": document.uri, "version": document.version}
        return {"documentChanges": [{"textDocument": identifier, "edits": edits}]}
    return {"changes": {document.uri: edits}}
