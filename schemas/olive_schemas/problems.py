"""What is wrong with a config: values, never exceptions, so that all of it is told at once.

A problem names the key, what was found and the remedy; its severity says what would happen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

On = Literal["key", "value"]
Tag = Literal["unnecessary", "deprecated"]


class Severity(str, Enum):
    """ERROR: the run refuses or fails. WARNING: something written is ignored or does other than it says.
    INFORMATION and HINT: legal, worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"
    HINT = "hint"


@dataclass(frozen=True)
class Remedy:
    """A change that mends a problem, in terms of the config and not of the text.

    rename-key: the key at `pointer` becomes `value`. replace-value: the value at `pointer` becomes `value` (plain JSON
    data). remove: the key and its value, or the list entry, go. insert: `key` with `value` is added to the object at
    `pointer`. move: the member at `pointer` goes into the object at `target`, under its own name.
    `exact`: the config means the same afterwards, or what its writer certainly meant; only such ones are applied
    without being asked.
    """

    kind: Literal["rename-key", "replace-value", "remove", "insert", "move"]
    pointer: str
    value: Any = None
    key: str = ""
    target: str = ""
    title: str = ""
    exact: bool = False


@dataclass(frozen=True)
class Related:
    """Another place that belongs to a problem: the first of two equal names, the definition that is meant."""

    pointer: str
    message: str
    on: On = "value"


@dataclass(frozen=True)
class Problem:
    """One cause, one problem.

    `pointer` is an RFC 6901 JSON pointer into the file as it was written (not into the normalised workflow).
    `on` says whether the key or the value at that pointer is meant. Lines and columns are 1-based, in code
    points, the end exclusive; 0 where there is no text to point into. Several `remedies` are alternatives.
    """

    code: str
    severity: Severity
    message: str
    pointer: str = ""
    on: On = "value"
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0
    remedies: tuple[Remedy, ...] = field(default=(), compare=False)
    related: tuple[Related, ...] = field(default=(), compare=False)
    tags: tuple[Tag, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        place = f"{self.line}:{self.column}: " if self.line else ""
        return f"{place}{self.severity.value}: {self.message} [{self.code}]"


def as_message(problem: Problem) -> dict[str, Any]:
    """As events of runs and refusals of the server carry it (`Problem` in messages.json)."""
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "message": problem.message,
        "pointer": problem.pointer,
        "line": problem.line,
        "column": problem.column,
    }


def still_read(problem: Problem) -> bool:
    """Whether an outdated key or type is read all the same, by some of the releases that are spoken for: what lies
    beneath it counts."""
    return problem.severity is Severity.WARNING and problem.tags == ("deprecated",)


def has_errors(problems: list[Problem] | tuple[Problem, ...]) -> bool:
    return any(problem.severity is Severity.ERROR for problem in problems)
