"""What can be folded: objects and lists over several lines, and runs of comments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from olive_schemas.lexer import pieces

from ..document import Document
from .spans import containers


@dataclass(frozen=True)
class Fold:
    """Lines, 0-based. The last one stays out where it only closes the bracket, so that it is seen when folded."""

    first_line: int
    last_line: int
    kind: Literal["region", "comment"] = "region"


def folds(document: Document) -> tuple[Fold, ...]:
    """In the order of the text, at most one beginning on each line: the outermost."""
    lines = document.tree.lines
    found: dict[int, Fold] = {}
    for node in containers(document.tree.root):
        first, last = lines.position(node.start)[0], lines.position(node.end)[0]
        if document.text[node.end - 1 : node.end] in ("}", "]"):
            last -= 1
        if last > first:
            found.setdefault(first, Fold(first, last))
    for fold in _comments(document):
        found.setdefault(fold.first_line, fold)
    return tuple(found[first] for first in sorted(found))


def _comments(document: Document) -> Iterator[Fold]:
    """Comments over several lines, and comments on lines that follow one another."""
    if not any(problem.code == "json-comment" for problem in document.tree.problems):
        return
    lines = document.tree.lines
    run: tuple[int, int] | None = None
    last_other = -1
    """The last line with anything but a comment."""
    for piece in pieces(document.text):
        first, last = lines.position(piece.start)[0], lines.position(piece.end)[0]
        if piece.kind != "comment":
            last_other = last
            if run and run[1] > run[0]:
                yield Fold(*run, "comment")
            run = None
        elif run and first <= run[1] + 1:
            run = (run[0], last)
        else:
            if run and run[1] > run[0]:
                yield Fold(*run, "comment")
            run = (first, last) if first != last_other or last > first else None
    if run and run[1] > run[0]:
        yield Fold(*run, "comment")
