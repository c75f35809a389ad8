"""Formatting: blanks change, nothing else. Comments, numbers, quotes, the order of keys stay as they are written.

A list or object that stands on one line stays there while it fits; whatever else is written one entry a line, indented
as the file is (else by four blanks), with at most one empty line between entries. Doing it twice changes nothing.
A text where brackets, values or quotes had to be guessed is left alone.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from olive_schemas.lexer import pieces
from olive_schemas.tree import Tree

from ..document import Document
from ..edits import Edit
from ..layout import entries_of, line_start, next_line, style_of
from .spans import containers

WIDTH = 120
_BREAK = re.compile(r"\r\n|\n|\r")
_LINE_COMMENT = ("//", "#")
_OPENING = ("{", "[")
_CLOSING = ("}", "]")
_WORDS = ("word", "number", "junk")


@dataclass(frozen=True)
class _Style:
    unit: str
    newline: str
    pads: dict[str, str]
    """What stands inside the brackets of what is on one line, by the bracket."""


class _Token(NamedTuple):
    kind: str
    start: int
    end: int
    sign: str
    """Of punctuation its character, of a comment how it begins, else nothing."""
    breaks: int
    """Line breaks before it, and behind it."""
    breaks_after: int


def format_document(document: Document) -> list[Edit]:
    """The edits, in the order of the text, none overlapping; none for a text that cannot be formatted safely."""
    return _edits(document.text, document.tree)


def format_range(document: Document, start: int, end: int) -> list[Edit]:
    """The same, on the lines that the range touches."""
    text = document.text
    first, last = line_start(text, min(start, end)), next_line(text, max(start, end))
    return [
        edit
        for edit in _edits(text, document.tree)
        if first <= edit.end and (edit.end < last or last == len(text))
    ]


def _edits(text: str, tree: Tree) -> list[Edit]:
    if tree.broken or tree.root.kind not in ("object", "array"):
        return []
    style = _style(tree)
    tokens = _tokens(text)
    partners = _partners(tokens)
    if partners is None or _ends_in_a_comment(text, tokens):
        return []
    kept = _kept_on_one_line(text, tokens, partners, style)
    edits: list[Edit] = []
    inside: list[bool] = []
    """For each bracket that is open: whether its content stays on one line."""
    before: _Token | None = None
    for index, token in enumerate(tokens):
        on_one_line = bool(inside) and inside[-1]
        if token.sign in _CLOSING:
            inside.pop()
        if before is None:
            start, wanted = int(text.startswith("\ufeff")), ""
        else:
            start, wanted = before.end, _gap(text, before, token, style, len(inside), on_one_line)
        if text[start : token.start] != wanted:
            edits.append(_smaller(text, Edit(start, token.start, wanted), style))
        if token.sign in _OPENING:
            inside.append(index in kept)
        before = token
    if before is not None and text[before.end :] != style.newline:
        edits.append(Edit(before.end, len(text), style.newline))
    return edits


def _smaller(text: str, edit: Edit, style: _Style) -> Edit:
    """Without the line breaks at its start that stay as they are."""
    start, wanted, newline = edit.start, edit.new_text, style.newline
    while newline != "\r" and wanted.startswith(newline) and text.startswith(newline, start, edit.end):
        start, wanted = start + len(newline), wanted[len(newline) :]
    return Edit(start, edit.end, wanted)


def _style(tree: Tree) -> _Style:
    """The file's style: its indentation, and what most of its brackets on one line have inside."""
    text, base = tree.text, style_of(tree)
    found: dict[str, Counter[str]] = {"{": Counter(), "[": Counter()}
    for node in containers(tree.root):
        entries = entries_of(node)
        between = text[node.start + 1 : entries[0][0]] if entries else "nothing"
        if between in ("", " ") and not _BREAK.search(text, node.start, node.end):
            found[text[node.start]][between] += 1
    braces, brackets = found["{"], found["["]
    brace = "" if braces[""] > braces[" "] else " "
    bracket = " " if brackets[" "] > brackets[""] else ""
    return _Style(base.unit, base.newline, {"{": brace, "}": brace, "[": bracket, "]": bracket})


