"""Where the output goes: colours or none, how wide, and what to do when the reader is gone. Standard library only."""

from __future__ import annotations

import os
import shutil
import sys
import unicodedata
from pathlib import Path
from typing import Final, TextIO

_CODES: Final = {
    "error": "1;31", "warning": "1;33", "information": "1;36", "hint": "1;36", "bold": "1", "dim": "2", "good": "32",
}  # fmt: skip


def prepare_streams() -> None:
    """What a terminal or pipe cannot encode is shown as `?`; a stream that was closed from the start takes anything."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - it is there until the end
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def interactive(stream: TextIO) -> bool:
    """A terminal that can redraw its lines."""
    try:
        return stream.isatty() and os.environ.get("TERM") != "dumb"
    except ValueError:  # closed
        return False


def coloured(stream: TextIO) -> bool:
    """NO_COLOR and FORCE_COLOR as their conventions say; otherwise a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or interactive(stream)


def paint(text: str, style: str, on: bool) -> str:
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if on and text else text


def width(default: int = 100) -> int:
    return shutil.get_terminal_size((default, 24)).columns


def cells(text: str) -> int:
    """How many columns of a terminal the text takes: wide signs two, combining ones none."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in text
    )


def close_stdout() -> None:
    """After the reader is gone: the interpreter's own flush at exit must not complain once more."""
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):
        pass
