"""Offers for whole parts: where a part is the value, where it is an entry of a list, where its name is the key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from olive_schemas.shape import Shape

from ..document import Document
from . import described
from .completion_items import Hole, Offer, preview
from .completion_passes import passes
from .completion_slot import Slot
from .completion_snippets import (
    accelerator,
    data_configs,
    evaluators,
    metrics,
    models,
    search_strategies,
    systems,
)
from .completion_whole import configs
from .completion_writing import Snippet, empty_value, first_sentence

ACCELERATORS = (("cpu", "CPUExecutionProvider"), ("gpu", "CUDAExecutionProvider"))
MAKERS: Mapping[str, Callable[[Document, str], list[Snippet]]] = {
    "passes": passes,
    "systems": lambda document, pointer: systems(document),
    "evaluators": lambda document, pointer: evaluators(document),
    "data_configs": lambda document, pointer: data_configs(document),
}
"""By the kind of object whose keys are the names. With the pointer of the part, whose place may matter."""


def whole_configs(document: Document) -> list[Offer]:
    return [_part(entry) for entry in configs(document)]


def named_parts(document: Document, slot: Slot) -> list[Offer]:
    """Passes, systems, evaluators with a name of their own, where the keys are names."""
    maker = MAKERS.get(document.view.shape(slot.holder).kind)
    if maker is None or slot.wants == "nothing":
        return []
    return [replace(_part(one), key=one.name) for one in maker(document, "")]


def parts(document: Document, slot: Slot, holder: Shape) -> list[Offer]:
    """Whole parts, where the place takes one."""
    if slot.role == "entry":
        if holder.kind == "data_configs":
            return [_part(one, {"name": Hole(one.name)}) for one in data_configs(document)]
        if holder.kind == "pass_alternatives":
            return [_part(one) for one in passes(document, slot.holder)]
        if slot.section == "metrics":
            number = _free_priority(document, slot)
            return [_part(one) for one in metrics(document, number)]
        if slot.section == "accelerators":
            return [
                Offer(device, accelerator(document, device, provider), "snippet", provider, 2)
                for device, provider in ACCELERATORS
            ]
        if slot.section == "surgeries":
            return _surgeries(document, slot)
        return _objects(document, slot)
    if holder.kind in MAKERS:
        return [_part(one) for one in MAKERS[holder.kind](document, slot.pointer)]
    if holder.kind == "workflow" and slot.name == "input_model":
        return [_part(one) for one in models(document)]
    if slot.name == "search_strategy":
        return [_part(one) for one in search_strategies(document)]
    if slot.name == "accelerators":
        return [
            Offer(f"[{device}]", [accelerator(document, device, provider)], "snippet", provider, 2)
            for device, provider in ACCELERATORS
        ]
    return []


def _surgeries(document: Document, slot: Slot) -> list[Offer]:
    """One change of a graph each, by the name of its surgeon."""
    shape = _entry(document, slot)
    return [
        Offer(str(value.value), {"surgeon": value.value}, "snippet", first_sentence(value.description), 3)
        for value in described.values(shape.properties.get("surgeon", {}), document.scope)
        if value.known
    ]


def _objects(document: Document, slot: Slot) -> list[Offer]:
    """An object with what it needs, where the entries of a list are described objects."""
    shape = _entry(document, slot)
    scope = document.scope
    needed = {
        described.spelling(name, shape.properties[name], scope): empty_value(
            described.at(shape.properties[name], scope)
        )
        for name in described.required(shape, scope)
        if name in shape.properties
    }
    return [Offer("{…}", needed, "snippet", f"an entry of {slot.section}", 4)] if needed else []


def _entry(document: Document, slot: Slot) -> Shape:
    """What an entry of the list that the slot is in is described as, whether or not one stands there yet."""
    shape = document.view.shape(slot.pointer)
    if shape.properties or slot.node is None:
        return shape
    text, at = document.text, slot.node.start + 1
    return replace(document, text=f"{text[:at]}{{}},{text[at:]}", version=None).view.shape(f"{slot.holder}/0")


def _part(snippet: Snippet, first: Mapping[str, Any] | None = None) -> Offer:
    value = {**(first or {}), **snippet.value}
    shown = "" if "pass" in snippet.data else preview(value)
    return Offer(
        snippet.label, value, "snippet", snippet.detail, snippet.rank, data=snippet.data, documentation=shown
    )


def _free_priority(document: Document, slot: Slot) -> int:
    """The lowest number that no sub type of the evaluator has as its priority."""
    taken: set[Any] = set()
    for metric in document.parts.metrics:
        if metric.pointer.startswith(f"{slot.holder}/"):
            taken |= {
                sub.value("priority") for sub in metric.sub_types if isinstance(sub.value("priority"), int)
            }
    return next(number for number in range(1, len(taken) + 2) if number not in taken)
