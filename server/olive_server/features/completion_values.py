"""The values that a place can have: those of an enum, true and false, the default, types, and names that the config
defines. Whole parts come from `completion_parts`, what lies on the disk from `completion_local`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from olive_schemas import catalog, sections
from olive_schemas.catalog import Property
from olive_schemas.parameters import SEARCHABLE
from olive_schemas.shape import Shape
from olive_schemas.shapes_names import REFERENCES
from olive_schemas.tree import Node

from ..document import Document
from . import described
from .completion_items import Hole, Kind, Offer
from .completion_parts import parts, whole_configs
from .completion_slot import Slot
from .completion_whole import value_of_key
from .completion_writing import empty_value, first_sentence
from .plan import arriving, by_use, pass_rank
from .summaries import summary
from .wording import OTHER_VALUES, at_place


def values(document: Document, slot: Slot) -> list[Offer]:
    """Offers for a value or a list entry, the disk aside."""
    if slot.node is None:
        return whole_configs(document)
    holder = document.view.shape(slot.holder)
    raw = described_prop(document, slot)
    prop = at_place(document, slot.holder, slot.name, raw)
    entry = slot.role == "entry"
    found = parts(document, slot, holder)
    plain = [*of_property(document, slot, prop, raw)]
    if described.prefers_list(described.items_of(prop)):
        plain = [offer for offer in plain if offer.kind != "reference"]
    found += _in_lists(prop, plain)
    if entry and not found and described.prefers_list(prop):
        found.append(Offer("[]", Hole([]), "value", "list", 6))
    if not entry:
        found += _whole(document, slot, holder, prop, bool(found))
    return found


def fitted(document: Document, slot: Slot, offers: Iterable[Offer]) -> list[Offer]:
    """Offers for single names, as lists of one where the place takes only lists."""
    if slot.role == "entry":
        return list(offers)
    return _in_lists(described_prop(document, slot), list(offers))


def described_prop(document: Document, slot: Slot) -> Property:
    """How the value in the slot is described; of a list's entry, the list where the entry itself says nothing."""
    prop = document.view.shape(slot.pointer).prop
    if slot.role != "entry":
        above = document.view.shape(slot.holder).prop
        of_splits = {"x-ref": "file", "type": ["string", "array"]} if above.get("x-ref") == "file" else None
        return _key_prop(document, slot) or of_splits or prop
    above = document.view.shape(slot.holder).prop
    items = described.items_of(above)
    pointer = slot.holder
    while "x-ref" not in above and pointer.rpartition("/")[2].isdecimal():
        pointer = pointer.rpartition("/")[0]
        above = document.view.shape(pointer).prop
    return {**{key: above[key] for key in ("x-ref", "x-search") if key in above}, **items, **prop}


def _key_prop(document: Document, slot: Slot) -> Property | None:
    found = document.view.find_property(document.view.shape(slot.holder), slot.name)
    return found[1] if found else None


def of_property(document: Document, slot: Slot, prop: Property, raw: Property) -> Iterator[Offer]:
    """What the description of a value says that it can be. prop: as the newest release at hand has it."""
    types = described.types_of(prop)
    default = prop.get("default")
    listed = _of_all_releases(document, prop, raw)
    yield from _enum(slot, listed, default, OTHER_VALUES.get(str(prop.get("x-ref", ""))))
    yield from names(document, slot, prop)
    if "boolean" in types:
        for truth in (True, False):
            standard = default is truth
            yield Offer(_label(truth), truth, "value", "default" if standard else "", 1 if standard else 2)
    data = slot.described_by
    for constant, about in described.constants(prop).items():
        yield Offer(_label(constant), constant, "enum", first_sentence(about), 3, data=data)
    if isinstance(default, (str, int, float)) and not isinstance(default, bool) and not listed:
        yield Offer(_label(default), default, "value", "default", 0, data=data)
    yield from _searched(document, prop, data)
    for number in described.few_numbers(prop):
        yield Offer(_label(number), number, "value", "", 4, data=data)
    for value in prop.get("x-search", ()):
        if not isinstance(value, (bool, list, dict)):
            yield Offer(_label(value), value, "value", "", 4, data=data)
    if "null" in types and slot.role == "value" and None not in [value.value for value in listed]:
        yield Offer("null", None, "value", "default" if "default" in prop and default is None else "", 7)


