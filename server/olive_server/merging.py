"""Findings of several sources as one list without repetition: one cause, one problem."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from olive_schemas.nearest import nearest
from olive_schemas.problems import Problem, Severity
from olive_schemas.tree import unescape

_GRAVITY = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFORMATION: 2, Severity.HINT: 3}
_NEEDS = re.compile(r"needs? `([^`]+)`")
OF_THEIR_OWN = frozenset(
    ("secret", "runs-code", "changed-default", "not-resumable", "unused", "trusts-code", "several-releases")
)
"""Codes that say something else than that a value is wrong: they stand beside other problems of the same place."""
UNKNOWN = frozenset(("unknown-name", "unknown-key", "misplaced", "foreign-parameter"))
COVERING = frozenset(
    (
        "unknown-name",
        "no-effect",
        "outdated-name",
        "ignored-name",
        "written-twice",
        "unknown-pass",
        "unknown-type",
        "removed",
        "wrong-type",
    )
)
"""Codes after which nothing further is told of what lies beneath: it is not used, or not understood."""


def merged(found: Iterable[tuple[int, Problem]]) -> list[Problem]:
    """(rank of the source, problem), lower ranks more exact -> each cause once."""
    best: dict[tuple[str, ...], tuple[int, int, Problem]] = {}
    for rank, problem in found:
        cause = _cause(problem)
        other = best.get(cause)
        entry = (_GRAVITY[problem.severity], rank, problem)
        if other is None:
            best[cause] = entry
        else:
            kept, lost = (entry, other) if entry[:2] < other[:2] else (other, entry)
            best[cause] = (*kept[:2], _completed(kept[2], lost[2]))
    return _uncovered(_without_misspelt([problem for _, _, problem in best.values()]))


def _cause(problem: Problem) -> tuple[str, ...]:
    if problem.code.startswith("json-"):
        return ("json", str(problem.line), str(problem.column), problem.code)
    if problem.code in OF_THEIR_OWN:
        return (problem.code, problem.pointer, problem.on)
    needed = _NEEDS.search(problem.message) if problem.code == "missing" else None
    if needed:
        return ("missing", problem.pointer, needed[1])
    return ("place", problem.pointer, problem.on)


def _without_misspelt(problems: Sequence[Problem]) -> list[Problem]:
    """What is missing only because its name is misspelt beside it is told once, at the misspelt name."""
    written: dict[str, list[str]] = {}
    for problem in problems:
        if problem.code in UNKNOWN and problem.on == "key":
            above, _, name = problem.pointer.rpartition("/")
            written.setdefault(above, []).append(unescape(name))
    if not written:
        return list(problems)
    result = []
    for problem in problems:
        needed = _NEEDS.search(problem.message) if problem.code == "missing" else None
        if needed is not None and any(
            nearest(name, [needed[1]]) for name in written.get(problem.pointer, ())
        ):
            continue
        result.append(problem)
    return result


def _completed(kept: Problem, lost: Problem) -> Problem:
    """The kept problem with what only the other one knew."""
    return replace(
        kept,
        remedies=kept.remedies or lost.remedies,
        related=kept.related or lost.related,
        tags=kept.tags or lost.tags,
    )


def _uncovered(problems: Sequence[Problem]) -> list[Problem]:
    covered = {
        problem.pointer
        for problem in problems
        if problem.code in COVERING
        and problem.pointer
        and problem.severity in (Severity.ERROR, Severity.WARNING)
    }
    if not covered:
        return list(problems)
    names = {problem.pointer for problem in problems if problem.pointer in covered and problem.on == "key"}
    return [
        problem
        for problem in problems
        if problem.code == "secret"
        or problem.code.startswith("json-")
        or not (_beneath(problem.pointer, covered) or (problem.on == "value" and problem.pointer in names))
    ]


def _beneath(pointer: str, covered: set[str]) -> bool:
    while pointer:
        pointer = pointer.rpartition("/")[0]
        if pointer in covered:
            return True
    return False
