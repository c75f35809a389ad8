"""The facts about Olive's configs: the JSON files beside this module, read when first asked for and kept.

Read-only: whoever gets a mapping from here must not change it. A missing file is an empty one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.abc import Traversable

Property = Mapping[str, Any]
Properties = Mapping[str, Property]


@cache
def _folder() -> Traversable:
    return files("olive_schemas")


@cache
def _file(name: str) -> dict[str, Any]:
    resource = _folder()
    for part in name.split("/"):
        resource = resource.joinpath(part)
    if not resource.is_file():
        return {}
    content = json.loads(resource.read_text(encoding="utf-8"))
    return content if isinstance(content, dict) else {}


@dataclass(frozen=True)
class PassSchema:
    """What is known of a pass type. `runs_here`: this engine has it, and `properties` are complete."""

    type: str
    runs_here: bool
    properties: Properties = field(default_factory=dict)
    required: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    description: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)


@cache
def _pass_files() -> dict[str, str]:
    """Lower-cased type -> type as written, of the passes that run here."""
    folder = _folder().joinpath("passes")
    names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    types = sorted(name[:-5] for name in names if name.endswith(".json") and not name.startswith("_"))
    return {name.lower(): name for name in types}


def _others() -> dict[str, Any]:
    return {name: entry for name, entry in _file("passes/_others.json").items() if isinstance(entry, dict)}


@cache
def _all_passes() -> dict[str, str]:
    """Lower-cased type or earlier type name -> type as Olive spells it."""
    earlier = {
        alias["name"].lower(): name
        for name, raw in [
            *((n, _file(f"passes/{n}.json")) for n in _pass_files().values()),
            *_others().items(),
        ]
        for alias in raw.get("x-names", ())
        if isinstance(alias, dict)
    }
    return {**{name.lower(): name for name in _others()}, **earlier, **_pass_files()}


def known_passes() -> list[str]:
    """Every pass type of any release of Olive, as Olive spells it."""
    return sorted(set(_all_passes().values()))


def runnable_passes() -> list[str]:
    """The pass types that this engine runs."""
    return sorted(_pass_files().values())


@cache
def pass_schema(type_name: str) -> PassSchema | None:
    """What is known of a pass type, without regard to case; None where no release has it."""
    name = _all_passes().get(type_name.lower())
    if name is None:
        return None
    if name.lower() in _pass_files():
        raw = _file(f"passes/{name}.json")
        properties: dict[str, Property] = {}
        groups = _file("passes/_shared.json").get("groups", {})
        for group in raw.get("x-include", ()):
            properties.update(groups.get(group, {}).get("properties", {}))
        for key, own in raw.get("properties", {}).items():
            properties[key] = {**properties.get(key, {}), **own}
        for dropped in raw.get("x-exclude", ()):
            properties.pop(dropped, None)
        takes, gives = raw.get("x-takes", ()), raw.get("x-gives", ())
        required = tuple(raw.get("required", ()))
    else:
        raw = _others()[name]
        params = raw.get("params", ())
        properties = dict(params) if isinstance(params, dict) else {param: {} for param in params}
        takes, gives, required = raw.get("takes", ()), raw.get("gives", ()), ()
    return PassSchema(
        type=name,
        runs_here=name.lower() in _pass_files(),
        properties=properties,
        required=required,
        takes=_several(takes),
        gives=_several(gives),
        since=raw.get("x-since", raw.get("since")) or "",
        until=raw.get("x-until", raw.get("until")) or "",
        description=raw.get("description", ""),
        raw=raw,
    )


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


def training_arguments() -> Properties:
    """Arguments of transformers' TrainingArguments, with what Olive adds."""
    properties: Properties = _file("training_arguments.json").get("properties", {})
    return properties


def models() -> Mapping[str, Any]:
    """Model type -> its schema."""
    return _types(_file("models.json"))


def systems() -> Mapping[str, Any]:
    """System type -> its schema."""
    return _types(_file("systems.json"))


def accelerators() -> Mapping[str, Any]:
    """`devices` with their execution providers, `providers` with their short names, `old_devices`."""
    return _file("accelerators.json")


def _types(content: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: entry
        for name, entry in content.items()
        if isinstance(entry, dict) and not name.startswith(("_", "$", "x-"))
    }


def engine_properties() -> Properties:
    properties: Properties = _file("engine.json").get("properties", {})
    return properties


def workflow_properties() -> Properties:
    properties: Properties = _file("workflow.json").get("properties", {})
    return properties


def pass_fields() -> Properties:
    """What stands beside a pass's parameters: `type`, `host`, `evaluator` and what was dropped."""
    properties: Properties = _file("workflow.json").get("pass", {}).get("properties", {})
    return properties


def loading_arguments() -> Properties:
    """Arguments of `from_pretrained`."""
    properties: Properties = (
        _file("models.json").get("_groups", {}).get("load_kwargs", {}).get("properties", {})
    )
    return properties


def data_config_properties() -> Properties:
    """What stands directly in a data config."""
    properties: Properties = _file("data.json").get("data_config", {}).get("properties", {})
    return properties


def data_containers() -> Mapping[str, Any]:
    return _types(_file("data.json").get("containers", {}))


def data_components(stage: str) -> Mapping[str, Any]:
    """Component name -> its schema, for load_dataset, pre_process_data, post_process_data, dataloader."""
    return _types(_file("data.json").get(stage, {}))


@cache
def component_properties(stage: str, component: str) -> Properties | None:
    """A data component's parameters, groups included; None where no release has the component."""
    content = _file("data.json")
    entry = find(data_components(stage), component)
    if entry is None:
        return None
    schema = data_components(stage)[entry]
    properties: dict[str, Property] = {}
    groups = content.get("groups", {})
    for group in schema.get("x-include", ()):
        properties.update((groups.get(group) or content.get(group) or {}).get("properties", {}))
    for key, own in schema.get("properties", {}).items():
        properties[key] = {**properties.get(key, {}), **own}
    return properties


def find(names: Iterable[str], wanted: str) -> str | None:
    """The name that equals `wanted` but for its case."""
    lower = wanted.lower()
    return next((name for name in names if name.lower() == lower), None)


def before_current(release: str) -> bool:
    """Whether a release belongs to the classic era, before 0.7.0."""
    parts = release.split(".")
    return len(parts) > 1 and parts[0] == "0" and parts[1].isdigit() and int(parts[1]) < 7
