"""Stretches of a text, the strings and the containers in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from olive_schemas.tree import Node

QUOTES = "\"'\u201c\u201d"


@dataclass(frozen=True, order=True)
class Span:
    """From `start` to `end`, the end exclusive, in code points."""

    start: int
    end: int

    def holds(self, offset: int) -> bool:
        """Whether a cursor there touches it."""
        return self.start <= offset <= self.end

    def meets(self, start: int, end: int) -> bool:
        """Whether it shares anything with a range."""
        return self.start <= end and start <= self.end


def whole(node: Node) -> Span:
    return Span(node.start, node.end)


def content(text: str, node: Node) -> Span:
    """A string without its quotes, as far as it has some; any other value as it is."""
    start, end = node.start, node.end
    if node.kind == "string" and text[start:end][:1] in tuple(QUOTES):
        start += 1
        if end > start and text[end - 1] in QUOTES and not _escaped(text, start, end - 1):
            end -= 1
    return Span(start, end)


def _escaped(text: str, start: int, offset: int) -> bool:
    """Whether an odd number of backslashes stands before the offset."""
    count = 0
    while offset - count > start and text[offset - count - 1] == "\\":
        count += 1
    return count % 2 == 1


def containers(root: Node) -> Iterator[Node]:
    """Objects and lists, each before those inside it, in the order of the text."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.kind in ("object", "array"):
            yield node
        waiting.extend(reversed([member.value for member in node.members]))
        waiting.extend(reversed(node.items))
