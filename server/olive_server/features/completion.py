"""Completion: what can be written at the cursor, in whatever state the text is."""

from __future__ import annotations

from dataclasses import replace

from ..document import Document
from ..layout import Style, style_of
from .completion_cursor import slot_at
from .completion_items import CompletionList, Item, key_item, plain, value_item
from .completion_keys import keys
from .completion_local import local
from .completion_parts import named_parts
from .completion_resolve import resolve
from .completion_values import distinct, fitted, values

__all__ = ["CompletionList", "Item", "completion", "plain", "resolve"]


def completion(document: Document, offset: int) -> CompletionList:
    """What is offered at a cursor. Never raises; nothing in comments and behind the end of the config."""
    slot = slot_at(document.tree, offset)
    if slot is None:
        return CompletionList()
    style = _style(document)
    if slot.role == "key":
        offers = [*keys(document, slot), *named_parts(document, slot)]
        made = [key_item(slot, document.text, style, offer, order) for order, offer in enumerate(offers)]
        return CompletionList(tuple(made))
    here = local(document, slot)
    offers = distinct([*values(document, slot), *fitted(document, slot, here.offers)])
    if slot.quote and (here.items or any(isinstance(offer.value, str) for offer in offers)):
        offers = [offer for offer in offers if offer.rank < 6 or isinstance(offer.value, str)]
    made = [value_item(slot, document.text, style, offer, order) for order, offer in enumerate(offers)]
    return CompletionList((*made, *here.items), not here.complete)


def _style(document: Document) -> Style:
    """As the text is laid out; a colon without a blank only where no other one has any."""
    style = style_of(document.tree)
    return replace(style, colon=": ") if style.colon == ":" and '": ' in document.text else style
