"""Tokens to a tree, with repairs. Recursive, but to a bounded depth: what nests deeper is skipped and told once.

A repair is told where a person would look: a missing comma at the end of the value before it, a bracket that is
never closed at the bracket that the indentation points to.
"""

from __future__ import annotations

import math
from typing import Any

from .lexer import Token, string_value, tokenise
from .positions import Lines
from .tree import Member, Node, SyntaxProblem

MAX_DEPTH = 100
_WORDS: dict[str, tuple[Any, str]] = {
    "true": (True, "boolean"),
    "false": (False, "boolean"),
    "null": (None, "null"),
}
_MEANT: dict[str, tuple[Any, str]] = {
    "none": (None, "null"),
    "nil": (None, "null"),
    "undefined": (None, "null"),
    "true": (True, "boolean"),
    "false": (False, "boolean"),
    "null": (None, "null"),
}
_NOT_FINITE = {
    "nan": math.nan,
    "infinity": math.inf,
    "-infinity": -math.inf,
    "inf": math.inf,
    "-inf": -math.inf,
}
_CLOSER = {"{": "}", "[": "]"}
_MEANING_CLEAR = frozenset(
    [
        "json-comment",
        "json-encoding",
        "json-quotes",
        "json-word",
        "json-number",
        "json-escape",
        "json-control-character",
        "json-unquoted",
        "json-unquoted-name",
        "json-missing-comma",
        "json-trailing-comma",
        "json-duplicate-key",
    ]
)


