"""The shapes of the places of a config, made from the schema files: each is made once and shared.

`child` answers what is expected one step below a place. What a place is follows from the place above it, the key, and
for objects with a `type` from that. Nothing here knows a text; missing and mistyped values give the shape that the
place would have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

from . import catalog
from .catalog import Properties, Property
from .releases import FIRST_CURRENT
from .shape import Kind, Shape
from .tree import Node


def section(name: str) -> Mapping[str, Any]:
    """Temporary bridge to files that are being rearranged."""
    asked = getattr(catalog, "section", None)
    if asked is not None:
        return asked(name) or {}  # type: ignore[no-any-return]
    read = catalog._file
    if name in ("workflow", "engine", "training_arguments"):
        return read(f"{name}.json")
    if name == "model":
        return {"properties": _model_fields()}
    for file, prefix in (("workflow", ""), ("data", ""), ("evaluators", ""), ("systems", "_")):
        found = read(f"{file}.json").get(prefix + name)
        if found is not None:
            return found  # type: ignore[no-any-return]
    return read("models.json").get("_groups", {}).get(name, {})  # type: ignore[no-any-return]


UNKNOWN = Shape("unknown", closed=False)
OPEN = Shape("open", closed=False)
STAGES = ("load_dataset", "pre_process_data", "post_process_data", "dataloader")
"""The components of a data config, in their order."""


class Around(NamedTuple):
    """What a place's shape depends on beside the place itself."""

    task: str = ""
    """Of the input model: it chooses the components of a Hugging Face container."""
    container: str = ""
    """Of the data config that the place belongs to."""
    metric: str = ""
    """Type of the metric that the place belongs to."""


def text_of(node: Node | None, key: str) -> str:
    """A string that an object's key has (the last one of several), else nothing."""
    member = member_of(node, key)
    return member.value if member is not None and member.kind == "string" else ""


def member_of(node: Node | None, key: str) -> Node | None:
    """The value of a key (the last one of several)."""
    found = None
    for member in node.members if node is not None else ():
        if member.name == key:
            found = member.value
    return found


def inner(node: Node | None, *keys: str) -> str:
    """`text_of` of the last key, in the object itself or nested in one of the others."""
    *nests, key = keys
    for nest in nests:
        if written := text_of(member_of(node, nest), key):
            return written
    return text_of(node, key)


# --- sections: one function each, kept -------------------------------------------------------------------------------


@cache
def workflow() -> Shape:
    own = catalog.workflow_properties()
    flat = {name: _since_current(prop) for name, prop in catalog.engine_properties().items()}
    raw = section("workflow")
    return Shape(
        "workflow",
        "the config",
        raw,
        properties={**flat, **own},
        own=frozenset(own),
        nested="engine",
        required=tuple(raw.get("required", ())),
        data=raw,
    )


def _since_current(prop: Property) -> Property:
    """Engine keys stand at the top level since the current dialect."""
    until = prop.get("x-until")
    if until and catalog.before_current(until):
        return {**prop, "x-since": "never"}
    since = prop.get("x-since")
    return prop if since and not catalog.before_current(since) else {**prop, "x-since": FIRST_CURRENT}


@cache
def engine() -> Shape:
    prop = catalog.workflow_properties().get("engine", {})
    raw = section("engine")
    return Shape("engine", "engine", prop, "engine", catalog.engine_properties(), data=raw)


@cache
def model(type_name: str, nested: bool, key: str) -> Shape:
    """An input model or one of its components; nested: its `config`."""
    entry, name = _entry(catalog.models(), type_name)
    properties = _with_groups(entry)
    what = name or "input_model"
    prop = catalog.workflow_properties().get("input_model", {}) if key == "input_model" else {}
    required = tuple(entry.get("required", ()))
    known = bool(name)
    if nested:
        return Shape(
            "model_config",
            what,
            _config_prop(),
            "config",
            properties,
            required=required,
            closed=known,
            type_name=name,
            data=entry,
        )
    own = section("model").get("properties") or _model_fields()
    return Shape(
        "input_model",
        what,
        prop,
        key,
        {**properties, **own},
        frozenset(own),
        "config",
        ("type", *required),
        known,
        name,
        entry,
    )


