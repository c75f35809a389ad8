"""Defaults that differ between the releases that the config may run with.

`changed-default`: a parameter is not written, and what the releases take for it is not the same, so that the results
are not either (information). Told only where no release was asked for: one release has one default. Writing the value
out settles it; `olivepress migrate` does so where a config goes to another release.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from olive_schemas import catalog
from olive_schemas.catalog import at, earlier_names
from olive_schemas.problems import Problem, Severity
from olive_schemas.releases import known_in

from ._told import before, insert, shown, told, within

if TYPE_CHECKING:
    from ..document import Document

OLDEST_IN_USE = "0.4.0"
"""What changed before is of no matter to anybody now."""
CODES = {"changed-default": "a parameter is left to a default that differs between releases"}


def check(document: Document) -> Iterable[Problem]:
    scope = document.scope
    if scope.single:
        return
    for part in document.parts.every_pass():
        place = part.get("type")
        if part.schema is None or place is None:
            continue
        written = {*part.fields, *(_present(part.schema.type, name) for name in part.fields)}
        releases = within(scope, OLDEST_IN_USE)
        changes = [entry for entry in _changes(part.schema.type, releases) if entry[0] not in written]
        if not changes:
            continue
        above = f"{part.pointer}/config" if isinstance(_inner(document, part.pointer), dict) else part.pointer
        yield told(
            Severity.INFORMATION,
            "changed-default",
            "left to a default that depends on the release: " + "; ".join(_said(*entry) for entry in changes),
            place.pointer,
            remedies=[insert(above, name, history[-1][1]) for name, history in changes],
        )


def _inner(document: Document, pointer: str) -> Any:
    node = document.tree.find(f"{pointer}/config")
    return {} if node is not None and node.kind == "object" else None


History = tuple[tuple[str, Any], ...]
"""(first release, default), one for each value that the default had."""


def _said(name: str, history: History) -> str:
    parts = []
    for (since, value), following in zip(history, (*history[1:], None), strict=True):
        if following is None:
            parts.append(f"{shown(value)} since {since}")
        else:
            parts.append(f"{shown(value)} up to {before(following[0])}")
    return f"`{name}` is {', '.join(parts)}"


@cache
def _changes(type_name: str, releases: tuple[str, ...]) -> tuple[tuple[str, History], ...]:
    """Parameters whose default is another in some of the releases; another spelling of the same is none, nor is null."""
    schema = catalog.pass_schema(type_name)
    found = []
    for name, prop in (schema.properties if schema else {}).items():
        if "x-was" not in prop:
            continue
        history: list[tuple[str, Any]] = []
        for release in releases:
            if known_in(prop, release):
                value = at(prop, release).get("default")
                if value is not None and (not history or _plain(history[-1][1]) != _plain(value)):
                    history.append((release, value))
        if len(history) > 1:
            found.append((name, tuple(history)))
    return tuple(found)


def _plain(value: Any) -> str:
    """What a value says whatever its spelling: QInt8 and int8, RTN and rtn, one and a list of it."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    text = str(value).lower()
    return text.replace("quint", "uint").replace("qint", "int")


@cache
def _present(type_name: str, name: str) -> str:
    schema = catalog.pass_schema(type_name)
    return earlier_names(schema.properties).get(name, (name, ""))[0] if schema else name
