"""Words and numbers that stand where JSON wants a value, and what their writer meant."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from .tree import NodeKind

_JSON: dict[str, tuple[Any, NodeKind]] = {
    "true": (True, "boolean"),
    "false": (False, "boolean"),
    "null": (None, "null"),
}
_OTHERS = {
    "none": "null",
    "nil": "null",
    "undefined": "null",
    "true": "true",
    "false": "false",
    "null": "null",
}
_NOT_FINITE = {
    "nan": math.nan,
    "infinity": math.inf,
    "-infinity": -math.inf,
    "inf": math.inf,
    "-inf": -math.inf,
}


class Meaning(NamedTuple):
    """A value and its kind; `code` and `complaint` are empty for what is JSON."""

    value: Any
    kind: NodeKind
    code: str = ""
    complaint: str = ""


def json_word(written: str) -> Meaning | None:
    """true, false and null, as JSON writes them."""
    return Meaning(*_JSON[written]) if written in _JSON else None


def meaning(written: str) -> Meaning:
    """What any other word or broken number means; at last the text itself, without its quotes."""
    lower = written.lower()
    if lower in _OTHERS:
        right = _OTHERS[lower]
        return Meaning(*_JSON[right], "json-word", f"JSON writes {right}, not {written}")
    if lower.lstrip("+") in _NOT_FINITE:
        value = _NOT_FINITE[lower.lstrip("+")]
        return Meaning(value, "number", "json-number", f"JSON has no {written}: write a number, or null")
    number = _number(written)
    if number is not None:
        return Meaning(number, "number", "json-number", f"{written} is no JSON number: write {number!r}")
    return Meaning(written, "string", "json-unquoted", f'text needs quotes: write "{written}"')


def json_number(text: str) -> int | float:
    if text.lstrip("-").isdigit() and len(text) < 400:
        return int(text)
    return float(text)


def _number(text: str) -> int | float | None:
    """`.5`, `1.`, `+3`, `007`, `0x10`, `1_000`, `0,5`: what was meant, or None."""
    if not any(character.isdigit() for character in text) or not text.isascii():
        return None
    for read in (int, lambda digits: int(digits, 0), float, lambda digits: float(digits.replace(",", "."))):
        try:
            value: int | float = read(text)
        except ValueError:
            continue
        return value if math.isfinite(value) else None
    return None