@cache
def _model_fields() -> Properties:
    return {
        "type": {
            "description": "Kind of model, such as HfModel. Case does not matter.",
            "type": "string",
            "enum": sorted(catalog.models()),
            "x-ref": "model_type",
            "x-ignore-case": True,
            "x-values": {name: _times(entry) for name, entry in catalog.models().items()},
        },
        "config": _config_prop(),
    }


def _times(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: entry[key] for key in ("x-since", "x-until", "x-names", "description") if key in entry}


@cache
def _config_prop() -> Property:
    return {
        "description": "The settings. Since 0.7.0 they may as well stand beside type.",
        "type": ["object", "null"],
        "default": None,
    }


@cache
def system(type_name: str, nested: bool, key: str) -> Shape:
    entry, name = _entry(catalog.systems(), type_name)
    target = entry.get("x-alias-of")
    if target:
        entry = {**catalog.systems().get(target, {}), **{k: v for k, v in entry.items() if k != "properties"}}
    properties = _with_groups(entry)
    required = tuple(entry.get("required", ()))
    fields = section("system")
    own = fields.get("properties", {})
    what = name or "system"
    if nested:
        prop = own.get("config", _config_prop())
        return Shape(
            "system_config",
            what,
            prop,
            "config",
            properties,
            required=required,
            closed=bool(name),
            type_name=name,
            data=entry,
        )
    return Shape(
        "system",
        what,
        fields,
        key,
        {**properties, **own},
        frozenset(own),
        "config",
        (*fields.get("required", ()), *required),
        bool(name),
        name,
        entry,
    )


@cache
def data_config(type_name: str, key: str) -> Shape:
    raw = section("data_config")
    name = catalog.find(catalog.data_containers(), type_name) if type_name else "DataContainer"
    entry = catalog.data_containers().get(name or "", {})
    return Shape(
        "data_config",
        "data config",
        raw,
        key,
        raw.get("properties", {}),
        required=tuple(raw.get("required", ())),
        type_name=name or "",
        data=entry,
    )


def component_of(stage: str, container: str, task: str) -> str:
    """The component that a container takes where a data config names none."""
    entry = catalog.data_containers().get(
        catalog.find(catalog.data_containers(), container or "DataContainer") or "", {}
    )
    tasks: Mapping[str, Mapping[str, Any]] = entry.get("tasks", {})
    by_task = next((chosen for name, chosen in tasks.items() if task in (name, f"{name}-with-past")), {})
    chosen = by_task.get(stage) or entry.get("defaults", {}).get(stage, "")
    return chosen if isinstance(chosen, str) else ""


@cache
def component(stage: str, type_name: str, nested: bool, key: str) -> Shape:
    """One stage of a data config; nested: its `params`."""
    name = catalog.find(catalog.data_components(stage), type_name) or ""
    entry = catalog.data_components(stage).get(name, {})
    properties = (catalog.component_properties(stage, name) if name else None) or {}
    fields = section("component").get("properties", {})
    closed = bool(name) and not entry.get("x-open")
    required = tuple(entry.get("required", ()))
    what = name or stage
    prop = section("data_config").get("properties", {}).get(key, {})
    if nested:
        return Shape(
            "component_params",
            what,
            fields.get("params", {}),
            "params",
            properties,
            required=required,
            closed=closed,
            type_name=name,
            data=entry,
        )
    return Shape(
        "component",
        what,
        prop,
        key,
        {**properties, **_stage_fields(stage)},
        frozenset(fields),
        "params",
        required,
        closed,
        name,
        entry,
    )


