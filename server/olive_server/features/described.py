"""What the schemas say of a property, in words and as the releases at hand have it: for completion and hover alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from olive_schemas import catalog
from olive_schemas.catalog import Property
from olive_schemas.releases import RELEASES, Scope, known_in
from olive_schemas.shape import Shape

_TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "array": "list",
    "object": "object",
    "null": "null",
}


class Spelling(NamedTuple):
    """How a key is written. `now`: its present name; `until`: the last release that knew this spelling, or ""."""

    name: str
    now: str
    until: str


class Value(NamedTuple):
    """One value that an enum has. `instead`: what has its place now, where the releases at hand dropped it."""

    value: Any
    description: str
    known: bool
    instead: str


def at(prop: Property, scope: Scope) -> Property:
    """The property as the newest release of the scope has it."""
    asked = getattr(catalog, "at", None)
    if asked is not None:
        return asked(prop, scope.newest)  # type: ignore[no-any-return]
    if "x-classic-default" in prop and catalog.before_current(scope.newest):
        return {**prop, "default": prop["x-classic-default"]}
    return prop


def spelling(name: str, prop: Property, scope: Scope) -> str:
    """How the newest release of the scope writes the key."""
    for alias in prop.get("x-names", ()):
        span = {"x-since": alias.get("since"), "x-until": alias.get("until")}
        if alias.get("until") in RELEASES and known_in(span, scope.newest):
            return str(alias["name"])
    return name


def spellings(name: str, prop: Property) -> tuple[Spelling, ...]:
    """The present name first, then the others."""
    others = (Spelling(alias["name"], name, alias.get("until") or "") for alias in prop.get("x-names", ()))
    return (Spelling(name, name, ""), *others)


def known(prop: Property, scope: Scope) -> bool:
    """Whether the key is to be offered: some release of the scope has it, `x-since: never` none."""
    since, until = prop.get("x-since"), prop.get("x-until")
    if since == "never":
        return False
    if (since and since not in RELEASES) or (until and until not in RELEASES):
        return not until
    return scope.knows(prop)


def required(shape: Shape, scope: Scope) -> tuple[str, ...]:
    """Keys that the newest release of the scope needs here, under their present names."""
    return tuple(
        name
        for name, prop in shape.properties.items()
        if known(prop, scope) and (name in shape.required or _needed(prop, scope.newest))
    )


def _needed(prop: Property, release: str) -> bool:
    return any(
        known_in({"x-since": entry.get("since"), "x-until": entry.get("until")}, release)
        for entry in prop.get("x-required", ())
    )


def values(prop: Property, scope: Scope) -> tuple[Value, ...]:
    """The values of an enum, those of the scope's releases first."""
    found: list[Value] = []
    about: Mapping[str, Any] = prop.get("x-values", {})
    listed = list(prop.get("enum", ())) or list(about)
    for value in listed:
        facts = about.get(value, {}) if isinstance(value, str) else {}
        instead = str(facts.get("x-replaced-by", ""))
        found.append(Value(value, str(facts.get("description", "")), scope.knows(facts), instead))
    return tuple(sorted(found, key=lambda entry: not entry.known))


def types_of(prop: Property) -> tuple[str, ...]:
    """JSON types that the property takes, those of alternatives too."""
    found: dict[str, None] = {}
    written = prop.get("type", ())
    found.update(dict.fromkeys([written] if isinstance(written, str) else written))
    for option in (*prop.get("anyOf", ()), *prop.get("oneOf", ())):
        found.update(dict.fromkeys(types_of(option)))
    return tuple(found)


def constants(prop: Property) -> tuple[Any, ...]:
    """Values that alternatives name one by one, such as "all-linear"."""
    options = (*prop.get("anyOf", ()), *prop.get("oneOf", ()))
    return tuple(option["const"] for option in options if "const" in option)


def items_of(prop: Property) -> Property:
    """What the entries of a list are, if the property is one."""
    if isinstance(prop.get("items"), Mapping):
        return prop["items"]  # type: ignore[no-any-return]
    for option in (*prop.get("anyOf", ()), *prop.get("oneOf", ())):
        if isinstance(option.get("items"), Mapping):
            return option["items"]  # type: ignore[no-any-return]
    return {}


def type_words(prop: Property) -> str:
    """ "whole number or null", "list of text"."""
    names = []
    for kind in types_of(prop):
        word = _TYPES.get(kind, kind)
        inside = types_of(items_of(prop)) if kind == "array" else ()
        names.append(f"list of {' or '.join(_TYPES.get(name, name) for name in inside)}" if inside else word)
    return " or ".join(names)


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


def life(prop: Property) -> str:
    """ "since 0.8.0", "until 0.6.2", "0.3.1 to 0.9.2"; empty where it was always there."""
    since, until = prop.get("x-since"), prop.get("x-until")
    if since == "never":
        return ""
    if since and until:
        return f"only in {since}" if since == until else f"{since} to {until}"
    return f"since {since}" if since else f"until {until}" if until else ""


def has_default(prop: Property) -> bool:
    return "default" in prop
