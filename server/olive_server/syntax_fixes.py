"""Fixes of what is no JSON, by the place and the code that the parser gave.

Exact where the parser knew what was meant and no words of the writer are lost: a comma, quotes, a word of Python.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from olive_schemas.lexer import Token, string_value, tokenise
from olive_schemas.problems import Problem
from olive_schemas.tree import Member, Node, Tree, to_python, walk
from olive_schemas.words import meaning

from .edits import Edit, remove_entry
from .layout import quoted

Found = tuple[str, tuple[Edit, ...], bool]
"""Title, edits, exact."""


def syntax_fix(tree: Tree, problem: Problem) -> Found | None:
    make = _MAKERS.get(problem.code)
    if make is None:
        return None
    start = tree.lines.offset(problem.line - 1, problem.column - 1)
    end = tree.lines.offset(problem.end_line - 1, problem.end_column - 1)
    return make(tree, start, max(start, end))


def _comments(tree: Tree, start: int, end: int) -> Found:
    """All of them: Olive refuses the file for any."""
    text = tree.text
    edits = tuple(_line_of(text, start, start + len(comment)) for comment, start in comments(text))
    return "Remove all comments", edits, False


def comments(text: str) -> Iterator[tuple[str, int]]:
    """Each comment of a text, and where it starts."""
    done = 0
    for token in tokenise(text, lambda *_: None):
        for found in _COMMENT.finditer(text, done, token.start):
            yield found.group(), found.start()
        done = token.end
        if token.kind == "end":
            break


_COMMENT = re.compile(r"//[^\r\n]*|\#[^\r\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)


def _line_of(text: str, start: int, end: int) -> Edit:
    """The comment with the blanks before it; with its line break where it has the line for itself."""
    first = start
    while first > 0 and text[first - 1] in " \t":
        first -= 1
    alone = first == 0 or text[first - 1] in "\r\n"
    match = re.compile(r"\r\n|\n|\r").match(text, end)
    if alone and match:
        return Edit(first, match.end(), "")
    return Edit(first if match or text[end : end + 1] in ("", ",", ":") else start, end, "")


def _quotes(tree: Tree, start: int, end: int) -> Found:
    value = string_value(Token("string", start, end, tree.text[start:end]), lambda *_: None)
    return "Use double quotes", (Edit(start, end, quoted(value)),), True


def _space(tree: Tree, start: int, end: int) -> Found:
    return "Replace by a blank", (Edit(start, end, " "),), True


def _word(tree: Tree, start: int, end: int) -> Found | None:
    value = meaning(tree.text[start:end]).value
    if isinstance(value, float) and not math.isfinite(value):
        return None
    written = json.dumps(value)
    return f"Write `{written}`", (Edit(start, end, written),), True


def _unquoted(tree: Tree, start: int, end: int) -> Found:
    return "Put it in quotes", (Edit(start, end, quoted(tree.text[start:end])),), False


def _unquoted_name(tree: Tree, start: int, end: int) -> Found:
    return "Put the name in quotes", (Edit(start, end, quoted(tree.text[start:end])),), True


def _without(title: str, exact: bool) -> Callable[[Tree, int, int], Found]:
    return lambda tree, start, end: (title, (Edit(start, end, ""),), exact)


def _missing_comma(tree: Tree, start: int, end: int) -> Found:
    return "Insert a comma", (Edit(end, end, ","),), True


def _colon(tree: Tree, start: int, end: int) -> Found:
    if tree.text[start:end] in ("=", "=>"):
        return "Write a colon", (Edit(start, end, ":"),), True
    return "Insert a colon", (Edit(end, end, ":"),), True


def _unclosed_string(tree: Tree, start: int, end: int) -> Found:
    return 'Add the closing "', (Edit(end, end, '"'),), False


def _escape(tree: Tree, start: int, end: int) -> Found | None:
    """Every lone backslash of the string: in a Windows path the others are meant so too."""
    node = tree.at(start)[1]
    member = _key_at(tree, start)
    string = member.key if member else node
    if string.kind != "string":
        return None
    written = tree.text[string.start : string.end]
    doubled = re.sub(r'\\(\\|")|\\', lambda found: found.group() if found[1] else r"\\", written)
    return "Double the backslashes", (Edit(string.start, string.end, doubled),), False


def _control(tree: Tree, start: int, end: int) -> Found:
    return "Escape the character", (Edit(start, end, json.dumps(tree.text[start:end])[1:-1]),), True


def _duplicate(tree: Tree, start: int, end: int) -> Found | None:
    for _, node in walk(tree.root):
        for index, member in enumerate(node.members):
            if member.key.start == start:
                kept = [each for each in node.members if each.name == member.name][-1]
                exact = _plain(kept.value) == _plain(member.value)
                edits = tuple(remove_entry(tree, node, index))
                return f"Remove this `{member.name}`, which has no effect", edits, exact
    return None


def _plain(node: Node) -> Any:
    return json.dumps(to_python(node), default=str)


def _key_at(tree: Tree, offset: int) -> Member | None:
    pointer, _ = tree.at(offset)
    member = tree.member(pointer)
    return member if member and member.key.start <= offset < member.key.end else None


_MAKERS: dict[str, Callable[[Tree, int, int], Found | None]] = {
    "json-comment": _comments,
    "json-quotes": _quotes,
    "json-space": _space,
    "json-word": _word,
    "json-number": _word,
    "json-unquoted": _unquoted,
    "json-unquoted-name": _unquoted_name,
    "json-trailing-comma": _without("Remove the comma", True),
    "json-comma": _without("Remove the comma", True),
    "json-missing-comma": _missing_comma,
    "json-colon": _colon,
    "json-unclosed-string": _unclosed_string,
    "json-prefix": _without("Remove it", True),
    "json-extra": _without("Remove this text", False),
    "json-escape": _escape,
    "json-control-character": _control,
    "json-duplicate-key": _duplicate,
}
