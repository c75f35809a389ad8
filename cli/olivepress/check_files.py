"""Which files are checked, what they hold, and how a mended one is written back.

A folder is searched for *.json; hidden folders, environments, caches and packages of others are not entered. Whether a
file is a workflow at all is decided later, by what it holds.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from olive_server.finding import passed_over

BOM: Final = "\ufeff"
_LARGEST: Final = 4_000_000
"""Bytes: larger files that a search comes by are data."""


@dataclass(frozen=True)
class Source:
    """A file to check. `named`: it was given on the command line itself."""

    path: Path
    shown: str
    named: bool


@dataclass(frozen=True)
class Content:
    """A file's text without its byte order mark."""

    text: str
    bom: bool = False


class Unreadable(Exception):
    """The file cannot be read; its words say which and why."""


def sources(paths: Iterable[Path]) -> Iterator[Source]:
    """Every file once, folders in the order of their names. The paths exist."""
    seen: set[str] = set()
    for path in paths:
        found = _search(path) if path.is_dir() else iter([Source(path, str(path), True)])
        for source in found:
            key = os.path.abspath(source.path)  # noqa: PTH100 - links stay what they are
            if key not in seen:
                seen.add(key)
                yield source


def _search(root: Path) -> Iterator[Source]:
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not passed_over(folder, name))
        for name in sorted(files):
            if name.lower().endswith(".json") and not name.startswith("."):
                path = Path(folder, name)
                if _worth_reading(path):
                    yield Source(path, str(path), False)


def _worth_reading(path: Path) -> bool:
    try:
        state = path.stat()
    except OSError:
        return False
    return stat.S_ISREG(state.st_mode) and 0 < state.st_size <= _LARGEST


def read(source: Source) -> Content | None:
    """What the file holds; None for one that only a search came by, cannot be read as text and looks like no config."""
    try:
        content = source.path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{source.shown} cannot be read: {error.strerror or error}") from None
    return decode(source, content)


def decode(source: Source, content: bytes) -> Content | None:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        if not source.named and b"input_model" not in content.replace(b"\0", b""):
            return None
        from olive_engine.checked import decoded
        from olive_engine.errors import RunError

        try:
            text = decoded(source.shown, content)
        except RunError as error:
            raise Unreadable(error.message) from None
    return Content(text.removeprefix(BOM), text.startswith(BOM))


def write(path: Path, before: Content, text: str) -> None:
    """The new text in the file's place, whole or not at all. OSError where that cannot be done.

    A link stays one; mode and byte order mark stay too. Refused where the file has changed since it was read.
    """
    target = Path(os.path.realpath(path))
    if target.read_bytes() != _bytes(before.text, before.bom):
        raise OSError(0, "it was changed meanwhile, and is left as it is")
    state = target.stat()
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(_bytes(text, before.bom))
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(stat.S_IMODE(state.st_mode))
        with contextlib.suppress(OSError, AttributeError):
            os.chown(temporary, state.st_uid, state.st_gid)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _bytes(text: str, bom: bool) -> bytes:
    return ((BOM if bom else "") + text).encode("utf-8")
