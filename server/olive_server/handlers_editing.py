"""Features that change a text: their edits, or why there are none."""

from __future__ import annotations

from .convert import Json
from .edits import Edit, apply
from .handlers_asking import Ask, refusal

_MOST = 3000


def prepare_rename(ask: Ask) -> Json:
    from .features.rename import Refused
    from .features.rename import prepare_rename as prepare

    found = prepare(ask.document, ask.offset)
    if isinstance(found, Refused):
        raise refusal(found.message)
    return {"range": ask.places.of_stretch(found.span), "placeholder": found.placeholder}


def rename(ask: Ask) -> Json:
    from .features.rename import Refused
    from .features.rename import rename as edit

    found = edit(ask.document, ask.offset, ask.params.new_name)
    if isinstance(found, Refused):
        raise refusal(found.message)
    return ask.edit(found)


def formatting(ask: Ask) -> list[Json]:
    from .features.formatting import format_document

    return ask.places.edits(_joined(ask.document.text, format_document(ask.document)))


def range_formatting(ask: Ask) -> list[Json]:
    from .features.formatting import format_range

    edits = format_range(ask.document, *ask.places.span(ask.params.range))
    return ask.places.edits(_joined(ask.document.text, edits))


def _joined(text: str, edits: list[Edit]) -> list[Edit]:
    """Many edits as one: more than these are no smaller message than the text itself."""
    if len(edits) <= _MOST:
        return edits
    start, end = min(edit.start for edit in edits), max(edit.end for edit in edits)
    moved = [Edit(edit.start - start, edit.end - start, edit.new_text) for edit in edits]
    return [Edit(start, end, apply(text[start:end], moved))]
