"""Reads small local files with the standard library: for checks, for the editor, and to spare a run the import of
`datasets` (about a second) where the rows would be the same to the last character.

Two layers. `records` and `table` read what is there and raise `Fault` for what a person has to mend. `plain_rows`
then says whether `datasets` would give these very values, or might make something else of them (timestamps, numbers
in CSV cells, objects of unequal shape): None means, ask the library.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from .rows import TableRows

LIGHT_LIMIT = 32 * 1024 * 1024
"""Bytes up to which files are read here rather than by `datasets`, which maps big ones from disk."""

_REMEMBERED = 4 * 1024 * 1024

_TIMESTAMP = re.compile(r"^\d{4}-\d\d-\d\d")
_NUMBER = re.compile(r"^[+-]?(\d|\.\d|inf|nan)", re.IGNORECASE)
_WHOLE = re.compile(r"^(0|-?[1-9]\d{0,14})$")
_MISSING = {
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
    "NULL", "NaN", "None", "n/a", "nan", "null",
}  # fmt: skip
_TRUTH = {"true", "false"}
_TRACE_MARKS = ({"id", "source", "model", "system_prompt", "messages"}, {"type", "id", "version", "cwd"})


class Fault(Exception):
    """A file that cannot be used as it is: what is wrong with it, and the remedy."""

    def __init__(self, message: str, code: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.hint = hint


class NotLight(Exception):
    """The file may be in order, but only `datasets` can tell."""


def text_of(path: Path) -> str:
    """The file as UTF-8 text, without a byte order mark. Fault: empty or not UTF-8. NotLight: compressed."""
    data = path.read_bytes()
    if not data.strip():
        raise Fault(f"{path.name} is empty", "data-empty", "put at least one row into it")
    if (
        data[:2] == b"\x1f\x8b"
        or data[:4] in (b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"BZh9")
        or data[:6] == b"\xfd7zXZ\x00"
    ):
        raise NotLight(path.name)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Fault(
            f"{path.name} is not valid UTF-8: byte 0x{data[error.start]:02x} in line {line}",
            "data-encoding",
            'save it as UTF-8, or name its encoding in the load parameters, such as "encoding": "cp1252"',
        ) from None


def json_records(path: Path) -> list[Mapping[str, Any]]:
    """The rows of a JSON array of objects, or of JSON Lines. Fault names the row or the line and says why."""
    text = text_of(path)
    if text.startswith("["):
        return _from_array(path, text)
    if not text.startswith("{"):
        if text.lstrip()[:1] in ("[", "{"):
            raise NotLight(path.name)
        raise Fault(
            f"{path.name} holds neither a JSON array of objects nor one JSON object a line",
            "data-json",
            "start the file with [ or write one {...} in each line",
        )
    return _from_lines(path, text)


def _from_array(path: Path, text: str) -> list[Mapping[str, Any]]:
    try:
        values = _loads(text)
    except json.JSONDecodeError as error:
        raise Fault(
            f"{path.name} is not valid JSON: line {error.lineno}, column {error.colno}: {_reason(error)}",
            "data-json",
            "mend that place",
        ) from None
    if values and all(isinstance(value, str) for value in values):
        return [{"text": value} for value in values]
    for number, value in enumerate(values, 1):
        if not isinstance(value, dict):
            raise _not_object(path, f"row {number}", value)
    if not values:
        raise Fault(f"{path.name} holds an empty list", "data-empty", "put at least one row into it")
    return list(values)


def _from_lines(path: Path, text: str) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = _loads(line)
        except json.JSONDecodeError as error:
            if number == 1 and _is_json(text):
                raise NotLight(path.name) from None
            raise Fault(
                f"{path.name}, line {number}: not valid JSON at column {error.colno}: {_reason(error)}",
                "data-json-line",
                "mend or remove that line; each line is one whole JSON object",
            ) from None
        if not isinstance(value, dict):
            raise _not_object(path, f"line {number}", value)
        rows.append(value)
    return rows


def _loads(text: str) -> Any:
    return json.loads(text, parse_constant=_no_constant)


def _no_constant(name: str) -> Any:
    raise NotLight(name)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except json.JSONDecodeError:
        return False
    return True


def _reason(error: json.JSONDecodeError) -> str:
    return error.msg[:1].lower() + error.msg[1:]


def _not_object(path: Path, place: str, value: Any) -> Fault:
    kinds = {str: "a string", bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return Fault(
        f"{path.name}, {place}: {kinds.get(type(value), 'null')} where an object with named columns is needed",
        "data-not-object",
        'write each row as an object, such as {"text": "..."}',
    )


def csv_records(path: Path) -> tuple[list[str], list[list[str]]]:
    """Header and cells. Fault: a row with more cells than the header has columns."""
    reader = csv.reader(io.StringIO(text_of(path), newline=""))
    cells = [row for row in reader if row]
    header, rows = cells[0], cells[1:]
    if not rows:
        raise Fault(f"{path.name} has a header but no rows", "data-empty", "put at least one row into it")
    for number, row in enumerate(rows, 1):
        if len(row) > len(header):
            raise Fault(
                f"{path.name}, row {number}: {len(row)} cells, but the header names {len(header)} columns",
                "data-csv",
                'put cells that hold a comma into double quotes, or name the separator, such as "sep": ";"',
            )
    return header, rows


def text_records(path: Path) -> list[Mapping[str, Any]]:
    """One row a line, column `text`, as the library's text loader splits it (empty lines are rows too)."""
    text = text_of(path).replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    return [{"text": line} for line in (lines[:-1] if text.endswith("\n") else lines)]


