"""Whether values read here are the very ones that `datasets` would give.

It infers types for whole columns: timestamps from strings, numbers and gaps from CSV cells, structs from objects. Rows
are plain where every column is of one simple kind that it leaves alone; anything else is left to the library (None).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .rows import TableRows

_TIMESTAMP = re.compile(r"^\d{4}-\d\d-\d\d")
_NUMBER = re.compile(r"^[+-]?(\d|\.\d|inf|nan)", re.IGNORECASE)
_WHOLE = re.compile(r"^(0|-?[1-9]\d{0,14})$")
_MISSING = {
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
    "NULL", "NaN", "None", "n/a", "nan", "null",
}  # fmt: skip
_TRUTH = {"true", "false"}
_TRACE_MARKS = ({"id", "source", "model", "system_prompt", "messages"}, {"type", "id", "version", "cwd"})


def plain_rows(records: Sequence[Mapping[str, Any]], *, stamps: bool = False) -> TableRows | None:
    """Rows with every column in each, if every column is of one simple kind; else None.

    `stamps`: strings that look like dates stay strings (a text file has no other type).
    """
    columns = tuple(dict.fromkeys(name for record in records for name in record))
    if not columns or any(marks <= set(columns) for marks in _TRACE_MARKS):
        return None
    for column in columns:
        if not _simple([record.get(column) for record in records], stamps):
            return None
    return TableRows([{name: record.get(name) for name in columns} for record in records], columns)


def _simple(values: Sequence[Any], stamps: bool) -> bool:
    present = [value for value in values if value is not None]
    kinds = {type(value) for value in present}
    if not kinds:
        return True
    if len(kinds) > 1:
        return False
    kind = kinds.pop()
    if kind is str:
        return all(_plain_text(value, stamps) for value in present)
    if kind is bool:
        return True
    if kind is int:
        return all(-(2**53) < value < 2**53 for value in present)
    if kind is list:
        return _simple_lists(present, stamps)
    return kind is dict and _simple_objects(present, stamps)


def _simple_lists(lists: Sequence[list[Any]], stamps: bool) -> bool:
    inner = [value for one in lists for value in one]
    if all(isinstance(value, str) for value in inner):
        return bool(inner) and all(_plain_text(value, stamps) for value in inner)
    return all(isinstance(value, dict) for value in inner) and _simple_objects(inner, stamps)


def _simple_objects(objects: Sequence[Mapping[str, Any]], stamps: bool) -> bool:
    shape = tuple(objects[0])
    return bool(shape) and all(
        tuple(one) == shape
        and all(isinstance(value, str) and _plain_text(value, stamps) for value in one.values())
        for one in objects
    )


def _plain_text(value: str, stamps: bool) -> bool:
    if not stamps and _TIMESTAMP.match(value):
        return False
    # Half a surrogate pair cannot be written as UTF-8, and Arrow stores nothing else.
    return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)


def plain_csv(header: Sequence[str], rows: Sequence[Sequence[str]]) -> TableRows | None:
    """CSV cells as rows: columns of whole numbers, and of texts that no reader takes for anything else; else None."""
    if len(set(header)) != len(header) or "" in header or any(len(row) != len(header) for row in rows):
        return None
    columns: list[list[Any]] = []
    for at in range(len(header)):
        cells = [row[at] for row in rows]
        if all(_WHOLE.match(cell) for cell in cells):
            columns.append([int(cell) for cell in cells])
        elif any(
            _NUMBER.match(cell.strip())
            or not cell.strip()
            or cell in _MISSING
            or cell.strip().lower() in _TRUTH
            for cell in cells
        ):
            return None
        else:
            columns.append(list(cells))
    return TableRows(
        [dict(zip(header, values, strict=True)) for values in zip(*columns, strict=True)], tuple(header)
    )
