"""Everything that is wrong with a document: each cause told once, at its place, in the order of the text.

What finds it: the parser (no JSON), the rules of the schemas (what Olive's releases refuse or ignore), the checks of
this package, and, where no release of Olive was asked for, the embedded engine's own reader. Of two that tell the same
cause the graver one stays, and of equals the one that says it more exactly. One that raises is logged by its name, and
the rest go on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from olive_schemas.problems import Problem
from olive_schemas.reading import placed

from . import checks, embedded
from .guesses import certain
from .merging import merged
from .recognising import is_workflow
from .syntax_findings import syntax_findings

if TYPE_CHECKING:
    from .document import Document

__all__ = ["is_workflow", "problems"]

_LOG = logging.getLogger(__name__)


def problems(document: Document) -> tuple[Problem, ...]:
    """Located, sorted, one for each cause. Never raises. The caller has asked `is_workflow`."""
    tree = document.tree
    found = merged(
        [(rank, problem) for rank, source in enumerate(_sources()) for problem in _run(source, document)]
    )
    if tree.broken:
        found = certain(found, document)
    if any(problem.code == "json-unquoted" and not problem.pointer for problem in found):
        found = [problem for problem in found if problem.code.startswith("json-")]  # no JSON at all
    located = [_in_one_line(problem if problem.line else placed(tree, problem)) for problem in found]
    return tuple(sorted(located, key=_place))


def _place(problem: Problem) -> tuple[int, int, int, int, str, str]:
    return (problem.line, problem.column, problem.end_line, problem.end_column, problem.code, problem.message)


def _in_one_line(problem: Problem) -> Problem:
    """Names and values that were written may hold line breaks; a message holds none."""
    if problem.message.isprintable():
        return problem
    text = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in problem.message)
    return replace(problem, message=text)


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
    return syntax_findings(document.tree)


def _rules(document: Document) -> Iterable[Problem]:
    from olive_schemas import rules

    return rules.findings(document.view)
