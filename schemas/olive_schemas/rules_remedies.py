"""What to write in the place of a value that does not fit, where its meaning is clear."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from . import mistaken
from .catalog import Property
from .nearest import nearest, unmistakable
from .problems import Remedy
from .report import kind_of
from .tree import Node, to_python
from .values import as_list, fit, takes_strings

if TYPE_CHECKING:
    from .shapes import Place


def types_of(prop: Property) -> tuple[str, ...]:
    """The types that a property takes, in any of its forms."""
    written = prop.get("type", ())
    own = (written,) if isinstance(written, str) else tuple(written)
    return (*own, *(name for option in prop.get("anyOf", ()) for name in types_of(option)))


_FIRST_KEYS = {"pass": "type", "system": "type", "accelerator": "device"}
"""Of what may be written as an object, the key that a bare string stands for."""


def remedies_of(place: Place, prop: Property, node: Node, ref: str = "") -> list[Remedy]:
    """prop: how the value is described. ref: what the list that holds it refers to."""
    types = types_of(prop)
    if node.kind in ("string", "number", "boolean"):
        value = mistaken.value_meant(to_python(node), prop)
        if value is not None:
            # A number may mean one of several: 16 is fp16, or int16.
            exact = node.kind == "string" and not node.value.strip().isdecimal()
            return [_write(place.pointer, value, f"Write {kind_of(value)}", exact)]
    if node.kind == "string":
        return [*_around(place, prop, types, node.value, ref), *_meant(place.pointer, prop, node.value)]
    if (
        node.kind == "array"
        and len(node.items) == 1
        and "array" not in types
        and node.items[0].kind != "missing"
    ):
        value = to_python(node.items[0])
        if not fit(value, prop).wrong:
            return [_write(place.pointer, value, f"Write {kind_of(value)} alone", True)]
    return []


def _around(place: Place, prop: Property, types: tuple[str, ...], value: str, ref: str) -> Iterator[Remedy]:
    """The string in an object or a list of its own."""
    key = _FIRST_KEYS.get(ref or place.shape.kind)
    if "object" in types and key is not None:
        yield _write(place.pointer, {key: value}, f'Write {{"{key}": "{value}"}}', True)
    elif takes_strings(prop):
        names = as_list(value)
        shown = json.dumps(names, ensure_ascii=False)
        yield _write(place.pointer, names, f"Write {shown}", names == [value])


def _write(pointer: str, value: Any, title: str, exact: bool) -> Remedy:
    return Remedy("replace-value", pointer, value, title=title, exact=exact)


def _meant(pointer: str, prop: Property, value: str) -> Iterator[Remedy]:
    """The value of an enum that was meant."""
    known = [entry for entry in prop.get("enum", ()) if isinstance(entry, str)]
    lower = value.lower()
    for name, entry in prop.get("x-values", {}).items():
        if any(alias["name"].lower() == lower for alias in entry.get("x-names", ())) and name in known:
            yield _write(pointer, name, f'Write "{name}"', True)
            return
        if name.lower() == lower and entry.get("x-replaced-by") in known:
            after = entry["x-replaced-by"]
            yield _write(pointer, after, f'Write "{after}"', True)
            return
    same = next((name for name in known if name.lower() == lower), None)
    near = same or nearest(value, known)
    if near is not None:
        exact = same is not None or unmistakable(value, known) == near
        yield _write(pointer, near, f'Write "{near}"', exact)
