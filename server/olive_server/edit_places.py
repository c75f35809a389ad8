"""Where a new entry goes in a container, so that commas, line breaks and indentation are those of its neighbours."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from olive_schemas.tree import Node

from .layout import (
    Style,
    alone_on_line,
    comma_in,
    entries_of,
    has_comment,
    indent_at,
    skip_beside,
    starts_line,
)


class Place(NamedTuple):
    """Where a new entry goes in a container: what is replaced, what goes around it, and how its text is indented."""

    start: int
    end: int
    before: str
    after: str
    indent: str
    inline: bool
    comma_at: int = -1
    """Where a comma is to be written apart from the entry: a comment stands between the two."""


def place_of(text: str, node: Node, style: Style, index: int) -> Place:
    entries = entries_of(node)
    if not entries:
        return _inside_empty(text, node, style)
    if index < len(entries):
        start = entries[index][0]
        indent = indent_at(text, start)
        if starts_line(text, start):
            return Place(start, start, "", f",{style.newline}{indent}", indent, False)
        return Place(start, start, "", comma_of(text, node) or style.comma, indent, True)
    start, end = entries[-1]
    own_line = starts_line(text, start)
    indent = indent_at(text, start)
    lead = f"{style.newline}{indent}" if own_line else " "
    closing = closing_of(text, node, entries)
    comma = comma_in(text, end, closing)
    at = comma + 1 if comma >= 0 else end
    beside = skip_beside(text, at, closing)
    commented = own_line and has_comment(text, at, beside)
    at = beside if commented else at
    if comma >= 0:
        return Place(at, at, lead, "", indent, not own_line)
    if commented:
        return Place(at, at, lead, "", indent, False, comma_at=end)
    return Place(
        at, at, f",{lead}" if own_line else comma_of(text, node) or style.comma, "", indent, not own_line
    )


def _inside_empty(text: str, node: Node, style: Style) -> Place:
    start = node.start + 1
    closing = closing_of(text, node, [])
    if style.one_line or not (
        alone_on_line(text, node.start) or any(c in text[start:closing] for c in "\r\n")
    ):
        return Place(start, start, "", "", "", True)
    outer = indent_at(text, node.start)
    indent = outer + style.unit
    spread = any(sign in text[start:closing] for sign in "\r\n")
    if spread or has_comment(text, start, closing):
        return Place(start, start, style.newline + indent, "", indent, False)
    return Place(start, closing, style.newline + indent, style.newline + outer, indent, False)


def closing_of(text: str, node: Node, entries: list[tuple[int, int]]) -> int:
    """The offset of the closing bracket, or where it should be."""
    last = entries[-1][1] if entries else node.start + 1
    closer = "}" if node.kind == "object" else "]"
    closed = node.end - 1 >= last and text[node.end - 1 : node.end] == closer
    return node.end - 1 if closed else max(last, node.end)


def colon_of(text: str, node: Node) -> str:
    """How the object itself writes the colon."""
    for member in node.members:
        between = text[member.key.end : member.value.start]
        if between.strip(" \t") == ":":
            return between
    return ""


def comma_of(text: str, node: Node) -> str:
    """How the container itself writes the comma between entries on one line."""
    entries = entries_of(node)
    for (_, end), (start, _) in pairwise(entries):
        if text[end:start].strip(" \t") == ",":
            return text[end:start]
    return ""