def parse_text(text: str) -> tuple[Node, tuple[SyntaxProblem, ...]]:
    """The root node (kind "missing" for an empty text) and what was wrong, in the order of the text."""
    parser = _Parser(text)
    root = parser.document()
    return root, tuple(sorted(parser.problems, key=lambda problem: problem.start))


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.problems: list[SyntaxProblem] = []
        self.lines: Lines | None = None
        self.guessed_until = -1
        """End of the line where the last guess was made: further structural complaints there would be a cascade."""
        self.tokens = tokenise(text, self.complain)
        self.token = next(self.tokens)
        self.after = next(self.tokens)
        self.last_end = 0
        """Where the token before `token` ends."""
        self.open: list[str] = []
        self.closed: list[tuple[int, int]] = []
        """(offset of the opening bracket, offset of its closing one), in the order of closing."""
        self.unclosed_told = False
        self.depth_told = False

    # complaints

    def complain(self, code: str, message: str, start: int, end: int, warning: bool = False) -> None:
        recovered = code in _MEANING_CLEAR
        if code == "json-unclosed-string":
            self.guessed_until = self._line_end(start)
        self.problems.append(SyntaxProblem(code, message, start, max(end, start), recovered, warning))

    def structure(self, code: str, message: str, start: int, end: int) -> None:
        """A complaint that a guess earlier on the same line may have caused: then it is not told."""
        if start > self.guessed_until:
            self.guessed_until = self._line_end(start)
            self.complain(code, message, start, end)

    def _line_end(self, offset: int) -> int:
        end = self.text.find("\n", offset)
        return len(self.text) if end < 0 else end

    def _line(self, offset: int) -> int:
        if self.lines is None:
            self.lines = Lines.of(self.text)
        return self.lines.position(offset)[0] + 1

    # tokens

    def take(self) -> Token:
        token = self.token
        self.token = self.after
        self.after = next(self.tokens)
        self.last_end = token.end
        return token

    # grammar

    def document(self) -> Node:
        if self.last_end == 0 and self.token.kind == "end":
            self.complain(
                "json-empty", "the file is empty; a config is a JSON object { ... }", 0, len(self.text)
            )
            return Node("missing", 0, len(self.text))
        root = self.value()
        bad = self.text.find("\ufffd")
        if bad >= 0:
            self.complain("json-encoding", "this is no UTF-8 text: save the file as UTF-8", bad, bad + 1)
        if self.token.kind != "end":
            token = self.token
            self.structure(
                "json-extra",
                f"more text after the end of the config, from {token.text!r} on: remove it",
                token.start,
                token.end,
            )
        return root

    def value(self) -> Node:
        token = self.token
        if token.kind in "{[":
            if len(self.open) >= MAX_DEPTH:
                return self.skip_deep()
            return self.object() if token.kind == "{" else self.array()
        if token.kind == "string":
            self.take()
            return Node("string", token.start, token.end, string_value(token, self.complain))
        if token.kind == "number":
            self.take()
            return Node("number", token.start, token.end, _number(token.text))
        if token.kind in ("word", "junk"):
            return self.word()
        return Node("missing", token.start, token.start)

    def word(self) -> Node:
        first = self.take()
        known = _WORDS.get(first.text)
        joined = self.token.kind in ("word", "junk") and self.token.start == first.end
        if known is not None and not joined:
            return Node(known[1], first.start, first.end, known[0])  # type: ignore[arg-type]
        last = first
        line_end = self._line_end(first.start)
        while self.token.kind in ("word", "junk", "number") and self.token.start <= line_end:
            last = self.take()
        written = self.text[first.start : last.end]
        meant = _MEANT.get(written.lower())
        if meant is not None:
            right = {None: "null", True: "true", False: "false"}[meant[0]]
            self.complain("json-word", f"JSON writes {right}, not {written}", first.start, last.end)
            return Node(meant[1], first.start, last.end, meant[0])  # type: ignore[arg-type]
        if written.lower().lstrip("+") in _NOT_FINITE:
            self.complain(
                "json-number", f"JSON has no {written}: write a number, or null", first.start, last.end
            )
            return Node("number", first.start, last.end, _NOT_FINITE[written.lower().lstrip("+")])
        number = _meant_number(written)
        if number is not None:
            self.complain(
                "json-number", f"{written} is no JSON number: write {number!r}", first.start, last.end
            )
            return Node("number", first.start, last.end, number)
        self.structure("json-unquoted", f'text needs quotes: write "{written}"', first.start, last.end)
        return Node("string", first.start, last.end, written)

    def object(self) -> Node:
        opening = self.take()
        self.open.append("{")
        members: list[Member] = []
        comma: Token | None = None
        while True:
            token = self.token
            if token.kind == "}":
                self.trailing(comma)
                end = self.close(opening)
                break
            if token.kind == "end" or (token.kind == "]" and "[" in self.open):
                self.never_closed(opening, token)
                self.open.pop()
                end = self.last_end
                break
            if token.kind == ",":
                self.structure(
                    "json-comma", "this comma has nothing before it: remove it", token.start, token.end
                )
                self.take()
                continue
            if token.kind in ("string", "word", "number"):
                if members and comma is None:
                    before = members[-1].value if members[-1].value.kind != "missing" else members[-1].key
                    self.structure(
                        "json-missing-comma",
                        f"a comma is missing between this and {token.text}",
                        max(before.end - 1, before.start),
                        before.end,
                    )
                members.append(self.member())
                comma = self.take() if self.token.kind == "," else None
                continue
            self.unexpected('an object holds "name": value pairs')
            comma = self.take() if self.token.kind == "," else None
        self.duplicates(members)
        return Node("object", opening.start, end, None, tuple(members))

    def member(self) -> Member:
        token = self.take()
        if token.kind == "string":
            key = Node("string", token.start, token.end, string_value(token, self.complain))
        else:
            self.complain(
                "json-unquoted-name",
                f'names need double quotes: write "{token.text}"',
                token.start,
                token.end,
            )
            key = Node("string", token.start, token.end, token.text)
        name = str(key.value)
        if self.token.kind == "junk" and self.token.text in ("=", "=>"):
            self.structure(
                "json-colon",
                f"write : between a name and its value, not {self.token.text}",
                self.token.start,
                self.token.end,
            )
            self.take()
        elif self.token.kind == ":":
            self.take()
        else:
            starts_value = self.token.kind in ("{", "[", "number", "word") or (
                self.token.kind == "string" and self._line(self.token.start) == self._line(token.start)
            )
            if not starts_value or self.after.kind == ":":
                self.structure(
                    "json-no-value", f'"{name}" has no value: write "{name}": ...', token.start, token.end
                )
                return Member(name, key, Node("missing", token.end, token.end))
            self.structure("json-colon", f'a : is missing after "{name}"', token.start, token.end)
        if self.token.kind in (",", "}", "]", "end", ":") or self.names_next(token):
            end = self.last_end
            self.structure("json-no-value", f'"{name}" has no value', token.start, end)
            return Member(name, key, Node("missing", end, end))
        return Member(name, key, self.value())

    def names_next(self, key: Token) -> bool:
        """Whether the next token is already the next line's name: `"a":` and nothing more on its line."""
        token = self.token
        return (
            token.kind == "string"
            and self.after.kind == ":"
            and self._line(token.start) > self._line(key.start)
        )

    def array(self) -> Node:
        opening = self.take()
        self.open.append("[")
        items: list[Node] = []
        comma: Token | None = None
        while True:
            token = self.token
            if token.kind == "]":
                self.trailing(comma)
                end = self.close(opening)
                break
            if token.kind == "end" or (token.kind == "}" and "{" in self.open):
                self.never_closed(opening, token)
                self.open.pop()
                end = self.last_end
                break
            if token.kind == ",":
                self.structure(
                    "json-comma", "this comma has nothing before it: remove it", token.start, token.end
                )
                self.take()
                continue
            if token.kind in (":", "}"):
                self.unexpected('a list holds values, not "name": value pairs')
                comma = self.take() if self.token.kind == "," else None
                continue
            if items and comma is None:
                before = items[-1]
                self.structure(
                    "json-missing-comma",
                    f"a comma is missing between this and {token.text}",
                    max(before.end - 1, before.start),
                    before.end,
                )
            items.append(self.value())
            comma = self.take() if self.token.kind == "," else None
        return Node("array", opening.start, end, None, (), tuple(items))

    def close(self, opening: Token) -> int:
        closing = self.take()
        self.open.pop()
        self.closed.append((opening.start, closing.start))
        return closing.end

    def trailing(self, comma: Token | None) -> None:
        if comma is not None:
            self.complain(
                "json-trailing-comma",
                "JSON allows no comma after the last entry: remove it",
                comma.start,
                comma.end,
            )

    def unexpected(self, rule: str) -> None:
        """Tells of a token that cannot stand here, and skips it with the value that may follow."""
        token = self.token
        self.structure("json-unexpected", f"{token.text!r} cannot stand here: {rule}", token.start, token.end)
        if token.kind in "{[":
            self.value()
            return
        self.take()
        if token.kind == ":" and self.token.kind in ("string", "number", "word", "{", "["):
            self.value()

    def never_closed(self, opening: Token, found: Token) -> None:
        closer = _CLOSER[opening.kind]
        if found.kind != "end":
            line = self._line(found.start)
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
        lines = Lines.of(self.text)
        for start, end in self.closed:
            first = lines.starts[lines.position(end)[0]]
            if (
                self.text[first:end].strip() == ""
                and lines.position(start)[0] != lines.position(end)[0]
                and lines.indent(end) < lines.indent(start)
            ):
                return start
        return innermost

    def skip_deep(self) -> Node:
        opening = self.take()
        if not self.depth_told:
            self.depth_told = True
            self.complain(
                "json-depth",
                f"nested deeper than {MAX_DEPTH} levels: no config is",
                opening.start,
                opening.end,
            )
        depth = 1
        while depth and self.token.kind != "end":
            kind = self.take().kind
            depth += 1 if kind in "{[" else -1 if kind in "}]" else 0
        return Node("missing", opening.start, self.last_end)

    def duplicates(self, members: list[Member]) -> None:
        last = {member.name: member for member in members}
        if len(last) == len(members):
            return
        for member in members:
            kept = last[member.name]
            if kept is not member:
                self.complain(
                    "json-duplicate-key",
                    f'"{member.name}" is written again on line {self._line(kept.key.start)}, and that one counts: '
                    "this one has no effect, remove one of the two",
                    member.key.start,
                    member.key.end,
                    warning=True,
                )


def _number(text: str) -> int | float:
    if text.lstrip("-").isdigit() and len(text) < 400:
        return int(text)
    return float(text)


def _meant_number(text: str) -> int | float | None:
    """`.5`, `1.`, `+3`, `007`, `0x10`, `1_000`: what was meant, or None."""
    if not any(character.isdigit() for character in text) or not text.isascii():
        return None
    try:
        return int(text, 0) if text.lower().startswith("0x") else int(text)
    except ValueError:
        pass
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
