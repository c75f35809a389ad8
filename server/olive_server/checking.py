"""Everything that is wrong with a document: each cause told once, at its place, in the order of the text.

What finds it: the parser (no JSON), the rules of the schemas (what Olive's releases refuse or ignore), the checks of
this package, and, where no release of Olive was asked for, the embedded engine's own reader. Of two that tell the same
cause the graver one stays, and of equals the one that says it more exactly. One that raises is logged by its name, and
the rest go on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from olive_schemas.problems import Problem
from olive_schemas.reading import placed, syntax_problems
from olive_schemas.tree import unescape

from . import checks, embedded
from .merging import merged
from .recognising import is_workflow

if TYPE_CHECKING:
    from .document import Document

__all__ = ["is_workflow", "problems"]

_LOG = logging.getLogger(__name__)

GUESSES = frozenset(
    (
        "missing",
        "unknown-reference",
        "unused",
        "pass-order",
        "missing-merge",
        "missing-adapter",
        "search-without-evaluator",
        "not-a-config",
        "no-passes",
        "no-client",
        "changed-default",
        "eval-without-data",
        "not-resumable",
        "not-run",
    )
)
"""What a brace, a comma or a value that was not understood can bring about: not told while the text is broken."""
NAMES = frozenset(("unknown-name", "no-effect", "outdated-name", "removed", "too-new", "misplaced"))


def problems(document: Document) -> tuple[Problem, ...]:
    """Located, sorted, one for each cause. Never raises. The caller has asked `is_workflow`."""
    tree = document.tree
    found = merged(
        [(rank, problem) for rank, source in enumerate(_sources()) for problem in _run(source, document)]
    )
    if tree.broken:
        found = [problem for problem in found if not _guessed(problem, document)]
    located = [problem if problem.line else placed(tree, problem) for problem in found]
    return tuple(sorted(located, key=_place))


def _place(problem: Problem) -> tuple[int, int, int, int, str, str]:
    return (problem.line, problem.column, problem.end_line, problem.end_column, problem.code, problem.message)


Source = Callable[["Document"], Iterable[Problem]]


def _sources() -> Iterator[Source]:
    """The more exact first."""
    yield _syntax
    yield from checks.all_checks()
    yield _rules
    yield embedded.findings


def _run(source: Source, document: Document) -> list[Problem]:
    try:
        return list(source(document))
    except Exception:  # noqa: BLE001 - one that fails must not silence the others
        name = getattr(source, "__module__", "").rpartition(".")[2]
        _LOG.exception("check %s.%s failed", name, source.__name__)
        return []


def _syntax(document: Document) -> Iterable[Problem]:
    return syntax_problems(document.tree)


def _rules(document: Document) -> Iterable[Problem]:
    from olive_schemas import rules

    return rules.findings(document.view)


def _guessed(problem: Problem, document: Document) -> bool:
    """Whether a problem of a broken text may come of what the parser guessed."""
    if problem.code in GUESSES:
        return True
    if problem.code in ("wrong-type", "wrong-form"):
        # A bracket that is missing, or is the other one, makes another kind of value.
        found = document.tree.find(problem.pointer)
        return found is not None and found.kind in ("object", "array")
    if problem.code not in NAMES:
        return False
    # A brace that is not closed yet swallows what follows: its names are known further out.
    name = unescape(problem.pointer.rpartition("/")[2])
    above = problem.pointer.rpartition("/")[0]
    holder = document.tree.find(above)
    if holder is not None and any(member.value.kind == "missing" for member in holder.members):
        # Where a value's opening brace is missing, its keys stand beside it.
        return True
    while above:
        above = above.rpartition("/")[0]
        shape = document.view.shape(above)
        if name in shape.properties:
            return True
    return False
