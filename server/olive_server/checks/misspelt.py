"""Misspelt keys where the schemas by themselves cannot tell: any key is taken because it is handed on to a library
(arguments of `datasets.load_dataset`, of `from_pretrained`), or the misspelt one is the `type` that says what is known.

`unknown-name`: the key is very like one that is known there and that is not written. Without it the known one keeps its
default (a warning), or is missing (an error); what gets the unknown one mostly stops at it.

`unknown-type`: a data container of one's own whose name is all but that of a usual one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from olive_schemas import catalog
from olive_schemas.catalog import earlier_names
from olive_schemas.mistaken import key_meant
from olive_schemas.nearest import nearest, unmistakable
from olive_schemas.problems import Problem, Severity
from olive_schemas.tree import join

from ._told import rename, replace, told

if TYPE_CHECKING:
    from olive_schemas.shape import Shape

    from ..document import Document

CODES = {"unknown-name": "a key that nothing knows", "unknown-type": "no release of Olive has such a type"}
_SURE = 0.88
_LIKE = 0.75
_NEED_TYPE = frozenset(("pass", "input_model", "system", "metric"))
_TYPED = _NEED_TYPE | {"component"}


def _type(pointer: str, names: list[str], shape: Shape) -> Iterator[Problem]:
    """`type` under a misspelt key."""
    if "type" in names:
        return
    wrong = nearest("type", [name for name in names if name not in shape.properties], 0.7)
    if wrong is not None:
        place = join(pointer, wrong)
        needed = shape.kind in _NEED_TYPE
        effect = "nothing is known of it" if needed else "it is the usual one"
        yield told(
            Severity.ERROR if needed else Severity.WARNING,
            "unknown-name",
            f"{shape.what} has no `{wrong}`; did you mean `type`? Without it {effect}",
            place,
            "key",
            remedies=[rename(place, "type", exact=True)],
        )


def check(document: Document) -> Iterable[Problem]:
    yield from _containers(document)
    for place in document.view.places:
        shape, node = place.shape, place.node
        if node.kind != "object" or not shape.properties:
            continue
        if "type" in shape.properties and shape.kind in _TYPED:
            yield from _type(place.pointer, [member.name for member in node.members], shape)
        if shape.closed:
            continue
        names = {member.name for member in node.members}
        unknown = [name for name in names if name not in shape.properties]
        if not unknown:
            continue
        earlier = earlier_names(shape.properties)
        free = [name for name in shape.properties if name not in names]
        for name in unknown:
            if name in earlier or name == shape.nested or name.startswith("_"):
                continue
            meant = key_meant(name, shape.properties, names) or nearest(name, free, _LIKE)
            if meant is None:
                continue
            pointer = join(place.pointer, name)
            needed = meant in shape.required
            effect = "is missing" if needed else "keeps its default"
            yield told(
                Severity.ERROR if needed else Severity.WARNING,
                "unknown-name",
                f"{shape.what} has no `{name}`; did you mean `{meant}`? As it is, `{meant}` {effect}",
                pointer,
                "key",
                remedies=[rename(pointer, meant, exact=unmistakable(name, free) is not None)],
            )


def _containers(document: Document) -> Iterator[Problem]:
    """A container that `user_script` may register, and whose name is all but that of a usual one."""
    for part in document.parts.data_configs:
        known = catalog.data_containers()
        place = part.get("type")
        if place is None or not part.type or not part.value("user_script"):
            continue
        if catalog.find(known, part.type) is None and (meant := nearest(part.type, known, _SURE)):
            yield told(
                Severity.WARNING,
                "unknown-type",
                f"Olive has no data container `{part.type}`; did you mean `{meant}`, or does `user_script` register it?",
                place.pointer,
                remedies=[replace(place.pointer, meant)],
            )
