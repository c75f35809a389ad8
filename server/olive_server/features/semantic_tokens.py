"""Colours by meaning: names that are defined and used, types, placeholders in templates, keys of other releases.

What is not in here keeps the colours of JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from olive_schemas.positions import Lines
from olive_schemas.shapes import Place

from ..document import Document
from .names import occurrences
from .outdated import outdated
from .placeholders import TEMPLATES, placeholders
from .spans import Span, content

TYPES = ("variable", "type", "parameter", "property", "enumMember")
"""The legend: a token's type is its index in here."""
MODIFIERS = ("declaration", "deprecated")
"""The legend: a token's modifiers are the sum of 1 << index."""
_TYPE_NAMES = frozenset(
    (
        "pass_type",
        "model_type",
        "system_type",
        "container",
        "component",
        "evaluator_type",
        "metric_type",
        "sub_type",
    )
)
_FIXED = frozenset(("device", "execution_provider"))


@dataclass(frozen=True, order=True)
class Token:
    span: Span
    type: str
    modifiers: tuple[str, ...] = ()


def tokens(document: Document) -> tuple[Token, ...]:
    """In the order of the text, none overlapping, each within its line."""
    return tuple(_ordered(document, _tokens(document)))


def tokens_in(document: Document, start: int, end: int) -> tuple[Token, ...]:
    """Those that a range touches."""
    return tuple(token for token in tokens(document) if token.span.meets(start, end))


def encode(found: Iterable[Token], lines: Lines, units: Callable[[str], int]) -> list[int]:
    """As the protocol wants them: line and column relative to the token before, length, type, modifiers."""
    data: list[int] = []
    line = column = 0
    for token in found:
        at_line, at_column = lines.position(token.span.start, units)
        length = units(lines.text[token.span.start : token.span.end])
        modifiers = sum(1 << MODIFIERS.index(name) for name in token.modifiers)
        data += (
            at_line - line,
            at_column - (column if at_line == line else 0),
            length,
            TYPES.index(token.type),
            modifiers,
        )
        line, column = at_line, at_column
    return data


def _tokens(document: Document) -> Iterator[Token]:
    for entry in occurrences(document):
        yield Token(entry.span, "variable", ("declaration",) if entry.defines else ())
    text, scope = document.text, document.scope
    above = ""
    for place in document.view.places:
        if outdated(place, scope) and place.member is not None:
            yield Token(content(text, place.member.key), "property", ("deprecated",))
        node = place.node
        ref = str(place.shape.prop.get("x-ref", ""))
        if node.kind == "array":
            above = ref if ref in _FIXED else ""
        if node.kind != "string":
            continue
        if place.shape.key in TEMPLATES:
            for name in placeholders(text, node):
                yield Token(name, "parameter")
        elif _is_type(place, ref):
            yield Token(content(text, node), "type")
        elif ref in _FIXED or (place.member is None and above):
            yield Token(content(text, node), "enumMember")


def _is_type(place: Place, ref: str) -> bool:
    return ref in _TYPE_NAMES or (place.shape.key == "type" and place.pointer.count("/") > 1)


def _ordered(document: Document, found: Iterable[Token]) -> Iterator[Token]:
    end = 0
    for token in sorted(found):
        if token.span.start >= end and token.span.end > token.span.start:
            end = token.span.end
            yield token
    del document
