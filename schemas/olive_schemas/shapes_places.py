"""What is expected one step below a place. It follows from the place above, the key, and for objects with a `type` from
that. Nothing here knows a text; missing and mistyped values give the shape that the place would have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

from . import catalog, sections
from . import shapes_data as data
from . import shapes_sections as made
from .catalog import Properties, Property
from .sections import STAGES
from .shape import Kind, Shape
from .shapes_sections import is_closed
from .tree import Node

UNKNOWN = Shape("unknown", closed=False)
OPEN = Shape("open", closed=False)


class Around(NamedTuple):
    """What a place's shape depends on beside the place itself."""

    task: str = ""
    """Of the input model: it chooses the components of a Hugging Face container."""
    container: str = ""
    """Of the data config that the place belongs to."""
    metric: str = ""
    """Type of the metric that the place belongs to."""
    backend: str = ""
    """Of that metric."""


def member_of(node: Node | None, key: str) -> Node | None:
    """The value of a key (the last one of several)."""
    found = None
    for member in node.members if node is not None else ():
        if member.name == key:
            found = member.value
    return found


def text_of(node: Node | None, key: str) -> str:
    """A string that an object's key has, else nothing."""
    value = member_of(node, key)
    return value.value if value is not None and value.kind == "string" else ""


def child(shape: Shape, step: str, node: Node | None, parent: Node | None, around: Around) -> Shape:
    """What is expected at `step` below a place. node: the value there; parent: the one above, for its type."""
    special = _SPECIAL.get((shape.kind, step)) or _SPECIAL.get((shape.kind, "*"))
    if special is not None:
        return special(step, node, parent, around)
    if step.isdecimal() and (parent is None or parent.kind == "array"):
        return _item(shape, node, around)
    if shape.nested and step == shape.nested:
        inside = _inside(shape, parent)
        if inside is not None:
            return inside
    found = find_property(shape, step)
    if found is not None:
        return value(found[0], found[1], node, parent, around)
    others = shape.prop.get("additionalProperties")
    if shape.kind in ("object", "value") and isinstance(others, Mapping):
        return value("", others, node, parent, around)
    return OPEN if shape.kind == "open" or (shape.kind != "unknown" and not shape.closed) else UNKNOWN


def find_property(shape: Shape, key: str) -> tuple[str, Property] | None:
    """The present name and the property of a key, written in its present or an earlier spelling."""
    prop = shape.properties.get(key)
    if prop is not None:
        return key, prop
    current = _earlier(shape).get(key)
    return (current, shape.properties[current]) if current else None


_EARLIER: dict[int, tuple[Properties, dict[str, str]]] = {}
_PLAIN: dict[tuple[int, str, bool], tuple[Property, Shape]] = {}


def _earlier(shape: Shape) -> Mapping[str, str]:
    known = _EARLIER.get(id(shape.properties))
    if known is None or known[0] is not shape.properties:
        names = {name: current for name, (current, _) in catalog.earlier_names(shape.properties).items()}
        known = _EARLIER[id(shape.properties)] = (shape.properties, names)
    return known[1]


def value(key: str, prop: Property, node: Node | None, parent: Node | None, around: Around) -> Shape:
    """A value that a property describes. An object there may be a whole section written in place."""
    kind = node.kind if node is not None else "missing"
    types = _types(prop)
    if kind == "object" or (kind == "missing" and "object" in types and "string" not in types):
        build = _SECTIONS.get(prop.get("x-ref", ""))
        if build is not None:
            return build(key, node, parent, around)
    return _plain(key, prop, kind == "object")


def _plain(key: str, prop: Property, an_object: bool) -> Shape:
    slot = (id(prop), key, an_object)
    known = _PLAIN.get(slot)
    if known is not None and known[0] is prop:
        return known[1]
    properties = prop.get("properties") or {}
    others = isinstance(prop.get("additionalProperties"), Mapping)
    kind: Kind = "value" if not an_object else "object" if properties or others else "open"
    shape = Shape(
        kind,
        f"`{key}`" if key else "the entry",
        prop,
        key,
        properties,
        required=tuple(prop.get("required", ())),
        closed=is_closed(prop) and not others if an_object else True,
        data=prop,
        section=prop,
    )
    _PLAIN[slot] = (prop, shape)
    return shape


def _types(prop: Property) -> Any:
    written = prop.get("type", ())
    return (written,) if isinstance(written, str) else written


def _item(shape: Shape, node: Node | None, around: Around) -> Shape:
    """An entry of a list."""
    if shape.kind == "pass_alternatives":
        return _pass("", node, None, around)
    prop = shape.prop
    an_object = node is not None and node.kind == "object"
    ref = prop.get("x-ref", "")
    if an_object and ref in _SECTIONS:
        return _SECTIONS[ref]("", node, None, around)
    for option in (prop, *prop.get("anyOf", ()), *prop.get("oneOf", ())):
        items = option.get("items")
        if isinstance(items, Mapping):
            return value("", items, node, None, around)
    if "properties" in prop and an_object:
        return _plain("", prop, True)
    return OPEN if shape.kind in ("value", "open", "object") else UNKNOWN


def _inside(shape: Shape, parent: Node | None) -> Shape | None:
    """The nested object of a section."""
    build = _NESTED.get(shape.kind)
    if build is not None:
        return build(shape, parent)
    section = _NESTED_SECTIONS.get(shape.section.get("x-section", ""))
    return section(_type_or(shape, parent), True, shape.nested) if section is not None else None


def _type_or(shape: Shape, parent: Node | None) -> str:
    return shape.type_name or text_of(parent, "type")


