"""Values behind a change: their nodes further back, and their plain values as they were.

Of a long text thousands of values move with each key, and nobody looks at most of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar, cast, overload

from .entries import entries_of, value_of
from .tree import Member, Node, to_python

T = TypeVar("T", Member, Node)
_new: Any = tuple.__new__
"""A node or member without the named tuple's own `__new__`."""


def shifted_entry(entry: T, by: int) -> T:
    """A member or an item further back."""
    if not by:
        return entry
    if isinstance(entry, Member):
        return cast(T, _new(Member, (entry.name, shifted(entry.key, by), shifted(entry.value, by))))
    return shifted(entry, by)


def shifted(node: Node, by: int) -> Node:
    """The same value further back; what is inside moves when someone looks."""
    kind, start, end, value, members, items = node
    inside = Shifted(members, by) if members else (), Shifted(items, by) if items else ()
    return cast(Node, _new(Node, (kind, start + by, end + by, value, *inside)))


class Shifted(Sequence[T]):
    """Entries of a container that moved: to whoever looks they are a tuple like any other."""

    __slots__ = ("_state",)

    def __init__(self, entries: Sequence[T], by: int) -> None:
        known: Any = entries
        before: tuple[Sequence[T], int] = known._state if isinstance(known, Shifted) else (entries, 0)
        self._state: tuple[Sequence[T], int] = (before[0], before[1] + by)
        """(entries, how far they are still to move): one value, so that threads see both or neither."""

    def _here(self) -> Sequence[T]:
        entries, by = self._state
        if by:
            moved: Any = tuple([shifted_entry(entry, by) for entry in entries])
            self._state = (moved, 0)
            return cast("Sequence[T]", moved)
        return entries

    def __len__(self) -> int:
        return len(self._state[0])

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


def python_after(node: Node, before: Node, known: Any) -> Any:
    """`to_python(node)`, where `known` is that of `before`: what only moved is not gone through again."""
    return _Plain().after(node, before, known)


class _Plain:
    """Plain values with those that are known: also of a container that stands in another one now."""

    def __init__(self) -> None:
        self.opened: list[tuple[Node, Any]] = []
        """Containers whose entries are not yet among those `elsewhere`."""
        self.elsewhere: dict[int, tuple[Sequence[Any], Any]] = {}
        """By the identity of their entries: containers in those that are no longer what they were."""

    def after(self, node: Node, before: Node, known: Any) -> Any:
        if node.kind == "object" == before.kind and len(known) == len(before.members):
            if _entries(node.members) is _entries(before.members):
                return known
            self.opened.append((before, known))
            old = {member.name: member.value for member in before.members}
            return {
                name: self.after(value, old[name], known[name]) if name in old else self.plain(value)
                for name, _, value in node.members
            }
        if node.kind == "array" == before.kind:
            if _entries(node.items) is _entries(before.items):
                return known
            self.opened.append((before, known))
            made = [self.after(*each) for each in zip(node.items, before.items, known, strict=False)]
            return made + [self.plain(item) for item in node.items[len(made) :]]
        return self.plain(node)

    def plain(self, node: Node) -> Any:
        entries = entries_of(node)
        if not entries:
            return to_python(node)
        for before, known in self.opened:
            values = known.values() if before.kind == "object" else known
            for entry, plain in zip(entries_of(before), values, strict=True):
                if inside := entries_of(value_of(entry)):
                    self.elsewhere[id(_entries(inside))] = (_entries(inside), plain)
        self.opened.clear()
        found = self.elsewhere.get(id(_entries(entries)))
        if found is not None:
            return found[1]
        if node.kind == "object":
            return {member.name: self.plain(member.value) for member in node.members}
        return [self.plain(item) for item in node.items]


def _entries(entries: Sequence[T]) -> Sequence[T]:
    """Those that were parsed, wherever they have moved to."""
    known: Any = entries
    return known._state[0] if isinstance(known, Shifted) else entries
