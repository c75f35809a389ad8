"""The brackets that are open around the parser's place, and the complaints about brackets, commas and keys."""

from __future__ import annotations

from collections.abc import Sequence

from .cursor import Cursor
from .lexer import Token
from .tree import Member, Node

_CLOSER = {"{": "}", "[": "]"}


class Brackets(Cursor):
    """`open`: the brackets around `start`, where only a part of the text is read."""

    def __init__(self, text: str, start: int = 0, open: Sequence[str] = ()) -> None:
        super().__init__(text, start)
        self.open = list(open)
        self.slanted: list[tuple[int, int]] = []
        """(offset of the opening bracket, offset of its closing one) where the closing one begins a line that is
        indented less than the opening one's, in the order of closing."""
        self.deepest = len(self.open)
        """How many brackets were open at most."""
        self.unclosed_told = False

    def opened(self, bracket: str) -> None:
        self.open.append(bracket)
        self.deepest = max(self.deepest, len(self.open))

    def close(self, opening: Token) -> int:
        gap = self.text[self.last_end : self.token.start]
        closing = self.take()
        self.open.pop()
        if ("\n" in gap or "\r" in gap) and slants(self.text, opening.start, closing.start):
            self.slanted.append((opening.start, closing.start))
        return closing.end

    def trailing(self, comma: Token | None) -> None:
        if comma is not None:
            self.complain(
                "json-trailing-comma",
                "JSON allows no comma after the last entry: remove it",
                comma.start,
                comma.end,
            )

    def never_closed(self, opening: Token, found: Token) -> None:
        closer = _CLOSER[opening.kind]
        if found.kind != "end":
            line = self.line(found.start)
            self.structure(
                "json-unclosed",
                f"this {opening.text} is not closed: a {closer} is missing before the {found.text} on line {line}",
                opening.start,
                opening.end,
            )
            return
        if self.unclosed_told:
            return
        self.unclosed_told = True
        start = self.suspect(opening.start)
        written = self.text[start]
        hint = f"this {written} is not closed: a {_CLOSER.get(written, closer)} is missing"
        self.complain("json-unclosed", hint, start, start + 1)

    def suspect(self, innermost: int) -> int:
        """The opening bracket that the indentation says was left open; the innermost open one without a sign."""
        return self.slanted[0][0] if self.slanted else innermost

    def missing_comma(self, before: Node, token: Token) -> None:
        self.structure(
            "json-missing-comma",
            f"a comma is missing between this and {token.text}",
            max(before.end - 1, before.start),
            before.end,
        )

    def duplicates(self, members: list[Member]) -> None:
        last = {member.name: member for member in members}
        if len(last) == len(members):
            return
        for member in members:
            kept = last[member.name]
            if kept is not member:
                self.complain(
                    "json-duplicate-key",
                    f'"{member.name}" is written again on line {self.line(kept.key.start)}, and that one counts: '
                    "this one has no effect, remove one of the two",
                    member.key.start,
                    member.key.end,
                    warning=True,
                )


def slants(text: str, opening: int, closing: int) -> bool:
    """Whether the closing bracket begins a line that is indented less than that of the opening one."""
    begin = _line_begin(text, closing)
    return (
        begin > opening
        and not text[begin:closing].strip()
        and _indent(text, begin) < _indent(text, _line_begin(text, opening))
    )


def _line_begin(text: str, offset: int) -> int:
    begin = text.rfind("\n", 0, offset) + 1
    return max(begin, text.rfind("\r", begin, offset) + 1)


def _indent(text: str, begin: int) -> int:
    index = begin
    while index < len(text) and text[index] in " \t":
        index += 1
    return index - begin
