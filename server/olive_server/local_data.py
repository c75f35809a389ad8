"""The columns and the first rows of a local data file: JSON, JSON Lines, CSV, TSV, text, parquet (columns only).

Only the beginning of a file is read (`local_io.READ_LIMIT`); columns that appear later on are not seen, and `whole`
says so. Compressed by gzip is fine. Anything that cannot be read is None, never an exception.
"""

from __future__ import annotations

import csv
import io
import json
import re
import struct
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from . import local_parquet
from .local_io import FAULTS, Stamp, stamp, start_of

Format = Literal["json", "csv", "text", "parquet"]

_BY_SUFFIX: dict[str, Format] = {
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "text",
    ".parquet": "parquet",
}
_KEPT_ROWS = 20
_LOOKED_AT = 2000
"""Rows whose names are collected."""
_SPACE = re.compile(r"[\s,]*")
_CSV_OPTIONS = frozenset(("sep", "delimiter", "names", "header"))


class Table(NamedTuple):
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]
    """The first ones, `_KEPT_ROWS` at most."""
    total: int | None
    """Rows in the file, where it is known."""
    whole: bool
    """Whether every row was seen, so that no other column can be there."""


def format_of(path: Path | str) -> Format | None:
    """By the file's ending, `.gz` aside."""
    suffixes = [suffix.lower() for suffix in Path(path).suffixes if suffix.lower() != ".gz"]
    return _BY_SUFFIX.get(suffixes[-1]) if suffixes else None


def columns(path: Path | str) -> tuple[str, ...] | None:
    """The names of the columns; None where they cannot be told."""
    read = table(path)
    return read.columns if read else None


def first_rows(path: Path | str, n: int = 1) -> tuple[Mapping[str, Any], ...] | None:
    """At most `_KEPT_ROWS` rows; None where the file cannot be read (a parquet file's rows never are)."""
    read = table(path)
    return read.rows[:n] if read and (read.rows or read.total != 0) else None


def table(
    path: Path | str, kind: str | None = None, options: Mapping[str, Any] | None = None
) -> Table | None:
    """`kind`: how the file is read whatever its ending: json, csv, text, parquet. `options`: those of the loader
    (`field` of json; `sep`, `delimiter`, `names`, `header` of csv); with others that change the rows, None."""
    file = stamp(path)
    form = kind or format_of(path)
    if file is None or form is None:
        return None
    given = dict(options or {})
    if form == "csv" and str(path).lower().removesuffix(".gz").endswith(".tsv"):
        given.setdefault("sep", "\t")
    try:
        key = json.dumps(given, sort_keys=True, default=str)
    except FAULTS:
        return None
    return _table(file, form, key)


@lru_cache(maxsize=16)
def _table(file: Stamp, form: str, options: str) -> Table | None:
    given = json.loads(options)
    try:
        if form == "parquet":
            found = local_parquet.footer(file) if not given else None
            return Table(found[0], (), found[1], True) if found else None
        data, whole = start_of(file)
        if not whole and form != "json":
            data = data[: data.rfind(b"\n") + 1]
        text = data.decode("utf-8-sig", "strict" if whole else "ignore")
        if form == "json":
            return _json(text, whole, given)
        if form == "csv":
            return _csv(text, whole, given)
        if form == "text" and not given:
            lines = text.splitlines()
            rows = tuple({"text": line} for line in lines[:_KEPT_ROWS])
            return Table(("text",), rows, len(lines) if whole else None, True)
    except (*FAULTS, csv.Error, struct.error, AttributeError, IndexError, TypeError):
        pass
    return None


def _json(text: str, whole: bool, options: Mapping[str, Any]) -> Table | None:
    """An array of objects, objects one after the other, or one object of columns; `field` names the array in an
    object. An array of strings is a column `text`."""
    field = options.get("field")
    if set(options) - {"field"}:
        return None
    start = 0
    if isinstance(field, str):
        found = re.search(rf"{re.escape(json.dumps(field))}\s*:\s*\[", text)
        if found is None:
            return None
        start = found.end()
    elif field is not None:
        return None
    else:
        stripped = len(text) - len(text.lstrip())
        start = stripped + 1 if text[stripped : stripped + 1] == "[" else stripped
    names: dict[str, None] = {}
    rows: list[Mapping[str, Any]] = []
    seen, at, complete = 0, start, False
    decoder = json.JSONDecoder()
    while seen < _LOOKED_AT:
        at = _SPACE.match(text, at).end()  # type: ignore[union-attr]
        if at >= len(text) or text[at] == "]":
            complete = whole or text[at : at + 1] == "]"
            break
        try:
            value, at = decoder.raw_decode(text, at)
        except FAULTS:
            break
        row = {"text": value} if isinstance(value, str) else value
        if not isinstance(row, dict):
            return None
        seen += 1
        names.update(dict.fromkeys(row))
        if len(rows) < _KEPT_ROWS:
            rows.append(row)
    if (
        seen == 1
        and complete
        and start == 0
        and rows
        and all(isinstance(cell, list) for cell in rows[0].values())
    ):
        return _by_columns(rows[0])
    return Table(tuple(names), tuple(rows), seen if complete else None, complete) if names else None


def _by_columns(content: Mapping[str, Any]) -> Table:
    """`{"a": [1, 2], "b": [3, 4]}`."""
    count = min((len(cells) for cells in content.values()), default=0)
    rows = tuple(
        {name: cells[index] for name, cells in content.items()} for index in range(min(count, _KEPT_ROWS))
    )
    return Table(tuple(content), rows, count, True)


def _csv(text: str, whole: bool, options: Mapping[str, Any]) -> Table | None:
    if set(options) - _CSV_OPTIONS or options.get("header", "infer") not in ("infer", 0, None):
        return None
    separator = options.get("sep") or options.get("delimiter") or ","
    if not isinstance(separator, str) or len(separator) != 1:
        return None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    names = options.get("names")
    if isinstance(names, list):
        header = [str(name) for name in names]
        if options.get("header", "infer") == 0:
            next(reader, None)
    elif "header" in options and options["header"] is None:
        first = next(reader, [])
        return Table(tuple(str(index) for index in range(len(first))), (), None, True)
    else:
        header = next((row for row in reader if row), [])
    rows: list[Mapping[str, Any]] = []
    count = 0
    for row in reader:
        if row:
            count += 1
            if len(rows) < _KEPT_ROWS:
                rows.append(dict(zip(header, row, strict=False)))
    return Table(tuple(header), tuple(rows), count if whole else None, True) if header else None