@cache
def _stage_fields(stage: str) -> Properties:
    """`type` of a component offers those of its stage."""
    fields: Properties = section("component").get("properties", {})
    kinds = {name: _times(entry) for name, entry in catalog.data_components(stage).items()}
    typed = {**fields.get("type", {}), "x-ref": "component_type", "x-stage": stage, "x-known": kinds}
    return {**fields, "type": typed}


@cache
def all_params(container: str, task: str) -> Shape:
    """`params_config`: the parameters of all components in one object."""
    prop = section("data_config").get("properties", {}).get("params_config", {})
    properties: dict[str, Property] = {}
    closed = True
    for stage in reversed(STAGES):
        name = component_of(stage, container, task)
        properties.update(catalog.component_properties(stage, name) or {})
        closed = closed and not catalog.data_components(stage).get(name, {}).get("x-open")
    extra: Properties = prop.get("properties", {})
    return Shape(
        "object", "params_config", prop, "params_config", {**properties, **extra}, closed=False, data=prop
    )


@cache
def evaluator(type_name: str, nested: bool, key: str) -> Shape:
    raw = section("evaluator")
    types = section("types")
    entry, name = _entry(types, type_name)
    properties: Properties = entry.get("properties", {})
    own = raw.get("properties", {})
    required = tuple(entry.get("required", ()))
    what = name or "evaluator"
    if nested:
        return Shape(
            "object",
            what,
            own.get("type_args", {}),
            "type_args",
            properties,
            required=required,
            closed=False,
            type_name=name,
            data=entry,
        )
    return Shape(
        "evaluator", what, raw, key, {**properties, **own}, frozenset(own), "type_args",
        (*raw.get("required", ()), *required), bool(name) or not type_name, name, raw,
    )  # fmt: skip


@cache
def metric(type_name: str, nested: bool) -> Shape:
    raw = section("metric")
    own = raw.get("properties", {})
    user = section("user_config").get("properties", {})
    what = f"metric {type_name}" if type_name else "metric"
    if nested:
        return Shape(
            "object", "user_config", own.get("user_config", {}), "user_config", user, type_name=type_name
        )
    return Shape(
        "metric",
        what,
        raw,
        "",
        {**user, **own},
        frozenset(own),
        "user_config",
        tuple(raw.get("required", ())),
        True,
        type_name,
        raw,
    )


@cache
def sub_type(metric_type: str) -> Shape:
    raw = section("sub_type")
    names = section("sub_type_names").get(metric_type)
    properties: Properties = raw.get("properties", {})
    if names and "name" in properties:
        listed = list(names)
        properties = {
            **properties,
            "name": {**properties["name"], "x-known": listed, "enum": listed, "x-ignore-case": True},
        }
    return Shape(
        "sub_type",
        "sub type",
        raw,
        "",
        properties,
        required=tuple(raw.get("required", ())),
        type_name=metric_type,
        data=raw,
    )


@cache
def pass_(type_name: str, nested: bool, key: str) -> Shape:
    raw = section("pass")
    own: Properties = raw.get("properties", {})
    schema = catalog.pass_schema(type_name) if type_name else None
    properties = schema.properties if schema else {}
    name = schema.type if schema else ""
    required = schema.required if schema else ()
    data = schema.raw if schema else {}
    what = name or "pass"
    if nested:
        prop = own.get("config", _config_prop())
        return Shape(
            "pass_config",
            what,
            prop,
            "config",
            properties,
            required=required,
            closed=bool(schema),
            type_name=name,
            data=data,
        )
    return Shape(
        "pass",
        what,
        raw,
        key,
        {**properties, **own},
        frozenset(own),
        "config",
        (*raw.get("required", ()), *required),
        bool(schema),
        name,
        data,
    )


@cache
def training_args(nested: bool, key: str) -> Shape:
    """`training_args` of a pass; nested: its `extra_args`."""
    raw = section("training_arguments")
    properties = catalog.training_arguments()
    return Shape(
        "training_args",
        "training_args",
        raw,
        key,
        properties,
        nested="" if nested else "extra_args",
        data=raw,
    )


