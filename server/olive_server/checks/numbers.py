"""Truth values where numbers belong.

`odd-value`: `true` counts as 1 and `false` as 0 for Olive, which takes them without a word: `"target_opset": true` is
opset 1, which no exporter writes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from olive_schemas.problems import Problem, Severity

from ._told import remove, replace, told

if TYPE_CHECKING:
    from ..document import Document

CODES = {"odd-value": "a truth value counts as a number"}
_FATAL = {"target_opset": (17, 21)}
"""Where 1 is no number that works, and what is usual."""


def check(document: Document) -> Iterable[Problem]:
    for place in document.view.places:
        if place.node.kind != "boolean":
            continue
        written = place.shape.prop.get("type", ())
        types = (written,) if isinstance(written, str) else tuple(written)
        if "boolean" in types or not ("integer" in types or "number" in types):
            continue
        key = place.shape.key
        default = place.shape.prop.get("default")
        counts = [int(place.node.value)] if key not in _FATAL else []
        usual = [
            value
            for value in (*_FATAL.get(key, ()), *counts, default)
            if isinstance(value, (int, float)) and not isinstance(value, bool)
        ]
        yield told(
            Severity.ERROR if key in _FATAL else Severity.WARNING,
            "odd-value",
            f"`{key}` must be a number, found {str(place.node.value).lower()}, which counts as {int(place.node.value)}",
            place.pointer,
            remedies=[
                *(replace(place.pointer, value) for value in dict.fromkeys(usual)),
                remove(place.pointer),
            ],
        )