def _of_all_releases(document: Document, prop: Property, raw: Property) -> list[described.Value]:
    """Values of the newest release, then those that earlier ones at hand know, and last those of none."""
    if prop.get("x-ref") == "pass_type":
        return []
    now = described.values(prop, document.scope)
    newest = [value.value for value in now]
    before = [value for value in described.values(raw, document.scope) if value.value not in newest]
    aged = [value._replace(aged=value.known) for value in before if prop.get("enum") and value.life]
    return sorted([*now, *aged], key=lambda value: not value.known)


def _searched(document: Document, prop: Property, data: Mapping[str, Any]) -> Iterator[Offer]:
    """In a config that searches, the words that leave the values to Olive."""
    if prop.get("x-search") and document.view.searching:
        tried = ", ".join(described.shown(value) for value in prop["x-search"])
        yield Offer(SEARCHABLE, SEARCHABLE, "value", f"the search tries {tried}", 4, data=data)


def _enum(
    slot: Slot,
    listed: Sequence[described.Value],
    default: Any,
    about: Callable[[], Mapping[str, Any]] | None = None,
) -> Iterator[Offer]:
    """The default first, then those that something is said of; what the releases at hand dropped last and struck out."""
    kind: Kind = "type" if slot.name == "type" else "enum"
    sections_of = about() if about is not None else {}
    told = any(value.description for value in listed)
    for value in listed:
        standard = value.known and value.value == default and type(value.value) is type(default)
        said = value.description or str(sections_of.get(value.value, {}).get("description", ""))
        gone = f"{value.life}; now {value.instead}" if value.instead else value.life
        words = [
            "default" if standard else "",
            gone if value.aged or not value.known else first_sentence(said),
        ]
        detail = ": ".join(word for word in words if word)
        old = not value.known or value.old
        rank = 9 if old else 7 if value.value is None else 0 if standard else 3
        if rank == 3 and (value.aged or (told and not said)):
            rank = 5 if value.aged else 4
        yield Offer(
            _label(value.value),
            value.value,
            kind,
            detail,
            rank,
            deprecated=old,
            preselect=standard and value.value is not None,
            data={**slot.described_by, "value": value.value},
        )


def names(document: Document, slot: Slot, prop: Property) -> Iterator[Offer]:
    """Names that the value can be: of what the config defines, of pass types, of providers, of tasks."""
    ref = str(prop.get("x-ref", ""))
    if ref in REFERENCES:
        held = slot.held()
        for name in document.view.definitions.get(ref, {}):
            if name not in held:
                detail = summary(document, ref, name)
                yield Offer(name, name, "reference", detail, 1, data={"kind": ref, "name": name})
    elif ref == "pass_type":
        yield from _pass_types(document, slot)
    elif ref == "execution_provider":
        yield from _providers(document, slot)
    elif ref == "device" and not prop.get("enum"):
        for device, about in sections.accelerators().get("devices", {}).items():
            yield Offer(device, device, "enum", first_sentence(str(about.get("description", ""))), 3)
    elif ref == "hf_task":
        for task, what in catalog.hf_tasks().items():
            yield Offer(task, task, "enum", first_sentence(what), 4)


def _pass_types(document: Document, slot: Slot) -> Iterator[Offer]:
    """Those that run here and can take what arrives first."""
    arrives = arriving(document, slot.holder)
    for kind in by_use(catalog.known_passes()):
        schema = catalog.pass_schema(kind)
        if schema is None:
            continue
        known = document.scope.spells(schema.raw)
        newer = catalog.successor(kind) if not known else None
        detail = f"now {newer}" if newer else described.life(schema.raw) if not known else _takes(schema)
        rank = 9 if not known else pass_rank(schema, arrives)
        yield Offer(kind, kind, "type", detail, rank, deprecated=not known, data={"pass": kind})


