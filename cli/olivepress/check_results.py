"""What comes of a check, as plain data: it crosses to another process and into any format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Edit(NamedTuple):
    """Lines and columns are 1-based, in code points, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int
    new_text: str


class Fix(NamedTuple):
    title: str
    edits: tuple[Edit, ...]
    exact: bool


class Place(NamedTuple):
    line: int
    column: int
    end_line: int
    end_column: int
    message: str


@dataclass(frozen=True)
class Finding:
    """A problem with its file and what mends it; the fields that `problem_text.Located` asks for."""

    path: str
    code: str
    severity: str
    message: str
    pointer: str
    line: int
    column: int
    end_line: int
    end_column: int
    fixable: bool = False
    """Whether `--fix` mends it."""
    fixes: tuple[Fix, ...] = ()
    related: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Result:
    """What came of one file. `workflow` is False for JSON of another kind; `unreadable` says why nothing came."""

    shown: str
    named: bool = False
    workflow: bool = True
    unreadable: str = ""
    text: str = ""
    speaks_of: str = ""
    findings: tuple[Finding, ...] = ()
    done: tuple[str, ...] = ()
    """What was mended: `12:5 Rename to ...`."""
    failed: tuple[str, ...] = ()
    """Checks that raised, with what they raised: mistakes of this tool, never of the file."""
    mended: str | None = None
    """The text after the exact fixes, where it differs."""
