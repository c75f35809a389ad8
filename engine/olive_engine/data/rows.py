"""What loading gives: rows in order, each a mapping from column to value.

A `datasets.Dataset` is such a thing; so is `TableRows`, which small local files become without that library.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


class Rows(Protocol):
    """The part of `datasets.Dataset` that this package uses."""

    @property
    def column_names(self) -> list[str]: ...
    def __len__(self) -> int: ...
    def __getitem__(self, index: int, /) -> Any: ...
    def __iter__(self) -> Iterator[Any]: ...


@dataclass(frozen=True)
class TableRows:
    """Rows held in memory; every row has every column."""

    rows: Sequence[Mapping[str, Any]]
    columns: tuple[str, ...]

    @property
    def column_names(self) -> list[str]:
        return list(self.columns)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Mapping[str, Any]:
        return self.rows[index]

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return iter(self.rows)

    def select(self, indices: Sequence[int]) -> TableRows:
        return TableRows([self.rows[i] for i in indices], self.columns)
