"""Tables of properties in markdown, each row with an anchor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..catalog import Properties, Property
from .anchors import anchor
from .words import allowed, default_of, describe, spellings, type_of

COLUMNS = ("Name", "Type", "Default", "Allowed", "Releases", "")


def table(owner: str, properties: Properties, required: Iterable[str] = (), page: str = "") -> str:
    """One row a property: those that have to be written first, then the others, then those that were dropped. Columns
    that would be empty are left out. page: where sections are described, if it is not the page itself."""
    needed = set(required)
    order = list(properties)
    names = sorted(order, key=lambda name: (_rank(properties[name], name in needed), order.index(name)))
    rows = [
        (
            f'<a id="{anchor(owner, name)}"></a>`{name}`',
            type_of(properties[name]),
            default_of(properties[name], name in needed),
            allowed(properties[name]),
            spellings(properties[name]),
            describe(properties[name], page),
        )
        for name in names
    ]
    used = [index for index in range(len(COLUMNS)) if any(row[index] for row in rows)]
    lines = [_line(COLUMNS, used), "|" + "---|" * len(used), *(_line(row, used) for row in rows)]
    return "\n".join(lines)


def _line(cells: Sequence[str], used: Sequence[int]) -> str:
    return "| " + " | ".join(cells[index] for index in used) + " |"


def _rank(prop: Property, needed: bool) -> int:
    if "x-until" in prop:
        return 2
    return 0 if needed else 1


def heading(level: int, name: str, owner: str = "") -> str:
    """A heading with an anchor that does not hang on how a site makes its own."""
    return f'{"#" * level} <a id="{anchor(owner or name)}"></a>{name}'
