"""The part of `rpds` that `referencing` and `jsonschema` use, in Python alone.

rpds is compiled, and one extension serves every interpreter and system. Values never change once made, as there; a new map
copies the old one, which costs what its size is, and their maps hold some dozens of entries.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Set
from typing import Any, Generic, TypeVar

__all__ = ["HashTrieMap", "HashTrieSet", "List"]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
T = TypeVar("T")


class HashTrieMap(Mapping[K, V]):
    __slots__ = ("_items",)

    def __init__(self, value: Mapping[K, V] | Iterable[tuple[K, V]] = (), **more: V) -> None:
        self._items: dict[K, V] = dict(value, **more)

    @classmethod
    def convert(cls, value: Mapping[K, V] | Iterable[tuple[K, V]]) -> HashTrieMap[K, V]:
        return value if isinstance(value, cls) else cls(value)

    def insert(self, key: K, value: V) -> HashTrieMap[K, V]:
        return HashTrieMap({**self._items, key: value})

    def remove(self, key: K) -> HashTrieMap[K, V]:
        """KeyError where it is not there."""
        items = dict(self._items)
        del items[key]
        return HashTrieMap(items)

    def discard(self, key: K) -> HashTrieMap[K, V]:
        return self.remove(key) if key in self._items else self

    def update(self, *others: Mapping[K, V] | Iterable[tuple[K, V]]) -> HashTrieMap[K, V]:
        items = dict(self._items)
        for other in others:
            items.update(other)
        return HashTrieMap(items)

    def __getitem__(self, key: K) -> V:
        return self._items[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mapping) and self._items == dict(other)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return f"HashTrieMap({self._items!r})"


class HashTrieSet(Set[T]):
    __slots__ = ("_items",)

    def __init__(self, value: Iterable[T] = ()) -> None:
        self._items = frozenset(value)

    def insert(self, value: T) -> HashTrieSet[T]:
        return HashTrieSet(self._items | {value})

    def remove(self, value: T) -> HashTrieSet[T]:
        """KeyError where it is not there."""
        if value not in self._items:
            raise KeyError(value)
        return HashTrieSet(self._items - {value})

    def discard(self, value: T) -> HashTrieSet[T]:
        return HashTrieSet(self._items - {value})

    def update(self, *others: Iterable[T]) -> HashTrieSet[T]:
        return HashTrieSet(self._items.union(*others))

    def __contains__(self, value: object) -> bool:
        return value in self._items

    def __iter__(self) -> Iterator[T]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(self._items)

    def __repr__(self) -> str:
        return f"HashTrieSet({set(self._items)!r})"


class List(Generic[T]):
    """A list that is read and lengthened at its front."""

    __slots__ = ("_front",)

    def __init__(self, value: Iterable[T] = (), *more: T) -> None:
        front: Any = ()
        for item in reversed([*([value] if more else value), *more]):
            front = (item, front)
        self._front = front

    @classmethod
    def _of(cls, front: Any) -> List[T]:
        made: List[T] = cls()
        made._front = front
        return made

    @property
    def first(self) -> T:
        """IndexError where it is empty."""
        if not self._front:
            raise IndexError("empty list")
        item: T = self._front[0]
        return item

    @property
    def rest(self) -> List[T]:
        return self.drop_first()

    def push_front(self, value: T) -> List[T]:
        return List._of((value, self._front))

    def drop_first(self) -> List[T]:
        """IndexError where it is empty."""
        if not self._front:
            raise IndexError("empty list")
        return List._of(self._front[1])

    def __iter__(self) -> Iterator[T]:
        front = self._front
        while front:
            item, front = front
            yield item

    def __reversed__(self) -> Iterator[T]:
        return reversed(list(self))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, List) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"List({list(self)!r})"
