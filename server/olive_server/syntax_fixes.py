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
from olive_schemas.tree import Node, Tree, to_python, walk
from olive_schemas.words import meaning

from .edits import Edit, remove_entry
from .layout import quoted
from .syntax_findings import MANY_QUOTES, path_end, string_at

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
    alike = [problem for problem in tree.problems if problem.code == "json-quotes"]
    if len(alike) > MANY_QUOTES:
        return (
            "Use double quotes everywhere",
            tuple(_requoted(tree, each.start, each.end) for each in alike),
            True,
        )
    return "Use double quotes", (_requoted(tree, start, end),), True


def _requoted(tree: Tree, start: int, end: int) -> Edit:
    value = string_value(Token("string", start, end, tree.text[start:end]), lambda *_: None)
    return Edit(start, end, quoted(value))


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
    first, last = string_at(tree, start)
    if first == last:
        return None
    cut = path_end(tree.text, first, last)
    kept, last = (r"\\\\", cut) if cut > 0 else (r"\\[\\\"]", last)
    doubled = re.sub(
        rf"({kept})|\\", lambda found: found.group() if found[1] else r"\\", tree.text[first:last]
    )
    return "Double the backslashes", (Edit(first, last, doubled),), False


def _control(tree: Tree, start: int, end: int) -> Found:
    written = tree.text[start:end]
    if len(written) > 1:
        breaks = re.sub(
            r"[\x00-\x1f]", lambda found: json.dumps(found.group())[1:-1], written.replace("\r\n", "\n")
        )
        return "Write \\n for each line break", (Edit(start, end, breaks),), True
    return "Escape the character", (Edit(start, end, json.dumps(written)[1:-1]),), True


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
