"""The shapes of data configs with their components, and of metrics with their settings. See `shapes_sections`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from . import sections
from .catalog import Properties, Property
from .releases import RELEASES
from .sections import STAGES, at, section
from .shape import Shape
from .shapes_sections import typed, with_types


@cache
def data_config(type_name: str, key: str) -> Shape:
    raw = section("data_config")
    containers = sections.data_containers()
    name = sections.find(containers, type_name) if type_name else "DataContainer"
    entry = containers.get(name or "", {})
    own = {**with_types(raw.get("properties", {}), containers)}
    for required, spans in entry.get("x-requires", {}).items():
        own[required] = {**own[required], "x-required": spans}
    required = tuple(raw.get("required", ()))
    return Shape(
        "data_config",
        "data config",
        raw,
        key,
        own,
        required=required,
        type_name=name or "",
        data=entry,
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
    own: dict[str, Property] = {**raw.get("properties", {})}
    if "component_kwargs" in own:
        own["component_kwargs"] = {**own["component_kwargs"], "x-ref": "component_kwargs"}
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
