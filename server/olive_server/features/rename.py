"""Renaming what a config names: its definition and every use, quotes and all else kept.

A name that Olive would refuse, or that something else has already, is refused with a sentence that says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..document import Document
from ..edits import Edit
from ..layout import quoted
from .names import WORDS, Occurrence, occurrence_at, occurrences, same_name
from .spans import Span, content, whole

_DATA_CONFIG_NAME = re.compile(r"[A-Za-z0-9_]+")


@dataclass(frozen=True)
class Prepared:
    """What would be renamed: the name without its quotes, and its text as a person reads it."""

    span: Span
    placeholder: str


@dataclass(frozen=True)
class Refused:
    message: str


def prepare_rename(document: Document, offset: int) -> Prepared | Refused:
    here = occurrence_at(document, offset)
    if here is None:
        return Refused(
            "only the names of data configs, systems, evaluators and passes can be renamed: "
            "put the cursor on such a name"
        )
    refused = _ambiguous(document, here)
    return refused or Prepared(here.span, here.name)


def rename(document: Document, offset: int, new_name: str) -> tuple[Edit, ...] | Refused:
    """The edits, in the order of the text.

    Of a name that is defined twice, only the definition at the cursor changes: the uses go on meaning the other one.
    """
    here = occurrence_at(document, offset)
    if here is None:
        return Refused("there is no name at the cursor")
    refused = _ambiguous(document, here) or _bad(here.kind, new_name) or _clash(document, here, new_name)
    if refused:
        return refused
    if new_name == here.name:
        return ()
    same = same_name(document, here)
    places = (here,) if _count(same) > 1 else same
    places = (*places, *(inner for place in places for inner in _inside(document, place)))
    return tuple(
        _edit(document.text, place, new_name) for place in sorted(places, key=lambda place: place.span)
    )


def _inside(document: Document, place: Occurrence) -> Iterator[Occurrence]:
    """Up to 0.5.2 the name of a data config is its key, and stands in it once more as its `name`."""
    if not (place.kind == "data_config" and place.defines and place.is_key):
        return
    node = document.tree.find(place.pointer)
    for member in node.members if node is not None else ():
        if member.name == "name" and member.value.kind == "string" and member.value.value == place.name:
            quotes = whole(member.value)
            yield replace(place, span=content(document.text, member.value), quoted=quotes)


def _count(places: tuple[Occurrence, ...]) -> int:
    return sum(place.defines for place in places)


def _ambiguous(document: Document, here: Occurrence) -> Refused | None:
    if here.defines or _count(same_name(document, here)) < 2:
        return None
    return Refused(f"`{here.name}` is defined more than once: rename one of the definitions first")


def _bad(kind: str, name: str) -> Refused | None:
    word = WORDS[kind]
    if not name.strip():
        return Refused(f"a {word} needs a name that is not empty")
    if name != name.strip():
        return Refused(f"the name of a {word} must not begin or end with a blank")
    if any(not character.isprintable() for character in name):
        return Refused(f"the name of a {word} must not hold line breaks or other control characters")
    if kind == "data_config" and not _DATA_CONFIG_NAME.fullmatch(name):
        return Refused(
            f"`{name}` is no name for a data config: Olive takes only letters, digits and underscores"
        )
    return None


def _clash(document: Document, here: Occurrence, name: str) -> Refused | None:
    """A definition of the same kind that has the name already."""
    found = next(
        (
            entry
            for entry in occurrences(document)
            if entry.defines and entry.kind == here.kind and entry.name == name != here.name
        ),
        None,
    )
    if found is None:
        return None
    line = document.tree.lines.position(found.span.start)[0] + 1
    return Refused(f"there is a {WORDS[here.kind]} `{name}` already, on line {line}: choose another name")


def _edit(text: str, place: Occurrence, name: str) -> Edit:
    """The name in place of the old one, between the quotes that are there where it can stand in them."""
    written = quoted(name)
    quote = text[place.quoted.start]
    if quote == '"' or (quote == "'" and "'" not in name):
        return Edit(place.span.start, place.span.end, written[1:-1])
    return Edit(place.quoted.start, place.quoted.end, written)
