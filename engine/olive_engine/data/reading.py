"""Reads small local files with the standard library: for checks, for the editor, and to spare a run the import of
`datasets` (about a second) where the rows would be the same to the last character.

A file that a person has to mend raises `Fault`; what only `datasets` can read, or would read otherwise (see `plain`),
is left to it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from .plain import plain_csv, plain_rows
from .rows import TableRows

LIGHT_LIMIT = 32 * 1024 * 1024
"""Bytes up to which files are read here rather than by `datasets`, which maps big ones from disk."""

_REMEMBERED = 4 * 1024 * 1024


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
        raise _not_utf8(path, data[error.start], line) from None


def _not_utf8(path: Path, byte: int, line: int) -> Fault:
    return Fault(
        f"{path.name} is not valid UTF-8: byte 0x{byte:02x} in line {line}",
        "data-encoding",
        'save it as UTF-8, or name its encoding in the load parameters, such as "encoding": "cp1252"',
    )


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


def first_bad_line(path: Path) -> Fault | None:
    """The first line of JSON Lines that is no object, in a file too big to be read whole; None: none, or no such file."""
    with path.open("rb") as file:
        if file.read(1) == b"[":
            return None
        file.seek(0)
        for number, line in enumerate(file, 1):
            try:
                _line(path, number, line.decode("utf-8-sig"))
            except UnicodeDecodeError as error:
                return _not_utf8(path, line[error.start], number)
            except Fault as fault:
                return fault
            except NotLight:
                return None
    return None


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
        try:
            row = _line(path, number, line)
        except Fault:
            if number == 1 and _is_json(text):
                raise NotLight(path.name) from None
            raise
        if row is not None:
            rows.append(row)
    return rows


def _line(path: Path, number: int, line: str) -> Mapping[str, Any] | None:
    """The object in a line; None for a blank one."""
    if not line.strip():
        return None
    try:
        value = _loads(line)
    except json.JSONDecodeError as error:
        raise Fault(
            f"{path.name}, line {number}: not valid JSON at column {error.colno}: {_reason(error)}",
            "data-json-line",
            "mend or remove that line; each line is one whole JSON object",
        ) from None
    if not isinstance(value, dict):
        raise _not_object(path, f"line {number}", value)
    return value


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
    reader = csv.reader(io.StringIO(text_of(path), newline=""), strict=True)
    cells: list[list[str]] = []
    try:
        cells = [row for row in reader if row]
    except csv.Error as error:
        if "end of data" not in str(error):
            raise NotLight(path.name) from None
        raise Fault(
            f"{path.name}: a double quote is opened and never closed",
            "data-csv",
            'close it, or write two ("") where the quote itself is meant',
        ) from None
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
        return plain_csv(*csv_records(path))
    if builder == "text":
        return (
            None if path.read_bytes()[:3] == b"\xef\xbb\xbf" else plain_rows(text_records(path), stamps=True)
        )
    return None
