"""What the parser tells of a text, one finding for each cause: a path with five backslashes is one mistake, as is a string
that goes over several lines, or a whole file in single quotes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from olive_schemas.problems import Problem, Severity
from olive_schemas.reading import syntax_problems
from olive_schemas.tree import SyntaxProblem, Tree, parse

MANY_QUOTES = 3
"""From so many strings in wrong quotes on the file as a whole is written so."""
_REST = re.compile(r'[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_GOES_ON = re.compile(r"\s*(?:[,:}\]]|\Z)")
_PATH = re.compile(r'"[A-Za-z]:\\')
_BREAK = re.compile(r"[\r\n]")
_LONGEST = 20_000
_LARGEST = 200_000
"""A text that is longer is not parsed twice."""


def syntax_findings(tree: Tree) -> Iterable[Problem]:
    found = syntax_problems(tree)
    if not found:
        return found
    return _quotes(tree, _escapes(tree, _over_lines(tree, found)))


def start_of(tree: Tree, problem: Problem) -> int:
    return tree.lines.offset(problem.line - 1, problem.column - 1)


def string_at(tree: Tree, offset: int) -> tuple[int, int]:
    """The string, a name or a value, that holds an offset; an empty span where none does."""
    pointer, node = tree.at(offset)
    member = tree.member(pointer)
    if member is not None and member.key.start <= offset < member.key.end:
        node = member.key
    return (node.start, node.end) if node.kind == "string" else (offset, offset)


def path_end(text: str, start: int, end: int) -> int:
    """Where a Windows path ends whose last backslash takes the closing quote with it; -1 where it is none."""
    if not _PATH.match(text, start):
        return -1
    last = text.rfind('\\"', start, end)
    return last + 2 if last >= 0 and not text[last + 2 : end].strip(" \t,}]") else -1


def _spread(tree: Tree, problem: Problem, start: int, end: int, message: str, code: str) -> Problem:
    """The problem over another stretch of the text, in other words."""
    (line, column), (end_line, end_column) = tree.lines.position(start), tree.lines.position(end)
    return replace(
        problem,
        code=code,
        message=message,
        line=line + 1,
        column=column + 1,
        end_line=end_line + 1,
        end_column=end_column + 1,
    )


def _over_lines(tree: Tree, found: list[Problem]) -> list[Problem]:
    """A string that is closed on a later line is one with raw line breaks; the rest is told as if it had none."""
    spans: list[tuple[int, int]] = []
    for problem in tree.problems:
        if problem.code == "json-unclosed-string" and not (spans and problem.start < spans[-1][1]):
            end = _closed_at(tree.text, problem.start, problem.end)
            if end > 0:
                spans.append((problem.start, end))
    if not spans or len(tree.text) > _LARGEST:
        return found
    pieces, done = [], 0
    for start, end in spans:
        pieces += [tree.text[done:start], _BREAK.sub(" ", tree.text[start:end])]
        done = end
    joined = parse("".join([*pieces, tree.text[done:]]))  # as long, so that every offset stays
    text = "a string cannot go over several lines: write \\n for each line break"
    strings = [SyntaxProblem("json-control-character", text, *span) for span in spans]
    return [
        _told(tree, joined, each) for each in sorted([*joined.problems, *strings], key=lambda one: one.start)
    ]


def _told(tree: Tree, joined: Tree, found: SyntaxProblem) -> Problem:
    severity = Severity.WARNING if found.warning else Severity.ERROR
    problem = Problem(found.code, severity, found.message, joined.at(found.start)[0])
    return _spread(tree, problem, found.start, found.end, found.message, found.code)


def _closed_at(text: str, start: int, end: int) -> int:
    """Where a string that is open at the end of its line is closed after all; -1 where it is not."""
    if path_end(text, start, end) > 0:
        return -1
    rest = _REST.match(text, end, end + _LONGEST)
    if rest is None or not _BREAK.search(rest.group()):
        return -1
    return rest.end() if _GOES_ON.match(text, rest.end()) else -1


def _escapes(tree: Tree, found: Sequence[Problem]) -> list[Problem]:
    by_string: dict[int, list[Problem]] = {}
    for problem in found:
        if problem.code == "json-escape":
            by_string.setdefault(string_at(tree, start_of(tree, problem))[0], []).append(problem)
    result, told = [], set()
    for problem in found:
        if problem.code not in ("json-unclosed-string", "json-escape"):
            result.append(problem)
            continue
        start, end = string_at(tree, start_of(tree, problem))
        if problem.code == "json-unclosed-string" and path_end(tree.text, start, end) > 0:
            text = "a backslash before the closing quote takes it away: write \\\\ for each backslash (or / in paths)"
            problem = _spread(tree, problem, start, path_end(tree.text, start, end), text, "json-escape")
            told.add(start)
        elif problem.code == "json-escape":
            if start in told:
                continue
            told.add(start)
            alike = by_string[start]
            if len(alike) > 1:
                names = dict.fromkeys(
                    tree.text[(at := start_of(tree, each)) : at + 2].strip() for each in alike
                )
                text = (
                    f"JSON has no escapes {', '.join(names)}: write \\\\ for each backslash (or / in paths)"
                )
                problem = _spread(tree, problem, start, end, text, "json-escape")
        result.append(problem)
    return result


def _quotes(tree: Tree, found: Sequence[Problem]) -> list[Problem]:
    alike = [problem for problem in found if problem.code == "json-quotes"]
    if len(alike) <= MANY_QUOTES:
        return list(found)
    first = replace(alike[0], message=f"{alike[0].message}; so are {len(alike) - 1} more in this file")
    return [
        first if problem is alike[0] else problem
        for problem in found
        if problem.code != "json-quotes" or problem is alike[0]
    ]
