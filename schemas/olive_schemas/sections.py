"""Every section of a config but the passes: models, systems, data, evaluators, search, engine and the top level.

What comes from here is merged: groups that a section includes are among its properties, and a property that stands for
a section of its own (`x-ref`) has that section's properties. Nothing is laid out for one release; `at` does that.
`KEYWORDS.md` says what the keywords mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from .releases import index, known_in
from .schema_files import PLACES, read

Property = Mapping[str, Any]
Properties = Mapping[str, Property]

STAGES = ("load_dataset", "pre_process_data", "post_process_data", "dataloader")
LAST_CLASSIC = "0.6.2"

_WRITTEN_OUT = frozenset(
    [
        "search_strategy",
        "cache_config",
        "packaging_config",
        "model_package",
        "deployment_config",
        "auto_optimizer_config",
        "hf_config",
        "goal",
        "local_docker_config",
        "aml_docker_config",
        "aml_environment_config",
        "inference_settings",
        "params_config",
    ]
)
"""Sections whose properties stand in the property that refers to them: they depend on nothing around them."""
_OF_A_SECTION = (
    "required",
    "x-needs-one-of",
    "x-unknown",
    "x-unknown-flat",
    "x-nested",
    "x-flat-since",
    "x-own",
    "properties",
)


@cache
def section(name: str) -> Mapping[str, Any]:
    """A section by name, its own keywords and its merged `properties`; nothing for a name that there is not.

    `types` (of evaluators) and `sub_type_names` are maps of names; the sub types are by metric type.
    """
    if name in ("types", "sub_type_names"):
        found: Mapping[str, Any] = read("evaluators.json").get(name, {})
        return found
    if name == "search":
        name = "search_strategy"
    place = PLACES.get(name)
    if place is None:
        return {}
    content: Any = read(place[0])
    for step in place[1:]:
        content = content.get(step, {})
    if "properties" not in content:
        return {}
    outer = ("pass", "build", "auto_optimizer_config", "cache_config") if len(place) == 1 else ()
    merged = {key: value for key, value in content.items() if key not in outer}
    if name == "search_strategy":
        merged["properties"] = {**merged["properties"]}
        for key, types in (("sampler_config", samplers()), ("search_algorithm_config", search_algorithms())):
            every = {k: p for entry in types.values() for k, p in entry["properties"].items()}
            merged["properties"][key] = {**merged["properties"][key], "properties": every}
    return {**merged, "properties": _written_out(merged["properties"])}


def _written_out(properties: Properties) -> dict[str, Property]:
    return {key: _with_section(prop) for key, prop in properties.items()}


def _with_section(prop: Property) -> Property:
    name = prop.get("x-ref", "")
    if name not in _WRITTEN_OUT or "properties" in prop:
        return prop
    inner = section(name)
    return {**{key: inner[key] for key in _OF_A_SECTION if key in inner}, **prop}


def _merged(entry: Mapping[str, Any], groups: Mapping[str, Any]) -> dict[str, Any]:
    """A type with the properties of the groups that it includes; its own keywords lie over theirs."""
    properties: dict[str, Property] = {}
    for group in entry.get("x-include", ()):
        properties.update(groups.get(group, {}).get("properties", {}))
    for key in entry.get("x-exclude", ()):
        properties.pop(key, None)
    settings = groups.get("settings", {}).get("properties", {})
    properties.update({key: settings[key] for key in entry.get("x-settings", ())})
    for key, own in entry.get("properties", {}).items():
        properties[key] = {**properties.get(key, {}), **own}
    return {**entry, "properties": _written_out(properties)}


def _types(content: Mapping[str, Any], groups: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _merged(entry, groups)
        for name, entry in content.items()
        if isinstance(entry, dict) and not name.startswith(("_", "$", "x-"))
    }


@cache
def models() -> Mapping[str, Any]:
    """Model type -> its schema."""
    content = read("models.json")
    return _types(content, content.get("_groups", {}))


def hf_tasks() -> Mapping[str, str]:
    """Tasks in the hub's terms -> what the model does. Olive checks no task's name, so others may be meant."""
    tasks: Mapping[str, str] = read("models.json").get("_tasks", {})
    return tasks


@cache
def systems() -> Mapping[str, Any]:
    """System type -> its schema. One with `x-alias-of` has the properties of the type that it stands for."""
    content = read("systems.json")
    types = _types(content, content.get("_groups", {}))
    return {
        name: {**types[entry["x-alias-of"]], **{k: v for k, v in entry.items() if k != "properties"}}
        if "x-alias-of" in entry
        else entry
        for name, entry in types.items()
    }


@cache
def samplers() -> Mapping[str, Any]:
    """Samplers of a search, as releases from 0.8.0 on name them -> their settings."""
    content = read("search.json")
    return _types(content.get("samplers", {}), content.get("groups", {}))


@cache
def search_algorithms() -> Mapping[str, Any]:
    """The same up to 0.7.1.1."""
    content = read("search.json")
    return _types(content.get("search_algorithms", {}), content.get("groups", {}))


@cache
def packaging() -> Mapping[str, Any]:
    """Form of a package -> its settings."""
    content = read("packaging.json")
    return _types(content.get("types", {}), content.get("groups", {}))


@cache
def resources() -> Mapping[str, Any]:
    """Type of a resource object -> its settings."""
    content = read("resource_paths.json")
    return _types(content.get("types", {}), content.get("groups", {}))


@cache
def evaluator_types() -> Mapping[str, Any]:
    """Evaluator type -> its schema, `properties` being its `type_args`."""
    return _types(read("evaluators.json").get("types", {}), {})


def sub_types(metric_type: str) -> Mapping[str, Any]:
    """The numbers of a metric type -> their description and history; none for `custom`, which names its own."""
    found: Mapping[str, Any] = section("sub_type_names").get(metric_type, {})
    return found


@cache
def user_config_properties(metric_type: str, release: str) -> Properties:
    """What a release takes in `user_config` of a metric of this type."""
    laid_out = {key: at(prop, release) for key, prop in section("user_config").get("properties", {}).items()}
    return {
        key: prop
        for key, prop in laid_out.items()
        if known_in(prop, release) and metric_type in prop.get("x-metrics", (metric_type,))
    }


@cache
def metric_config_properties(metric_type: str, sub_type: str, backend: str = "torch_metrics") -> Properties:
    """The settings of one number of a metric."""
    content = section("metric_config")
    by_name: Mapping[str, Any] = content.get("x-settings", {})
    chosen = sub_type if metric_type == "accuracy" and backend == "torch_metrics" else metric_type
    if metric_type == "accuracy" and backend == "huggingface_metrics":
        chosen = backend
    return {key: content["properties"][key] for key in by_name.get(chosen, ())}


@cache
def accelerators() -> Mapping[str, Any]:
    """`devices` with their execution providers, `providers` with their short names, `old_devices`."""
    return read("accelerators.json")


@cache
def device_providers(device: str, release: str) -> tuple[str, ...]:
    """The execution providers that a release knows for a device. CPUExecutionProvider fits every one."""
    entry = accelerators().get("devices", {}).get(device, {})
    history: Mapping[str, Any] = entry.get("x-values", {})
    names = [*entry.get("execution_providers", ()), "CPUExecutionProvider"]
    return tuple(dict.fromkeys(name for name in names if known_in(history.get(name, {}), release)))


def engine_properties() -> Properties:
    properties: Properties = section("engine").get("properties", {})
    return properties


def workflow_properties() -> Properties:
    properties: Properties = section("workflow").get("properties", {})
    return properties


def pass_fields() -> Properties:
    """What stands beside a pass's parameters: `type`, `host`, `evaluator` and what was dropped."""
    properties: Properties = section("pass").get("properties", {})
    return properties


