"""Bounded reading of local files: only regular ones, only their beginning or end, never an exception.

What was read is kept by (path, time of change, size), so that a file is read again only after it changed.
"""

from __future__ import annotations

import gzip
import stat
import zlib
from pathlib import Path
from typing import NamedTuple

READ_LIMIT = 512 * 1024
"""Bytes of a data file that are looked at."""
FAULTS = (OSError, ValueError, EOFError, RecursionError, MemoryError, zlib.error)
"""What reading a file that someone else wrote can bring about."""


class Stamp(NamedTuple):
    """A file as it is now; equal stamps mean equal content, as far as the file system tells."""

    path: str
    size: int
    changed: int
    """Nanoseconds."""


def stamp(path: Path | str) -> Stamp | None:
    """None where there is no regular file: pipes and devices could block for ever."""
    try:
        found = Path(path).stat()
    except FAULTS:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return Stamp(str(path), found.st_size, found.st_mtime_ns)


def folder_stamp(path: Path | str) -> Stamp | None:
    try:
        found = Path(path).stat()
    except FAULTS:
        return None
    return Stamp(str(path), 0, found.st_mtime_ns) if stat.S_ISDIR(found.st_mode) else None


def start_of(file: Stamp, limit: int = READ_LIMIT) -> tuple[bytes, bool]:
    """(the first bytes, unpacked where the file is gzip; whether that is all of it)."""
    with Path(file.path).open("rb") as stream:
        data = stream.read(limit + 1)
    if data[:2] == b"\x1f\x8b":
        with gzip.open(file.path, "rb") as unpacked:
            data = unpacked.read(limit + 1)
    return data[:limit], len(data) <= limit


def part_of(file: Stamp, offset: int, length: int) -> bytes:
    with Path(file.path).open("rb") as stream:
        stream.seek(offset)
        return stream.read(length)
