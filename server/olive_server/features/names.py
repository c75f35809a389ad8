"""What a config names itself (data configs, systems, evaluators, passes), where it is defined, and where it is used.

Definition, references, highlight, rename and lenses all read this.
"""

from __future__ import annotations

from dataclasses import dataclass

from olive_schemas.tree import Node

from ..document import Document
from .spans import Span, content, whole

WORDS = {"data_config": "data config", "system": "system", "evaluator": "evaluator", "pass": "pass"}
"""Kind -> how messages call it. What is not in here has a fixed name."""


@dataclass(frozen=True)
class Occurrence:
    """One place where a name stands."""

    kind: str
    name: str
    span: Span
    """The name without its quotes."""
    quoted: Span
    pointer: str
    """Of a definition by key: of the value that the key names."""
    defines: bool
    is_key: bool
    body: Span
    """Of a definition: the whole of what is defined, its key left out. Of a use: the name."""


def occurrences(document: Document) -> tuple[Occurrence, ...]:
    """Every definition and every use, in the order of the text; of keys that stand twice each."""
    found = [*_definitions(document), *_uses(document)]
    return tuple(sorted(found, key=lambda occurrence: occurrence.span))


def occurrence_at(document: Document, offset: int) -> Occurrence | None:
    """The name that the cursor stands in or at."""
    return next((entry for entry in occurrences(document) if entry.quoted.holds(offset)), None)


def same_name(document: Document, wanted: Occurrence) -> tuple[Occurrence, ...]:
    """Every place where the same thing is named, in the order of the text."""
    return tuple(
        entry for entry in occurrences(document) if entry.kind == wanted.kind and entry.name == wanted.name
    )


def _definitions(document: Document) -> list[Occurrence]:
    view, tree = document.view, document.tree
    pointers = {
        (kind, name, pointer)
        for kind, named in view.definitions.items()
        for name, pointer in named.items()
        if kind in WORDS
    }
    pointers |= {(kind, name, pointer) for kind, name, places in view.duplicates for pointer in places}
    found = []
    for kind, name, pointer in pointers:
        parent_pointer = pointer.rpartition("/")[0]
        parent = tree.find(parent_pointer)
        if parent is None:
            continue
        if _named_by_value(kind, pointer):
            value = next((member.value for member in parent.members if member.value.value == name), None)
            if value is not None:
                found.append(_occurrence(document, kind, name, value, pointer, whole(parent), False))
            continue
        found += [
            _occurrence(document, kind, name, member.key, pointer, whole(member.value), True)
            for member in parent.members
            if member.name == name
        ]
    return found


def _named_by_value(kind: str, pointer: str) -> bool:
    """Data configs of a list are named by their `name`: /data_configs/0/name."""
    return kind == "data_config" and pointer.count("/") == 3


def _occurrence(
    document: Document, kind: str, name: str, node: Node, pointer: str, body: Span, is_key: bool
) -> Occurrence:
    span = content(document.text, node)
    return Occurrence(kind, name, span, whole(node), pointer, True, is_key, body)


def _uses(document: Document) -> list[Occurrence]:
    kinds = {use.pointer: use.kind for use in document.view.uses if use.kind in WORDS}
    if not kinds:
        return []
    text = document.text
    return [
        Occurrence(
            kinds[place.pointer],
            place.node.value,
            content(text, place.node),
            whole(place.node),
            place.pointer,
            False,
            False,
            whole(place.node),
        )
        for place in document.view.places
        if place.node.kind == "string" and place.pointer in kinds
    ]
