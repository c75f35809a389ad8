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

from .entries import CLOSER, OPENER, container, end_of, entries_of, is_closed, start_of, value_of
from .lexer import Token, tokenise
from .moved import shifted_entry
from .parser import Parser, Passed
from .resume import FOR_ALL, Splice, keeps_slants, resume
from .tree import Member, Node, SyntaxProblem, Tree, parse

__all__ = ["Splice", "reparse"]

_STRUCTURE = re.compile(r"[{}\[\]\r\n]")
"""What, if it comes or goes, may change complaints elsewhere: brackets that are open, lines that are named."""
_BRACKET = re.compile(r"[{}\[\]]")
_ATTEMPTS = 3
_SHORT = 20_000
"""So much is read anew before it is better to look for what can be taken over: some milliseconds."""


def reparse(old: Tree, text: str, splice: Splice) -> Tree:
    """`parse(text)`, where `text` came from `old.text` by the splice."""
    if _doubtful(old, splice):
        return parse(text)
    changed = old.text[splice.start : splice.old_end] + text[splice.start : splice.new_end]
    plain = not _STRUCTURE.search(changed) and not _in_indent(old.text, splice.start)
    path = _path(old, splice, closed=not plain)
    found = _nearest(old, text, splice, path, plain, _SHORT) or resume(old, text, splice)
    if found is None and len(text) > _SHORT:
        found = _nearest(old, text, splice, path, plain, len(text))
    return parse(text) if found is None else found


def _nearest(old: Tree, text: str, splice: Splice, path: list[_Step], plain: bool, most: int) -> Tree | None:
    """The tree by reading entries of the innermost container anew with which that can be done."""
    for depth in range(len(path) - 1, max(-1, len(path) - 1 - _ATTEMPTS), -1):
        found = _within(old, text, splice, path, depth, plain, most)
        if found is not None:
            return found
    return None


def _doubtful(old: Tree, splice: Splice) -> bool:
    """Whether brackets that are part of no value stand last in a container around the change: nothing then tells whether
    its own one is closed."""
    node = old.root
    while node.kind in CLOSER and node.start < splice.start:
        entries = entries_of(node)
        if _BRACKET.search(old.text, end_of(entries[-1]) if entries else node.start + 1, node.end - 1):
            return True
        index = bisect.bisect_left(entries, splice.start, key=start_of) - 1
        if index < 0:
            break
        node = value_of(entries[index])
    return False


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
    while node.kind in CLOSER and node.start < splice.start and splice.old_end < node.end:
        if is_closed(old.text, node):
            open_to_the_end = False
        elif not open_to_the_end:
            return []
        entries = entries_of(node)
        index = bisect.bisect_left(entries, splice.start, key=start_of) - 1
        inside = value_of(entries[index]) if index >= 0 else None
        if inside is None or not inside.start < splice.start or not splice.old_end < inside.end:
            return [*path, _Step(node, -1)]
        path.append(_Step(node, index))
        node = inside
    if path:
        # The change is in a plain value: its container is the innermost.
        path[-1] = _Step(path[-1].node, -1)
    return path


def _within(
    old: Tree, text: str, splice: Splice, path: list[_Step], depth: int, plain: bool, most: int
) -> Tree | None:
    """The tree, if reading some entries of the container at `depth` anew is enough, and not `most` characters."""
    node = path[depth].node
    entries: Sequence[Any] = entries_of(node)
    # One entry more before: a change beside an entry may become part of it.
    first = max(bisect.bisect_right(entries, splice.start, key=start_of) - 2, 0)
    rest = bisect.bisect_left(entries, splice.old_end, key=start_of)
    begin = start_of(entries[first]) if first else node.start + 1
    to_the_end = rest == len(entries)
    if to_the_end and not is_closed(old.text, node):
        return None
    until = node.end if to_the_end else start_of(entries[rest])
    if not plain and not keeps_slants(old, text, splice):
        return None
    if until - begin >= most:
        return None
    kept = _problems_outside(old, begin, until, plain)
    if kept is None or "\ufffd" in text[splice.start : splice.new_end]:
        return None
    parser = Parser(text, begin, [OPENER[step.node.kind] for step in path[: depth + 1]])
    parser.limit = until + splice.by
    made: list[Any] = list(entries[:first])
    if not _read(parser, node, made, begin if first else -1, -1 if to_the_end else parser.limit):
        return None
    # Of the tokens behind, which were looked at already, the complaints are there.
    parser.problems = [problem for problem in parser.problems if problem.start < parser.limit]
    if any(problem.code in FOR_ALL for problem in parser.problems) or _looked_ahead_at(
        text, begin, parser.problems
    ):
        return None
    if not is_closed(old.text, old.root) and _brackets(old.text, begin, until) != _brackets(
        text, begin, parser.limit
    ):
        return None  # which of them looks left open may be another
    made += [shifted_entry(entry, splice.by) for entry in entries[rest:]]
    if node.kind == "object":
        parser.duplicates(made)
        kept = _without_duplicates_of(node, kept)
    root = _rebuilt(path[:depth], container(node, node.end + splice.by, made), splice.by)
    moved = [_moved(problem, splice) for problem in kept]
    problems = tuple(sorted([*moved, *parser.problems], key=lambda problem: problem.start))
    slanted = _slanted(old, begin, until, splice.by, parser)
    return Tree(text, root, problems, slanted, max(old.deepest, parser.deepest))


def _slanted(old: Tree, begin: int, until: int, by: int, parser: Parser) -> tuple[tuple[int, int], ...]:
    """Outside of the stretch as they were, inside as they are now."""
    before = [pair for pair in old.slanted if pair[1] < begin]
    behind = [
        (opening + by if opening >= until else opening, closing + by)
        for opening, closing in old.slanted
        if closing >= until
    ]
    return (*before, *parser.slanted, *behind)


def _read(parser: Parser, node: Node, made: list[Any], comma_at: int, until: int) -> bool:
    """Reads entries on to `made`, up to the one at `until` or (-1) to the closing bracket; whether it got there."""
    opening = Token(cast(Any, OPENER[node.kind]), node.start, node.start + 1, OPENER[node.kind])
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
    at_the_end = "json-unclosed" if not is_closed(old.text, old.root) else ""
    if sum(problem.code == at_the_end for problem in old.problems) > 1:
        return None
    if outside:
        others = [problem for problem in outside if problem.code != at_the_end]
        if not plain or (others and _share_a_line(old.text, others, begin, until)):
            return None
    if any(problem.code in FOR_ALL or problem.code == at_the_end for problem in inside):
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
        entries: Any = entries_of(step.node)
        entry = entries[step.entry]
        changed = entry._replace(value=inner) if isinstance(entry, Member) else inner
        behind = [shifted_entry(one, by) for one in entries[step.entry + 1 :]]
        inner = container(step.node, step.node.end + by, [*entries[: step.entry], changed, *behind])
    return inner
