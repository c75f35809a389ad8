"""From a name to what it means: a definition in the config, a local file, the file that a column stands in."""

from __future__ import annotations

from dataclasses import dataclass

from ..document import Document
from .links import data_source, local_path
from .names import occurrence_at, same_name
from .placeholders import placeholders
from .spans import Span, content

_PATHS = frozenset(("file", "folder", "path", "module", "model"))


@dataclass(frozen=True)
class Target:
    origin: Span
    """What is underlined under the cursor."""
    uri: str
    whole: Span | None = None
    """All of the definition; None for the start of another file."""
    name: Span | None = None
    """Its name: where the cursor goes."""


def definition(document: Document, offset: int) -> tuple[Target, ...]:
    """Where what stands at the offset is defined: several places where a name is defined more than once."""
    here = occurrence_at(document, offset)
    if here is not None:
        return tuple(
            Target(
                here.span,
                document.uri,
                Span(min(entry.quoted.start, entry.body.start), max(entry.quoted.end, entry.body.end)),
                entry.span,
            )
            for entry in same_name(document, here)
            if entry.defines
        )
    return _elsewhere(document, offset)


def _elsewhere(document: Document, offset: int) -> tuple[Target, ...]:
    pointer, node = document.tree.at(offset)
    if node.kind != "string" or not node.start <= offset <= node.end or not node.value:
        return ()
    ref = _ref(document, pointer)
    span = content(document.text, node)
    if ref == "column":
        found = [entry for entry in placeholders(document.text, node) if entry.holds(offset)]
        if document.view.shape(pointer).key == "text_template" and not found:
            return ()
        source = data_source(document, pointer)
        return (Target(found[0] if found else span, source.path.as_uri()),) if source else ()
    path = local_path(document, node.value) if ref in _PATHS else None
    return (Target(span, path.as_uri()),) if path is not None and path.is_file() else ()


def _ref(document: Document, pointer: str) -> str:
    """What a string refers to; entries of a list refer to what the list does."""
    own = document.view.shape(pointer).prop.get("x-ref")
    return str(own or document.view.shape(pointer.rpartition("/")[0]).prop.get("x-ref", ""))
