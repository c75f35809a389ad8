"""What is told of a document: its problems as the protocol has them, under an id that is the same as long as they are.

Kept with the document that they belong to. May be called from a thread: it reads settings and documents, and changes
nothing else.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

from olive_schemas.problems import Problem, Severity
from olive_schemas.tree import Tree

from .convert import Json, Places, diagnostic
from .document import Document

if TYPE_CHECKING:
    from .session import Session

_MOST_MOVED = 500
_GRAVITY = (Severity.ERROR, Severity.WARNING, Severity.INFORMATION, Severity.HINT)


class Report(NamedTuple):
    identity: str
    items: list[Json]


class Reports:
    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, document: Document, workflow: Document | None) -> Report:
        """`workflow`: the document, if it is one that is looked at."""
        return _report(self._items(document, workflow))

    def problems(self, document: Document) -> tuple[Problem, ...]:
        """What is wrong with a workflow's text, worked out once; what was turned off is not among it."""
        found = self.known(document)
        if found is None:
            from .checking import problems

            severity = self._session.options_for(document.uri).severity
            found = tuple(one for one in problems(document) if severity.get(one.code) != "off")
            document.__dict__["_problems"] = found
        return found

    def known(self, document: Document) -> tuple[Problem, ...] | None:
        """The same if it was worked out already."""
        found: tuple[Problem, ...] | None = document.__dict__.get("_problems")
        return found

    def moved(self, document: Document, before: Document | None) -> Report:
        """What was told of an earlier version, where it stands now, and what is wrong with the syntax: a first answer
        for a long text. What the change mended is among it, what it broke is not."""
        from olive_schemas.reading import syntax_problems

        tree = document.tree
        known = self.known(before) if before is not None else None
        earlier = [one for one in known or () if not one.code.startswith("json-")]
        grave = sorted(earlier, key=lambda one: _GRAVITY.index(one.severity))[:_MOST_MOVED]
        kept = [_without_place(one) for one in grave if _is_there(tree, one)]
        return _report(self._as_items(document, (*syntax_problems(tree), *kept)))

    def _items(self, document: Document, workflow: Document | None) -> list[Json]:
        from .recognising import mentions_workflow
        from .session import TOO_LONG

        if not self._session.options_for(document.uri).checks:
            return []
        if len(document.text) > TOO_LONG:
            return [_too_long(document)] if mentions_workflow(document) else []
        if workflow is None:
            return []
        found = self.problems(document)
        return self._as_items(document, (*found, *self._session.run_problems(document, found)))

    def _as_items(self, document: Document, problems: tuple[Problem, ...]) -> list[Json]:
        severity = self._session.options_for(document.uri).severity
        places = Places.of(document, self._session.units)
        return [
            diagnostic(problem, document.tree, places, document.uri, severity.get(problem.code))
            for problem in problems
            if severity.get(problem.code) != "off"
        ]


def _report(items: list[Json]) -> Report:
    said = json.dumps(items, sort_keys=True).encode()
    return Report(f"{zlib.crc32(said):08x}{zlib.adler32(said):08x}", items)


def _is_there(tree: Tree, problem: Problem) -> bool:
    return tree.find(problem.pointer) is not None


def _without_place(problem: Problem) -> Problem:
    from dataclasses import replace

    return replace(problem, line=0, column=0, end_line=0, end_column=0)


def _too_long(document: Document) -> Json:
    start: dict[str, Any] = {"line": 0, "character": 0}
    return {
        "range": {"start": start, "end": start},
        "severity": 3,
        "code": "too-long",
        "source": "olivepress",
        "message": f"this file has {len(document.text):,} characters, far more than a config: it is not checked",
    }