@cache
def accelerator() -> Shape:
    raw = section("accelerator")
    return Shape("accelerator", "accelerator", raw, "", raw.get("properties", {}), data=raw)


# --- from the place above ------------------------------------------------------------------------------------------


def child(shape: Shape, step: str, node: Node | None, parent: Node | None, around: Around) -> Shape:
    """What is expected at `step` below a place. node: the value there; parent: the one above, for its type."""
    special = _SPECIAL.get((shape.kind, step)) or _SPECIAL.get((shape.kind, "*"))
    if special is not None:
        return special(step, node, parent, around)
    if step.isdecimal() and (parent is None or parent.kind == "array"):
        return _item(shape, node, around)
    if step == shape.nested and shape.kind in _NESTED:
        return _NESTED[shape.kind](shape, parent, around)
    found = find_property(shape, step)
    if found is not None:
        return value(found[0], found[1], node, parent, around)
    others = shape.prop.get("additionalProperties")
    if shape.kind in ("object", "value") and isinstance(others, Mapping):
        return value("", others, node, parent, around)
    return OPEN if shape.kind == "open" else UNKNOWN


def find_property(shape: Shape, key: str) -> tuple[str, Property] | None:
    """The present name and the property of a key, written in its present or an earlier spelling."""
    prop = shape.properties.get(key)
    if prop is not None:
        return key, prop
    current = _earlier(shape).get(key)
    return (current, shape.properties[current]) if current else None


def _earlier(shape: Shape) -> Mapping[str, str]:
    known = _EARLIER.get(id(shape.properties))
    if known is None or known[0] is not shape.properties:
        names = {name: current for name, (current, _) in catalog.earlier_names(shape.properties).items()}
        known = _EARLIER[id(shape.properties)] = (shape.properties, names)
    return known[1]


_EARLIER: dict[int, tuple[Properties, dict[str, str]]] = {}
_VALUES: dict[tuple[int, str, str], tuple[Property, Shape]] = {}


def value(key: str, prop: Property, node: Node | None, parent: Node | None, around: Around) -> Shape:
    """A value that a property describes. An object there may be a whole section written in place."""
    kind = node.kind if node is not None else "missing"
    if kind == "object" or (kind == "missing" and "object" in _types(prop)):
        build = _SECTIONS.get(prop.get("x-ref", ""))
        if build is not None:
            return build(key, node, parent, around)
    return _plain(key, prop, kind == "object")


def _plain(key: str, prop: Property, an_object: bool) -> Shape:
    slot = (id(prop), key, "object" if an_object else "")
    known = _VALUES.get(slot)
    if known is not None and known[0] is prop:
        return known[1]
    properties = prop.get("properties")
    kind: Kind = "value"
    if an_object:
        kind = "object" if properties or isinstance(prop.get("additionalProperties"), Mapping) else "open"
    closed = (
        kind == "object"
        and bool(properties)
        and not prop.get("x-open")
        and not prop.get("additionalProperties")
    )
    shape = Shape(
        kind,
        f"`{key}`" if key else "",
        prop,
        key,
        properties or {},
        required=tuple(prop.get("required", ())),
        closed=closed if an_object else True,
        data=prop,
    )
    _VALUES[slot] = (prop, shape)
    return shape


def _types(prop: Property) -> Any:
    written = prop.get("type", ())
    return (written,) if isinstance(written, str) else written


def _item(shape: Shape, node: Node | None, around: Around) -> Shape:
    """An entry of a list."""
    if shape.kind == "data_configs":
        return data_config(text_of(node, "type"), "")
    if shape.kind == "pass_alternatives":
        return _pass("", node, None, around)
    prop = shape.prop
    ref = prop.get("x-ref", "")
    if node is not None and node.kind == "object" and ref in _SECTIONS:
        return _SECTIONS[ref]("", node, None, around)
    for option in (prop, *prop.get("anyOf", ()), *prop.get("oneOf", ())):
        items = option.get("items")
        if isinstance(items, Mapping):
            return value("", items, node, None, around)
    if "properties" in prop and node is not None and node.kind == "object":
        return _plain("", prop, True)
    return OPEN if shape.kind in ("value", "open", "object") else UNKNOWN


