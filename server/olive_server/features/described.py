"""What the schemas say of a property, in words and as the releases at hand have it: for completion and hover alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from olive_schemas import catalog, history
from olive_schemas.catalog import TYPES, Property
from olive_schemas.releases import Scope, era_of, known_in
from olive_schemas.shape import Shape
from olive_schemas.tree import MISSING

_SEVERAL = {
    "string": "strings",
    "integer": "whole numbers",
    "number": "numbers",
    "array": "lists",
    "object": "objects",
}


_FEW = 8


class Spelling(NamedTuple):
    """One way to write a key. `until`: the last release that knew it, or ""; `since`: the first one, or ""."""

    name: str
    since: str
    until: str


class Value(NamedTuple):
    """One value that an enum has. `instead`: what has its place now, where the releases at hand dropped it."""

    value: Any
    description: str
    known: bool
    instead: str
    life: str
    old: bool = False
    """Whether the newest release at hand knows it and fails of it."""
    aged: bool = False
    """Whether earlier releases at hand know it, and the newest one does not."""


def at(prop: Property, scope: Scope) -> Property:
    """The property as the newest release of the scope has it."""
    return catalog.at(prop, scope.newest)


def default_of(prop: Property, scope: Scope, pass_type: str = "", type_name: str = "") -> Any:
    """What holds where the key is not written, or MISSING. Olive sets some training arguments otherwise than the trainer,
    some by the pass; some defaults follow from the type around them."""
    by_pass = prop.get("x-olive-default-by-pass", {})
    if pass_type in by_pass:
        return by_pass[pass_type]
    by_type = prop.get("x-default-by", {})
    if type_name in by_type:
        return by_type[type_name]
    if "x-olive-default" in prop and era_of(scope.newest) == "current":
        return prop["x-olive-default"]
    return at(prop, scope).get("default", MISSING)


def spelling(name: str, prop: Property, scope: Scope) -> str:
    """How the newest release of the scope writes the key."""
    return history.spelling(prop, name, scope.newest) or name


def other_spellings(name: str, prop: Property, scope: Scope) -> tuple[Spelling, ...]:
    """Every spelling but the one of the newest release, each once."""
    now = spelling(name, prop, scope)
    aliases = history.aliases(prop)
    found: dict[str, Spelling] = {}
    if now != name:
        last = next((alias.get("until", "") for alias in aliases if alias["name"] == now), "")
        found[name] = Spelling(name, history.next_after(last) if last else "", "")
    for alias in aliases:
        if alias["name"] != now:
            found[alias["name"]] = Spelling(alias["name"], alias.get("since", ""), alias.get("until", ""))
    return tuple(found.values())


def known(prop: Property, scope: Scope) -> bool:
    """Whether some release of the scope has the key."""
    return scope.knows(prop)


def required(shape: Shape, scope: Scope) -> tuple[str, ...]:
    """Keys that the newest release of the scope needs here, under their present names."""
    return tuple(
        name
        for name, prop in shape.properties.items()
        if history.required_in(prop, name in shape.required, scope.newest)
    )


def values(prop: Property, scope: Scope) -> tuple[Value, ...]:
    """The values of an enum, those of the scope's releases first."""
    found: list[Value] = []
    listed = list(prop.get("enum", ())) or _known_values(prop)
    for value in listed:
        facts = facts_of(prop, value)
        instead = str(facts.get("x-replaced-by", ""))
        found.append(
            Value(
                value,
                str(facts.get("description", "")),
                scope.knows(facts),
                instead,
                life(facts),
                any(within(span, scope.newest) for span in facts.get("x-broken", ())),
            )
        )
    return tuple(sorted(found, key=lambda entry: (not entry.known, entry.old)))


def _known_values(prop: Property) -> list[Any]:
    """Those of a place that takes others too. Where it takes no strings they are numbers, written as strings."""
    about = prop.get("x-values", {})
    numbers = "integer" in types_of(prop) and "string" not in types_of(prop)
    return [int(value) if numbers and value.lstrip("-").isdigit() else value for value in about]


