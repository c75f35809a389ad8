"""The defaults of an object written out, as the newest release in question has them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from olive_schemas import catalog, history
from olive_schemas.catalog import Property
from olive_schemas.shapes import find_property
from olive_schemas.tree import MISSING, Tree, join, unescape

from ..checking import problems
from ..document import Document
from ..edits import Edit, apply, dump, insert
from ..layout import indent_at, quoted, starts_line, style_of
from .nesting import may_be_flat
from .offers import Offer, members_of
from .rewriting import Change, rewritten
from .wording import default_here

DEFAULTS = "defaults"
_NESTING = frozenset(("pass", "input_model", "system", "component", "metric", "search", "evaluator"))
"""What keeps its parameters in the nested object where it has one."""
_FEW = 3
"""Up to so many defaults it is tried out whether any may be written, before they are offered."""
_STAND_IN = "\ue000"
_STOOD_IN = re.compile(f'"{_STAND_IN}"(\\s*:\\s*)0')
_WITHOUT = frozenset(("workflow", "unknown", "open", "systems", "evaluators", "passes", "value"))


def default_offers(document: Document, pointer: str) -> Iterator[Offer]:
    """For the object at the pointer."""
    shape = document.view.shape(pointer)
    found = defaults(document, pointer) if shape.kind not in _WITHOUT else {}
    if found and (len(found) > _FEW or write_defaults(document, pointer)):
        yield Offer(f"Write out the defaults of {shape.what or 'this object'}", DEFAULTS, pointer)


def write_defaults(document: Document, pointer: str) -> list[Change]:
    """Where the object's other parameters are: nested in `config` and its like, or beside `type`.

    What there would be something to say of, beside that which is written, is left out: not every key has a meaning
    everywhere.
    """
    places = _places(document, pointer)
    tried = replace(document, text=rewritten(document.tree, _steps(places)), version=None)
    told = {problem.pointer for problem in problems(tried)}
    return _steps([place for place in places if join(place[0], place[1]) not in told])


def defaults(document: Document, pointer: str) -> Mapping[str, Any]:
    """Spelling of the newest release in question -> the value in force of what the object does not write."""
    shape, release = document.view.shape(pointer), _release(document)
    places = (pointer, join(pointer, shape.nested), *(("",) if pointer == "/engine" else ()))
    written = {member.name for place in places for member in members_of(document.tree, place)}
    present = {found[0] for name in written if (found := find_property(shape, name)) is not None}
    gone = {name for name, prop in catalog.training_arguments().items() if "x-until" in prop}
    result: dict[str, Any] = {}
    for name, prop in shape.properties.items():
        spelling = history.spelling(prop, name, release)
        if spelling is None or name in present or name == shape.nested or prop.get("x-secret"):
            continue
        if shape.kind == "training_args" and name in gone:
            continue
        value = _in_force(document, pointer, name, prop)
        if value is not None and not (isinstance(value, (dict, list)) and not value):
            result[spelling] = value
    return result


def _in_force(document: Document, pointer: str, name: str, prop: Property) -> Any:
    """Of training arguments what Olive takes for this pass, which is not always what the trainer would."""
    if document.view.shape(pointer).kind != "training_args":
        return document.view.value_in_force(pointer, name)
    found = default_here(document, pointer, name, prop)
    return None if found is MISSING else found


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
    inside = (
        shape.kind in _NESTING
        and bool(nested)
        and (found.kind == "object" if found is not None else not may_be_flat(document, shape))
    )
    return [
        (nested if inside and name not in shape.own else pointer, name, value)
        for name, value in defaults(document, pointer).items()
    ]


def _steps(places: list[tuple[str, str, Any]]) -> list[Change]:
    """One step for each object that gets some."""
    members: dict[str, dict[str, Any]] = {}
    for pointer, key, value in places:
        members.setdefault(pointer, {})[key] = value
    return [partial(_add, pointer=pointer, members=found) for pointer, found in members.items()]


def _add(tree: Tree, pointer: str, members: Mapping[str, Any]) -> list[Edit]:
    """At the end of the object; one that is not there yet is made of them."""
    if tree.find(pointer) is None:
        above, _, name = pointer.rpartition("/")
        return insert(tree, above, unescape(name), members)
    edits = insert(tree, pointer, _STAND_IN, 0)
    after = apply(tree.text, edits)
    found = _STOOD_IN.search(after)
    if found is None:
        return []
    style, start = style_of(tree), found.start()
    spread, indent = starts_line(after, start), indent_at(after, start)
    entries = [
        f"{quoted(key)}{found[1]}{dump(value, style, indent, inline=not spread)}"
        for key, value in members.items()
    ]
    text = (f",{style.newline}{indent}" if spread else style.comma).join(entries)
    return [replace(edit, new_text=_STOOD_IN.sub(lambda _: text, edit.new_text)) for edit in edits]
