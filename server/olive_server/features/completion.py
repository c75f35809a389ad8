"""Completion: what can be written at the cursor, in whatever state the text is."""

from __future__ import annotations

from dataclasses import replace

from ..document import Document
from ..layout import Style, style_of
from .completion_items import CompletionList, Item, Offer, key_item, plain, value_item
from .completion_keys import keys
from .completion_local import local
from .completion_resolve import resolve
from .completion_slot import Slot, slot_at
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


def named_parts(document: Document, slot: Slot) -> list[Offer]:
    """Passes, systems, evaluators with a name of their own, where the keys are names."""
    from . import completion_snippets as snippets

    makers = {
        "passes": snippets.passes,
        "systems": snippets.systems,
        "evaluators": snippets.evaluators,
        "data_configs": snippets.data_configs,
    }
    maker = makers.get(document.view.shape(slot.holder).kind)
    if maker is None or slot.wants == "nothing":
        return []
    return [
        Offer(one.label, one.value, "snippet", one.detail, one.rank, data=one.data, key=one.name)
        for one in maker(document)
    ]
