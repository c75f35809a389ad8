"""How parts of a config are written: nested or flat, under which names, with which values to start from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from olive_schemas.catalog import Property
from olive_schemas.releases import index

from ..document import Document
from . import described
from .completion_items import Hole

_ONE_WORD = frozenset(("LoRA", "QLoRA", "DoRA", "LoftQ", "LoHa", "LoKr"))
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Snippet(NamedTuple):
    label: str
    name: str
    """Under which it stands where it needs one."""
    value: Any
    detail: str
    data: Mapping[str, Any]
    rank: int = 2


class Writing(NamedTuple):
    """How the config at hand writes things."""

    document: Document
    release: str
    classic: bool

    def nest(self, kind: str, settings: Mapping[str, Any], key: str = "config", **own: Any) -> dict[str, Any]:
        """An object with a type: its settings nested or beside it, as the dialect does it."""
        if not settings:
            return {"type": kind, **own}
        return {"type": kind, **own, **({key: dict(settings)} if self.classic else settings)}

    def since(self, release: str) -> bool:
        return index(self.release) >= index(release)


def writing(document: Document) -> Writing:
    return Writing(document, document.scope.newest, document.era == "classic")


def names_of(document: Document, kind: str) -> list[str]:
    return list(document.view.definitions.get(kind, {}))


def free_name(document: Document, kind: str, wanted: str) -> str:
    """The name, with a number behind it where it is taken."""
    taken = document.view.definitions.get(kind, {})
    numbered = (wanted if number == 1 else f"{wanted}_{number}" for number in range(1, len(taken) + 2))
    return next(name for name in numbered if name not in taken)


def reference(document: Document, kind: str, otherwise: str) -> Hole:
    """The first thing of a kind that the config defines."""
    names = names_of(document, kind)
    return Hole(names[0] if names else otherwise, retrigger=True)


def parameter(document: Document, name: str, prop: Property) -> Any:
    """A value that a required parameter can have."""
    ref = prop.get("x-ref")
    if name == "precision" and "int4" in prop.get("enum", ()):
        return Hole("int4", retrigger=True)
    if ref == "function":
        return Hole("my_function", retrigger=True)
    if ref in ("data_config", "system", "evaluator"):
        return reference(document, str(ref), "train_data" if ref == "data_config" else str(ref))
    for value in (*prop.get("enum", ()), *prop.get("x-values", ())):
        if value is not None:
            return Hole(value, retrigger=True)
    return empty_value(prop)


def empty_value(prop: Property) -> Any:
    """A value of the right type with a stop in it."""
    types = described.types_of(prop)
    default = prop.get("default")
    listed = [value for value in prop.get("enum", ()) if value is not None]
    if types and set(types) <= {"boolean", "null"}:
        first = not default if isinstance(default, bool) else True
        return Hole(first, (first, not first))
    if listed or prop.get("x-values"):
        return Hole(default or "", retrigger=True)
    if default is not None and not isinstance(default, (dict, list)):
        return Hole(default, retrigger=bool(prop.get("x-ref")))
    if described.prefers_list(prop):
        inner = described.types_of(described.items_of(prop))
        strings = "string" in inner or not inner
        asks = bool(prop.get("x-ref") or described.items_of(prop).get("enum"))
        return (
            [Hole("", retrigger=asks)]
            if strings
            else [Hole({}, retrigger=True)]
            if "object" in inner
            else Hole([])
        )
    if "string" in types or not types:
        return Hole("", retrigger=bool(prop.get("x-ref")))
    if "object" in types:
        return Hole({}, retrigger=True)
    if "integer" in types or "number" in types:
        return Hole(_number(prop))
    if "array" in types:
        return Hole([])
    return Hole(None)


def _number(prop: Property) -> Any:
    """A number that the bounds allow."""
    for candidate in (*prop.get("x-search", ()), prop.get("minimum"), 1):
        if isinstance(candidate, (int, float)):
            return candidate
    return 1


def snake(kind: str) -> str:
    """OnnxConversion -> onnx_conversion; LoRA -> lora."""
    return kind.lower() if kind in _ONE_WORD else _WORD_START.sub("_", kind.replace("LoRA", "Lora")).lower()


def first_sentence(text: str) -> str:
    """Without its full stop."""
    first = text.partition(". ")[0]
    return first if first.endswith("...") else first.removesuffix(".")
