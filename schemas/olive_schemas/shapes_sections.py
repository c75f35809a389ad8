"""The shapes of a config's sections, from the schema files: models, systems, data, evaluators, passes, search, engine.

Each is made once for its type and shared. A section whose settings may stand in a nested object (`config`, `params`, ...)
has two shapes: of the object around, with all keys, and of the nested one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from . import catalog, sections
from .catalog import Properties, Property
from .releases import FIRST_CURRENT, RELEASES
from .sections import section
from .shape import Kind, Shape

_OF_TYPES = frozenset(["x-open", "x-needs-one-of"])
"""Keywords of the place that its type may say."""


def times(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What a value says of the type that it names."""
    keys = (
        "x-since",
        "x-until",
        "x-names",
        "x-except",
        "x-instead",
        "x-replaced-by",
        "x-migration",
        "description",
    )
    return {key: entry[key] for key in keys if key in entry}


def entry_of(types: Mapping[str, Any], wanted: str) -> tuple[Mapping[str, Any], str]:
    """The schema of a type and its name as Olive spells it; nothing for an unknown one."""
    if not wanted:
        return {}, ""
    name = sections.find(types, wanted)
    if name is None:
        lower = wanted.lower()
        spelled = ((n, alias["name"]) for n, entry in types.items() for alias in entry.get("x-names", ()))
        name = next((n for n, alias in spelled if alias.lower() == lower), None)
    return (types[name], name) if name else ({}, "")


def is_closed(content: Mapping[str, Any]) -> bool:
    """Whether some release minds a key that is not described."""
    if content.get("x-open"):
        return False
    spans = content.get("x-unknown")
    return spans is None or any(span.get("does") != "open" for span in spans)


def _moved_in(own: Properties, inner: Properties) -> Properties:
    """Keys that stood beside the nested object before they came into it: known from the first of both on."""
    return {
        key: {**inner[key], "x-since": own[key].get("x-since", "")}
        for key in own.keys() & inner.keys()
        if "x-until" in own[key]
    }


def typed(
    kind: Kind,
    inner_kind: Kind,
    name: str,
    types: Mapping[str, Any],
    type_name: str,
    nested: bool,
    key: str,
    prop: Property | None = None,
) -> Shape:
    """The section `name`, whose further keys depend on its type. prop: how the property that it stands in is described."""
    base = section(name)
    entry, found = entry_of(types, type_name)
    own: Properties = base.get("properties", {})
    properties: Properties = entry.get("properties", {})
    merged = {
        "x-section": name,
        **base,
        **{k: v for k, v in entry.items() if k.startswith("x-unknown") or k in _OF_TYPES},
    }
    required = tuple(entry.get("required", ()))
    closed = bool(found) and is_closed(merged)
    nest = base.get("x-nested", "")
    if nested:
        return Shape(
            inner_kind,
            found or name,
            own.get(nest, {}),
            nest,
            properties,
            required=required,
            closed=closed,
            type_name=found,
            data=entry,
            section=merged,
        )
    return Shape(
        kind,
        found or f"the {name.replace('_', ' ')}",
        prop if prop is not None else base,
        key,
        {**properties, **with_types(own, types), **_moved_in(own, properties)},
        frozenset(base.get("x-own", own)),
        nest,
        (*base.get("required", ()), *required),
        closed,
        found,
        entry,
        merged,
    )


def with_types(own: Properties, types: Mapping[str, Any]) -> Properties:
    """`type` says which types there are."""
    prop = own.get("type")
    if prop is None or "x-values" in prop:
        return own
    return {**own, "type": {**prop, "x-values": {name: times(entry) for name, entry in types.items()}}}


def plain(kind: Kind, name: str, key: str, what: str = "") -> Shape:
    """A section that depends on nothing around it."""
    raw = section(name)
    nest = raw.get("x-nested", "")
    return Shape(
        kind,
        what or (f"`{key}`" if key else f"the {name.replace('_', ' ')}"),
        raw,
        key,
        raw.get("properties", {}),
        frozenset(raw.get("x-own", ())),
        nest,
        tuple(raw.get("required", ())),
        is_closed(raw),
        "",
        raw,
        raw,
    )