def _takes(schema: catalog.PassSchema) -> str:
    """ "hf_model → adapter"."""
    return f"{' | '.join(schema.takes)} → {' | '.join(schema.gives)}" if schema.takes and schema.gives else ""


def _providers(document: Document, slot: Slot) -> Iterator[Offer]:
    """Where the device is known only those that fit it, its usual one first."""
    content = sections.accelerators()
    device = _device(document, slot)
    about: Mapping[str, Any] = content.get("providers", {})
    fitting = sections.device_providers(device, document.scope.newest) if device else tuple(about)
    default = content.get("devices", {}).get(device, {}).get("default")
    held = slot.held()
    for name in fitting:
        entry = about.get(name, {})
        if name in held or not document.scope.knows(entry):
            continue
        words = " ".join((name, *entry.get("short", ())))
        detail = first_sentence(str(entry.get("description", "")))
        rank = 2 if name == default else 3
        yield Offer(name, name, "enum", detail, rank, filter_text=words, data={"provider": name})


def _device(document: Document, slot: Slot) -> str:
    """The device that stands beside the providers; in the engine of old releases, that of the only system."""
    pointer = slot.holder if slot.role == "value" else slot.holder.rpartition("/")[0]
    node = document.tree.find(pointer)
    written = _text(node, "device")
    if written or pointer not in ("", "/engine"):
        return written
    accelerators = [part.value("accelerators") for part in document.parts.systems.values()]
    strings = [
        entry
        for value in accelerators
        if isinstance(value, list)
        for entry in value
        if isinstance(entry, str)
    ]
    return strings[0] if len(set(strings)) == 1 else ""


def _text(node: Node | None, key: str) -> str:
    found = ""
    for member in node.members if node is not None else ():
        if member.name == key and member.value.kind == "string":
            found = member.value.value
    return found


def _in_lists(prop: Property, offers: list[Offer]) -> list[Offer]:
    """Where only a list fits, each value comes as a list of one."""
    if not described.prefers_list(prop):
        return offers
    constants = tuple(described.constants(prop))
    return [
        offer
        if offer.value is None or isinstance(offer.value, (list, dict, bool)) or offer.value in constants
        else _listed(offer)
        for offer in offers
    ]


def _listed(offer: Offer) -> Offer:
    return replace(offer, value=[offer.value], label=f"[{_quoted(offer.label)}]", filter_text=offer.label)


def _quoted(label: str) -> str:
    return f'"{label}"'


def _whole(document: Document, slot: Slot, holder: Shape, prop: Property, others: bool) -> Iterable[Offer]:
    """An empty object or list, or the part that the key is for."""
    made = value_of_key(document, holder, slot.name, prop)
    types = described.types_of(prop)
    if isinstance(made, (dict, list)) and made:
        opening = "{…}" if isinstance(made, dict) else "[…]"
        yield Offer(opening, made, "snippet", str(holder.what and slot.name), 4)
    elif "object" in types:
        yield Offer("{}", Hole({}, retrigger=True), "value", "object", 6)
    if "array" in types and not isinstance(made, list):
        yield Offer("[]", [empty_value(described.items_of(prop))] if others else Hole([]), "value", "list", 6)


def _label(value: Any) -> str:
    return value if isinstance(value, str) else described.shown(value)


def distinct(offers: Iterable[Offer]) -> list[Offer]:
    """One offer a label, the one with the lowest rank."""
    best: dict[str, Offer] = {}
    for offer in offers:
        before = best.get(offer.label)
        if before is None or offer.rank < before.rank:
            best[offer.label] = offer
    return list(best.values())