def _tokens(text: str) -> list[_Token]:
    found = [piece for piece in pieces(text) if piece.kind != "space"]
    starts = [piece.start for piece in found[1:]] + [len(text)]
    tokens: list[_Token] = []
    breaks = 0
    for piece, next_start in zip(found, starts, strict=True):
        kind, start, end = piece
        after = len(_BREAK.findall(text, end, next_start)) if next_start > end else 0
        sign = (
            text[start] if kind == "punctuation" else _comment_sign(text, start) if kind == "comment" else ""
        )
        tokens.append(_Token(kind, start, end, sign, breaks, after))
        breaks = after
    return tokens


def _comment_sign(text: str, start: int) -> str:
    return next((sign for sign in _LINE_COMMENT if text.startswith(sign, start)), "/*")


def _gap(text: str, before: _Token, token: _Token, style: _Style, depth: int, on_one_line: bool) -> str:
    """The blanks between two neighbours; `depth` is that of `token`'s line if it begins one."""
    line = style.newline * (2 if token.breaks > 1 else 1) + style.unit * depth
    bracket = before.sign in _OPENING or token.sign in _CLOSING
    if bracket:
        line = style.newline + style.unit * depth
    if before.kind == "comment":
        if before.sign not in _LINE_COMMENT and token.sign == ",":
            return ""
        ends = token.sign in _CLOSING and not on_one_line
        return line if before.sign in _LINE_COMMENT or token.breaks or ends else " "
    if token.kind == "comment":
        leads = (before.sign in _OPENING or before.sign == ",") and not token.breaks_after and not on_one_line
        return line if token.breaks or leads else " "
    if token.sign in (",", ":") or (before.sign in _OPENING and token.sign in _CLOSING):
        return ""
    if before.sign == ":":
        return " "
    if on_one_line:
        return style.pads[before.sign if before.sign in _OPENING else token.sign] if bracket else " "
    if before.kind in _WORDS and token.kind in _WORDS and not token.breaks:
        return text[before.end : token.start]  # the words of a text without quotes
    return line


def _ends_in_a_comment(text: str, tokens: list[_Token]) -> bool:
    """Whether the last comment is not closed."""
    last = tokens[-1]
    return last.sign == "/*" and not text.endswith("*/", last.start + 2, last.end)


def _kept_on_one_line(text: str, tokens: list[_Token], partners: dict[int, int], style: _Style) -> set[int]:
    """Indices of the opening brackets whose content stays on one line: the outermost bracket is never among them."""
    unit = len(style.unit.expandtabs(4))
    kept: set[int] = set()
    index = depth = column = 0
    while index < len(tokens):
        token = tokens[index]
        last = partners.get(index)
        if last is not None and depth and not _BREAK.search(text, token.start, tokens[last].end):
            width = _width(text, tokens, index, last, style)
            if column + width < WIDTH:
                kept.update(inner for inner in range(index, last) if inner in partners)
                index, column = last + 1, column + width
                continue
        if token.sign in _OPENING:
            depth += 1
            column = unit * depth
        elif token.sign in _CLOSING:
            depth -= 1
            column = unit * depth + 1
        elif token.sign == ",":
            column = unit * depth
        else:
            column += token.end - token.start + (token.sign == ":")
        index += 1
    return kept


def _width(text: str, tokens: list[_Token], first: int, last: int, style: _Style) -> int:
    """How wide these tokens are on one line; too wide is enough to know."""
    total = 1
    for index in range(first + 1, last + 1):
        token = tokens[index]
        total += token.end - token.start + len(_gap(text, tokens[index - 1], token, style, 0, True))
        if total > WIDTH:
            break
    return total


def _partners(tokens: list[_Token]) -> dict[int, int] | None:
    """Index of an opening bracket -> index of the one that closes it; None where some have no partner."""
    waiting: list[int] = []
    partners: dict[int, int] = {}
    for index, token in enumerate(tokens):
        if token.sign in _OPENING:
            waiting.append(index)
        elif token.sign in _CLOSING:
            if not waiting or _OPENING.index(tokens[waiting[-1]].sign) != _CLOSING.index(token.sign):
                return None
            partners[waiting.pop()] = index
    return partners if partners and not waiting else None