@cache
def workflow() -> Shape:
    own = sections.workflow_properties()
    flat = {name: _since_current(prop) for name, prop in sections.engine_properties().items()}
    raw = section("workflow")
    return Shape(
        "workflow",
        "the config",
        raw,
        "",
        {**flat, **own},
        frozenset(own),
        "engine",
        tuple(raw.get("required", ())),
        data=raw,
        section=raw,
    )


def _since_current(prop: Property) -> Property:
    """Keys of the engine stand at the top level since the current dialect."""
    until = prop.get("x-until")
    if until and catalog.before_current(until):
        return {**prop, "x-except": RELEASES}
    since = prop.get("x-since")
    return prop if since and not catalog.before_current(since) else {**prop, "x-since": FIRST_CURRENT}


@cache
def engine() -> Shape:
    prop = sections.workflow_properties().get("engine", {})
    raw = section("engine")
    return Shape("engine", "engine", prop, "engine", sections.engine_properties(), data=raw, section=raw)


@cache
def model(type_name: str, nested: bool, key: str) -> Shape:
    """An input model or one of its components; nested: its `config`."""
    prop = sections.workflow_properties().get("input_model", {})
    return typed("input_model", "model_config", "model", sections.models(), type_name, nested, key, prop)


@cache
def system(type_name: str, nested: bool, key: str) -> Shape:
    return typed("system", "system_config", "system", sections.systems(), type_name, nested, key)


@cache
def evaluator(type_name: str, nested: bool, key: str) -> Shape:
    return typed("evaluator", "object", "evaluator", sections.evaluator_types(), type_name, nested, key)


@cache
def resource(type_name: str, nested: bool, key: str) -> Shape:
    return typed("object", "object", "resource", sections.resources(), type_name, nested, key)


@cache
def packaging(type_name: str, nested: bool, key: str) -> Shape:
    types = sections.packaging()
    prop = sections.engine_properties().get("packaging_config", {}) if key else None
    return typed("object", "object", "packaging_config", types, type_name or "Zipfile", nested, key, prop)


@cache
def pass_(type_name: str, nested: bool, key: str) -> Shape:
    schema = catalog.pass_schema(type_name) if type_name else None
    if schema is None:
        return typed("pass", "pass_config", "pass", {}, "", nested, key)
    entry = {**schema.raw, "properties": schema.properties, "required": schema.required}
    return typed("pass", "pass_config", "pass", {schema.type: entry}, schema.type, nested, key)


@cache
def search(sampler: str, nested: str, key: str) -> Shape:
    """search_strategy; nested: `sampler_config` or `search_algorithm_config`."""
    old = nested == "search_algorithm_config"
    types = sections.search_algorithms() if old else sections.samplers()
    prop = sections.engine_properties().get("search_strategy", {})
    shape = typed("search", "object", "search_strategy", types, sampler, bool(nested), key, prop)
    if not nested:
        return replace(shape, data={})
    known: Properties = section("search_strategy").get("properties", {})
    return Shape(
        "object",
        nested,
        known.get(nested, {}),
        nested,
        shape.properties or known.get(nested, {}).get("properties", {}),
        closed=bool(shape.type_name),
        type_name=shape.type_name,
        data=shape.data,
        section=shape.data or shape.section,
    )


@cache
def training_args(nested: bool, key: str) -> Shape:
    """`training_args` of a pass; nested: its `extra_args`.

    Its history counts transformers' releases, which say nothing of Olive's: every argument counts as known. An earlier
    spelling does up to the Olive release that went on to the transformers that dropped it.
    """
    raw = section("training_arguments")
    properties = {name: _olive_times(prop) for name, prop in sections.training_arguments().items()}
    return Shape(
        "training_args",
        "training_args",
        raw,
        key,
        properties,
        nested="" if nested else "extra_args",
        data=raw,
        section={"x-unknown": [{"does": "warned"}], **raw},
    )


LAST_WITH_OLD_ARGUMENTS = "0.8.0"
_TRANSFORMERS = ("x-since", "x-until", "x-was", "x-except")


def _olive_times(prop: Property) -> Property:
    kept = {key: value for key, value in prop.items() if key not in _TRANSFORMERS}
    if "x-names" in prop:
        kept["x-names"] = [
            {"name": alias["name"], "until": LAST_WITH_OLD_ARGUMENTS, "both": True}
            for alias in prop["x-names"]
        ]
    return kept


@cache
def accelerator() -> Shape:
    return plain("accelerator", "accelerator", "")
