"""Offsets to lines and columns and back.

Offsets count code points of a Python string. Lines end at LF, CRLF or CR. Columns count code points here; an editor
that counts UTF-16 units asks for that with `units=utf16`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

LINE_END = re.compile(r"\r\n|\n|\r")


def code_points(text: str) -> int:
    return len(text)


def utf16(text: str) -> int:
    """Length in UTF-16 units: what editors count by default."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(frozen=True)
class Lines:
    """Where each line of `text` starts. Lines and columns are 0-based here; problems show them 1-based."""

    text: str
    starts: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Lines:
        return cls(text, (0, *(match.end() for match in LINE_END.finditer(text))))

    def position(self, offset: int, units: Callable[[str], int] = code_points) -> tuple[int, int]:
        """(line, column) of an offset; one beyond the text counts as its end."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self.starts, offset) - 1
        start = self.starts[line]
        return line, offset - start if units is code_points else units(self.text[start:offset])

    def offset(self, line: int, column: int, units: Callable[[str], int] = code_points) -> int:
        """The offset of (line, column), kept within the line."""
        if line >= len(self.starts):
            return len(self.text)
        start = self.starts[max(line, 0)]
        end = self.starts[line + 1] if line + 1 < len(self.starts) else len(self.text)
        content = self.text[start:end].rstrip("\r\n")
        if units is code_points or content.isascii():
            return start + max(0, min(column, len(content)))
        low, high = 0, len(content)
        while low < high:
            middle = (low + high) // 2
            if units(content[:middle]) < column:
                low = middle + 1
            else:
                high = middle
        return start + low

    def indent(self, offset: int) -> int:
        """How far the line that holds `offset` is indented, in characters."""
        start = self.starts[bisect_right(self.starts, offset) - 1]
        index = start
        while index < len(self.text) and self.text[index] in " \t":
            index += 1
        return index - start
