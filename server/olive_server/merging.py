"""Findings of several sources as one list without repetition: one cause, one problem."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace

from olive_schemas.nearest import nearest
from olive_schemas.problems import Problem, Severity, still_read
from olive_schemas.tree import unescape

_GRAVITY = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFORMATION: 2, Severity.HINT: 3}
_NEEDS = re.compile(r"needs? (?:an? )?`([^`]+)`")
_IGNORED = re.compile(r"\bignores? it\b")
_ENGINE_TOO = " The embedded engine refuses it."
OF_THEIR_OWN = frozenset(("secret", "runs-code", "changed-default", "not-resumable", "unused"))
"""Codes that say something else than that a value is wrong: they stand beside other problems of the same place."""
UNKNOWN = frozenset(("unknown-name", "misplaced"))
COVERING = frozenset(
    (
        "unknown-name",
        "too-new",
        "no-effect",
        "outdated-name",
        "written-twice",
        "unknown-pass",
        "unknown-type",
        "removed",
        "wrong-type",
        "wrong-form",
    )
)
"""Codes after which nothing further is told of what lies beneath: it is not used, or not understood."""


def merged(found: Iterable[tuple[int, Problem]]) -> list[Problem]:
    """(rank of the source, problem), lower ranks more exact -> each cause once, as the most exact source says it and
    as grave as the gravest has it."""
    best: dict[tuple[str, ...], tuple[int, Problem]] = {}
    for rank, problem in found:
        cause = _cause(problem)
        other = best.get(cause)
        if other is None:
            best[cause] = (rank, problem)
        else:
            kept, lost = ((rank, problem), other) if rank < other[0] else (other, (rank, problem))
            best[cause] = (kept[0], _completed(kept[1], lost[1]))
    problems = [problem for _, problem in best.values()]
    for reduce in (_without_consequences, _without_misspelt, _uncovered, _without_asides):
        problems = reduce(problems)
    return problems


def _cause(problem: Problem) -> tuple[str, ...]:
    if problem.code.startswith("json-"):
        return ("json", str(problem.line), str(problem.column), problem.code)
    if problem.code in OF_THEIR_OWN:
        return (problem.code, problem.pointer, problem.on)
    needed = _NEEDS.search(problem.message) if problem.code == "missing" else None
    if needed:
        return ("missing", _outer(problem.pointer), needed[1])
    return ("place", problem.pointer, problem.on)


def _outer(pointer: str) -> str:
    """Of the nested settings of a thing the thing: what it lacks may stand in either place."""
    return pointer.removesuffix("/config") if pointer.count("/") > 1 else pointer


def _without_misspelt(problems: Sequence[Problem]) -> list[Problem]:
    """What is missing only because its name is misspelt beside it is told once, at the misspelt name."""
    written: dict[str, list[str]] = {}
    for problem in problems:
        if problem.code in UNKNOWN and problem.on == "key":
            above, _, name = problem.pointer.rpartition("/")
            meant = [str(remedy.value) for remedy in problem.remedies if remedy.kind == "rename-key"]
            written.setdefault(above, []).extend([unescape(name), *meant])
    if not written:
        return list(problems)
    result = []
    for problem in problems:
        needed = _NEEDS.search(problem.message) if problem.code == "missing" else None
        if needed is not None and _stands_for(needed[1], problem.pointer, written):
            continue
        result.append(problem)
    return result


def _stands_for(needed: str, pointer: str, written: Mapping[str, Sequence[str]]) -> bool:
    """Whether a name is written that is meant for the needed one: misspelt beside it, or too far out."""
    if any(nearest(name, [needed]) for name in written.get(pointer, ())):
        return True
    if needed == "model_path" and any(
        "hf_config" in written.get(pointer + end, ()) for end in ("", "/config")
    ):
        return True
    while pointer:
        pointer = pointer.rpartition("/")[0]
        if pointer and needed in written.get(pointer, ()):
            return True
    return False


def _completed(kept: Problem, lost: Problem) -> Problem:
    """The kept problem with what only the other one knew."""
    graver = _GRAVITY[lost.severity] < _GRAVITY[kept.severity]
    return replace(
        kept,
        severity=lost.severity if graver else kept.severity,
        message=f"{kept.message}{_ENGINE_TOO}" if graver and _IGNORED.search(kept.message) else kept.message,
        remedies=kept.remedies or lost.remedies,
        related=kept.related or lost.related,
        tags=kept.tags or lost.tags,
    )


_GRAVE = (Severity.ERROR, Severity.WARNING)
_TYPES = frozenset(("unknown-pass", "unknown-type", "removed", "too-new"))
"""Codes that, at a `type`, leave nothing to say of the object that it is the type of."""


def _without_consequences(problems: Sequence[Problem]) -> list[Problem]:
    """Where a type is not known, nothing is told of its object; where a task is misspelt, nothing of what it chooses."""
    objects = {
        problem.pointer.removesuffix("/type"): problem
        for problem in problems
        if problem.code in _TYPES and problem.pointer.endswith("/type") and problem.severity in _GRAVE
    }
    task = any(problem.code == "unknown-task" for problem in problems)
    if not objects and not task:
        return list(problems)
    return [
        problem
        for problem in problems
        if problem.code in OF_THEIR_OWN
        or not (
            (_inside(problem.pointer, objects) and problem not in objects.values())
            or (task and problem.code in _CHOSEN and _BY_TASK.match(problem.pointer))
        )
    ]


_CHOSEN = frozenset(("missing", "data-not-text", "unknown-name", "no-effect"))
_BY_TASK = re.compile(r"/data_configs/|/passes/[^/]*/(?:config/)?\w*data_config$")


def _inside(pointer: str, objects: Mapping[str, Problem]) -> bool:
    return pointer in objects or _beneath(pointer, objects)


def _without_asides(problems: Sequence[Problem]) -> list[Problem]:
    """What is merely worth knowing of a place is not told while the place is wrong."""
    wrong = {(p.pointer, p.on) for p in problems if p.severity is Severity.ERROR}
    return [
        p
        for p in problems
        if p.severity in (Severity.ERROR, Severity.WARNING) or (p.pointer, p.on) not in wrong
    ]


def _uncovered(problems: Sequence[Problem]) -> list[Problem]:
    covered = {
        problem.pointer
        for problem in problems
        if problem.code in COVERING
        and problem.pointer
        and problem.severity in (Severity.ERROR, Severity.WARNING)
        and not still_read(problem)
    }
    if not covered:
        return list(problems)
    names = {
        problem.pointer
        for problem in problems
        if problem.pointer in covered and problem.on == "key" and problem.code not in OF_THEIR_OWN
    }
    return [
        problem
        for problem in problems
        if problem.code == "secret"
        or problem.code.startswith("json-")
        or not (_beneath(problem.pointer, covered) or (problem.on == "value" and problem.pointer in names))
    ]


def _beneath(pointer: str, covered: Container[str]) -> bool:
    while pointer:
        pointer = pointer.rpartition("/")[0]
        if pointer in covered:
            return True
    return False