def _named(kind: Kind) -> Callable[[str, Node | None, Node | None, Around], Shape]:
    @cache
    def shape(key: str) -> Shape:
        prop = catalog.workflow_properties().get(key, {})
        return Shape(kind, f"`{key}`", prop, key, closed=False, data=prop)

    return lambda key, node, parent, around: shape(key)


def _model(key: str, node: Node | None, parent: Node | None, around: Around) -> Shape:
    return model(text_of(node, "type"), False, key)


def _system(key: str, node: Node | None, parent: Node | None, around: Around) -> Shape:
    return system(text_of(node, "type"), False, key)


def _evaluator(key: str, node: Node | None, parent: Node | None, around: Around) -> Shape:
    return evaluator(inner(node, "type"), False, key)


def _data_config(key: str, node: Node | None, parent: Node | None, around: Around) -> Shape:
    return data_config(text_of(node, "type"), key)


def _pass(key: str, node: Node | None, parent: Node | None, around: Around) -> Shape:
    if node is not None and node.kind == "array":
        return _alternatives(key)
    return pass_(text_of(node, "type"), False, key)


@cache
def _alternatives(key: str) -> Shape:
    prop = section("pass")
    return Shape("pass_alternatives", f"`{key}`", prop, key, closed=False, data=prop)


def _stage(key: str, node: Node | None, parent: Node | None, around: Around) -> Shape:
    stage = key.removesuffix("_config")
    chosen = text_of(node, "type") or component_of(stage, around.container, around.task)
    return component(stage, chosen, False, key)


def _metrics(key: str, node: Node | None, parent: Node | None, around: Around) -> Shape:
    return metric(text_of(node, "type"), False)


def _sub_types(key: str, node: Node | None, parent: Node | None, around: Around) -> Shape:
    return sub_type(around.metric)


def _group(name: str, kind: Kind = "object") -> Callable[[str, Node | None, Node | None, Around], Shape]:
    @cache
    def shape(key: str) -> Shape:
        raw = section(name)
        return Shape(
            kind,
            f"`{key}`" if key else name.strip("_"),
            raw,
            key,
            raw.get("properties", {}),
            nested=raw.get("x-nested", ""),
            required=tuple(raw.get("required", ())),
            closed=not raw.get("x-open"),
            data=raw,
        )

    return lambda key, node, parent, around: shape(key)


@cache
def _search(key: str) -> Shape:
    raw = catalog.engine_properties().get("search_strategy", {})
    return Shape(
        "search", "search_strategy", raw, key, raw.get("properties", {}), nested="sampler_config", data=raw
    )


_Section = Callable[[str, "Node | None", "Node | None", Around], Shape]
_SECTIONS: dict[str, _Section] = {
    "input_model": _model,
    "system": _system,
    "evaluator": _evaluator,
    "data_config": _data_config,
    "model": _group("resource"),
    "resource": _group("resource"),
    "load_kwargs": _group("load_kwargs"),
    "io_config": _group("io_config"),
    "kv_cache": _group("kv_cache"),
    "azureml_client": _group("azureml_client"),
    "accelerator": lambda key, node, parent, around: accelerator(),
    "engine": lambda key, node, parent, around: engine(),
    "training_arguments": lambda key, node, parent, around: training_args(False, key),
    "metric": _metrics,
    "sub_type": _sub_types,
    "search": lambda key, node, parent, around: _search(key),
    **dict.fromkeys(STAGES, _stage),
}
"""By what a property refers to: an object that is written in the place of a name or a path."""


def _parts(key: str, node: Node | None, parent: Node | None, around: Around) -> Shape:
    """`components` of a classic data config."""
    return _parts_shape(key)


