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
from .sections import STAGES, at, section
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
        found or name.replace("_", " "),
        prop if prop is not None else base,
        key,
        {**properties, **_with_types(own, types)},
        frozenset(base.get("x-own", own)),
        nest,
        (*base.get("required", ()), *required),
        closed,
        found,
        entry,
        merged,
    )


def _with_types(own: Properties, types: Mapping[str, Any]) -> Properties:
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
        what or (f"`{key}`" if key else name.replace("_", " ")),
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


# --- data


@cache
def data_config(type_name: str, key: str) -> Shape:
    raw = section("data_config")
    containers = sections.data_containers()
    name = sections.find(containers, type_name) if type_name else "DataContainer"
    own = _with_types(raw.get("properties", {}), containers)
    required = tuple(raw.get("required", ()))
    return Shape(
        "data_config",
        "data config",
        raw,
        key,
        own,
        required=required,
        type_name=name or "",
        data=containers.get(name or "", {}),
        section=raw,
    )


def component_of(stage: str, container: str, task: str) -> str:
    """The component that a container takes where a data config names none."""
    containers = sections.data_containers()
    entry = containers.get(sections.find(containers, container or "DataContainer") or "", {})
    tasks: Mapping[str, Mapping[str, Any]] = entry.get("tasks", {})
    wanted = task.removesuffix("-with-past")
    chosen = tasks.get(wanted, {}).get(stage) or entry.get("defaults", {}).get(stage, "")
    return chosen if isinstance(chosen, str) else ""


@cache
def component(stage: str, type_name: str, nested: bool, key: str) -> Shape:
    """One stage of a data config; nested: its `params`."""
    types = sections.data_components(stage)
    prop = sections.data_config_properties().get(f"{stage}_config", {})
    shape = typed("component", "component_params", "component", types, type_name, nested, key, prop)
    return shape if shape.type_name else replace(shape, what=stage)


@cache
def all_params(container: str, task: str) -> Shape:
    """`params_config`: the parameters of all components in one object."""
    raw = section("params_config")
    prop = sections.data_config_properties().get("params_config", raw)
    properties: dict[str, Property] = {}
    for stage in reversed(STAGES):
        properties.update(sections.component_properties(stage, component_of(stage, container, task)) or {})
    own: Properties = raw.get("properties", {})
    return Shape(
        "object",
        "params_config",
        prop,
        "params_config",
        {**properties, **own},
        closed=False,
        data=raw,
        section=raw,
    )


@cache
def stages(key: str) -> Shape:
    """`components` of a data config, or `component_kwargs` of its `params_config`, as releases up to 0.6.1 wrote them."""
    of_params = key == "component_kwargs"
    prop = section("params_config" if of_params else "data_config").get("properties", {}).get(key, {})
    fields = sections.data_config_properties()
    named = {
        stage: {
            "description": fields.get(f"{stage}_config", {}).get("description", ""),
            "type": ["object", "null"],
            "x-ref": f"{stage}_params" if of_params else stage,
        }
        for stage in STAGES
    }
    return Shape("object", f"`{key}`", prop, key, named, closed=False, data=prop, section=prop)


# --- evaluators


@cache
def metric(type_name: str, nested: bool, key: str = "") -> Shape:
    """nested: its `user_config`."""
    raw = section("metric")
    user = _of_metric(section("user_config").get("properties", {}), type_name)
    own: Properties = raw.get("properties", {})
    if nested:
        inner = section("user_config")
        return Shape(
            "object",
            "user_config",
            own.get("user_config", {}),
            "user_config",
            user,
            type_name=type_name,
            data=inner,
            section=inner,
        )
    return Shape(
        "metric",
        f"the {type_name} metric" if type_name else "metric",
        raw,
        key,
        {**user, **own},
        frozenset(raw.get("x-own", own)),
        "user_config",
        tuple(raw.get("required", ())),
        type_name=type_name,
        section=raw,
    )


def _of_metric(properties: Properties, metric_type: str) -> Properties:
    """What the releases take in `user_config` of such a metric."""
    found = {}
    for key, prop in properties.items():
        if not metric_type or not any("x-metrics" in part for part in (prop, *prop.get("x-was", ()))):
            found[key] = prop
            continue
        takes = [
            release
            for release in RELEASES
            if metric_type in at(prop, release).get("x-metrics", (metric_type,))
        ]
        if takes == list(RELEASES):
            found[key] = prop
        elif takes:
            found[key] = {**prop, "x-since": _later(prop.get("x-since"), takes[0])}
    return found


def _later(one: str | None, other: str) -> str:
    return max(one or other, other, key=RELEASES.index)


@cache
def sub_type(metric_type: str, backend: str) -> Shape:
    raw = section("sub_type")
    properties: Properties = raw.get("properties", {})
    names = sections.sub_types(metric_type)
    if names and backend != "huggingface_metrics":
        name = {**properties.get("name", {}), "enum": list(names), "x-values": names}
        properties = {**properties, "name": name}
    required = tuple(raw.get("required", ()))
    return Shape(
        "sub_type", "sub type", raw, "", properties, required=required, type_name=metric_type, section=raw
    )


@cache
def metric_config(metric_type: str, name: str, backend: str) -> Shape:
    raw = section("metric_config")
    prop = section("sub_type").get("properties", {}).get("metric_config", {})
    properties = sections.metric_config_properties(metric_type, name, backend)
    known = bool(properties) or metric_type == "size_on_disk"
    return Shape(
        "object", "metric_config", prop, "metric_config", properties, closed=known, data=raw, section=raw
    )


# --- passes


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
