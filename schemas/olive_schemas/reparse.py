"""The tree of a text after a change, from the tree before: only what the change may have touched is parsed again.

The result is equal to that of a fresh parse. Where that cannot be known cheaply (brackets left open, complaints outside of
what is parsed again, comments) the whole text is parsed. Values behind the change keep their subtrees; where they now
stand is worked out when someone looks.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Any, NamedTuple, cast

from .lexer import Token, tokenise
from .moved import shifted_entry
from .parser import Parser, Passed
from .tree import Member, Node, SyntaxProblem, Tree, parse

_CLOSER = {"object": "}", "array": "]"}
_OPENER = {"object": "{", "array": "["}
_FOR_ALL = frozenset(("json-comment", "json-encoding", "json-depth", "json-empty", "json-extra"))
"""Complaints that are told once for the whole text."""
_STRUCTURE = re.compile(r"[{}\[\]\r\n]")
"""What, if it comes or goes, may change complaints elsewhere: brackets that are open, lines that are named."""
_ATTEMPTS = 3


class Splice(NamedTuple):
    """A change: `old[start:old_end]` became `new[start:new_end]`."""

    start: int
    old_end: int
    new_end: int

    @property
    def by(self) -> int:
        return self.new_end - self.old_end


def reparse(old: Tree, text: str, splice: Splice) -> Tree:
    """`parse(text)`, where `text` came from `old.text` by the splice."""
    changed = old.text[splice.start : splice.old_end] + text[splice.start : splice.new_end]
    plain = not _STRUCTURE.search(changed) and not _in_indent(old.text, splice.start)
    path = _path(old, splice, closed=not plain)
    for depth in range(len(path) - 1, max(-1, len(path) - 1 - _ATTEMPTS), -1):
        found = _within(old, text, splice, path, depth, plain)
        if found is not None:
            return found
    return parse(text)


def _in_indent(text: str, offset: int) -> bool:
    """Whether only blanks stand before the offset on its line: complaints about brackets look at indentation."""
    begin = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    return not text[begin:offset].strip(" \t")


class _Step(NamedTuple):
    """A container that holds the change, and which of its entries does; -1 for the innermost."""

    node: Node
    entry: int


def _path(old: Tree, splice: Splice, *, closed: bool) -> list[_Step]:
    """From the root inwards; nothing where a bracket around the change is not closed, or, if not `closed`, where it is
    open and one further out is closed: what is told of such a one depends on all that was told before."""
    path: list[_Step] = []
    node = old.root
    open_to_the_end = not closed
    while node.kind in _CLOSER and node.start < splice.start and splice.old_end < node.end:
        if _is_closed(old.text, node):
            open_to_the_end = False
        elif not open_to_the_end:
            return []
        entries = node.members or node.items
        index = bisect.bisect_left(entries, splice.start, key=_start) - 1
        inside = _value(entries[index]) if index >= 0 else None
        if inside is None or not inside.start < splice.start or not splice.old_end < inside.end:
            return [*path, _Step(node, -1)]
        path.append(_Step(node, index))
        node = inside
    if path:
        # The change is in a plain value: its container is the innermost.
        path[-1] = _Step(path[-1].node, -1)
    return path


def _is_closed(text: str, node: Node) -> bool:
    if node.kind not in _CLOSER:
        return True
    entries = node.members or node.items
    inner = _end(entries[-1]) if entries else node.start + 1
    return inner < node.end and text[node.end - 1] == _CLOSER[node.kind]


def _start(entry: Member | Node) -> int:
    return entry.key.start if isinstance(entry, Member) else entry.start


def _value(entry: Member | Node) -> Node:
    return entry.value if isinstance(entry, Member) else entry


def _end(entry: Member | Node) -> int:
    return max(entry.key.end, entry.value.end) if isinstance(entry, Member) else entry.end


def _within(old: Tree, text: str, splice: Splice, path: list[_Step], depth: int, plain: bool) -> Tree | None:
    """The tree, if reading some entries of the container at `depth` anew is enough."""
    node = path[depth].node
    entries: Sequence[Any] = node.members or node.items
    # One entry more before: a change beside an entry may become part of it.
    first = max(bisect.bisect_right(entries, splice.start, key=_start) - 2, 0)
    rest = bisect.bisect_left(entries, splice.old_end, key=_start)
    begin = _start(entries[first]) if first else node.start + 1
    to_the_end = rest == len(entries)
    if to_the_end and not _is_closed(old.text, node):
        return None
    until = node.end if to_the_end else _start(entries[rest])
    kept = _problems_outside(old, begin, until, plain)
    if kept is None or "\ufffd" in text[splice.start : splice.new_end]:
        return None
    parser = Parser(text, begin, [_OPENER[step.node.kind] for step in path[: depth + 1]])
    parser.limit = until + splice.by
    made: list[Any] = list(entries[:first])
    if not _read(parser, node, made, begin if first else -1, -1 if to_the_end else parser.limit):
        return None
    # Of the tokens behind, which were looked at already, the complaints are there.
    parser.problems = [problem for problem in parser.problems if problem.start < parser.limit]
    if any(problem.code in _FOR_ALL for problem in parser.problems) or _looked_ahead_at(
        text, begin, parser.problems
    ):
        return None
    if not _is_closed(old.text, old.root) and _brackets(old.text, begin, until) != _brackets(
        text, begin, parser.limit
    ):
        return None  # which of them looks left open may be another
    made += [shifted_entry(entry, splice.by) for entry in entries[rest:]]
    if node.kind == "object":
        parser.duplicates(made)
        kept = _without_duplicates_of(node, kept)
    root = _rebuilt(path[:depth], _with_entries(node, made, splice.by), splice.by)
    moved = [_moved(problem, splice) for problem in kept]
    return Tree(text, root, tuple(sorted([*moved, *parser.problems], key=lambda problem: problem.start)))


def _read(parser: Parser, node: Node, made: list[Any], comma_at: int, until: int) -> bool:
    """Reads entries on to `made`, up to the one at `until` or (-1) to the closing bracket; whether it got there."""
    opening = Token(cast(Any, _OPENER[node.kind]), node.start, node.start + 1, _OPENER[node.kind])
    comma = Token(",", comma_at, comma_at, ",") if comma_at >= 0 else None
    read = parser.members if node.kind == "object" else parser.items
    try:
        end = read(opening, cast(Any, made), comma, until)
    except Passed:
        return False
    return end == (-1 if until >= 0 else parser.limit)


def _problems_outside(old: Tree, begin: int, until: int, plain: bool) -> list[SyntaxProblem] | None:
    """Complaints that stay as they are; None where they or what is read anew may change one another."""
    if not old.problems:
        return []
    inside = [problem for problem in old.problems if begin <= problem.start <= problem.end < until]
    outside = [problem for problem in old.problems if not begin <= problem.start <= problem.end < until]
    # That a bracket is still open at the end of the text is told at a bracket that looks like it.
    at_the_end = "json-unclosed" if not _is_closed(old.text, old.root) else ""
    if sum(problem.code == at_the_end for problem in old.problems) > 1:
        return None
    if outside:
        others = [problem for problem in outside if problem.code != at_the_end]
        if not plain or (others and _share_a_line(old.text, others, begin, until)):
            return None
    if any(problem.code in _FOR_ALL or problem.code == at_the_end for problem in inside):
        return None
    if _looked_ahead_at(old.text, begin, inside):
        return None
    # A guess silences further complaints on its line.
    return outside if not inside or "\n" in old.text[inside[-1].end : until] else None


def _looked_ahead_at(text: str, begin: int, problems: list[SyntaxProblem]) -> bool:
    """Whether a string that is not closed stands among the first two tokens: the parser saw it when it judged what is
    before them, and kept silent about that."""
    unclosed = [problem.start for problem in problems if problem.code == "json-unclosed-string"]
    if not unclosed:
        return False
    tokens = tokenise(text, lambda *complaint: None, begin)
    return min(unclosed) <= max(next(tokens).start, next(tokens).start)


def _brackets(text: str, begin: int, until: int) -> list[str]:
    """Those that stand in a stretch and are not part of strings, even of strings that are not closed."""
    tokens = tokenise(text, lambda *complaint: None, begin)
    return [
        token.text for token in takewhile(lambda token: token.start < until, tokens) if token.kind in "{}[]"
    ]


def _share_a_line(text: str, problems: list[SyntaxProblem], begin: int, until: int) -> bool:
    """Whether one of the problems stands on a line of the stretch."""
    first = text.rfind("\n", 0, begin) + 1
    last = text.find("\n", until)
    last = len(text) if last < 0 else last
    return any(problem.start <= last and problem.end >= first for problem in problems)


def _without_duplicates_of(node: Node, problems: list[SyntaxProblem]) -> list[SyntaxProblem]:
    """Those of the object's own keys are told anew."""
    keys = {member.key.start for member in node.members}
    return [one for one in problems if one.code != "json-duplicate-key" or one.start not in keys]


def _moved(problem: SyntaxProblem, splice: Splice) -> SyntaxProblem:
    if problem.start < splice.old_end or not splice.by:
        return problem
    return replace(problem, start=problem.start + splice.by, end=problem.end + splice.by)


def _rebuilt(path: list[_Step], inner: Node, by: int) -> Node:
    """The containers around a changed one, from the inside out."""
    for step in reversed(path):
        entries: Any = step.node.members or step.node.items
        entry = entries[step.entry]
        changed = entry._replace(value=inner) if isinstance(entry, Member) else inner
        behind = [shifted_entry(one, by) for one in entries[step.entry + 1 :]]
        inner = _with_entries(step.node, [*entries[: step.entry], changed, *behind], by)
    return inner


def _with_entries(node: Node, entries: list[Any], by: int) -> Node:
    if node.kind == "object":
        return Node("object", node.start, node.end + by, None, tuple(entries))
    return Node("array", node.start, node.end + by, None, (), tuple(entries))
