"""The tree of a text after a change, from the tree before: only what the change may have touched is parsed again.

The result is equal to that of a fresh parse. Where that cannot be known cheaply (brackets left open, complaints outside of
what is parsed again, comments) the whole text is parsed. Values behind the change keep their subtrees; where they now
stand is worked out when someone looks.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeVar, cast, overload

from .lexer import Token
from .parser import Parser, Passed
from .tree import Member, Node, Tree, parse

T = TypeVar("T", Member, Node)

_CLOSER = {"object": "}", "array": "]"}
_OPENER = {"object": "{", "array": "["}
_FOR_ALL = frozenset(("json-comment", "json-encoding", "json-depth", "json-empty", "json-extra"))
"""Complaints that are told once for the whole text."""
_ATTEMPTS = 3


class Splice(NamedTuple):
    """A change: `old[start:old_end]` became `new[start:new_end]`."""

    start: int
    old_end: int
    new_end: int

    @property
    def by(self) -> int:
        return self.new_end - self.old_end


def reparse(old: Tree, text: str, splice: Splice) -> Tree:
    """`parse(text)`, where `text` came from `old.text` by the splice."""
    path = _path(old, splice)
    for depth in range(len(path) - 1, max(-1, len(path) - 1 - _ATTEMPTS), -1):
        found = _within(old, text, splice, path, depth)
        if found is not None:
            return found
    return parse(text)


class _Step(NamedTuple):
    """A container that holds the change, and which of its entries does; -1 for the innermost."""

    node: Node
    entry: int


def _path(old: Tree, splice: Splice) -> list[_Step]:
    """From the root inwards; nothing where a bracket around the change is not closed."""
    path: list[_Step] = []
    node = old.root
    while node.kind in _CLOSER and node.start < splice.start and splice.old_end < node.end:
        if not _is_closed(old.text, node):
            return []
        entries = node.members or node.items
        index = bisect.bisect_left(entries, splice.start, key=_start) - 1
        inside = _value(entries[index]) if index >= 0 else None
        if inside is None or not inside.start < splice.start or not splice.old_end < inside.end:
            return [*path, _Step(node, -1)]
        path.append(_Step(node, index))
        node = inside
    if path:
        # The change is in a plain value: its container is the innermost.
        path[-1] = _Step(path[-1].node, -1)
    return path


def _is_closed(text: str, node: Node) -> bool:
    entries = node.members or node.items
    inner = _end(entries[-1]) if entries else node.start + 1
    return inner < node.end and text[node.end - 1] == _CLOSER[node.kind]


def _start(entry: Member | Node) -> int:
    return entry.key.start if isinstance(entry, Member) else entry.start


def _value(entry: Member | Node) -> Node:
    return entry.value if isinstance(entry, Member) else entry


def _end(entry: Member | Node) -> int:
    return max(entry.key.end, entry.value.end) if isinstance(entry, Member) else entry.end


def _within(old: Tree, text: str, splice: Splice, path: list[_Step], depth: int) -> Tree | None:
    """The tree, if reading some entries of the container at `depth` anew is enough."""
    node = path[depth].node
    entries: Sequence[Member] | Sequence[Node] = node.members or node.items
    # One entry more on each side: a change beside an entry may become part of it.
    first = max(bisect.bisect_right(entries, splice.start, key=_start) - 2, 0)
    rest = bisect.bisect_left(entries, splice.old_end, key=_start)
    begin = _start(entries[first]) if entries else node.start + 1
    if first == 0:
        begin = node.start + 1
    until = _start(entries[rest]) if rest < len(entries) else node.end
    if not _only_inside(old, begin, until) or "\ufffd" in text[splice.start : splice.new_end]:
        return None
    parser = Parser(text, begin, [_OPENER[step.node.kind] for step in path[: depth + 1]])
    opening = Token(cast(Any, _OPENER[node.kind]), node.start, node.start + 1, _OPENER[node.kind])
    comma = Token(",", begin, begin, ",") if first else None
    stop = until + splice.by if rest < len(entries) else -1
    made: list[Any] = list(entries[:first])
    read = parser.members if node.kind == "object" else parser.items
    parser.limit = node.end + splice.by if stop < 0 else stop
    try:
        end = read(opening, cast(Any, made), comma, stop)
    except Passed:
        return None
    if end != -1 if rest < len(entries) else end != node.end + splice.by:
        return None
    behind: Sequence[Any] = entries[rest:]
    made += [_shifted_entry(entry, splice.by) for entry in behind]
    if node.kind == "object":
        parser.duplicates(made)
    problems = parser.in_order()
    if any(problem.code in _FOR_ALL for problem in problems):
        return None
    root = _rebuilt(path[:depth], _with_entries(node, made, splice.by), splice.by)
    return Tree(text, root, problems)


def _only_inside(old: Tree, begin: int, until: int) -> bool:
    """Whether every complaint about the old text comes of what is read anew, and silenced none behind it."""
    if not old.problems:
        return True
    if any(
        problem.code in _FOR_ALL or not begin <= problem.start <= problem.end < until
        for problem in old.problems
    ):
        return False
    # A guess silences further complaints on its line.
    return "\n" in old.text[old.problems[-1].end : until]


def _rebuilt(path: list[_Step], inner: Node, by: int) -> Node:
    """The containers around a changed one, from the inside out."""
    for step in reversed(path):
        entries: Any = step.node.members or step.node.items
        entry = entries[step.entry]
        changed = entry._replace(value=inner) if isinstance(entry, Member) else inner
        behind = [_shifted_entry(one, by) for one in entries[step.entry + 1 :]]
        inner = _with_entries(step.node, [*entries[: step.entry], changed, *behind], by)
    return inner


def _with_entries(node: Node, entries: list[Any], by: int) -> Node:
    if node.kind == "object":
        return Node("object", node.start, node.end + by, None, tuple(entries))
    return Node("array", node.start, node.end + by, None, (), tuple(entries))


def _shifted_entry(entry: T, by: int) -> T:
    if not by:
        return entry
    if isinstance(entry, Member):
        return Member(entry.name, shifted(entry.key, by), shifted(entry.value, by))
    return shifted(entry, by)


def shifted(node: Node, by: int) -> Node:
    """The same value further back; what is inside moves when someone looks."""
    members, items = node.members, node.items
    return Node(
        node.kind,
        node.start + by,
        node.end + by,
        node.value,
        cast("tuple[Member, ...]", Shifted(members, by)) if members else (),
        cast("tuple[Node, ...]", Shifted(items, by)) if items else (),
    )


class Shifted(Sequence[T]):
    """Entries of a container that moved: to whoever looks they are a tuple like any other."""

    __slots__ = ("_by", "_entries")

    def __init__(self, entries: Sequence[T], by: int) -> None:
        again: Shifted[T] | None = entries if isinstance(entries, Shifted) else None
        self._entries: Sequence[T] = entries if again is None else again._entries
        self._by: int = by if again is None else by + again._by

    def _here(self) -> Sequence[T]:
        if self._by:
            by = self._by
            self._entries, self._by = tuple(_shifted_entry(entry, by) for entry in self._entries), 0
        return self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[T]:
        return iter(self._here())

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        return self._here()[index]

    def __eq__(self, other: object) -> bool:
        return tuple(self) == (tuple(other) if isinstance(other, Shifted) else other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))
