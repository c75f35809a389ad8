"""Selections that grow: word, text of a string, string, member, content of the container, container, and so on."""

from __future__ import annotations

import re

from olive_schemas.tree import Node

from ..document import Document
from ..layout import entries_of
from .placeholders import placeholders
from .spans import Span, content, whole

_WORD = re.compile(r"\w+")


def selections(document: Document, offset: int) -> tuple[Span, ...]:
    """From the innermost stretch that holds the offset to the whole text, each holding the one before it."""
    text = document.text
    offset = max(0, min(offset, len(text)))
    around = [Span(0, len(text))]
    node = document.tree.root
    if whole(node).holds(offset):
        around.append(whole(node))
    while True:
        step = _step(text, node, offset)
        around += step[0]
        if step[1] is None:
            break
        node = step[1]
    found: list[Span] = []
    for span in reversed(around):
        if not found or (span != found[-1] and span.start <= found[-1].start and span.end >= found[-1].end):
            found.append(span)
    return tuple(found)


def _step(text: str, node: Node, offset: int) -> tuple[list[Span], Node | None]:
    """The stretches within a value that hold the offset, from the outside inwards, and the value to go on with."""
    if node.kind == "string":
        return _in_string(text, node, offset), None
    entries = entries_of(node)
    if not entries:
        return [], None
    inside = Span(entries[0][0], entries[-1][1])
    spans = [inside] if inside.holds(offset) else []
    for member in node.members:
        entry = Span(member.key.start, max(member.key.end, member.value.end))
        if not entry.holds(offset):
            continue
        spans.append(entry)
        if whole(member.key).holds(offset):
            return [*spans, whole(member.key), *_in_string(text, member.key, offset)], None
        if not whole(member.value).holds(offset):
            return spans, None
        return [*spans, whole(member.value)], member.value
    for item in node.items:
        if whole(item).holds(offset):
            return [*spans, whole(item)], item
    return spans, None


def _in_string(text: str, node: Node, offset: int) -> list[Span]:
    inner = content(text, node)
    if not inner.holds(offset):
        return []
    found = [inner]
    for name in placeholders(text, node):
        if name.holds(offset):
            return [*found, Span(name.start - 1, text.find("}", name.end, inner.end) + 1), name]
    words = [Span(*match.span()) for match in _WORD.finditer(text, inner.start, inner.end)]
    return found + [word for word in words if word.holds(offset)][-1:]
