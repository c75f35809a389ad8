"""One property as draft-7 JSON schema that takes whatever some release takes: Olive's own models turn "16" into 16."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..catalog import Properties, Property
from .words import releases, type_of

Schema = dict[str, Any]

_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "pattern")
_LIST_BOUNDS = ("minItems", "maxItems")
_WHOLE = r"^\s*[+-]?[0-9]+(\.0*)?\s*$"
_NUMBER = r"^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+|[iI]nf(inity)?|[nN]a[nN])([eE][+-]?[0-9]+)?\s*$"
_TRUTH = r"^\s*([tT](rue)?|TRUE|[fF](alse)?|FALSE|[yY](es)?|YES|[nN]o?|NO|[oO](n|ff)|ON|OFF|[01])\s*$"
_SEARCHED = "^(SEARCHABLE_VALUES|DEFAULT_VALUE|OLIVE_IGNORED_PARAM_VALUE)$"
"""What a search takes in the place of a pass parameter's value, beside lists and objects."""
SECTIONS = {
    "accelerator": "accelerator",
    "azureml_client": "azureml_client",
    "data_config": "data_config",
    "evaluator": "evaluator",
    "hf_component": "hf_component",
    "input_model": "input_model",
    "io_config": "io_config",
    "kv_cache": "kv_cache",
    "load_kwargs": "load_kwargs",
    "metric": "metric",
    "model": "resource",
    "sub_type": "sub_type",
    "system": "system",
    "training_arguments": "training_arguments",
}
"""What a property refers to, and the definition of such a thing written in place."""


def properties_of(properties: Properties, searched: bool = False) -> Schema:
    """Every key of every release. Earlier spellings are taken and not suggested."""
    found: Schema = {}
    for key, prop in properties.items():
        found[key] = value_of(prop, searched)
        for alias in prop.get("x-names", ()):
            until = f" after {alias['until']}" if "until" in alias else ""
            said = {
                "description": f"Called {key}{until}. {prop.get('description', '')}",
                "doNotSuggest": True,
            }
            found[alias["name"]] = {**value_of(prop, searched), **said}
    return found


def said(prop: Property) -> Schema:
    """What an editor shows: the description with its releases, the default. What was dropped is not suggested."""
    times, instead = releases(prop), prop.get("x-instead", "")
    text = " ".join(
        part
        for part in (
            prop.get("description", ""),
            f"(Olive {times}.)" if times else "",
            f"Now: {instead}" if instead else "",
        )
        if part
    )
    found: Schema = {"description": text} if text else {}
    if "default" in prop and prop["default"] is not None:
        found["default"] = prop["default"]
    if "x-until" in prop:
        found["doNotSuggest"] = True
    return found


def value_of(prop: Property, searched: bool = False) -> Schema:
    """A property; `searched`: a pass parameter, which may also be a range of a search."""
    variants = [prop, *({**prop, **_laid(entry)} for entry in prop.get("x-was", ()))]
    lax = set(prop.get("x-lax", ()))
    options = [option for variant in variants for option in _options(variant)]
    types = {name for option in options for name in _types(option)}
    section = SECTIONS.get(prop.get("x-ref", ""))
    if not types:
        return said(prop)
    plain = _plain(types, prop, variants, lax, searched)
    values = [] if "enum" in lax else _values(variants)
    if values:
        plain = _chosen(values, prop, plain, types, searched)
    inner = _object(prop)
    if section and "object" in types:
        return {
            **said(prop),
            "if": {"type": "object"},
            "then": {"$ref": f"#/definitions/{section}"},
            "else": plain,
        }
    return {**said(prop), **plain, **inner}


def _laid(entry: Mapping[str, Any]) -> Schema:
    return {key: value for key, value in entry.items() if key != "until"}


def _options(variant: Property) -> list[Property]:
    return list(variant.get("anyOf") or variant.get("oneOf") or [variant])


def _types(option: Property) -> list[str]:
    written = option.get("type") or ()
    return [written] if isinstance(written, str) else list(written)


