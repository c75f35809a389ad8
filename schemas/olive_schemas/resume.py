"""Parsing on from a place before a change, and taking over what follows wherever it is the same.

For changes of the structure: a bracket that was opened moves the rest of the text into another container, and yet every
container in it is what it was. The parser reads the entries around them one by one and takes each container that begins
where one began before, unless a complaint was or may have been told in it.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any, NamedTuple, cast

from .brackets import slants
from .cursor import GUESSES
from .entries import OPENER, container, end_of, entries_of, is_closed, start_of, value_of
from .lexer import Token, tokenise
from .moved import shifted
from .parser import MAX_DEPTH, Parser, Passed
from .tree import Member, Node, SyntaxProblem, Tree

FOR_ALL = frozenset(("json-comment", "json-encoding", "json-depth", "json-empty", "json-extra"))
"""Complaints that are told once for the whole text."""
_STRING = re.compile(r'"[^"\\\x00-\x1f]*"')
_LINE_END = re.compile(r"[\r\n]")
_NEAR = 200
"""So far around a place is looked for what stands beside it."""


class Splice(NamedTuple):
    """A change: `old[start:old_end]` became `new[start:new_end]`."""

    start: int
    old_end: int
    new_end: int

    @property
    def by(self) -> int:
        return self.new_end - self.old_end


class _Step(NamedTuple):
    """A container around the place where parsing goes on, and how many of its entries stand before it. Of one that is
    not the innermost the next entry holds the place."""

    node: Node
    kept: int


def resume(old: Tree, text: str, splice: Splice) -> Tree | None:
    """`parse(text)`, where `text` came from `old.text` by the splice; None where no place to go on from is certain."""
    if not old.deepest or "\ufffd" in text[splice.start : splice.new_end]:
        return None
    if any(problem.code in FOR_ALL for problem in old.problems):
        return None
    path = _path(old, splice)
    if not path:
        return None
    node, kept = path[-1]
    parser = _Resumed(old, text, splice, start_of(entries_of(node)[kept]) if kept else node.start + 1, path)
    try:
        root = _read(parser, path)
    except Passed:
        return None
    parser.nothing_more()
    return parser.tree(root)


def _read(parser: Parser, path: list[_Step]) -> Node:
    """The containers of the path to their ends, from the inside out; gives the root."""
    node, kept = path[-1]
    made = list(entries_of(node)[:kept])
    comma = Token(",", -1, -1, ",") if kept else None
    for index in range(len(path) - 1, -1, -1):
        node = path[index].node
        bracket = cast(Any, OPENER[node.kind])
        read = parser.members if node.kind == "object" else parser.items
        end = read(Token(bracket, node.start, node.start + 1, bracket), cast(Any, made), comma)
        if node.kind == "object":
            parser.duplicates(made)
        inner = container(node, end, made)
        if index:
            around, kept = path[index - 1]
            entries = entries_of(around)
            held = entries[kept]
            made = [*entries[:kept], held._replace(value=inner) if isinstance(held, Member) else inner]
            comma = parser.take() if parser.token.kind == "," else None
    return inner


def _path(old: Tree, splice: Splice) -> list[_Step]:
    """From the root inwards, to a place before the change where the parser's state does not depend on it."""
    path: list[_Step] = []
    node = old.root
    to_the_end = not is_closed(old.text, node)
    while node.kind in OPENER and node.start < splice.start:
        open_still = to_the_end and node.end == old.root.end and not is_closed(old.text, node)
        if not open_still and splice.old_end >= node.end:
            break
        entries = entries_of(node)
        index = bisect.bisect_right(entries, splice.start, key=start_of) - 1
        path.append(_Step(node, max(index, 0)))
        if index < 0:
            break
        node = value_of(entries[index])
    while path:
        node, index = path.pop()
        entries = entries_of(node)
        for kept in range(index, max(index - 3, 0), -1):
            if _is_certain(old.text, entries, kept, splice):
                return [*path, _Step(node, kept)]
        before = old.text[max(node.start - _NEAR, 0) : node.start].rstrip(" \t\r\n")
        if not path or before[-1:] in (":", ",", "["):
            return [*path, _Step(node, 0)]
    return []


def _is_certain(text: str, entries: Sequence[Any], index: int, splice: Splice) -> bool:
    """Whether the entry stands behind a comma and its first token cannot be changed by what follows it."""
    if text[end_of(entries[index - 1]) : start_of(entries[index])].strip() != ",":
        return False
    entry = entries[index]
    first = entry.key if isinstance(entry, Member) else entry
    if first.kind != "string":
        return first.kind in OPENER and first.start < splice.start
    return first.end <= splice.start and _STRING.fullmatch(text, first.start, first.end) is not None