def facts_of(prop: Property, value: Any) -> Mapping[str, Any]:
    """What is said of one value; numbers stand there as strings."""
    plain = isinstance(value, (str, int)) and not isinstance(value, bool)
    found: Mapping[str, Any] = prop.get("x-values", {}).get(str(value), {}) if plain else {}
    return found


def within(span: Mapping[str, Any], release: str) -> bool:
    return known_in({"x-since": span.get("since"), "x-until": span.get("until")}, release)


def types_of(prop: Property) -> tuple[str, ...]:
    """JSON types that the property takes, those of alternatives too."""
    found: dict[str, None] = {}
    written = prop.get("type", ())
    found.update(dict.fromkeys([written] if isinstance(written, str) else written))
    for option in (*prop.get("anyOf", ()), *prop.get("oneOf", ())):
        found.update(dict.fromkeys(types_of(option)))
    return tuple(found)


def prefers_list(prop: Property) -> bool:
    """Whether one value is better written as a list of one: where nothing else fits, or a list is named first."""
    types = types_of(prop)
    return "array" in types and ("string" not in types or types.index("array") < types.index("string"))


def constants(prop: Property) -> dict[Any, str]:
    """Values that alternatives name one by one, such as "all-linear", with what is said of each."""
    options = (*prop.get("anyOf", ()), *prop.get("oneOf", ()))
    return {
        option["const"]: str(option.get("description", ""))
        for option in options
        if "const" in option and isinstance(option["const"], (str, int, float, bool, type(None)))
    }


def few_numbers(prop: Property) -> range:
    """Every whole number that the bounds allow, where these are few: levels."""
    low, high = prop.get("minimum"), prop.get("maximum")
    if types_of(prop)[:1] != ("integer",) or not isinstance(low, int) or not isinstance(high, int):
        return range(0)
    return range(low, high + 1) if high - low < _FEW else range(0)


def items_of(prop: Property) -> Property:
    """What the entries of a list are, if the property is one."""
    if isinstance(prop.get("items"), Mapping):
        return prop["items"]  # type: ignore[no-any-return]
    for option in (*prop.get("anyOf", ()), *prop.get("oneOf", ())):
        if isinstance(option.get("items"), Mapping):
            return option["items"]  # type: ignore[no-any-return]
    return {}


def type_words(prop: Property) -> str:
    """ "whole number or null", "list of strings"."""
    names = []
    for kind in types_of(prop):
        word = TYPES.get(kind, kind)
        inside = types_of(items_of(prop)) if kind == "array" else ()
        names.append(
            f"list of {' or '.join(_SEVERAL.get(name, name) for name in inside)}" if inside else word
        )
    names += [shown(value) for value in constants(prop) if value is not None]
    return " or ".join(sorted(names, key=lambda name: name == "null"))


def bounds(prop: Property) -> str:
    """ "at least 1, at most 64"; empty without bounds."""
    words = (
        ("minimum", "at least"),
        ("exclusiveMinimum", "more than"),
        ("maximum", "at most"),
        ("exclusiveMaximum", "less than"),
        ("minItems", "entries: at least"),
        ("maxItems", "entries: at most"),
    )
    options = [prop, *prop.get("anyOf", ()), *prop.get("oneOf", ())]
    return ", ".join(f"{word} {option[key]}" for option in options for key, word in words if key in option)


def shown(value: Any, most: int = 60) -> str:
    """A value as JSON on one line, cut where it is long."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = str(value)
    return text if len(text) <= most else text[: most - 1] + "…"


def life(entry: Mapping[str, Any]) -> str:
    """ "since 0.8.0", "until 0.6.2", "0.3.1 to 0.9.2"; empty where it was always there."""
    since, until = entry.get("x-since"), entry.get("x-until")
    if since and until:
        return f"only in {since}" if since == until else f"{since} to {until}"
    if since == "main":
        return "only on the main branch so far"
    return f"since {since}" if since else f"until {until}" if until else ""
