"""The keys that an object can have: those it needs first, then those that fit its type and the releases at hand.

Keys that are there already are left out, in the nested object too. Earlier spellings and keys that the releases dropped
come last, struck out; accepting an earlier spelling writes the present one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from olive_schemas.catalog import Property
from olive_schemas.releases import RELEASES, known_in
from olive_schemas.shape import Shape
from olive_schemas.tree import Node, unescape

from ..document import Document
from . import described
from .completion_items import Hole, Offer
from .completion_order import place, rank_of
from .completion_slot import Slot
from .completion_whole import value_of_key
from .completion_writing import empty_value
from .wording import at_place

_HISTORY = frozenset(("x-since", "x-until", "x-except"))
_OPEN_KINDS = frozenset(("systems", "evaluators", "passes"))
"""Objects whose keys are names of the user's choice."""


def keys(document: Document, slot: Slot) -> list[Offer]:
    """Offers for a key of the object that the slot is in."""
    shape = document.view.shape(slot.holder)
    if shape.kind in _OPEN_KINDS or not shape.properties:
        return []
    node = slot.node
    scope = document.scope
    present = _present(document, slot, shape)
    needed = described.required(shape, scope)
    offers: list[Offer] = []
    fitting = _fitting(document, shape, node)
    for name in sorted(fitting, key=lambda name: place(shape, name)):
        prop = fitting[name]
        spelt = described.spelling(name, prop, scope)
        others = described.other_spellings(name, prop, scope)
        if {name, spelt, *(entry.name for entry in others)} & present:
            continue
        data = {"holder": slot.holder, "key": name}
        if described.known(prop, scope):
            prop_now = at_place(document, slot.holder, name, prop)
            detail = _detail(prop_now, name in needed)
            rank = 0 if name in needed else _rank(document, shape, name, prop)
            value = first_value(document, shape, spelt, _to_start_from(prop_now, prop))
            offers.append(Offer(spelt, value, "key", detail, rank, data=data, key=spelt))
            offers += _earlier(spelt, others, value, data)
        elif any(known_in(prop, release) for release in RELEASES):
            offers.append(_dropped(name, prop, data))
    untyped = shape.kind == "input_model" and not shape.type_name and document.era == "current"
    if untyped and "model_path" not in present:
        offers.append(Offer("model_path", Hole("", retrigger=True), "key", "string", 1, key="model_path"))
    return offers


def _rank(document: Document, shape: Shape, name: str, prop: Property) -> int:
    """What is common first; what the releases at hand do not all have, or the engine here ignores, later."""
    if name == shape.nested and document.era == "current":
        return 6
    aged = not _HISTORY.isdisjoint(prop) and not document.scope.always(prop)
    if prop.get("x-here") or aged:
        return 5
    return rank_of(shape, name)


def _earlier(
    spelt: str, others: Iterable[described.Spelling], value: Any, data: Mapping[str, Any]
) -> list[Offer]:
    """Other spellings, struck out: accepting one writes the key as it is spelt now."""
    return [
        Offer(other.name, value, "key", f"now {spelt}", 9, deprecated=True, data=data, key=spelt)
        for other in others
    ]


def _dropped(name: str, prop: Property, data: Mapping[str, Any]) -> Offer:
    """A key that other releases know, struck out, with what is written instead."""
    instead = prop.get("x-replaced-by")
    life = described.life(prop)
    detail = f"{life}; now {instead}" if instead else life
    return Offer(name, Hole(None), "key", detail, 9, deprecated=True, data=data, key=name)


def _to_start_from(now: Property, prop: Property) -> Property:
    """Where a release has no default of its own, that of the others is a value to start from."""
    return {**now, "default": prop["default"]} if now.get("default") is None and "default" in prop else now


def _fitting(document: Document, shape: Shape, node: Node | None) -> Mapping[str, Property]:
    """The keys that belong into this very object: nested or beside the type, as this file does it."""
    properties = shape.properties
    if not shape.nested or (shape.nested not in properties and shape.kind not in ("workflow",)):
        return properties
    if _writes_nested(document, shape, node):
        return {name: prop for name, prop in properties.items() if name in shape.own}
    return properties


def _writes_nested(document: Document, shape: Shape, node: Node | None) -> bool:
    """Whether the other keys go into the nested object: always in the classic form, later where it is there."""
    if shape.nested == "extra_args":
        return False
    if shape.kind == "workflow":
        return document.era == "classic" or _has(node, "engine")
    return document.era == "classic" or _has(node, shape.nested)


def _has(node: Node | None, key: str) -> bool:
    return node is not None and any(
        member.name == key and member.value.kind == "object" for member in node.members
    )


def _present(document: Document, slot: Slot, shape: Shape) -> set[str]:
    """Keys that are written already, here or in the nested object or around it; not the one under the cursor."""
    node = slot.node
    members = node.members if node is not None else ()
    found = {member.name for member in members if member.key.start != slot.start}
    if shape.nested:
        inner = next((member.value for member in members if member.name == shape.nested), None)
        return found | {member.name for member in inner.members} if inner is not None else found
    above, _, last = slot.holder.rpartition("/")
    around = document.view.shape(above) if slot.holder else shape
    if around.nested and around.nested == unescape(last):
        outer = document.tree.find(above)
        found |= {member.name for member in outer.members} - around.own if outer is not None else set()
    return found


def _detail(prop: Property, needed: bool) -> str:
    """Type and default in a few words."""
    words = described.type_words(prop).removesuffix(" or null")
    parts = [f"{words}, needed" if needed and words else "needed" if needed else words]
    if not needed and prop.get("default") is not None:
        parts.append(f"default {described.shown(prop['default'], 30)}")
    return "; ".join(part for part in parts if part)


def first_value(document: Document, shape: Shape, name: str, prop: Property) -> Any:
    """What is written behind a key that is accepted: its default, or an empty value that asks for completion."""
    made = value_of_key(document, shape, name, prop)
    return made if made is not None else empty_value(prop)