class _Resumed(Parser):
    """A parser that goes on from `begin` and takes containers of the old tree where it can."""

    def __init__(self, old: Tree, text: str, splice: Splice, begin: int, path: list[_Step]) -> None:
        super().__init__(text, begin, [OPENER[step.node.kind] for step in path])
        kept = list(_told_before(old, begin, path))
        self.problems[:0] = kept
        guesses = [self.line_end(problem.start) for problem in kept if problem.code in GUESSES]
        self.guessed_until = max([self.guessed_until, *guesses])
        self.slanted = [pair for pair in old.slanted if pair[1] < begin]
        # What was kept is nowhere deeper.
        self.deepest = old.deepest
        self.old, self.splice = old, splice
        self.line_until = -1 if keeps_slants(old, text, splice) else _line_end(text, splice.new_end)
        self.told = [problem.start for problem in old.problems]
        self.reach = list(accumulate((_reach(old, problem) for problem in old.problems), max))
        self.near: tuple[Sequence[Any], int, int] = ((), 0, 0)
        """Where the container was found that was taken last: entries, index, depth."""

    def object(self) -> Node:
        return self.taken_over() or super().object()

    def array(self) -> Node:
        return self.taken_over() or super().array()

    def taken_over(self) -> Node | None:
        """The container that begins at the token, if it is as it was."""
        start, by = self.token.start, self.splice.by
        if start < self.splice.new_end:
            return None
        node = self.find(start - by)
        if node is None or node.end >= self.old.root.end or self.is_told_of(node):
            return None  # one that ends with the root may be open to the end
        end = node.end + by
        if start < self.line_until < end:
            return None  # how its line is indented may have changed
        deeper = len(self.open) + 1 - self.near[2]
        if self.old.deepest + deeper > MAX_DEPTH:
            raise Passed
        self.deepest = max(self.deepest, self.old.deepest + deeper)
        if slanted := self.old.slanted:
            first, last = (
                bisect.bisect_left(slanted, place, key=_closing) for place in (node.start, node.end)
            )
            self.slanted += [(opening + by, closing + by) for opening, closing in slanted[first:last]]
        self.tokens = tokenise(self.text, self.complain, end)
        self.token = next(self.tokens)
        self.after = next(self.tokens)
        self.last_end = end
        return shifted(node, by)

    def find(self, start: int) -> Node | None:
        """The container of the old tree that begins there."""
        entries, index, depth = self.near
        if index + 1 < len(entries):
            node = value_of(entries[index + 1])
            if node.start == start and node.kind in OPENER:
                self.near = (entries, index + 1, depth)
                return node
        node, depth = self.old.root, 1
        while node.start < start < node.end:
            entries = entries_of(node)
            index = bisect.bisect_right(entries, start, key=start_of) - 1
            if index < 0:
                return None
            node, depth = value_of(entries[index]), depth + 1
            if node.start == start and node.kind in OPENER:
                self.near = (entries, index, depth)
                return node
        return None

    def is_told_of(self, node: Node) -> bool:
        """Whether anything was told of it, or may have been had something else not been told."""
        index = bisect.bisect_left(self.told, node.start)
        if index and self.reach[index - 1] >= node.start:
            return True
        if index == len(self.told):
            return False
        # The parser looks two tokens ahead.
        following = self.told[index]
        return following <= node.end or len(self.old.text[node.end : following][:_NEAR].split()) < 2


def keeps_slants(old: Tree, text: str, splice: Splice) -> bool:
    """Whether pairs of brackets that the line of the change opens and another closes look as they did: how the line is
    indented may have changed."""
    end = _line_end(old.text, splice.old_end)
    node = old.root
    while node.start < end < node.end:
        if node.start >= splice.old_end and slants(old.text, node.start, node.end - 1) != slants(
            text, node.start + splice.by, node.end - 1 + splice.by
        ):
            return False
        entries = entries_of(node)
        index = bisect.bisect_right(entries, end, key=start_of) - 1
        if index < 0:
            break
        node = value_of(entries[index])
    return True


def _line_end(text: str, offset: int) -> int:
    found = _LINE_END.search(text, offset)
    return found.start() if found else len(text)


def _closing(pair: tuple[int, int]) -> int:
    return pair[1]


def _told_before(old: Tree, begin: int, path: list[_Step]) -> Iterator[SyntaxProblem]:
    """The complaints up to `begin`: without those that were told at the ends of the containers around it."""
    openings = {step.node.start for step in path}
    if old.slanted and not is_closed(old.text, old.root):
        openings.add(old.slanted[0][0])
    keys = {member.key.start for step in path for member in step.node.members}
    for problem in old.problems:
        if problem.start >= begin:
            break
        at = {"json-unclosed": openings, "json-duplicate-key": keys}.get(problem.code, ())
        if problem.start not in at:
            yield problem


def _reach(old: Tree, problem: SyntaxProblem) -> int:
    end = old.text.find("\n", problem.start)
    return max(problem.end, end if end >= 0 else len(old.text))
