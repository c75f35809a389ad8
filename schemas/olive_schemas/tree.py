"""A JSON text as a tree of nodes that know where they stand. Parsing never fails.

Half-typed keys, unclosed braces and missing commas still give nodes; what was wrong is told in `Tree.problems`.
Duplicate keys are all kept; the last one counts, as in Python's json. Nothing here knows what a config is.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from .lazy import lazy
from .positions import Lines

NodeKind = Literal["object", "array", "string", "number", "boolean", "null", "missing"]


_MANY = 16


class Missing:
    """Stands where a value should be and none was written yet."""

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING = Missing()


class Node(NamedTuple):
    """A value. `start` and `end` are offsets into the text, the end exclusive."""

    kind: NodeKind
    start: int
    end: int
    value: Any = None
    """Strings, numbers, booleans, null: what they mean. Objects and arrays: None."""
    members: tuple[Member, ...] = ()
    items: tuple[Node, ...] = ()


class Member(NamedTuple):
    """A name and its value in an object; `value.kind` is "missing" while nothing is written."""

    name: str
    key: Node
    value: Node


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """Where the text is not JSON. `recovered`: what was meant is clear (a comment, a trailing comma, None)."""

    code: str
    message: str
    start: int
    end: int
    recovered: bool = False
    warning: bool = False


@dataclass(frozen=True)
class Tree:
    text: str
    root: Node
    problems: tuple[SyntaxProblem, ...] = ()
    slanted: tuple[tuple[int, int], ...] = field(default=(), compare=False, repr=False)
    """Offsets of pairs of brackets whose indentation says that one is missing between them, in the order of closing."""
    deepest: int = field(default=0, compare=False, repr=False)
    """No bracket is nested deeper than this."""

    @lazy
    def lines(self) -> Lines:
        return Lines.of(self.text)

    @property
    def broken(self) -> bool:
        """True where something was guessed: missing braces, values or quotes."""
        return any(not problem.recovered for problem in self.problems)

    def find(self, pointer: str) -> Node | None:
        """The value at an RFC 6901 pointer; None where there is none. Of duplicate keys the last."""
        node, rest = self._walk(pointer)
        return None if rest else node

    def nearest(self, pointer: str) -> Node:
        """The value at the pointer, or at the nearest ancestor that exists."""
        return self._walk(pointer)[0]

    def member(self, pointer: str) -> Member | None:
        """The name and value at the pointer, where its last step is a name."""
        if not pointer:
            return None
        parent, _, last = pointer.rpartition("/")
        node = self.find(parent)
        return None if node is None else self._last(node, unescape(last))

    def span(self, pointer: str, on: Literal["key", "value"] = "value") -> tuple[int, int]:
        """(start, end) of the key or value at the pointer; of what is not there, those of the nearest ancestor's key.

        The key of what has none (an entry of a list, the whole config) is its opening bracket.
        """
        while True:
            member = self.member(pointer)
            if member is not None:
                node = member.key if on == "key" or member.value.kind == "missing" else member.value
                return node.start, node.end
            found = self.find(pointer)
            if found is not None:
                bracket = (on == "key" or not pointer) and found.kind in ("object", "array")
                return found.start, found.start + 1 if bracket else found.end
            pointer, on = pointer.rpartition("/")[0], "key"

    def at(self, offset: int) -> tuple[str, Node]:
        """(pointer, node) of the innermost value whose text, or whose key's text, holds the offset."""
        pointer, node = "", self.root
        while True:
            step = _child_at(node, offset)
            if step is None:
                return pointer, node
            name, node = step
            pointer = f"{pointer}/{escape(name)}"

    @lazy
    def _names(self) -> dict[int, dict[str, Member]]:
        """Of objects with many members that something was looked for in: name -> its last member, by their start."""
        return {}

    def _last(self, node: Node, name: str) -> Member | None:
        if len(node.members) > _MANY:
            names = self._names.get(node.start)
            if names is None:
                names = self._names[node.start] = {member.name: member for member in node.members}
            return names.get(name)
        found: Member | None = None
        for member in node.members:
            if member.name == name:
                found = member
        return found

    def _walk(self, pointer: str) -> tuple[Node, list[str]]:
        node = self.root
        steps = [unescape(step) for step in pointer.split("/")[1:]]
        for index, step in enumerate(steps):
            if node.kind == "object":
                member = self._last(node, step)
                if member is None:
                    return node, steps[index:]
                node = member.value
            elif node.kind == "array" and step.isdecimal() and int(step) < len(node.items):
                node = node.items[int(step)]
            else:
                return node, steps[index:]
        return node, []


def _child_at(node: Node, offset: int) -> tuple[str, Node] | None:
    if node.kind == "object":
        index = bisect.bisect_right(node.members, offset, key=lambda member: member.key.start) - 1
        if index >= 0:
            member = node.members[index]
            if offset <= max(member.key.end, member.value.end):
                return member.name, member.value
    elif node.kind == "array":
        index = bisect.bisect_right(node.items, offset, key=lambda item: item.start) - 1
        if index >= 0 and offset <= node.items[index].end:
            return str(index), node.items[index]
    return None


def escape(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


def unescape(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~") if "~" in step else step


def join(pointer: str, *steps: str | int) -> str:
    """A pointer and further steps as one pointer."""
    return pointer + "".join(f"/{escape(str(step))}" for step in steps)


def to_python(node: Node) -> Any:
    """The plain value: dicts, lists, strings, numbers. Unwritten values are MISSING."""
    if node.kind == "object":
        return {member.name: to_python(member.value) for member in node.members}
    if node.kind == "array":
        return [to_python(item) for item in node.items]
    return MISSING if node.kind == "missing" else node.value


def walk(node: Node, pointer: str = "") -> Iterator[tuple[str, Node]]:
    """Every value below and including `node`, in the order of the text, with its pointer."""
    yield pointer, node
    for member in node.members:
        yield from walk(member.value, join(pointer, member.name))
    for index, item in enumerate(node.items):
        yield from walk(item, join(pointer, index))


def parse(text: str) -> Tree:
    """The tree of any text at all; never raises."""
    from .parser import parse_text

    return parse_text(text)
