"""`data_configs` in every spelling -> `DataConfig`.

Three shapes: components nested in `..._config` with `params` or flat (0.6.2 on), `params_config` with or without
`components` (0.3 - 0.6.1), and the object keyed by name (0.3 - 0.5.2) instead of a list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import catalog
from .catalog import earlier_names
from .dialect_text import COMPONENT as TEXT_GENERATION
from .dialect_text import ERA_CLASSIC, ERA_CURRENT, read_text_generation
from .nearest import did_you_mean, listing
from .parameters import Era, Parameters, frozen, read_parameters, reason
from .paths import absolute, absolute_files, looks_like_path
from .report import Field, Fields, Report, expect_object, fields_of, hoist, kind_of
from .tree import MISSING, join
from .workflow import Component, DataConfig, InputModel

STAGES = ("load_dataset", "pre_process_data", "post_process_data", "dataloader")
_NAME = re.compile(r"[A-Za-z0-9_]+")
_USUAL = {
    "load_dataset": "huggingface_dataset",
    "pre_process_data": "huggingface_pre_process",
    "post_process_data": "default_post_process_data",
    "dataloader": "default_dataloader",
}
"""Whose parameters a user's own component is taken to have."""
_BUILDERS = (
    "json",
    "csv",
    "parquet",
    "text",
    "arrow",
    "pandas",
    "xml",
    "webdataset",
    "imagefolder",
    "audiofolder",
)


def read_data_configs(
    field: Field | None, base: Path, model: InputModel | None, report: Report, era: Era
) -> dict[str, DataConfig]:
    """Every data config by the name that references use."""
    if field is None or field.value is None or field.value is MISSING:
        return {}
    configs: dict[str, DataConfig] = {}
    if isinstance(field.value, dict):
        for name, entry in fields_of(field.value, field.pointer).items():
            config = read_data_config(entry, base, model, report, era, name=name)
            if config is not None:
                configs[name] = config
        return configs
    if not isinstance(field.value, list):
        report.error(
            "wrong-type",
            f"`data_configs` must be a list [ ... ], found {kind_of(field.value)}",
            field.pointer,
        )
        return {}
    for index, value in enumerate(field.value):
        config = read_data_config(Field(value, join(field.pointer, index)), base, model, report, era)
        if config is None:
            continue
        if config.name in configs:
            report.error(
                "duplicate-name",
                f"two data configs are named `{config.name}`: rename one, and what refers to it",
                join(config.pointer, "name"),
            )
            continue
        configs[config.name] = config
    return configs


def read_data_config(
    field: Field, base: Path, model: InputModel | None, report: Report, era: Era, *, name: str = ""
) -> DataConfig | None:
    """One data config; `name` where the place gives it (the key of an object, or a parameter that holds it inline)."""
    if field.value is MISSING:
        return None
    if not isinstance(field.value, dict):
        report.error(
            "wrong-type",
            f"a data config must be an object {{ ... }}, found {kind_of(field.value)}",
            field.pointer,
        )
        return None
    fields = fields_of(field.value, field.pointer)
    known = catalog.data_config_properties()
    for key, entry in fields.items():
        if key not in known:
            report.unknown(key, "a data config", known, entry.pointer)
        elif "x-here" in known[key]:
            report.warning(
                "no-effect",
                f"`{key}` has no effect here: {reason(known[key]['x-here'])}",
                entry.pointer,
                "key",
            )
    name = name or _name(fields, field.pointer, report)
    container = _container(fields, report)
    data_era: Era = _era(fields, era)
    stages = {stage: _stage(fields, stage, report) for stage in STAGES}
    shared = _shared(fields, stages, report)
    types = _component_types(
        container, _task({**shared, **stages["post_process_data"], **stages["pre_process_data"]}, model)
    )
    user_code = "user_script" in fields and bool(fields["user_script"].value)
    for stage in STAGES:
        types[stage] = _chosen(stage, stages[stage].pop("type", None), types[stage], user_code, report)
    for key, entry in shared.items():
        stages[_owner(key, types)].setdefault(key, entry)
    components = {
        stage: _component(
            stage, types[stage], stages[stage], join(field.pointer, f"{stage}_config"), report, data_era
        )
        for stage in STAGES
    }
    load = components["load_dataset"]
    components["load_dataset"] = replace(load, params=_load_paths(load, base, report))
    script, folder = _text(fields, "user_script", report), _text(fields, "script_dir", report)
    return DataConfig(
        name=name,
        type=container,
        load=components["load_dataset"],
        pre_process=components["pre_process_data"],
        post_process=components["post_process_data"],
        dataloader=components["dataloader"],
        user_script=absolute(script, base) if script else None,
        script_dir=absolute(folder, base) if folder else None,
        era=data_era,
        pointer=field.pointer,
    )


