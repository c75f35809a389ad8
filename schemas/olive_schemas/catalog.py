"""The facts about Olive's configs: its passes here, everything else from `sections`.

Read-only: whoever gets a mapping from here must not change it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from .releases import RELEASES, index, known_in
from .schema_files import folder
from .schema_files import read as _file
from .sections import (
    STAGES,
    Properties,
    Property,
    accelerators,
    at,
    component_properties,
    data_components,
    data_config_properties,
    data_containers,
    device_providers,
    engine_properties,
    evaluator_types,
    find,
    hf_tasks,
    loading_arguments,
    metric_config_properties,
    models,
    packaging,
    pass_fields,
    resources,
    samplers,
    search_algorithms,
    section,
    sub_types,
    systems,
    training_arguments,
    unknown_key,
    user_config_properties,
    workflow_properties,
)

__all__ = [
    "STAGES",
    "PassSchema",
    "Properties",
    "Property",
    "accelerators",
    "at",
    "before_current",
    "component_properties",
    "data_components",
    "data_config_properties",
    "data_containers",
    "device_providers",
    "earlier_names",
    "engine_properties",
    "evaluator_types",
    "find",
    "hf_tasks",
    "known_passes",
    "loading_arguments",
    "metric_config_properties",
    "models",
    "packaging",
    "pass_fields",
    "pass_schema",
    "pass_types",
    "passes_with",
    "required_in",
    "resources",
    "runnable_passes",
    "samplers",
    "search_algorithms",
    "section",
    "sub_types",
    "successor",
    "systems",
    "training_arguments",
    "unknown_key",
    "user_config_properties",
    "whole",
    "workflow_properties",
]

TYPES = {
    "string": "string",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "array": "list",
    "object": "object",
}
"""JSON Schema's types in the words that pages, hovers and messages use."""


@dataclass(frozen=True)
class PassSchema:
    """A pass type of any release. `runs_here`: this engine has it. `properties`: every parameter of every release, the
    shared ones included, each with its `x-since` and `x-until`."""

    type: str
    runs_here: bool
    properties: Properties = field(default_factory=dict)
    required: tuple[str, ...] = ()
    """What every release requires that has the type and the parameter; `required_in` knows the rest."""
    takes: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    description: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)


@cache
def _pass_files() -> dict[str, str]:
    """Lower-cased type -> type as Olive spells it."""
    passes = folder().joinpath("passes")
    names = [entry.name for entry in passes.iterdir()] if passes.is_dir() else []
    types = sorted(name[:-5] for name in names if name.endswith(".json") and not name.startswith("_"))
    return {name.lower(): name for name in types}


def _pass_file(name: str) -> dict[str, Any]:
    return _file(f"passes/{name}.json")


@cache
def _earlier_passes() -> dict[str, str]:
    """Lower-cased earlier name of a type -> its present name. Types that have a file of their own are left out."""
    return {
        alias["name"].lower(): name
        for name in _pass_files().values()
        for alias in _pass_file(name).get("x-names", ())
        if alias["name"].lower() not in _pass_files()
    }


def known_passes() -> list[str]:
    """Every pass type of any release of Olive, as Olive spells it."""
    return sorted(_pass_files().values())


@cache
def runnable_passes() -> tuple[str, ...]:
    """The pass types that this engine runs."""
    return tuple(name for name in known_passes() if _pass_file(name).get("x-runs-here") is True)


@cache
def pass_types() -> Mapping[str, Mapping[str, Any]]:
    """Pass type -> its file, with its history and earlier names."""
    return {name: _pass_file(name) for name in known_passes()}


def successor(type_name: str) -> str | None:
    """The pass type that took the place of one which later releases lack, where there is one."""
    name = _pass_files().get(type_name.lower())
    return _pass_file(name).get("x-replaced-by") if name else _earlier_passes().get(type_name.lower())


@cache
def pass_schema(type_name: str) -> PassSchema | None:
    """What is known of a pass type, without regard to case; None where no release has it."""
    lower = type_name.lower()
    name = _pass_files().get(lower) or _earlier_passes().get(lower)
    if name is None:
        return None
    raw = _pass_file(name)
    return PassSchema(
        type=name,
        runs_here=raw.get("x-runs-here") is True,
        properties=_pass_properties(raw),
        required=tuple(raw.get("required", ())),
        takes=_several(raw.get("x-takes", ())),
        gives=_several(raw.get("x-gives", ())),
        since=raw.get("x-since", ""),
        until=raw.get("x-until", ""),
        description=raw.get("description", ""),
        raw=raw,
    )


def _pass_properties(raw: Mapping[str, Any]) -> dict[str, Property]:
    """A file's own parameters over those of the groups that it includes, each over the type that it names."""
    shared = _file("passes/_shared.json")
    properties: dict[str, dict[str, Any]] = {}
    for group in raw.get("x-include", ()):
        properties.update(shared.get("groups", {}).get(group, {}).get("properties", {}))
    for dropped in raw.get("x-exclude", ()):
        properties.pop(dropped, None)
    for key, own in raw.get("properties", {}).items():
        properties[key] = {**properties.get(key, {}), **own}
    types = shared.get("types", {})
    return {key: whole(prop, types) for key, prop in properties.items()}


def whole(prop: Property, types: Mapping[str, Any]) -> Property:
    """A property with the type that it names in `x-like` written out. Where its default is null, null is allowed."""
    like = types.get(prop.get("x-like", ""))
    if like is None:
        return prop
    nullable = "default" in prop and prop["default"] is None
    base = {**like, "type": [like["type"], "null"], "enum": [*like["enum"], None]} if nullable else like
    return {**base, **prop}


def _several(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


@cache
def passes_with(parameter: str) -> tuple[str, ...]:
    """The pass types that have a parameter of this name, in its present or an earlier spelling."""
    return tuple(
        name
        for name in known_passes()
        if (schema := pass_schema(name))
        and (parameter in schema.properties or parameter in earlier_names(schema.properties))
    )


def earlier_names(properties: Properties) -> dict[str, tuple[str, str]]:
    """Earlier spelling -> (present name, last release that knew it or "")."""
    return {
        alias["name"]: (name, alias.get("until", "") or "")
        for name, prop in properties.items()
        for alias in prop.get("x-names", ())
    }


def before_current(release: str) -> bool:
    """Whether a release belongs to the classic era, before 0.7.0."""
    parts = release.split(".")
    return len(parts) > 1 and parts[0] == "0" and parts[1].isdigit() and int(parts[1]) < 7


def required_in(schema: PassSchema, release: str) -> tuple[str, ...]:
    """The parameters that one release requires of a pass type."""
    return tuple(
        name
        for name, prop in schema.properties.items()
        if known_in(prop, release)
        and (
            any(
                index(span.get("since", RELEASES[0]))
                <= index(release)
                <= index(span.get("until", RELEASES[-1]))
                for span in prop["x-required"]
            )
            if "x-required" in prop
            else name in schema.required
        )
    )
