"""The parser's place in the tokens, and its complaints: one cause is told once."""

from __future__ import annotations

from .lexer import Token, tokenise
from .positions import Lines
from .tree import SyntaxProblem

_MEANING_CLEAR = frozenset(
    [
        "json-comment",
        "json-encoding",
        "json-quotes",
        "json-space",
        "json-word",
        "json-number",
        "json-prefix",
        "json-escape",
        "json-control-character",
        "json-unquoted",
        "json-unquoted-name",
        "json-missing-comma",
        "json-trailing-comma",
        "json-duplicate-key",
    ]
)
"""Codes of slips whose meaning is clear, so that nothing after them is a guess."""
GUESSES = frozenset(
    [
        "json-colon",
        "json-comma",
        "json-extra",
        "json-missing-comma",
        "json-no-value",
        "json-unclosed",
        "json-unclosed-string",
        "json-unexpected",
        "json-unquoted",
    ]
)
"""Codes of complaints that silence further ones on their line."""
_COUNTED = 8
"""So many lines are counted one by one before it pays to look for all of them."""


class Cursor:
    def __init__(self, text: str, start: int = 0) -> None:
        self.text = text
        self.problems: list[SyntaxProblem] = []
        self.lines: Lines | None = None
        self.lines_asked = 0
        self.guessed_until = -1
        """End of the line where the last guess was made: further structural complaints there would be a cascade."""
        self.tokens = tokenise(text, self.complain, start)
        self.token = next(self.tokens)
        self.after = next(self.tokens)
        self.last_end = start
        """Where the token before `token` ends."""

    def complain(self, code: str, message: str, start: int, end: int, warning: bool = False) -> None:
        recovered = code in _MEANING_CLEAR
        if code == "json-unclosed-string":
            self.guessed_until = self.line_end(start)
        self.problems.append(SyntaxProblem(code, message, start, max(end, start), recovered, warning))

    def structure(self, code: str, message: str, start: int, end: int) -> None:
        """A complaint that a guess earlier on the same line may have caused: then it is not told."""
        if start > self.guessed_until:
            self.guessed_until = self.line_end(start)
            self.complain(code, message, start, end)

    def line_end(self, offset: int) -> int:
        end = self.text.find("\n", offset)
        return len(self.text) if end < 0 else end

    def line(self, offset: int) -> int:
        if self.lines is None:
            self.lines_asked += 1
            if self.lines_asked <= _COUNTED:
                before = self.text.count("\r", 0, offset) - self.text.count("\r\n", 0, offset)
                return self.text.count("\n", 0, offset) + before + 1
            self.lines = Lines.of(self.text)
        return self.lines.position(offset)[0] + 1

    def take(self) -> Token:
        token = self.token
        self.token = self.after
        self.after = next(self.tokens)
        self.last_end = token.end
        return token