@cache
def _parts_shape(key: str) -> Shape:
    prop = section("data_config").get("properties", {}).get(key, {})
    fields: Properties = section("data_config").get("properties", {})
    named = {
        stage: {**fields.get(f"{stage}_config", {}), "x-since": "0.2.1", "x-ref": stage} for stage in STAGES
    }
    return Shape("object", f"`{key}`", prop, key, named, data=prop)


def _list_of(kind_of_items: str) -> Callable[[str, Node | None, Node | None, Around], Shape]:
    """A list whose entries are sections, where the schema file does not say so itself."""
    owner, name = {"metric": ("evaluator", "metrics"), "sub_type": ("metric", "sub_types")}[kind_of_items]

    @cache
    def shape() -> Shape:
        prop = section(owner).get("properties", {}).get(name, {})
        prop = {**prop, "x-ref": kind_of_items}
        return Shape("value", f"`{name}`", prop, name, data=prop)

    return lambda key, node, parent, around: shape()


def _goal(key: str, node: Node | None, parent: Node | None, around: Around) -> Shape:
    return _goal_shape(key)


@cache
def _goal_shape(key: str) -> Shape:
    prop = section("sub_type").get("properties", {}).get("goal", {})
    return Shape(
        "goal",
        "goal",
        prop,
        key,
        prop.get("properties", {}),
        required=tuple(prop.get("required", ())),
        data=prop,
    )


_SPECIAL: dict[tuple[str, str], _Section] = {
    ("workflow", "systems"): _named("systems"),
    ("workflow", "evaluators"): _named("evaluators"),
    ("workflow", "passes"): _named("passes"),
    ("workflow", "data_configs"): _named("data_configs"),
    ("workflow", "input_model"): _model,
    ("workflow", "search_strategy"): lambda key, node, parent, around: _search(key),
    ("engine", "search_strategy"): lambda key, node, parent, around: _search(key),
    ("systems", "*"): _system,
    ("evaluators", "*"): _evaluator,
    ("passes", "*"): _pass,
    ("data_config", "params_config"): lambda key, node, parent, around: all_params(
        around.container, around.task
    ),
    ("data_config", "components"): _parts,
    ("data_config", "default_components"): _parts,
    ("evaluator", "metrics"): _list_of("metric"),
    ("metric", "sub_types"): _list_of("sub_type"),
    ("sub_type", "goal"): _goal,
}

_NESTED: dict[str, Callable[[Shape, Node | None, Around], Shape]] = {
    "workflow": lambda shape, parent, around: engine(),
    "input_model": lambda shape, parent, around: model(
        shape.type_name or text_of(parent, "type"), True, "config"
    ),
    "system": lambda shape, parent, around: system(
        shape.type_name or text_of(parent, "type"), True, "config"
    ),
    "pass": lambda shape, parent, around: pass_(shape.type_name or text_of(parent, "type"), True, "config"),
    "component": lambda shape, parent, around: component(
        shape.key.removesuffix("_config"), shape.type_name or text_of(parent, "type"), True, "params"
    ),
    "evaluator": lambda shape, parent, around: evaluator(
        shape.type_name or text_of(parent, "type"), True, "type_args"
    ),
    "metric": lambda shape, parent, around: metric(shape.type_name, True),
    "training_args": lambda shape, parent, around: training_args(True, "extra_args"),
}


def _entry(types: Mapping[str, Any], wanted: str) -> tuple[Mapping[str, Any], str]:
    """The schema of a type and its name as Olive spells it; nothing for an unknown one."""
    name = catalog.find(types, wanted) if wanted else None
    if name is None and wanted:
        lower = wanted.lower()
        name = next(
            (
                n
                for n, entry in types.items()
                for alias in entry.get("x-names", ())
                if alias["name"].lower() == lower
            ),
            None,
        )
    return (types[name], name) if name else ({}, "")


def _with_groups(entry: Mapping[str, Any]) -> Properties:
    properties: Properties = entry.get("properties", {})
    return properties
