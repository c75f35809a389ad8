"""What the embedded engine says of a document where no release of Olive was asked for, as an editor tells it.

Other hosts may have the files that it misses, so those are warnings. What it cannot do and Olive can is one remark for
the whole config: who means the config for Olive reads it once. Of such a config it is not
told, either, what else the engine would leave out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from olive_schemas.nearest import listing
from olive_schemas.problems import Problem, Related, Severity
from olive_schemas.tree import Tree, unescape

if TYPE_CHECKING:
    from .document import Document

SUPERSEDED = frozenset(("unknown-reference", "duplicate-name", "pass-order", "not-run"))
"""Codes of the engine's reader of which a check tells all, and knows better when to be silent."""
CANNOT = "the embedded engine cannot run this, Olive can: "
_LEFT_OUT = "has no effect here"
"""In messages of what only this engine leaves out: to Olive it means something."""


def findings(document: Document) -> Iterator[Problem]:
    """Nothing where a release of Olive was asked for."""
    if not document.scope.embedded:
        return
    told = () if document.tree.broken else document.reading.refusals()
    cannot = [problem for problem in told if problem.severity is not Severity.INFORMATION]
    for problem in document.reading.problems:
        if problem.code.startswith("json-") or problem.code in SUPERSEDED:
            continue
        if _LEFT_OUT in problem.message:
            if not cannot:
                yield replace(problem, severity=Severity.INFORMATION)
        else:
            yield replace(problem, severity=Severity.WARNING) if problem.code == "not-found" else problem
    if cannot:
        yield _together(document.tree, cannot)
    else:
        yield from told


def _together(tree: Tree, cannot: Sequence[Problem]) -> Problem:
    """The one that weighs most, with the others named."""
    first = next((problem for problem in cannot if problem.code in _DECIDE), cannot[0])
    others = [problem for problem in cannot if problem is not first]
    names = dict.fromkeys(_name(tree, problem) for problem in others)
    return replace(
        first,
        severity=Severity.INFORMATION,
        message=f"{CANNOT}{first.message}" + (f"; nor can it do {listing(names, _NAMED)}" if names else ""),
        related=(*first.related, *(Related(each.pointer, each.message, each.on) for each in others)),
    )


_NAMED = 4
_DECIDE = frozenset(("model-type", "pass-not-run-here"))
"""Codes beside which the others need no saying: no other value would make the engine run the config."""


def _name(tree: Tree, problem: Problem) -> str:
    """What is written there in a word: the type of a pass, the name of a key."""
    node = tree.find(problem.pointer)
    if problem.on == "value" and node is not None and node.kind == "string" and len(node.value) < 60:
        return str(node.value)
    return unescape(problem.pointer.rpartition("/")[2])
