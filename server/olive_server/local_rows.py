"""What a data file that somebody picked holds: rows in columns, or conversations; and what its loader has to be told.

Reads the beginning of the file alone (`local_data`); never raises.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from .local_data import Format, Table, format_of, table

_IN_WORDS = {"json": "JSON or JSON Lines", "csv": "CSV", "text": "text", "parquet": "parquet"}


class Found(NamedTuple):
    form: Format
    table: Table
    messages: str
    """The column that holds conversations, as lists of {role, content}."""
    options: dict[str, str]
    """Of the loader: the separator of a TSV file, the field of a JSON object that holds the rows."""


def found_in(path: Path) -> Found | str:
    """Or why it cannot be used, as a sentence."""
    form = format_of(path)
    if form is None:
        return f"{path.name}: its ending does not tell how to read it. JSON, JSON Lines, CSV, TSV, text and parquet are read."
    options = {"sep": "\t"} if path.name.lower().removesuffix(".gz").endswith(".tsv") else {}
    read = table(path, options=options)
    inside = table(path, options={"field": _field(read)}) if form == "json" and _field(read) else None
    if inside:
        options, read = {"field": _field(read)}, inside
    if read is None or not read.columns:
        if _is_empty(path):
            return f"{path.name} is empty: there are no rows to train on."
        return f"{path.name} cannot be read as {_IN_WORDS[form]}: no rows are found at its beginning."
    if read.total == 0:
        return f"{path.name} has columns and no rows to train on."
    return Found(form, read, _messages(read), options)


def _field(read: Table | None) -> str:
    """`{"version": 1, "data": [{...}, ...]}`: `data`. An object of lists alone has been read as columns."""
    if read is None or not read.rows:
        return ""
    if len(read.columns) == 1 and all(isinstance(row.get(read.columns[0]), dict) for row in read.rows):
        return read.columns[0]
    lists = [name for name, value in read.rows[0].items() if _is_table(value)]
    alone = read.total == 1 and len(lists) == 1 and not _is_conversation(read.rows[0][lists[0]])
    return lists[0] if alone else ""


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _messages(read: Table) -> str:
    rows = read.rows
    return next(
        (name for name in read.columns if rows and all(_is_conversation(row.get(name)) for row in rows)), ""
    )


def _is_conversation(value: Any) -> bool:
    return _is_table(value) and all({"role", "content"} <= one.keys() for one in value)


def _is_empty(path: Path) -> bool:
    try:
        return path.stat().st_size == 0
    except OSError:
        return False
