"""Written parameters against the properties that describe them: names, values, defaults. Used for passes, the engine,
models, systems and data components alike.

Names come out in the current spelling. A name is told of once: written in an earlier spelling beside the current one,
without effect here, belonging to something else, or known to nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .catalog import Properties, Property, earlier_names
from .history import spelling
from .mistaken import key_meant
from .nearest import nearest
from .report import Field, Fields, Report
from .tree import MISSING
from .values import fit

Era = Literal["classic", "current"]
DEFAULT, SEARCHABLE = "DEFAULT_VALUE", "SEARCHABLE_VALUES"
_NEWEST: Mapping[Era, str] = {"classic": "0.6.2", "current": "main"}


@dataclass(frozen=True)
class Parameters:
    """`values`: current names, coerced, with defaults. `given`, `pointers`: what the file writes, and where."""

    values: dict[str, Any] = field(default_factory=dict)
    given: frozenset[str] = frozenset()
    pointers: dict[str, str] = field(default_factory=dict)


def nowhere(name: str) -> str | None:
    """The `elsewhere` of whatever has no relatives."""
    del name
    return None


def default_of(prop: Property, era: Era) -> Any:
    if era == "classic" and "x-classic-default" in prop:
        return prop["x-classic-default"]
    return prop.get("default")


def read_parameters(
    fields: Fields,
    properties: Properties,
    where: str,
    report: Report,
    *,
    era: Era = "current",
    required: Iterable[str] = (),
    pointer: str = "",
    besides: Iterable[str] = (),
    elsewhere: Callable[[str], str | None] = nowhere,
    open_names: bool = False,
    pass_on: bool = False,
    searching: bool = False,
    defaults: bool = True,
) -> Parameters:
    """Checks `fields` of `where` ("LoRA") and fills in the defaults of the era.

    besides: names that are read by someone else; here they only help to find the nearest.
    elsewhere(name): what to warn of a name that `properties` lack but Olive knows, else None.
    open_names: unknown names are passed on, unless they look like a misspelt known one (private
    names never do). pass_on: all of them are.
    searching: the config has a search strategy, so lists of candidates are legal.
    """
    named = _current_names(fields, properties, report)
    values: dict[str, Any] = {}
    pointers: dict[str, str] = {}
    meant: set[str | None] = set()
    for name, entry in named.items():
        prop = properties.get(name)
        if prop is None:
            known = [*properties, *earlier_names(properties), *besides]
            if pass_on or (open_names and (name.startswith("_") or nearest(name, known, 0.86) is None)):
                values[name], pointers[name] = frozen(entry.value), entry.pointer
            elif told := elsewhere(name):
                report.warning("no-effect", told, entry.pointer, "key")
            else:
                mistaken = key_meant(name, properties)
                report.unknown(name, where, known, entry.pointer, mistaken)
                meant.add(mistaken or nearest(name, known))
            continue
        pointers[name] = entry.pointer
        values[name] = read_value(
            name, entry, prop, report, era=era, searching=searching, required=name in required
        )
        why = prop.get("x-here", "")
        if why and values[name] != default_of(prop, era):
            report.warning("no-effect", f"`{name}` has no effect here: {reason(why)}", entry.pointer, "key")
    for name in required:
        if name not in named and name in properties and (report.lenient or name not in meant):
            spelled = spelling(properties[name], name, _NEWEST[era]) or name
            report.error("missing", f"{where} needs `{spelled}`{_example(properties[name])}", pointer, "key")
    if defaults:
        for name, prop in properties.items():
            if name not in values:
                values[name] = default_of(prop, era)
    given = frozenset(pointers)
    ordered = {name: values[name] for name in (*properties, *values) if name in values}
    return Parameters(ordered, given, pointers)


def _current_names(fields: Fields, properties: Properties, report: Report) -> Fields:
    """The fields under their present names. The present spelling wins over an earlier one beside it."""
    aliases = earlier_names(properties)
    named: Fields = {
        name: entry for name, entry in fields.items() if name in properties or name not in aliases
    }
    for name, entry in fields.items():
        if name in named:
            continue
        current = aliases[name][0]
        if current in named:
            report.warning(
                "written-twice",
                f"`{name}` is the earlier name of `{current}`, which is written too and counts: remove `{name}`",
                entry.pointer,
                "key",
            )
        else:
            named[current] = entry
    return named


def read_value(
    name: str,
    entry: Field,
    prop: Property,
    report: Report,
    *,
    era: Era = "current",
    searching: bool = False,
    required: bool = False,
) -> Any:
    """One value, coerced; the default where it cannot be used (and the report says why)."""
    default = default_of(prop, era)
    value = entry.value
    if value is MISSING:
        return default
    if value == DEFAULT:
        if required:
            report.error("no-default", f"`{name}` has no default: write its value", entry.pointer)
        return default
    if value == SEARCHABLE or (
        isinstance(value, dict) and value.get("olive_parameter_type") == "SearchParameter"
    ):
        if not searching:
            report.error(
                "search-values",
                f"`{name}` asks for a search, and the config has no search strategy: write one value",
                entry.pointer,
            )
        return default
    fitted = fit(value, prop)
    if not fitted.wrong:
        if fitted.note:
            report.warning("odd-value", f"`{name}` {fitted.note}", entry.pointer)
        return fitted.value
    if value is None:
        if required:
            report.error("wrong-type", f"`{name}` must have a value, found null", entry.pointer)
        elif default is not None:
            report.warning("no-effect", f"`{name}` is null: its default {default!r} is used", entry.pointer)
        return default
    if searching and isinstance(value, list):
        return default
    secret = prop.get("x-secret")
    text = fitted.wrong.partition(", found")[0] if secret else fitted.wrong
    report.error("wrong-type" if fitted.mistyped else "wrong-value", f"`{name}` {text}", entry.pointer)
    return default


def reason(why: str) -> str:
    """What `x-here` says after its keyword."""
    return why.partition(":")[2].strip() or why


def _example(prop: Property) -> str:
    choices = prop.get("enum")
    if choices:
        return f" (one of {', '.join(str(choice) for choice in choices if choice is not None)})"
    if prop.get("x-ref") == "data_config":
        return ": the name of a data config"
    return ""


def frozen(value: Any) -> Any:
    """Lists as tuples would surprise whoever passes them on; dicts and lists are copied, so that nothing is shared."""
    if isinstance(value, Mapping):
        return {key: frozen(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [frozen(entry) for entry in value]
    return value
