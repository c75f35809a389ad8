"""The entries of a container, members and items alike, and whether its bracket is closed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .tree import Member, Node

CLOSER = {"object": "}", "array": "]"}
OPENER = {"object": "{", "array": "["}


def entries_of(node: Node) -> Sequence[Any]:
    return node.members or node.items


def start_of(entry: Member | Node) -> int:
    return entry.key.start if isinstance(entry, Member) else entry.start


def value_of(entry: Member | Node) -> Node:
    return entry.value if isinstance(entry, Member) else entry


def end_of(entry: Member | Node) -> int:
    return max(entry.key.end, entry.value.end) if isinstance(entry, Member) else entry.end


def is_closed(text: str, node: Node) -> bool:
    if node.kind not in CLOSER:
        return True
    entries = entries_of(node)
    inner = end_of(entries[-1]) if entries else node.start + 1
    return inner < node.end and text[node.end - 1] == CLOSER[node.kind]


def container(node: Node, end: int, entries: Sequence[Any]) -> Node:
    """One like it with other entries, that ends elsewhere."""
    if node.kind == "object":
        return Node("object", node.start, end, None, tuple(entries))
    return Node("array", node.start, end, None, (), tuple(entries))