def light_rows(builder: str, paths: Sequence[Path]) -> TableRows | None:
    """The rows of these files, or None where `datasets` has to read them. Fault: see the readers above."""
    if sum(path.stat().st_size for path in paths) > LIGHT_LIMIT:
        return None
    try:
        tables = [_table_of(builder, path) for path in paths]
    except NotLight:
        return None
    first = set(tables[0].columns) if tables and tables[0] is not None else set()
    if any(table is None or set(table.columns) != first for table in tables):
        return None
    rows = [row for table in tables if table is not None for row in table.rows]
    return plain_rows(rows, stamps=builder == "text")


def _table_of(builder: str, path: Path) -> TableRows | None:
    """Small files are read once for the check and the run of one process, as long as they stay the same."""
    at = path.stat()
    if at.st_size > _REMEMBERED:
        return _table(builder, path)
    return _remembered(builder, path, at.st_size, at.st_mtime_ns, at.st_ino)


@lru_cache(maxsize=8)
def _remembered(builder: str, path: Path, size: int, changed: int, inode: int) -> TableRows | None:
    del size, changed, inode
    return _table(builder, path)


def _table(builder: str, path: Path) -> TableRows | None:
    if builder == "json":
        return plain_rows(json_records(path))
    if builder == "csv":
        return _plain_csv(*csv_records(path))
    if builder == "text":
        return (
            None if path.read_bytes()[:3] == b"\xef\xbb\xbf" else plain_rows(text_records(path), stamps=True)
        )
    return None


def plain_rows(records: Sequence[Mapping[str, Any]], *, stamps: bool = False) -> TableRows | None:
    """Rows with every column in each, if every column is of one simple kind; else None.

    `stamps`: strings that look like dates stay strings (a text file has no other type).
    """
    columns = tuple(dict.fromkeys(name for record in records for name in record))
    if any(marks <= set(columns) for marks in _TRACE_MARKS):
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


def _plain_csv(header: Sequence[str], rows: Sequence[Sequence[str]]) -> TableRows | None:
    if len(set(header)) != len(header) or "" in header or any(len(row) != len(header) for row in rows):
        return None
    columns: list[list[Any]] = []
    for at in range(len(header)):
        cells = [row[at] for row in rows]
        if all(_WHOLE.match(cell) for cell in cells):
            columns.append([int(cell) for cell in cells])
        elif any(
            _NUMBER.match(cell.strip()) or cell in _MISSING or cell.strip().lower() in _TRUTH
            for cell in cells
        ):
            return None
        else:
            columns.append(list(cells))
    return TableRows(
        [dict(zip(header, values, strict=True)) for values in zip(*columns, strict=True)], tuple(header)
    )
