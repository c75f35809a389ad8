"""The defaults of an object written out, as the newest release in question has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from olive_schemas import history
from olive_schemas.problems import Severity
from olive_schemas.shapes import find_property
from olive_schemas.tree import Tree, join, unescape

from ..checking import problems
from ..document import Document
from ..edits import Edit, insert
from .nesting import may_be_flat
from .offers import Offer, members_of
from .rewriting import Change, rewritten

DEFAULTS = "defaults"
_WITHOUT = frozenset(("workflow", "unknown", "open", "systems", "evaluators", "passes", "value"))


def default_offers(document: Document, pointer: str) -> Iterator[Offer]:
    """For the object at the pointer."""
    shape = document.view.shape(pointer)
    if shape.kind not in _WITHOUT and defaults(document, pointer):
        yield Offer(f"Write out the defaults of {shape.what or 'this object'}", DEFAULTS, pointer)


def write_defaults(document: Document, pointer: str) -> list[Change]:
    """Where the object's other parameters are: nested in `config` and its like, or beside `type`.

    What would be ignored or refused beside that which is written is left out: not every key has a meaning everywhere.
    """
    places = _places(document, pointer)
    tried = replace(document, text=rewritten(document.tree, _steps(places)), version=None)
    graver = (Severity.ERROR, Severity.WARNING)
    told = {problem.pointer for problem in problems(tried) if problem.severity in graver}
    return _steps([place for place in places if join(place[0], place[1]) not in told])


def defaults(document: Document, pointer: str) -> Mapping[str, Any]:
    """Spelling of the newest release in question -> the value in force of what the object does not write."""
    shape, release = document.view.shape(pointer), _release(document)
    written = {
        member.name
        for place in (pointer, join(pointer, shape.nested))
        for member in members_of(document.tree, place)
    }
    present = {found[0] for name in written if (found := find_property(shape, name)) is not None}
    result: dict[str, Any] = {}
    for name, prop in shape.properties.items():
        spelling = history.spelling(prop, name, release)
        if spelling is None or name in present or name == shape.nested or prop.get("x-secret"):
            continue
        value = document.view.value_in_force(pointer, name)
        if value is not None and not (isinstance(value, (dict, list)) and not value):
            result[spelling] = value
    return result


def _release(document: Document) -> str:
    """The newest one; what is on the main branch only is not written for releases."""
    releases = document.scope.releases
    return releases[-2] if releases[-1] == "main" and len(releases) > 1 else releases[-1]


def _places(document: Document, pointer: str) -> list[tuple[str, str, Any]]:
    """(pointer of the object, key, value) of each default."""
    shape, tree = document.view.shape(pointer), document.tree
    nest = history.spelling(shape.properties.get(shape.nested, {}), shape.nested, _release(document))
    nested = join(pointer, nest) if shape.nested and nest else ""
    found = tree.find(nested) if nested else None
    inside = bool(nested) and (
        found.kind == "object" if found is not None else not may_be_flat(document, shape)
    )
    return [
        (nested if inside and name not in shape.own else pointer, name, value)
        for name, value in defaults(document, pointer).items()
    ]


def _steps(places: list[tuple[str, str, Any]]) -> list[Change]:
    return [partial(_add, pointer=pointer, key=key, value=value) for pointer, key, value in places]


def _add(tree: Tree, pointer: str, key: str, value: Any) -> list[Edit]:
    """Into the object; an object that is not there yet is made with its first member."""
    if tree.find(pointer) is None:
        above, _, name = pointer.rpartition("/")
        return insert(tree, above, unescape(name), {key: value})
    return insert(tree, pointer, key, value)
