"""What this machine adds to a value: paths, columns of the data, modules and models, functions of a script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..document import Document
from ..local_scripts import functions
from .completion_data import columns, placeholders, sources, splits, templates
from .completion_items import Item, Offer
from .completion_models import hub, operators, other_modules, target_modules
from .completion_paths import paths
from .completion_slot import Slot
from .completion_values import described_prop
from .local_context import data_pointer, script_at
from .placeholders import TEMPLATES

_PATHS = frozenset(("file", "folder", "path", "model"))


class Found(NamedTuple):
    offers: tuple[Offer, ...] = ()
    """Whole values."""
    items: tuple[Item, ...] = ()
    """Parts of a string: between two slashes, within braces."""
    complete: bool = True


def _registered(document: Document, slot: Slot) -> Iterator[Offer]:
    """Components that the data config's script may register under the names of its functions."""
    script = script_at(document, slot.holder)
    for name in functions(document.folder, script):
        yield Offer(name, name, "value", f"{script}, if it registers it", 5)


def local(document: Document, slot: Slot) -> Found:
    """By what the value refers to."""
    if slot.node is None:
        return Found()
    prop = described_prop(document, slot)
    ref = str(prop.get("x-ref", ""))
    if ref == "module":
        adapted = slot.section.startswith("target")
        return Found(tuple((target_modules if adapted else other_modules)(document, slot)))
    if ref == "op_type":
        return Found(tuple(operators(slot)))
    if slot.section in TEMPLATES:
        return Found(tuple(templates(document, slot)), tuple(placeholders(document, slot)))
    if ref == "column":
        return Found(tuple(columns(document, slot)))
    if slot.name == "type" and document.view.shape(slot.holder).kind == "component":
        return Found(tuple(_registered(document, slot)))
    if ref == "function":
        script = script_at(document, slot.holder)
        return Found(
            tuple(Offer(name, name, "value", script, 2) for name in functions(document.folder, script))
        )
    if slot.name == "data_name":
        items, complete = paths(document, slot, "path")
        return Found(tuple(sources(document, slot)), tuple(items), complete)
    if slot.name == "split" and data_pointer(document, slot.holder):
        return Found(tuple(splits()))
    if ref in _PATHS:
        items, complete = paths(document, slot, ref)
        return Found(tuple(hub(document)) if ref == "model" else (), tuple(items), complete)
    return Found()
