"""Tokens to a tree, with repairs. Recursive, but to a bounded depth: what nests deeper is skipped and told once.

A repair is told where a person would look: a missing comma at the end of the value before it, a bracket that is
never closed at the bracket that the indentation points to.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence

from .brackets import Brackets
from .lexer import Token, string_value
from .tree import Member, Node, Tree
from .words import json_number, json_word, meaning

MAX_DEPTH = 100
_DIGITS = re.compile("[0-9]+")
_PREFIX = re.compile("[fFrRbBuU]{1,2}")
_node: Callable[[type[Node], tuple[object, ...]], Node] = tuple.__new__
"""A node without the named tuple's own `__new__`, for the most frequent ones."""


def parse_text(text: str) -> Tree:
    """The tree (root of kind "missing" for an empty text) and what was wrong, in the order of the text."""
    parser = Parser(text)
    return parser.tree(parser.document())


class Passed(Exception):
    """A part of a text that is parsed alone does not end where it should."""


class Parser(Brackets):
    """`open`: the brackets around what is parsed, where that is only a part of the text, from `start` on."""

    def __init__(self, text: str, start: int = 0, open: Sequence[str] = ()) -> None:
        super().__init__(text, start, open)
        self.limit = sys.maxsize
        """Where what is parsed has to have ended: `Passed` where a bracket swallows what is behind."""
        self.depth_told = False

    def tree(self, root: Node) -> Tree:
        """With the complaints in the order of the text."""
        problems = tuple(sorted(self.problems, key=lambda problem: problem.start))
        return Tree(self.text, root, problems, tuple(self.slanted), self.deepest)

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
        self.nothing_more()
        return root

    def nothing_more(self) -> None:
        if self.token.kind != "end":
            token = self.token
            self.structure(
                "json-extra",
                f"more text after the end of the config, from {token.text!r} on: remove it",
                token.start,
                token.end,
            )

    def value(self) -> Node:
        token = self.token
        if token.kind in "{[":
            if len(self.open) >= MAX_DEPTH:
                return self.skip_deep()
            return self.object() if token.kind == "{" else self.array()
        if token.kind == "string":
            self.take()
            value = string_value(token, self.complain)
            return _node(Node, ("string", token.start, token.end, value, (), ()))
        if token.kind == "number":
            if token.text == "0" and self.open[-1:] == ["{"] and self.after.kind == ",":
                return self.decimal()
            self.take()
            return Node("number", token.start, token.end, json_number(token.text))
        if self.after.kind == "string" and self.after.start == token.end and _PREFIX.fullmatch(token.text):
            return self.prefixed()
        if token.kind in ("word", "junk"):
            return self.word()
        return Node("missing", token.start, token.start)

    def decimal(self) -> Node:
        """`0`, or `0,5` where the comma stands for a point."""
        whole = self.take()
        comma, digits = self.token, self.after
        adjacent = whole.end == comma.start and comma.end == digits.start
        if not (adjacent and digits.kind in ("number", "word") and _DIGITS.fullmatch(digits.text)):
            return Node("number", whole.start, whole.end, 0)
        self.take()
        self.take()
        meant = meaning(self.text[whole.start : digits.end])
        self.complain(meant.code, meant.complaint, whole.start, digits.end)
        return Node(meant.kind, whole.start, digits.end, meant.value)

    def prefixed(self) -> Node:
        """A string with Python's `f`, `r` or the like before it."""
        prefix = self.take()
        self.complain(
            "json-prefix",
            f"JSON strings have nothing before their quotes: remove the {prefix.text}",
            prefix.start,
            prefix.end,
        )
        return self.value()

    def word(self) -> Node:
        first = self.take()
        known = json_word(first.text)
        if known is not None and not (self.token.kind in ("word", "junk") and self.token.start == first.end):
            return Node(known.kind, first.start, first.end, known.value)
        last = first
        line_end = self.line_end(first.start)
        while self.token.kind in ("word", "junk", "number") and self.token.start <= line_end:
            last = self.take()
        meant = meaning(self.text[first.start : last.end])
        tell = self.structure if meant.code == "json-unquoted" else self.complain
        tell(meant.code, meant.complaint, first.start, last.end)
        return Node(meant.kind, first.start, last.end, meant.value)

    def object(self) -> Node:
        opening = self.take()
        self.opened("{")
        members: list[Member] = []
        end = self.members(opening, members, None)
        self.duplicates(members)
        return Node("object", opening.start, end, None, tuple(members))

    def members(self, opening: Token, members: list[Member], comma: Token | None, until: int = -1) -> int:
        """Reads members up to the closing brace and gives the end of the object; or up to a member that begins at
        `until`, and gives -1."""
        while True:
            token = self.token
            if token.start >= self.limit:
                return self.at_limit(token, until, None if comma or not members else _last_of(members[-1]))
            if token.kind == "}":
                self.trailing(comma)
                return self.close(opening)
            if token.kind == "end" or (token.kind == "]" and "[" in self.open):
                self.never_closed(opening, token)
                self.open.pop()
                return self.last_end
            if token.kind == ",":
                self.structure(
                    "json-comma", "this comma has nothing before it: remove it", token.start, token.end
                )
                self.take()
                continue
            if token.kind in ("string", "word", "number"):
                if members and comma is None:
                    self.missing_comma(_last_of(members[-1]), token)
                members.append(self.member())
                comma = self.take() if self.token.kind == "," else None
                continue
            self.unexpected('an object holds "name": value pairs')
            comma = self.take() if self.token.kind == "," else None

    def member(self) -> Member:
        token = self.take()
        if token.kind == "string":
            name = string_value(token, self.complain)
            key = _node(Node, ("string", token.start, token.end, name, (), ()))
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
                self.token.kind == "string" and self.line(self.token.start) == self.line(token.start)
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
            and self.line(token.start) > self.line(key.start)
        )

    def array(self) -> Node:
        opening = self.take()
        self.opened("[")
        items: list[Node] = []
        end = self.items(opening, items, None)
        return Node("array", opening.start, end, None, (), tuple(items))

    def items(self, opening: Token, items: list[Node], comma: Token | None, until: int = -1) -> int:
        """As `members`, for a list."""
        while True:
            token = self.token
            if token.start >= self.limit:
                return self.at_limit(token, until, None if comma or not items else items[-1])
            if token.kind == "]":
                self.trailing(comma)
                return self.close(opening)
            if token.kind == "end" or (token.kind == "}" and "{" in self.open):
                self.never_closed(opening, token)
                self.open.pop()
                return self.last_end
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
                self.missing_comma(items[-1], token)
            items.append(self.value())
            comma = self.take() if self.token.kind == "," else None

    def at_limit(self, token: Token, until: int, joined: Node | None) -> int:
        """`joined`: what stands before the token without a comma between them."""
        if token.start != until:
            raise Passed
        if joined is not None:
            self.missing_comma(joined, token)
        return -1

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


def _last_of(member: Member) -> Node:
    """What of a member is written last."""
    return member.value if member.value.kind != "missing" else member.key