def loading_arguments() -> Properties:
    """Arguments of `from_pretrained`."""
    properties: Properties = section("load_kwargs").get("properties", {})
    return properties


def training_arguments() -> Properties:
    """Arguments of transformers' TrainingArguments, with what Olive adds."""
    properties: Properties = section("training_arguments").get("properties", {})
    return properties


def data_config_properties() -> Properties:
    """What stands directly in a data config."""
    properties: Properties = section("data_config").get("properties", {})
    return properties


@cache
def data_containers() -> Mapping[str, Any]:
    """Container type -> its description, the components that it takes (`defaults`), and those by task (`tasks`)."""
    found: Mapping[str, Any] = read("data.json").get("containers", {})
    return found


@cache
def data_components(stage: str) -> Mapping[str, Any]:
    """Component name -> its schema, for a stage of `STAGES`."""
    content = read("data.json")
    return _types(content.get(stage, {}), content.get("groups", {}))


def component_properties(stage: str, component: str) -> Properties | None:
    """A data component's parameters, groups included; None where no release has the component."""
    name = find(data_components(stage), component)
    return data_components(stage)[name]["properties"] if name else None


def find(names: Iterable[str], wanted: str) -> str | None:
    """The name that equals `wanted` but for its case."""
    lower = wanted.lower()
    return next((name for name in names if name.lower() == lower), None)


def at(prop: Property, release: str) -> Property:
    """A property as one release has it: what it was then, and of its values those that there were."""
    was = next((entry for entry in prop.get("x-was", ()) if index(release) <= index(entry["until"])), None)
    classic = "x-classic-default" in prop and index(release) <= index(LAST_CLASSIC)
    history: Mapping[str, Any] = prop.get("x-values", {})
    gone = [name for name, times in history.items() if not known_in(times, release)]
    if was is None and not classic and not gone:
        return prop
    laid_out = dict(prop)
    if classic:
        laid_out["default"] = prop["x-classic-default"]
    for key, value in (was or {}).items():
        if value is None and key != "default":
            laid_out.pop(key, None)
        elif key != "until":
            laid_out[key] = value
    if "enum" in laid_out:
        laid_out["enum"] = [value for value in laid_out["enum"] if str(value) not in gone]
    return laid_out


def unknown_key(content: Mapping[str, Any], release: str, flat: bool = False) -> tuple[str, str]:
    """What a release does with a key that a section does not describe, and when: ("error", "run").

    flat: the key stands beside the nested object. Sections that say nothing refuse nothing: ("ignored", "")."""
    spans = content.get("x-unknown-flat" if flat and "x-unknown-flat" in content else "x-unknown", ())
    found: Mapping[str, str] = next(
        (entry for entry in spans if "until" not in entry or index(release) <= index(entry["until"])), {}
    )
    return found.get("does", "ignored"), found.get("when", "")
