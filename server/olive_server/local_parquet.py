"""Column names and row count from a parquet file's footer, without a library for parquet.

The footer is Thrift in its compact form; only the few fields that are wanted are understood, the others skipped.
"""

from __future__ import annotations

import struct
from typing import Any

from .local_io import Stamp, part_of

_FOOTER_LIMIT = 4 * 1024 * 1024
_TRUE, _FALSE, _BYTE, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = 1, 2, 3, 6, 7, 8, 9, 10, 11, 12
_DEPTH = 32


def footer(file: Stamp) -> tuple[tuple[str, ...], int] | None:
    """(names of the top-level columns, number of rows); None for what is no parquet file. May raise ValueError."""
    tail = part_of(file, max(file.size - 8, 0), 8)
    if file.size < 12 or tail[4:] != b"PAR1":
        return None
    length = struct.unpack("<I", tail[:4])[0]
    if not 0 < length <= min(_FOOTER_LIMIT, file.size - 8):
        return None
    meta = _Reader(part_of(file, file.size - 8 - length, length)).struct(0)
    schema, rows = meta.get(2), meta.get(3)
    if not isinstance(schema, list) or not schema:
        return None
    return tuple(_top_level(schema)), rows if isinstance(rows, int) else 0


def _top_level(schema: list[Any]) -> list[str]:
    """The schema is the tree in depth-first order; field 4 of an element is its name, field 5 its child count."""
    names: list[str] = []
    index, wanted = 1, schema[0].get(5, 0)
    while len(names) < wanted and index < len(schema):
        names.append(schema[index].get(4, b"").decode("utf-8", "replace"))
        left = 1
        while left and index < len(schema):
            left += schema[index].get(5, 0) - 1
            index += 1
    return names


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def byte(self) -> int:
        if self.at >= len(self.data):
            raise ValueError("the footer ends early")
        self.at += 1
        return self.data[self.at - 1]

    def varint(self) -> int:
        result = shift = 0
        while True:
            byte = self.byte()
            result |= (byte & 0x7F) << shift
            if byte < 0x80:
                return result
            shift += 7
            if shift > 70:
                raise ValueError("a number too long")

    def zigzag(self) -> int:
        value = self.varint()
        return (value >> 1) ^ -(value & 1)

    def struct(self, depth: int) -> dict[int, Any]:
        """Field number -> value."""
        if depth > _DEPTH:
            raise ValueError("nested too deep")
        fields: dict[int, Any] = {}
        number = 0
        while (head := self.byte()) != 0:
            number = number + (head >> 4) if head >> 4 else self.zigzag()
            kind = head & 15
            fields[number] = kind == _TRUE if kind in (_TRUE, _FALSE) else self.value(kind, depth + 1)
        return fields

    def value(self, kind: int, depth: int) -> Any:
        if kind in (_TRUE, _FALSE, _BYTE):
            return self.byte()
        if _BYTE < kind <= _I64:
            return self.zigzag()
        if kind == _DOUBLE:
            self.at += 8
            return None
        if kind == _BINARY:
            length = self.varint()
            self.at += length
            return self.data[self.at - length : self.at]
        if kind in (_LIST, _SET):
            head = self.byte()
            count = head >> 4 if head >> 4 < 15 else self.varint()
            if count > len(self.data):
                raise ValueError("more entries than bytes")
            return [self.value(head & 15, depth + 1) for _ in range(count)]
        if kind == _MAP:
            count = self.varint()
            kinds = self.byte() if count else 0
            if count > len(self.data):
                raise ValueError("more entries than bytes")
            return [(self.value(kinds >> 4, depth), self.value(kinds & 15, depth)) for _ in range(count)]
        if kind == _STRUCT:
            return self.struct(depth)
        raise ValueError("no Thrift")
