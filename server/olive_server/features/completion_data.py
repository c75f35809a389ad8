"""Columns of the local data file: as values, and inside of the braces of a template."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..checks.secrets import scrubbed
from ..document import Document
from ..edits import Edit
from ..layout import quoted
from ..local_data import Table
from .completion_items import Hole, Item, Offer
from .completion_slot import Slot
from .described import shown
from .local_context import source_at

BUILDERS = ("json", "csv", "parquet", "text", "arrow", "imagefolder", "audiofolder", "xml", "webdataset")
"""Readers that `data_name` may name."""


class Brace(NamedTuple):
    """The placeholder that the cursor is in: what is between the braces, and whether the closing one is there."""

    start: int
    end: int
    closed: bool


def columns(document: Document, slot: Slot) -> list[Offer]:
    """The columns of the file, with a value of the first row each; those that the list holds are left out."""
    table = _table(document, slot)
    if table is None:
        return []
    held = slot.held()
    return [
        Offer(name, name, "column", detail, 1) for name, detail in _with_samples(table) if name not in held
    ]


def placeholders(document: Document, slot: Slot) -> list[Item]:
    """Columns within the braces of a template; outside of braces each comes with its braces."""
    table = _table(document, slot)
    if table is None or slot.quote != '"' or slot.outside:
        return []
    inside = brace_at(document.text, slot)
    items = []
    for order, (name, detail) in enumerate(_with_samples(table)):
        written = quoted(name)[1:-1]
        if inside is None:
            edit = Edit(slot.offset, slot.offset, f"{{{written}}}")
        else:
            edit = Edit(inside.start, inside.end, written if inside.closed else f"{written}}}")
        closing = "" if slot.closed else '"'
        edit = (
            Edit(edit.start, edit.end, edit.new_text + closing) if closing and edit.end == slot.stop else edit
        )
        items.append(
            Item(
                label=name,
                kind="column",
                edit=edit,
                detail=detail,
                sort_text=f"1{order:04d}",
                filter_text=name,
                additional_edits=slot.elsewhere,
            )
        )
    return items


def templates(document: Document, slot: Slot) -> list[Offer]:
    """A whole template of all columns, where none is written yet."""
    table = _table(document, slot)
    if table is None or slot.written or not table.columns:
        return []
    text = "\n".join(f"### {name}: {{{name}}}" for name in table.columns[:6])
    return [
        Offer(
            "### " + " … ".join(f"{{{name}}}" for name in table.columns[:6]),
            text,
            "snippet",
            "all columns",
            2,
        )
    ]


def brace_at(text: str, slot: Slot) -> Brace | None:
    """The placeholder around the cursor; doubled braces are text."""
    opening = slot.start + 1
    raw = text[opening : slot.offset]
    opened = -1
    for match in re.finditer(r"\{\{|\}\}|\{|\}", raw):
        if match.group() == "{":
            opened = match.end()
        elif match.group() == "}":
            opened = -1
    if opened < 0:
        return None
    limit = slot.stop - (1 if slot.closed else 0)
    rest = re.match(r'[^{}"\\]*', text[slot.offset : limit])
    end = slot.offset + (rest.end() if rest else 0)
    closed = text[end : end + 1] == "}"
    if not closed:
        word = re.match(r"\w*", text[slot.offset : limit])
        end = slot.offset + (word.end() if word else 0)
    return Brace(opening + opened, end, closed)


def sources(document: Document, slot: Slot) -> Iterator[Offer]:
    """What `data_name` can be, local folders aside: a reader for files, or a data set in the hub's cache."""
    from ..local_files import hub_datasets

    for name in hub_datasets():
        yield Offer(name, name, "model", "data set in the hub's cache", 3)
    for name in BUILDERS:
        yield Offer(
            name, name, "enum", "reader for the files in data_files", 2 if name in BUILDERS[:4] else 5
        )


def splits() -> Iterator[Offer]:
    for name in ("train", "validation", "test"):
        yield Offer(name, name, "enum", "", 3)
    yield Offer("train[:90%]", Hole("train[:90%]"), "enum", "the first nine tenths", 4)
    yield Offer("train[90%:]", Hole("train[90%:]"), "enum", "the last tenth", 4)


def _table(document: Document, slot: Slot) -> Table | None:
    source = source_at(document, slot.holder)
    return source.table() if source else None


def _with_samples(table: Table) -> Iterator[tuple[str, str]]:
    first = table.rows[0] if table.rows else {}
    for name in table.columns:
        yield name, scrubbed(shown(first[name], 200))[:40] if name in first else ""
