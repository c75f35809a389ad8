"""The `{name}` placeholders of a template, as Python's `str.format` reads them."""

from __future__ import annotations

import re

from olive_schemas.tree import Node

from .spans import Span, content

_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_NAME = re.compile(r"[^.\[!:]*")
TEMPLATES = frozenset(("text_template", "input_template", "output_template"))
"""Keys whose value is a template."""


def placeholders(text: str, node: Node) -> list[Span]:
    """The names inside braces, in the order of the text: of a string written over escapes, where they stand in it."""
    inner = content(text, node)
    found = []
    for match in _PLACEHOLDER.finditer(text, inner.start, inner.end):
        if match.group(1) is not None:
            name = _NAME.match(match.group(1))
            assert name is not None
            found.append(Span(match.start(1), match.start(1) + name.end()))
    return found
