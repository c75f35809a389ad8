"""Hover: what the key or the value at the cursor is, what it refers to, and what holds where nothing is written."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import NamedTuple

from olive_schemas.tree import Member, Node, join

from ..checks.secrets import scrubbed
from ..document import Document
from .hover_things import definition_text
from .hover_values import value_hover
from .wording import key_text, stranger_text
from .wording_defaults import defaults_in_force
from .words import CLOSERS, spans_of

_OF_SEVERAL = frozenset(("params_config", "component_kwargs"))
"""What holds parameters of several components, each of which another place may hold as well."""
_NAMED = {"passes": "pass", "systems": "system", "evaluators": "evaluator", "data_configs": "data_config"}


@dataclass(frozen=True)
class Hover:
    """`markdown` belongs to the text from `start` to `end`."""

    markdown: str
    start: int
    end: int


class Touched(NamedTuple):
    """What the cursor touches: a value by its pointer, and the member it is in, if it is in an object."""

    pointer: str
    node: Node
    member: Member | None
    on_key: bool


def hover(document: Document, offset: int) -> Hover | None:
    """None where nothing is known, or the cursor touches neither a key nor a plain value."""
    found = touched(document.tree.root, offset)
    if found is None:
        return None
    if found.on_key and found.member is not None:
        text = key_hover(document, found.pointer, found.member)
        node = found.member.key
    else:
        text = value_hover(document, found.pointer, found.node)
        node = found.node
    return Hover(scrubbed(text), node.start, node.end) if text else None


def touched(root: Node, offset: int) -> Touched | None:
    """The key or the plain value at the cursor; None between them and at brackets."""
    node, pointer = root, ""
    member: Member | None = None
    while node.kind in CLOSERS:
        index = bisect_right(spans_of(node), offset, key=lambda span: span[0]) - 1
        if index < 0:
            return None
        if node.kind == "object":
            member = node.members[index]
            pointer = join(pointer, member.name)
            if offset <= member.key.end:
                return Touched(pointer, member.value, member, True)
            node = member.value
        else:
            member = None
            pointer = join(pointer, index)
            node = node.items[index]
        if not node.start <= offset <= node.end:
            return None
    return Touched(pointer, node, member, False) if node.start < node.end else None


def key_hover(document: Document, pointer: str, member: Member) -> str:
    """The documentation of a key; of a name that the user chose, that of the thing."""
    holder = pointer.rpartition("/")[0]
    shape = document.view.shape(holder)
    kind = _NAMED.get(shape.kind)
    if kind is not None:
        return definition_text(document, kind, member.name)
    found = document.view.find_property(shape, member.name)
    if found is None:
        return stranger_text(document, holder, member.name)
    parts = [key_text(document, holder, *found, member.name)]
    if member.value.kind == "object" and member.name not in _OF_SEVERAL:
        parts.append(defaults_in_force(document, pointer))
    parts.append(value_hover(document, pointer, member.value, only_local=True))
    return "\n\n".join(part for part in parts if part)
