"""Where a named thing is used, and its highlights in the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..document import Document
from .names import occurrence_at, same_name
from .spans import Span


@dataclass(frozen=True)
class Highlight:
    span: Span
    kind: Literal["read", "write"]
    """write: where the name is given."""


def references(document: Document, offset: int, *, declaration: bool) -> tuple[Span, ...]:
    """Every use of what is named at the offset, in the order of the text; with its definition where asked for."""
    here = occurrence_at(document, offset)
    if here is None:
        return ()
    return tuple(entry.span for entry in same_name(document, here) if declaration or not entry.defines)


def highlights(document: Document, offset: int) -> tuple[Highlight, ...]:
    """The same places, told apart."""
    here = occurrence_at(document, offset)
    if here is None:
        return ()
    return tuple(
        Highlight(entry.span, "write" if entry.defines else "read") for entry in same_name(document, here)
    )
