"""What is wrong with a config: values, never exceptions, so that all of it is told at once.

A problem names the key, what was found and the remedy; its severity says what would happen.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal


class Severity(str, Enum):
    """ERROR: the run refuses or fails. WARNING: something written is ignored or does other than it says.
    INFORMATION and HINT: legal, worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"
    HINT = "hint"


@dataclass(frozen=True)
class Problem:
    """One cause, one problem.

    `pointer` is an RFC 6901 JSON pointer into the file as it was written (not into the normalised workflow).
    `on` says whether the key or the value at that pointer is meant. Lines and columns are 1-based, in code
    points, the end exclusive; 0 where there is no text to point into.
    """

    code: str
    severity: Severity
    message: str
    pointer: str = ""
    on: Literal["key", "value"] = "value"
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0

    def __str__(self) -> str:
        place = f"{self.line}:{self.column}: " if self.line else ""
        return f"{place}{self.severity.value}: {self.message} [{self.code}]"


def has_errors(problems: list[Problem] | tuple[Problem, ...]) -> bool:
    return any(problem.severity is Severity.ERROR for problem in problems)
