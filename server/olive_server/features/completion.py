"""Completion: what can be written at the cursor, in whatever state the text is."""

from __future__ import annotations

import re
from dataclasses import replace

from ..document import Document
from ..layout import DEFAULT_UNIT, Style
from .completion_cursor import slot_at
from .completion_items import CompletionList, Hole, Item, Offer, key_item, plain, preview, value_item
from .completion_keys import keys
from .completion_local import local
from .completion_parts import named_parts
from .completion_resolve import resolve
from .completion_slot import Slot
from .completion_values import distinct, fitted, values

__all__ = ["CompletionList", "Item", "completion", "plain", "resolve"]

_NEWLINE = re.compile(r"\r\n|\n|\r")
_INDENT = re.compile(r"[\r\n]([ \t]+)[\"}\]]")
_COLON = re.compile(r"\"([ \t]*:[ \t]*)[\"\[{\w-]")
_COMMA = re.compile(r",[ \t]*(?=[\"\[{])")


def completion(document: Document, offset: int) -> CompletionList:
    """What is offered at a cursor. Never raises; nothing in comments and behind the end of the config."""
    slot = slot_at(document.tree, offset)
    if slot is None:
        return CompletionList()
    style = style_of_text(document.text)
    if slot.role == "key":
        offers = [*keys(document, slot), *named_parts(document, slot)]
        made = [key_item(slot, document.text, style, offer, order) for order, offer in enumerate(offers)]
        return CompletionList(tuple(made))
    here = local(document, slot)
    offers = distinct([*values(document, slot), *fitted(document, slot, here.offers)])
    if slot.quote and (here.items or any(isinstance(offer.value, str) for offer in offers)):
        offers = [offer for offer in offers if offer.rank < 6 or isinstance(offer.value, str)]
    elif slot.quote and slot.written:
        offers = [offer for offer in offers if not isinstance(offer.value, Hole)]
    made = [
        value_item(slot, document.text, style, _documented(slot, offer), order)
        for order, offer in enumerate(offers)
    ]
    return CompletionList((*made, *here.items), not here.complete)


def _documented(slot: Slot, offer: Offer) -> Offer:
    """What has nothing of its own to be read shows what it writes, or the documentation of the key."""
    if offer.documentation or offer.data:
        return offer
    if offer.kind == "snippet":
        return replace(offer, documentation=preview(offer.value))
    return replace(offer, data=slot.described_by)


def style_of_text(text: str) -> Style:
    """How the text is laid out, by its first lines: on each keystroke the whole tree is too much to look at."""
    newline = _NEWLINE.search(text)
    one_line = newline is None or not text[newline.end() :].strip()
    indent, colon, comma = _INDENT.search(text), _COLON.search(text), _COMMA.search(text)
    return Style(
        unit=indent[1] if indent else DEFAULT_UNIT,
        newline=newline.group() if newline else "\n",
        colon=colon[1] if colon else ": ",
        comma=comma.group() if comma and one_line else ", ",
        one_line=one_line,
    )
