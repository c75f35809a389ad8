"""Positions as a client counts them, exactly, and the changes it makes to a text. Knows no protocol types.

A client counts in UTF-16 units unless another encoding was agreed on. Lines end at LF, CRLF or CR and nowhere else. A
position may fall between the halves of a surrogate pair: a change there splits the character, as it does in the client.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import NamedTuple

from olive_schemas.positions import LINE_END, Lines, code_points, utf16
from olive_schemas.reparse import Splice

Units = Callable[[str], int]


def utf8(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


UNITS: dict[str, Units] = {"utf-8": utf8, "utf-16": utf16, "utf-32": code_points}
_CODECS: dict[Units, tuple[str, int]] = {utf8: ("utf-8", 1), utf16: ("utf-16-le", 2)}
"""The encoding, and the bytes of one column in it."""


class Place(NamedTuple):
    """A position as the client counts, 0-based."""

    line: int
    column: int


class Change(NamedTuple):
    """`text` replaces what stands from `start` to `end`; without them the whole text."""

    text: str
    start: Place | None = None
    end: Place | None = None


def apply(text: str, lines: Lines, change: Change, units: Units) -> tuple[str, Splice]:
    """The text after a change, and which part of it is other. Places beyond a line or the text count as its end."""
    if change.start is None or change.end is None:
        return change.text, Splice(0, len(text), len(change.text))
    first, last = sorted((change.start, change.end))
    begin, begin_column = _line(lines, first)
    end, end_column = _line(lines, last)
    finish = _content_end(lines, last)
    if units is code_points or text[begin:finish].isascii():
        start = min(begin + begin_column, _content_end(lines, first))
        old_end = max(start, min(end + end_column, finish))
        return text[:start] + change.text + text[old_end:], Splice(start, old_end, start + len(change.text))
    codec, size = _CODECS[units]
    before = text[begin : _content_end(lines, first)].encode(codec, "surrogatepass")
    after = text[end:finish].encode(codec, "surrogatepass")
    new = change.text.encode(codec, "surrogatepass")
    # Halves of a character that meet become that character.
    middle = (
        before[: _cut(before, begin_column, size)] + new + after[_cut(after, end_column, size) :]
    ).decode(codec, "surrogatepass")
    return text[:begin] + middle + text[finish:], Splice(begin, finish, begin + len(middle))


def lines_after(lines: Lines, text: str, splice: Splice) -> Lines:
    """The lines of `text`, which came from `lines.text` by the splice, without looking at all of it."""
    shift = splice.new_end - splice.old_end
    # One line more on each side: a CR before or an LF behind may have become part of a CRLF, or no longer be.
    kept = max(bisect_right(lines.starts, splice.start) - 1, 1)
    rest = bisect_right(lines.starts, splice.old_end + 1)
    begin = lines.starts[kept - 1]
    end = lines.starts[rest] + shift if rest < len(lines.starts) else len(text)
    between = [match.end() for match in LINE_END.finditer(text, begin, end)]
    tail = lines.starts[rest:] if not shift else [start + shift for start in lines.starts[rest:]]
    if rest < len(lines.starts) and between and between[-1] == end:
        between.pop()
    return Lines(text, (*lines.starts[:kept], *between, *tail))


def _line(lines: Lines, place: Place) -> tuple[int, int]:
    """(offset of the line's start, column); a line beyond the text is the end of the last one."""
    if place.line >= len(lines.starts):
        return lines.starts[-1], len(lines.text) * 4
    return lines.starts[max(place.line, 0)], max(place.column, 0) if place.line >= 0 else 0


def _content_end(lines: Lines, place: Place) -> int:
    """Where the content of the place's line ends, its line end left out."""
    if place.line >= len(lines.starts) - 1:
        return len(lines.text)
    end = lines.starts[max(place.line, 0) + 1]
    return end - (2 if lines.text[end - 2 : end] == "\r\n" else 1)


def _cut(raw: bytes, column: int, size: int) -> int:
    """Where the column is, in bytes; in UTF-8 never inside a character."""
    where = min(column * size, len(raw))
    while size == 1 and where < len(raw) and raw[where] & 0xC0 == 0x80:
        where -= 1
    return where
