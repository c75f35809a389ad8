"""What to write in the place of a value that does not fit, where its meaning is clear."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .catalog import Property
from .nearest import nearest, unmistakable
from .problems import Remedy
from .report import kind_of
from .tree import Node, to_python
from .values import fit

if TYPE_CHECKING:
    from .shapes import Place


def types_of(prop: Property) -> tuple[str, ...]:
    """The types that a property takes, in any of its forms."""
    written = prop.get("type", ())
    own = (written,) if isinstance(written, str) else tuple(written)
    return (*own, *(name for option in prop.get("anyOf", ()) for name in types_of(option)))


def remedies_of(place: Place, prop: Property, node: Node) -> list[Remedy]:
    pointer = place.pointer
    types = types_of(prop)
    found: list[Remedy] = []
    if node.kind == "string":
        if "array" in types:
            found.append(
                Remedy("replace-value", pointer, [node.value], title=f'Write ["{node.value}"]', exact=True)
            )
        elif types == ("object",) and place.shape.kind in ("pass", "system"):
            value = {"type": node.value}
            found.append(
                Remedy("replace-value", pointer, value, title=f'Write {{"type": "{node.value}"}}', exact=True)
            )
        elif types == ("object",) and prop.get("x-ref", place.shape.kind) == "accelerator":
            value = {"device": node.value}
            found.append(
                Remedy(
                    "replace-value", pointer, value, title=f'Write {{"device": "{node.value}"}}', exact=True
                )
            )
        found.extend(_meant(pointer, prop, node.value))
    elif (
        node.kind == "array"
        and len(node.items) == 1
        and "array" not in types
        and node.items[0].kind != "missing"
    ):
        value = to_python(node.items[0])
        if not fit(value, prop).wrong:
            found.append(
                Remedy("replace-value", pointer, value, title=f"Write {kind_of(value)} alone", exact=True)
            )
    return found


def _meant(pointer: str, prop: Property, value: str) -> Iterator[Remedy]:
    """The value of an enum that was meant."""
    known = [entry for entry in prop.get("enum", ()) if isinstance(entry, str)]
    lower = value.lower()
    for name, entry in prop.get("x-values", {}).items():
        if any(alias["name"].lower() == lower for alias in entry.get("x-names", ())) and name in known:
            yield Remedy("replace-value", pointer, name, title=f'Write "{name}"', exact=True)
            return
        if name.lower() == lower and entry.get("x-replaced-by") in known:
            after = entry["x-replaced-by"]
            yield Remedy("replace-value", pointer, after, title=f'Write "{after}"', exact=True)
            return
    same = next((name for name in known if name.lower() == lower), None)
    near = same or nearest(value, known)
    if near is not None:
        exact = same is not None or unmistakable(value, known) == near
        yield Remedy("replace-value", pointer, near, title=f'Write "{near}"', exact=exact)
