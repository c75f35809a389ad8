"""Several changes of a text one after another, as one set of edits.

Each change sees the text that the ones before it left, so that none has to know where the others fall.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import SequenceMatcher
from itertools import pairwise

from olive_schemas.positions import Lines
from olive_schemas.reparse import Splice, reparse
from olive_schemas.tree import Tree

from ..edits import Edit, apply

Change = Callable[[Tree], list[Edit]]
_MOST_LINES = 4000
"""Lines compared with one another; of more, all between the first and the last that differ is replaced."""


def rewritten(tree: Tree, changes: Iterable[Change]) -> str:
    """The text after all the changes, in their order."""
    for change in changes:
        edits = change(tree)
        if edits:
            text = apply(tree.text, edits)
            start, end = min(edit.start for edit in edits), max(edit.end for edit in edits)
            tree = reparse(tree, text, Splice(start, end, end + len(text) - len(tree.text)))
    return tree.text


def difference(old: str, new: str) -> tuple[Edit, ...]:
    """Edits by whole lines that turn the one text into the other, in the order of the text."""
    if old == new:
        return ()
    before, after = _lines(old), _lines(new)
    first = 0
    while first < min(len(before), len(after)) and before[first] == after[first]:
        first += 1
    last = 0
    while last < min(len(before), len(after)) - first and before[-1 - last] == after[-1 - last]:
        last += 1
    old_lines, new_lines = before[first : len(before) - last], after[first : len(after) - last]
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    if len(old_lines) + len(new_lines) > _MOST_LINES:
        return (_edit(old, starts[first], starts[first + len(old_lines)], "".join(new_lines)),)
    matcher = SequenceMatcher(None, old_lines, new_lines, autojunk=False)
    return tuple(
        _edit(old, starts[first + a], starts[first + b], "".join(new_lines[c:d]))
        for tag, a, b, c, d in matcher.get_opcodes()
        if tag != "equal"
    )


def _lines(text: str) -> list[str]:
    starts = [*Lines.of(text).starts, len(text)]
    return [text[start:end] for start, end in pairwise(starts)]


def _edit(text: str, start: int, end: int, new: str) -> Edit:
    """Without what stays the same at both ends; never between the halves of a line break."""
    old = text[start:end]
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    if old[:head].endswith("\r"):
        head -= 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    if tail and old[len(old) - tail] == "\n" and old[len(old) - tail - 1 : len(old) - tail] == "\r":
        tail -= 1
    return Edit(start + head, end - tail, new[head : len(new) - tail])