def _name(fields: Fields, pointer: str, report: Report) -> str:
    written = fields.get("name")
    if written is None:
        report.error("missing", "a data config needs a `name` for others to refer to", pointer)
        return pointer
    if written.value is MISSING:
        return pointer
    if not isinstance(written.value, str):
        report.error(
            "wrong-type", f"`name` must be a string, found {kind_of(written.value)}", written.pointer
        )
        return pointer
    if not _NAME.fullmatch(written.value):
        fixed = re.sub(r"[^A-Za-z0-9_]+", "_", written.value).strip("_") or "data"
        report.error(
            "wrong-value",
            f"the name `{written.value}` may hold letters, digits and _ only: write `{fixed}`",
            written.pointer,
        )
    return written.value


def _text(fields: Fields, key: str, report: Report) -> str | None:
    entry = fields.get(key)
    if entry is None or entry.value is None or entry.value is MISSING:
        return None
    if not isinstance(entry.value, str):
        report.error("wrong-type", f"`{key}` must be a string, found {kind_of(entry.value)}", entry.pointer)
        return None
    return entry.value


def _container(fields: Fields, report: Report) -> str:
    written = fields.get("type")
    if written is None or written.value is None or written.value is MISSING:
        return "DataContainer"
    known = list(catalog.data_containers())
    found = catalog.find(known, written.value) if isinstance(written.value, str) else None
    if found is None:
        text = str(written.value)
        report.error(
            "unknown-type",
            f"no data container is named `{text}`"
            + did_you_mean(text, known, f": there is {listing(known)}"),
            written.pointer,
        )
    return found or "HuggingfaceContainer"


def _era(fields: Fields, era: Era) -> Era:
    """What the data config itself tells of its era; the file's where it tells nothing."""
    if "params_config" in fields or "components" in fields:
        return "classic"
    names: set[str] = set()
    pre = fields.get("pre_process_data_config")
    if pre is not None and isinstance(pre.value, dict):
        names.update(pre.value)
        if isinstance(pre.value.get("params"), dict):
            names.update(pre.value["params"])
    if names & ERA_CLASSIC:
        return "classic"
    return "current" if names & ERA_CURRENT else era


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


def _component(stage: str, name: str, fields: Fields, pointer: str, report: Report, era: Era) -> Component:
    if name == TEXT_GENERATION:
        read = read_text_generation(fields, pointer, report, era)
    else:
        read = _generic(stage, name, fields, pointer, report, era)
    return Component(name, read.values, read.given, pointer, read.pointers)


def _generic(stage: str, name: str, fields: Fields, pointer: str, report: Report, era: Era) -> Parameters:
    properties = catalog.component_properties(stage, name)
    if properties is None:
        values = {key: frozen(entry.value) for key, entry in fields.items() if entry.value is not MISSING}
        return Parameters(values, frozenset(fields), {key: entry.pointer for key, entry in fields.items()})
    schema = catalog.data_components(stage).get(name, {})
    files_only = name == "huggingface_dataset" and _packaged(fields)
    required = schema.get("required", ()) if name == "huggingface_dataset" else ()
    return read_parameters(
        fields,
        properties,
        name,
        report,
        era=era,
        pointer=pointer,
        required=required,
        open_names=not files_only,
        pass_on=bool(schema.get("x-open")),
    )


def _packaged(fields: Fields) -> bool:
    """Whether the data comes from files through one of datasets' own builders."""
    written = fields.get("data_name")
    return written is None or (isinstance(written.value, str) and written.value.lower() in _BUILDERS)


def _load_paths(load: Component, base: Path, report: Report) -> dict[str, Any]:
    """Files and folders as absolute paths; names on the hub, and files inside such a data set, stay as they are."""
    params = dict(load.params)
    name = params.get("data_name")
    files = params.get("data_files")
    if isinstance(files, dict) and "type" in files:
        files = _resource(files, load.pointers.get("data_files", load.pointer), report)
        params["data_files"] = files
    folder = (
        isinstance(name, str)
        and name.lower() not in _BUILDERS
        and (looks_like_path(name) or Path(absolute(name, base)).is_dir())
    )
    if folder and isinstance(name, str):
        params["data_name"] = absolute(name, base)
    elif isinstance(name, str) and name.lower() not in _BUILDERS:
        return params
    if files is not None and not folder:
        params["data_files"] = absolute_files(files, base)
    if isinstance(params.get("data_dir"), str) and params["data_dir"]:
        params["data_dir"] = absolute(params["data_dir"], base)
    return params


def _resource(value: Mapping[str, Any], pointer: str, report: Report) -> Any:
    """`data_files` as one of Olive's resources: local ones become their path, Azure's are refused."""
    kind = str(value.get("type")).lower()
    if kind.startswith("azureml"):
        report.refuse(
            "azureml",
            f"{kind} lies in Azure ML, which this engine does not reach: download the data and write its path",
            pointer,
        )
        return None
    config = value.get("config") if isinstance(value.get("config"), dict) else value
    if kind in ("file", "folder", "string_name", "local_file", "local_folder") and isinstance(config, dict):
        return config.get("path") or config.get("name")
    return dict(value)