_NESTED: dict[str, Callable[[Shape, Node | None], Shape]] = {
    "workflow": lambda shape, parent: made.engine(),
    "input_model": lambda shape, parent: made.model(_type_or(shape, parent), True, "config"),
    "system": lambda shape, parent: made.system(_type_or(shape, parent), True, "config"),
    "pass": lambda shape, parent: made.pass_(_type_or(shape, parent), True, "config"),
    "evaluator": lambda shape, parent: made.evaluator(_type_or(shape, parent), True, "type_args"),
    "metric": lambda shape, parent: data.metric(shape.type_name, True),
    "training_args": lambda shape, parent: made.training_args(True, "extra_args"),
    "component": lambda shape, parent: data.component(
        _stage_of(shape.key), _type_or(shape, parent), True, "params"
    ),
}

_NESTED_SECTIONS: dict[str, Callable[[str, bool, str], Shape]] = {
    "resource": made.resource,
    "packaging_config": made.packaging,
}

Build = Callable[[str, "Node | None", "Node | None", Around], Shape]


def _stage_of(key: str) -> str:
    return key.removesuffix("_config")


def _by_type(build: Callable[[str, bool, str], Shape]) -> Build:
    return lambda key, node, parent, around: build(text_of(node, "type"), False, key)


def _fixed(build: Callable[[], Shape]) -> Build:
    return lambda key, node, parent, around: build()


@cache
def _group(kind: Kind, name: str, key: str) -> Shape:
    return made.plain(kind, name, key)


def _grouped(name: str, kind: Kind = "object") -> Build:
    return lambda key, node, parent, around: _group(kind, name, key)


@cache
def _named(kind: Kind, key: str) -> Shape:
    prop = sections.workflow_properties().get(key, {})
    return Shape(kind, f"`{key}`", prop, key, closed=False, data=prop)


def _pass(key: str, node: Node | None, parent: Node | None, around: Around) -> Shape:
    if node is not None and node.kind == "array":
        return _alternatives(key)
    return made.pass_(text_of(node, "type"), False, key)


@cache
def _alternatives(key: str) -> Shape:
    prop = sections.section("pass")
    return Shape("pass_alternatives", f"`{key}`", prop, key, closed=False, data=prop)


def _component(key: str, node: Node | None, parent: Node | None, around: Around) -> Shape:
    stage = _stage_of(key)
    chosen = text_of(node, "type") or data.component_of(stage, around.container, around.task)
    return data.component(stage, chosen, False, key)


def _component_params(key: str, node: Node | None, parent: Node | None, around: Around) -> Shape:
    """In `component_kwargs`: parameters of the container's default component."""
    shape = data.component(key, data.component_of(key, around.container, around.task), True, "params")
    return replace(shape, key=key)


def _all_params(key: str, node: Node | None, parent: Node | None, around: Around) -> Shape:
    return data.all_params(around.container, around.task)


def _search(key: str, node: Node | None, parent: Node | None, around: Around) -> Shape:
    return made.search(text_of(node, "sampler"), "", key)


def _sampler_config(key: str, node: Node | None, parent: Node | None, around: Around) -> Shape:
    chosen = "sampler" if key == "sampler_config" else "search_algorithm"
    return made.search(text_of(parent, chosen), key, key)


def _sub_type(key: str, node: Node | None, parent: Node | None, around: Around) -> Shape:
    return data.sub_type(around.metric, around.backend)


def _metric_config(key: str, node: Node | None, parent: Node | None, around: Around) -> Shape:
    return data.metric_config(around.metric, text_of(parent, "name"), around.backend or "torch_metrics")


_SECTIONS: dict[str, Build] = {
    "input_model": _by_type(made.model),
    "system": _by_type(made.system),
    "evaluator": _by_type(made.evaluator),
    "data_config": lambda key, node, parent, around: data.data_config(text_of(node, "type"), key),
    "resource": _by_type(made.resource),
    "model": _by_type(made.resource),
    "folder": _by_type(made.resource),
    "packaging_config": _by_type(made.packaging),
    "load_kwargs": _grouped("load_kwargs"),
    "io_config": _grouped("io_config"),
    "kv_cache": _grouped("kv_cache"),
    "hf_component": _grouped("hf_component"),
    "azureml_client": _grouped("azureml_client"),
    "model_package": _grouped("model_package"),
    "deployment_config": _grouped("deployment_config"),
    "build": _grouped("build"),
    "accelerator": _fixed(made.accelerator),
    "engine": _fixed(made.engine),
    "training_arguments": lambda key, node, parent, around: made.training_args(False, key),
    "metric": _by_type(data.metric),
    "sub_type": _sub_type,
    "goal": _grouped("goal", "goal"),
    "search_strategy": _search,
    "metric_config": _metric_config,
    "user_config": lambda key, node, parent, around: data.metric(around.metric, True),
    "sampler_config": _sampler_config,
    "search_algorithm_config": _sampler_config,
    "component_kwargs": lambda key, node, parent, around: data.stages(key),
    **dict.fromkeys(STAGES, _component),
    **{f"{stage}_params": _component_params for stage in STAGES},
}
"""By what a property refers to: an object that is written in the place of a name or a path."""

_SPECIAL: dict[tuple[str, str], Build] = {
    **{
        ("workflow", key): (lambda key, node, parent, around: _named(key, key))
        for key in ("systems", "evaluators", "passes", "data_configs")
    },
    ("workflow", "input_model"): _by_type(made.model),
    ("systems", "*"): _by_type(made.system),
    ("evaluators", "*"): _by_type(made.evaluator),
    ("passes", "*"): _pass,
    ("data_configs", "*"): _by_type(lambda type_name, nested, key: data.data_config(type_name, key)),
    ("data_config", "params_config"): _all_params,
    ("data_config", "components"): lambda key, node, parent, around: data.stages(key),
    ("data_config", "default_components"): lambda key, node, parent, around: data.stages(key),
}
