"""Text to tokens, never failing: what JSON does not allow becomes a token of its own kind, with its remedy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

TokenKind = Literal["{", "}", "[", "]", ":", ",", "string", "number", "word", "junk", "end"]


class Token(NamedTuple):
    kind: TokenKind
    start: int
    end: int
    text: str
    """As written; a string with its quotes."""


_TOKEN = re.compile(
    r"""
    [ \t\r\n\ufeff]*
    (?:
      (?P<string>"(?:[^"\\\r\n]|\\[^\r\n])*")
    | (?P<open>"(?:[^"\\\r\n]|\\[^\r\n])*\\?)
    | (?P<single>'(?:[^'\\\r\n]|\\[^\r\n])*')
    | (?P<curly>[\u201c\u201d](?:[^"\u201c\u201d\\\r\n]|\\[^\r\n])*[\u201c\u201d])
    | (?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w.+-]))
    | (?P<punctuation>[{}\[\]:,])
    | (?P<comment>//[^\r\n]*|\#[^\r\n]*|/\*.*?(?:\*/|\Z))
    | (?P<word>[\w.+$-]+)
    | (?P<space>[^\S \t\r\n]+)
    | (?P<junk>[^\s{}\[\]:,"'\w]+|[^ \t\r\n\ufeff])
    )
    """,
    re.VERBOSE | re.DOTALL,
)
_PLAIN = re.compile(r'"[^"\\\x00-\x1f]*"')
_PLAINLY = frozenset(("string", "number", "word"))
_new: Callable[[type[Token], tuple[str, int, int, str]], Token] = tuple.__new__
"""A token without the named tuple's own `__new__`: there are hundreds of thousands in a long text."""
_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt])|(.?))', re.DOTALL)
_SIMPLE = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")

Complain = Callable[[str, str, int, int], None]
"""complain(code, message, start, end)"""


def tokenise(text: str, complain: Complain, start: int = 0) -> Iterator[Token]:
    """The tokens one by one, "end" for ever after the last. Comments are left out, after a complaint.

    `start`: where a token begins, or the blanks before one.
    """
    commented = False
    for match in _TOKEN.finditer(text, start):
        kind = match.lastgroup or "junk"
        begin, end = match.span(kind)
        found = match[kind]
        if kind == "punctuation":
            yield _new(Token, (found, begin, end, found))
        elif kind in _PLAINLY:
            yield _new(Token, (kind, begin, end, found))
        elif kind == "open":
            yield _unclosed(found, begin, complain)
        elif kind in ("single", "curly"):
            quotes = "single quotes" if kind == "single" else "typographic quotes"
            complain(
                "json-quotes",
                f'JSON strings need double quotes, not {quotes}: write "{found[1:-1]}"',
                begin,
                end,
            )
            yield Token("string", begin, end, found)
        elif kind == "comment":
            if not commented:
                complain(
                    "json-comment",
                    "JSON has no comments, and Olive refuses them: remove this one",
                    begin,
                    end,
                )
            commented = True
        elif kind == "space":
            complain("json-space", "JSON allows no such space (it looks like a blank): retype it", begin, end)
        else:
            yield Token("junk", begin, end, found)
    while True:
        yield Token("end", len(text), len(text), "")


class Piece(NamedTuple):
    """A stretch of the text that is no blank: as `tokenise` sees it, comments among them, nothing repaired."""

    kind: str
    """string, open (a string that its line does not close), single, curly, number, punctuation, comment, word,
    space (one that JSON does not allow), junk"""
    start: int
    end: int


def pieces(text: str) -> Iterator[Piece]:
    """Everything but blanks, exactly as written: for whoever may change blanks alone."""
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "junk"
        yield Piece(kind, *match.span(kind))


def _unclosed(found: str, start: int, complain: Complain) -> Token:
    """A string that its line does not close ends before the punctuation that its writer meant to follow it."""
    kept = found.rstrip()
    bare = kept.rstrip(",}] \t")
    if len(bare) > 1:
        kept = bare
    if kept.endswith(":") and len(kept) > 1:
        kept = kept[:-1]
    complain(
        "json-unclosed-string",
        f'this string is not closed: add a " after {kept[1:]!r}',
        start,
        start + len(kept),
    )
    return Token("string", start, start + len(kept), kept)


def string_value(token: Token, complain: Complain) -> str:
    """The text that a string token means; escapes that JSON does not know are kept as they stand."""
    source = token.text
    if _PLAIN.fullmatch(source):
        return source[1:-1]
    closed = len(source) > 1 and source[0] in "\"'\u201c\u201d" and source[-1] in "\"'\u201c\u201d"
    inner = source[1:-1] if closed else source[1:]
    for index, character in enumerate(inner):
        if character < " ":
            where = token.start + 1 + index
            complain(
                "json-control-character",
                "a control character in a string must be escaped, e.g. \\t",
                where,
                where + 1,
            )
            break

    def replace(match: re.Match[str]) -> str:
        code, simple, _ = match.groups()
        if code is not None:
            return chr(int(code, 16))
        if simple is not None:
            return _SIMPLE[simple]
        where = token.start + 1 + match.start()
        complain(
            "json-escape",
            f"JSON has no escape {match.group()}: write \\\\ for a backslash (or / in paths)",
            where,
            where + len(match.group()),
        )
        return match.group()

    value = _ESCAPE.sub(replace, inner)
    return _SURROGATES.sub(
        lambda pair: pair.group().encode("utf-16", "surrogatepass").decode("utf-16"), value
    )
