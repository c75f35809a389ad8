"""What may be told of a text while it is not JSON: only what no missing brace, comma, quote or value can have caused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from olive_schemas.problems import Problem
from olive_schemas.tree import Node, unescape

if TYPE_CHECKING:
    from .document import Document

GUESSES = frozenset(
    (
        "missing",
        "unknown-reference",
        "unused",
        "pass-order",
        "pass-pruned",
        "missing-merge",
        "missing-adapter",
        "search-without-evaluator",
        "search-values",
        "not-a-config",
        "no-passes",
        "changed-default",
        "eval-without-data",
        "not-resumable",
        "not-run",
        "provider-missing",
        "device-missing",
        "metric-priority",
        "template-braces",
        "inconsistent",
        "unseeded",
    )
)
"""Codes of what the rest of the text may well settle."""
NAMES = frozenset(("unknown-name", "no-effect", "outdated-name", "removed", "too-new", "misplaced"))
_WORDS = frozenset(("json-word", "json-unquoted"))
"""Syntax problems of a value that may be half typed: `fals`."""
_ENTRY = re.compile(r"/(?:passes|systems|evaluators)/[^/]*")
"""What stands directly in a section of named things: without its brace the keys of one do."""
FORMS = frozenset(("wrong-type", "wrong-form", "unknown-name"))


def certain(found: list[Problem], document: Document) -> list[Problem]:
    """Of the problems of a broken text those that stay whatever the text becomes. Syntax problems do."""
    tree = document.tree
    broken = [problem for problem in tree.problems if not problem.recovered or problem.code in _WORDS]
    lines = {tree.lines.position(offset)[0] for problem in broken for offset in (problem.start, problem.end)}
    return [
        problem
        for problem in found
        if problem.code.startswith("json-")
        or problem.code == "secret"
        or not (_doubtful(problem, document) or _on_lines(problem, document, lines))
    ]


def _on_lines(problem: Problem, document: Document, lines: set[int]) -> bool:
    """Whether it is told of a line that is broken itself: what stands there is being typed."""
    start, _ = document.tree.span(problem.pointer, problem.on)
    return document.tree.lines.position(start)[0] in lines


def _doubtful(problem: Problem, document: Document) -> bool:
    if problem.code in GUESSES or (problem.code == "wrong-type" and _ENTRY.fullmatch(problem.pointer)):
        return True
    if problem.code == "unknown-type" and problem.pointer.startswith("/data_configs/"):
        # A `user_script` that registers it may be still to come.
        return True
    found = document.tree.find(problem.pointer)
    if found is not None and found.kind in ("object", "array") and problem.code in FORMS:
        # A bracket that is missing, or is the other one, makes another kind of value, or puts it elsewhere.
        return True
    return _beside_nothing(problem, document) or (
        (problem.code in NAMES or problem.code == "wrong-type") and _known_further_out(problem, document)
    )


def _beside_nothing(problem: Problem, document: Document) -> bool:
    """Where a value's opening brace is missing, its keys stand beside it, and what they hold in the wrong place."""
    node: Node = document.tree.root
    for step in problem.pointer.split("/")[1:]:
        name = unescape(step)
        if node.kind == "object":
            below = None
            nothing = False
            for member in node.members:
                if member.name == name:
                    below = member.value
                    if nothing:
                        return True
                nothing = nothing or member.value.kind == "missing"
            if below is None:
                return nothing
            node = below
        elif node.kind == "array" and name.isdecimal() and int(name) < len(node.items):
            node = node.items[int(name)]
        else:
            return False
    return False


def _known_further_out(problem: Problem, document: Document) -> bool:
    """A brace that is not closed yet swallows what follows: its names are known further out."""
    name = unescape(problem.pointer.rpartition("/")[2])
    above = problem.pointer.rpartition("/")[0]
    while above:
        above = above.rpartition("/")[0]
        if name in document.view.shape(above).properties:
            return True
    return False
