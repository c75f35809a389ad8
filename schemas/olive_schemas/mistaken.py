"""What people write for something else: names and values of peft, transformers, llama.cpp and other tools.

The schema files say so: `x-mistaken` of a property lists keys that are written for it, `x-meant` maps values, in lower
case, to the one that they mean. Both are asked before the spelling is compared, since `max_length` is not much like
`max_seq_len`, and `half` nothing like `fp16`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

_BY_KEY: dict[int, tuple[Mapping[str, Mapping[str, Any]], dict[str, str]]] = {}


def bare(name: str) -> str:
    """A name as far as it counts: case, `_`, `-` and spaces do not."""
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")


def key_meant(
    name: str, properties: Mapping[str, Mapping[str, Any]], without: Collection[str] = ()
) -> str | None:
    """The property that is meant by a key that is none, by its present name. without: those that are not asked."""
    known = _BY_KEY.get(id(properties))
    if known is None or known[0] is not properties:
        names: dict[str, str] = {}
        for present, prop in properties.items():
            for written in prop.get("x-mistaken", ()):
                names.setdefault(bare(written), present)
        known = _BY_KEY[id(properties)] = (properties, names)
    found = known[1].get(bare(name))
    return None if found is None or found in without else found


def value_meant(value: Any, prop: Mapping[str, Any]) -> Any:
    """The value that is meant by one that does not fit, or None."""
    table: Mapping[str, Any] = prop.get("x-meant", {})
    if not table or isinstance(value, (dict, list)) or value is None:
        return None
    written = str(value).strip().lower()
    if isinstance(value, float) and value.is_integer():
        written = str(int(value))
    meant = table.get(written)
    return meant if meant is None or "enum" not in prop or meant in prop["enum"] else None


def hint(value: Any, prop: Mapping[str, Any]) -> str:
    """`; did you mean ...?`, or nothing."""
    meant = value_meant(value, prop)
    return "" if meant is None else f"; did you mean `{meant}`?"


def wanted(prop: Mapping[str, Any], value: Any) -> str:
    """What a place takes, in more words than its type; nothing where the type says it all."""
    if isinstance(value, (dict, list)):
        return ""
    if "x-meant" in prop and "minimum" in prop and "maximum" in prop and prop.get("type") == "integer":
        return f"a whole number from {prop['minimum']} to {prop['maximum']}"
    names = [entry for entry in prop.get("enum", ()) if entry is not None]
    if not names or not all(isinstance(entry, str) for entry in names):
        return ""
    from .nearest import listing

    return listing(names, 16)
