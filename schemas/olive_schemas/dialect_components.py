"""The four components of a data config: which ones a container uses, and the parameters of each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from . import catalog
from .catalog import earlier_names
from .dialect_load import files_only, load_parameters
from .dialect_text import COMPONENT as TEXT_GENERATION
from .dialect_text import read_text_generation
from .nearest import did_you_mean
from .parameters import Era, Parameters, frozen, read_parameters
from .paths import absolute
from .report import Field, Fields, Report, expect_object, fields_of, hoist
from .tree import MISSING, join
from .workflow import Component, InputModel

STAGES = ("load_dataset", "pre_process_data", "post_process_data", "dataloader")
_USUAL = {
    "load_dataset": "huggingface_dataset",
    "pre_process_data": "huggingface_pre_process",
    "post_process_data": "default_post_process_data",
    "dataloader": "default_dataloader",
}
"""Whose parameters a user's own component is taken to have."""


def read_components(
    fields: Fields,
    container: str,
    pointer: str,
    base: Path,
    model: InputModel | None,
    report: Report,
    era: Era,
) -> dict[str, Component]:
    """Every stage's component, from `..._config`, `components` and `params_config` alike."""
    stages = {stage: _stage(fields, stage, report) for stage in STAGES}
    shared = _shared(fields, stages, report)
    task = _task({**shared, **stages["post_process_data"], **stages["pre_process_data"]}, model)
    types = _component_types(container, task)
    user_code = "user_script" in fields and bool(fields["user_script"].value)
    for stage in STAGES:
        types[stage] = _chosen(stage, stages[stage].pop("type", None), types[stage], user_code, report)
    for key, entry in shared.items():
        stages[_owner(key, types)].setdefault(key, entry)
    return {
        stage: _component(
            stage, types[stage], stages[stage], join(pointer, f"{stage}_config"), base, report, era
        )
        for stage in STAGES
    }


def _stage(fields: Fields, stage: str, report: Report) -> Fields:
    """A component's fields, `type` among them, from `..._config` or from `components`."""
    found: Fields = {}
    components = fields.get("components")
    if components is not None and isinstance(components.value, dict):
        inner = fields_of(components.value, components.pointer).get(stage)
        if inner is not None and inner.value is not None:
            found.update(hoist(expect_object(inner, f"`{stage}`", report), "params", ("type",), report))
            found.pop("name", None)
    own = fields.get(f"{stage}_config")
    if own is not None and own.value is not None:
        found.update(hoist(expect_object(own, f"`{stage}_config`", report), "params", ("type",), report))
    return found


def _shared(fields: Fields, stages: dict[str, Fields], report: Report) -> Fields:
    """The names of a `params_config`, whichever component they are for; `component_kwargs` go where they say."""
    params = fields.get("params_config")
    if params is None or params.value is None:
        return {}
    entries = expect_object(params, "`params_config`", report)
    kwargs = entries.pop("component_kwargs", None)
    for stage, inner in (expect_object(kwargs, "`component_kwargs`", report) if kwargs else {}).items():
        target = stage.removesuffix("_config")
        if target not in STAGES:
            report.unknown(stage, "`component_kwargs`", STAGES, inner.pointer)
            continue
        for key, value in hoist(
            expect_object(inner, f"`{stage}`", report), "params", ("type",), report
        ).items():
            stages[target].setdefault(key, value)
    return entries


def _owner(name: str, types: Mapping[str, str]) -> str:
    """The component that a name of `params_config` is for: the first whose parameters include it."""
    for stage in ("pre_process_data", "load_dataset", "dataloader", "post_process_data"):
        properties = catalog.component_properties(stage, types[stage])
        if properties is None:
            properties = catalog.component_properties(stage, _USUAL[stage]) or {}
        if name in properties or name in earlier_names(properties):
            return stage
    return "pre_process_data"


def _task(fields: Fields, model: InputModel | None) -> str:
    written = fields.get("task")
    if written is not None and isinstance(written.value, str):
        return written.value.removesuffix("-with-past")
    return (model.task if model is not None else "text-generation").removesuffix("-with-past")


def _component_types(container: str, task: str) -> dict[str, str]:
    """The components that a container uses for a task where the config names none."""
    schema = catalog.data_containers().get(container, {})
    chosen = {**schema.get("defaults", {}), **schema.get("tasks", {}).get(task, {})}
    return {stage: chosen.get(stage, f"default_{stage}") for stage in STAGES}


def _chosen(stage: str, written: Field | None, default: str, user_code: bool, report: Report) -> str:
    """The component's name as Olive spells it; a user's own as it stands."""
    if written is None or not isinstance(written.value, str):
        return default
    known = list(catalog.data_components(stage))
    found = catalog.find(known, written.value)
    if found is None and not user_code:
        report.error(
            "unknown-type",
            f"no {stage} component is named `{written.value}`"
            + did_you_mean(
                written.value, known, ": a component of your own needs a `user_script` that registers it"
            ),
            written.pointer,
        )
        return default
    return found or written.value


def _component(
    stage: str, name: str, fields: Fields, pointer: str, base: Path, report: Report, era: Era
) -> Component:
    if name == TEXT_GENERATION:
        read = read_text_generation(fields, pointer, report, era)
    else:
        read = _generic(stage, name, fields, pointer, report, era)
    properties = catalog.component_properties(stage, name) or {}
    values = dict(read.values)
    for key in read.given:
        value = values.get(key)
        names_place = properties.get(key, {}).get("x-ref") in ("file", "folder") and key not in (
            "data_files",
            "data_dir",
        )
        if names_place and isinstance(value, str) and value:
            values[key] = absolute(value, base)
    if stage == "load_dataset":
        values = load_parameters(values, read, pointer, base, report)
    return Component(name, values, read.given, pointer, read.pointers)


def _generic(stage: str, name: str, fields: Fields, pointer: str, report: Report, era: Era) -> Parameters:
    properties = catalog.component_properties(stage, name)
    if properties is None:
        values = {key: frozen(entry.value) for key, entry in fields.items() if entry.value is not MISSING}
        return Parameters(values, frozenset(fields), {key: entry.pointer for key, entry in fields.items()})
    schema = catalog.data_components(stage).get(name, {})
    closed = name == "huggingface_dataset" and files_only(fields)
    required = schema.get("required", ()) if name == "huggingface_dataset" else ()
    return read_parameters(
        fields,
        properties,
        name,
        report,
        era=era,
        pointer=pointer,
        required=required,
        open_names=not closed,
        pass_on=bool(schema.get("x-open")),
    )