def _values(variants: Iterable[Property]) -> list[Any]:
    """The values of all releases; none where some release takes any."""
    found: list[Any] = []
    for variant in variants:
        if not variant.get("enum"):
            return []
        found.extend(value for value in variant["enum"] if value not in found)
    return found


def _plain(
    types: set[str], prop: Property, variants: list[Property], lax: set[str], searched: bool
) -> Schema:
    taken, patterns = set(types) | {"null"}, []
    if "string" in types:
        taken |= {"number", "boolean"}
    else:
        for name, pattern in (("integer", _WHOLE), ("number", _NUMBER), ("boolean", _TRUTH)):
            if name in types:
                taken |= {"string", "boolean", "integer"}
                patterns.append(pattern)
    if searched:
        taken |= {"array", "object"}
        if patterns:
            patterns.append(_SEARCHED)
    if "number" in taken:
        taken.discard("integer")
    found: Schema = {"type": sorted(taken)}
    if patterns and "string" not in types:
        found["pattern"] = "|".join(f"({pattern})" for pattern in dict.fromkeys(patterns))
        found["patternErrorMessage"] = f"Must be {type_of({'type': sorted(types)})}."
    bounds = [*_BOUNDS, *(() if searched else _LIST_BOUNDS)]
    for key in bounds:
        if key in prop and key not in lax and all(variant.get(key) == prop[key] for variant in variants):
            found[key] = prop[key]
    if "array" in types and not searched:
        found.update(_items(prop, variants))
    return found


def _items(prop: Property, variants: list[Property]) -> Schema:
    section = SECTIONS.get(prop.get("x-ref", ""))
    if section:
        return {"items": {"if": {"type": "object"}, "then": {"$ref": f"#/definitions/{section}"}}}
    items = [variant.get("items") for variant in variants]
    if not all(isinstance(entry, Mapping) and entry == items[0] for entry in items):
        return {}
    inner = value_of(items[0] or {})
    return {"items": inner} if inner else {}


def _chosen(values: list[Any], prop: Property, plain: Schema, types: set[str], searched: bool) -> Schema:
    """One of some values, where nothing else is open."""
    history: Mapping[str, Any] = prop.get("x-values", {})
    offered = [v for v in values if "x-until" not in history.get(str(v), {})]
    options: list[Schema] = [{"enum": offered}]
    rest = [v for v in values if v not in offered]
    if None not in values:
        rest.append(None)
    names = [value for value in values if isinstance(value, str)]
    if prop.get("x-any-case") and names:
        options.append({"pattern": any_case(names), "type": "string"})
    if rest:
        options.append({"enum": rest})
    if prop.get("x-values-open"):
        options.append({"type": plain["type"]})
    others = sorted((types & {"array", "object"}) | ({"array", "object"} if searched else set()))
    if others:
        options.append({"type": others})
    if searched:
        options.append({"type": "string", "pattern": _SEARCHED})
    if len(options) == 1:
        return {"enum": offered}
    if all(set(option) == {"enum"} for option in options) and not searched:
        return {"enum": [value for option in options for value in option["enum"]]}
    return {"anyOf": options}


def _object(prop: Property) -> Schema:
    """The keys of an object that the property describes itself; those of a nested object may stand beside it."""
    inner = prop.get("properties")
    if not inner:
        return {}
    nested = inner.get(prop.get("x-nested", ""), {}).get("properties", {})
    return {"properties": {**properties_of(nested), **properties_of(inner)}}


def any_case(names: Iterable[str]) -> str:
    """A regular expression for one of some names, in any case. JavaScript has no flag for that inside of one."""
    spelled = ["".join(_both(letter) for letter in name) for name in names]
    return "^(" + "|".join(spelled) + ")$"


def _both(letter: str) -> str:
    if letter.upper() == letter.lower():
        return re.escape(letter)
    return f"[{letter.upper()}{letter.lower()}]"
