"""The text around a cursor in a tree that may be broken: where a holder's inside ends, where a word ends, what it says."""

from __future__ import annotations

import re
from collections.abc import Sequence

from olive_schemas.lexer import Token, string_value
from olive_schemas.tree import Member, Node

from ..layout import skip_gap

CLOSERS = {"object": "}", "array": "]"}
QUOTES = "\"'\u201c\u201d"
_COMMENT = re.compile(r"//[^\r\n]*|\#[^\r\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_KEY_GOES_ON = re.compile(r'[^\W\d][^"\r\n,:{}\[\]]*"')
"""Behind a quote: the rest of a key whose opening quote it is."""
_ENDS_UNCLOSED = re.compile(r'[,}\]:"\r\n]')


def limit_of(text: str, node: Node) -> int:
    """The last offset that is inside: before the closing bracket, or where the next token starts."""
    spans = spans_of(node)
    last = spans[-1][1] if spans else node.start + 1
    if node.end - 1 >= last and text[node.end - 1 : node.end] == CLOSERS[node.kind]:
        return node.end - 1
    return skip_gap(text, max(node.end, last), len(text))


def spans_of(node: Node) -> Sequence[tuple[int, int]]:
    if node.kind == "object":
        return _Members(node.members)
    return _Items(node.items)


class _Members(Sequence[tuple[int, int]]):
    """(start, end) of members, worked out only where a search looks."""

    def __init__(self, members: tuple[Member, ...]) -> None:
        self.members = members

    def __len__(self) -> int:
        return len(self.members)

    def __getitem__(self, index: int) -> tuple[int, int]:  # type: ignore[override]
        member = self.members[index]
        return member.key.start, max(member.key.end, member.value.end)


class _Items(Sequence[tuple[int, int]]):
    def __init__(self, items: tuple[Node, ...]) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> tuple[int, int]:  # type: ignore[override]
        return self.items[index].start, self.items[index].end


def comma_beside(text: str, end: int) -> str:
    return "," if text[end : end + 1].isspace() else ", "


def word_end(text: str, node: Node, offset: int) -> int:
    """Where the word under the cursor ends. A string without its closing quote has swallowed what follows it."""
    if node.kind != "string" or text[node.start] not in QUOTES:
        return node.end
    closed = node.end - node.start > 1 and text[node.end - 1] in QUOTES
    runs_on = closed and offset < node.end and _KEY_GOES_ON.match(text, node.end) is not None
    if closed and not runs_on:
        return node.end
    found = _ENDS_UNCLOSED.search(text, max(offset, node.start + 1), node.end)
    end = found.start() if found else node.end
    while end > offset and text[end - 1] in " \t":
        end -= 1
    return end


def words_of(text: str, node: Node, end: int, offset: int) -> tuple[str, str, str, bool]:
    """(what the word says, the part of it before the cursor, its opening quote or "", whether it is closed)."""
    whole, part = text[node.start : end], text[node.start : min(offset, end)]
    if node.kind != "string" or whole[:1] not in tuple(QUOTES):
        return whole, part, "", False
    closed = node.end == end and len(whole) > 1 and whole[-1] in QUOTES
    written = _decoded(whole if closed else whole + '"')
    typed = written if closed and offset >= end else _decoded(part + '"') if part else ""
    return written, typed, whole[0], closed


def _decoded(source: str) -> str:
    if source.endswith('\\"') and not source.endswith('\\\\"'):
        source = source[:-2] + '"'
    return string_value(Token("string", 0, len(source), source), _quiet)


def _quiet(code: str, message: str, start: int, end: int) -> None:
    """What is wrong with an escape is the parser's to tell."""


def in_comment(gap: str) -> bool:
    """Whether the end of a gap between two tokens is inside of a comment."""
    for match in _COMMENT.finditer(gap):
        if match.end() == len(gap) and not match.group().endswith("*/"):
            return True
    return False
