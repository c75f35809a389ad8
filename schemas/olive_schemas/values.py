"""One value against one property: what Olive's models accept (they coerce), and a message for what they refuse.

Common keywords are checked here, each with its own words; a property with other keywords goes to `jsonschema`,
imported only then.
"""

from __future__ import annotations

import json
import math
import os
import re
import sys
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from . import mistaken
from .nearest import did_you_mean, listing
from .report import kind_of
from .tree import MISSING

_HANDLED = frozenset(
    [
        "type",
        "enum",
        "const",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "pattern",
        "items",
        "minItems",
        "maxItems",
        "anyOf",
        "oneOf",
        "default",
        "description",
        "title",
        "examples",
        "deprecated",
        "properties",
        "additionalProperties",
        "required",
        "minLength",
        "minProperties",
    ]
)
Manner = Literal["lenient", "pydantic 1", "pydantic 2"]
"""Who reads the value. "lenient": this engine, which takes what either reads as it is meant. Olive's models are of
pydantic 1 up to 0.11.0 (any number is a string, a fraction is cut off) and of pydantic 2 since (a string is a string)."""
_TRUE = frozenset(["true", "t", "yes", "y", "on", "1"])
_FALSE = frozenset(["false", "f", "no", "n", "off", "0"])
_NAMES = {
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


class Fit(NamedTuple):
    """The value as it will be used, what is wrong with it, and what to say although nothing is. `mistyped`: what is
    wrong is the type. `wrong` and `note` continue a sentence that begins with the name: "must be ..." """

    value: Any
    wrong: str = ""
    note: str = ""
    mistyped: bool = False


def _entries(number: int) -> str:
    return "1 entry" if number == 1 else f"{number} entries"


def fit(value: Any, prop: Mapping[str, Any], manner: Manner = "lenient") -> Fit:
    """Coerces and checks."""
    options = prop.get("anyOf") or prop.get("oneOf")
    if options:
        results = [fit(value, option, manner) for option in options]
        exact = next((result for result in results if not result.wrong and result.value is value), None)
        good = exact or next((result for result in results if not result.wrong), None)
        if good is None:
            near = (r.wrong for r, o in zip(results, options, strict=True) if _plain_type(value) in _types(o))
            wrong = next(near, "")
            if wrong:
                return Fit(value, wrong)
            types = [name for option in options for name in _types(option)]
            constants = [f'"{option["const"]}"' for option in options if "const" in option]
            names = _either(types, constants)
            return Fit(
                value, f"must be {names}, found {kind_of(value)}{_remedy(value, types, prop)}", "", True
            )
        rest = {key: entry for key, entry in prop.items() if key not in ("anyOf", "oneOf")}
        return _check(good.value, rest, good.note, manner, value)
    types = _types(prop)
    note = ""
    if types:
        coerced = _coerce(value, types, manner)
        if coerced is None and value in ("", []) and manner == "pydantic 1" and _is_open(prop):
            coerced = ({}, "") if "object" in types else None
        if coerced is None:
            after = mistaken.hint(value, prop) or _remedy(value, types, prop)
            needed = mistaken.wanted(prop, value) or _either(types)
            return Fit(value, f"must be {needed}, found {kind_of(value)}{after}", "", True)
        written = value
        value, note = coerced
        return _check(value, prop, note, manner, written)
    return _check(value, prop, note, manner, value)


def _is_open(prop: Mapping[str, Any]) -> bool:
    """Whether an empty string or list is an empty object for the models of pydantic 1, which a section with keys that
    it needs would not do with."""
    return prop.get("x-ref", "open") in ("open", "training_arguments")


def _check(value: Any, prop: Mapping[str, Any], note: str, manner: Manner, written: Any) -> Fit:
    """written: the value before it was coerced."""
    if value is None:
        return Fit(value, "", note)
    if "const" in prop and value != prop["const"]:
        return Fit(value, f"must be {kind_of(prop['const'])}, found {kind_of(value)}")
    if "enum" in prop and value not in prop["enum"]:
        known = [str(entry) for entry in prop["enum"] if entry is not None]
        meant = mistaken.hint(written, prop)
        if not meant and isinstance(value, str):
            meant = did_you_mean(value, known)
        return Fit(value, f"must be {listing(known, 16)}, found {kind_of(written)}{meant}")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        wrong = _bounds(value, prop)
        if wrong:
            return Fit(value, wrong)
    if isinstance(value, str):
        if "pattern" in prop and not re.search(prop["pattern"], value):
            return Fit(value, f"must look like {prop['pattern']}, found {kind_of(value)}")
        if len(value) < prop.get("minLength", 0):
            return Fit(value, "must not be empty")
    if isinstance(value, list):
        return _check_list(value, prop, note, manner)
    if isinstance(value, dict):
        return _check_object(value, prop, note, manner)
    if any(key not in _HANDLED and not key.startswith(("x-", "$")) for key in prop):
        wrong = _by_library(value, prop)
        if wrong:
            return Fit(value, wrong)
    return Fit(value, "", note)


def _bounds(value: float, prop: Mapping[str, Any]) -> str:
    if value != value:
        return "must be a number, found NaN"
    if "minimum" in prop and value < prop["minimum"]:
        return f"must be at least {prop['minimum']}, found {value}"
    if "exclusiveMinimum" in prop and value <= prop["exclusiveMinimum"]:
        return f"must be greater than {prop['exclusiveMinimum']}, found {value}"
    if "maximum" in prop and value > prop["maximum"]:
        return f"must be at most {prop['maximum']}, found {value}"
    if "exclusiveMaximum" in prop and value >= prop["exclusiveMaximum"]:
        return f"must be less than {prop['exclusiveMaximum']}, found {value}"
    return ""


def _check_list(value: list[Any], prop: Mapping[str, Any], note: str, manner: Manner) -> Fit:
    if len(value) < prop.get("minItems", 0):
        return Fit(value, f"must have at least {_entries(prop['minItems'])}, found {len(value)}")
    if "maxItems" in prop and len(value) > prop["maxItems"]:
        return Fit(value, f"must have at most {_entries(prop['maxItems'])}, found {len(value)}")
    items = prop.get("items")
    if not isinstance(items, Mapping):
        return Fit(value, "", note)
    fitted = [fit(entry, items, manner) for entry in value]
    for index, entry in enumerate(fitted):
        if entry.wrong:
            return Fit(value, f"entry {index + 1} {entry.wrong}")
    return Fit([entry.value for entry in fitted], "", note)


def _check_object(value: dict[str, Any], prop: Mapping[str, Any], note: str, manner: Manner) -> Fit:
    if len(value) < prop.get("minProperties", 0):
        return Fit(value, f"must have at least {_entries(prop['minProperties'])}, found {len(value)}")
    named, others = prop.get("properties", {}), prop.get("additionalProperties")
    result = dict(value)
    for key, entry in value.items():
        inner = named.get(key, others)
        if inner is False:
            return Fit(value, f"has no entry `{key}`{did_you_mean(key, named)}")
        if isinstance(inner, Mapping) and entry is not MISSING:
            fitted = fit(entry, inner, manner)
            if fitted.wrong:
                return Fit(value, f"entry `{key}` {fitted.wrong}")
            result[key] = fitted.value
    lacking = next((key for key in prop.get("required", ()) if key not in value), None)
    return Fit(value, f"needs `{lacking}`") if lacking else Fit(result, "", note)


def _types(prop: Mapping[str, Any]) -> list[str]:
    written = prop.get("type")
    if written is None:
        return []
    return [written] if isinstance(written, str) else list(written)


def _plain_type(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def _coerce(value: Any, types: list[str], manner: Manner) -> tuple[Any, str] | None:
    """(value, note), or None where no type takes it. Exact matches first, then what pydantic's lax mode does."""
    plain = _plain_type(value)
    if plain in types or (plain == "integer" and "number" in types):
        return value, ""
    if plain == "number" and "integer" in types and value.is_integer():
        return int(value), ""
    if plain == "string":
        return _from_string(value, types)
    if plain == "boolean" and ("integer" in types or "number" in types):
        return int(value), f"is {str(value).lower()}, which counts as the number {int(value)}"
    if plain in ("integer", "number") and "boolean" in types and value in (0, 1):
        return bool(value), ""
    if plain == "number" and "integer" in types and manner == "pydantic 1" and math.isfinite(value):
        return int(value), f"counts as {int(value)}: the fraction is cut off"
    if plain in ("integer", "number") and "string" in types and manner != "pydantic 2":
        return str(value), ""
    if plain == "boolean" and "string" in types and manner == "pydantic 1":
        return str(value), f'is {str(value).lower()}, which counts as the text "{value}"'
    return None


def _from_string(value: str, types: list[str]) -> tuple[Any, str] | None:
    text = value.strip()
    if "integer" in types and re.fullmatch(r"[+-]?\d+(\.0*)?", text):
        return int(float(text)) if "." in text else int(text), ""
    if "number" in types:
        try:
            return float(text), ""
        except ValueError:
            pass
    if "boolean" in types and text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE, ""
    return None


def _either(types: list[str], constants: list[str] | None = None) -> str:
    names = [_NAMES.get(name, name) for name in dict.fromkeys(types)] + (constants or [])
    return (
        names[0]
        if len(names) == 1
        else ", ".join(names[:-1]) + " or " + names[-1]
        if names
        else "something else"
    )


def as_list(value: str) -> list[str]:
    """What is meant by a string where a list belongs: names that commas part, or the one."""
    return [part for part in (part.strip() for part in value.split(",")) if part] or [value]


def takes_strings(prop: Mapping[str, Any]) -> bool:
    """Whether one of the forms of a value is a list that strings may stand in."""
    options = [prop, *prop.get("anyOf", ()), *prop.get("oneOf", ())]
    lists = [option for option in options if "array" in _types(option)]
    return any("items" not in option or "string" in _types(option["items"]) for option in lists)


def _remedy(value: Any, types: list[str], prop: Mapping[str, Any]) -> str:
    if isinstance(value, str) and "object" not in types and takes_strings(prop):
        return f": write {json.dumps(as_list(value), ensure_ascii=False)}"
    if isinstance(value, list) and "array" not in types and prop.get("x-search"):
        return ": several values are a search, which needs a search strategy; choose one"
    return ""


def _by_library(value: Any, prop: Mapping[str, Any]) -> str:
    jsonschema = _jsonschema()
    schema = {key: entry for key, entry in prop.items() if not key.startswith("x-")}
    errors = sorted(
        jsonschema.Draft202012Validator(schema).iter_errors(value), key=lambda error: list(error.path)
    )
    return f"does not fit: {errors[0].message}" if errors else ""


def _jsonschema() -> Any:
    """The environment's; where that has none, the one of whoever started this and brings it along."""
    try:
        import jsonschema
    except ImportError:
        beside = os.environ.get("OLIVEPRESS_LIBS")
        if not beside:
            raise
        sys.path.extend(beside.split(os.pathsep))
        import jsonschema
    return jsonschema
