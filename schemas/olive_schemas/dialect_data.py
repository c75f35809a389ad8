"""`data_configs` in every spelling -> `DataConfig`.

Three shapes: components nested in `..._config` with `params` or flat (0.6.2 on), `params_config` with or without
`components` (0.3 - 0.6.1), and the object keyed by name (0.3 - 0.5.2) instead of a list.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from . import catalog
from .dialect_components import STAGES, read_components
from .dialect_text import ERA_CLASSIC, ERA_CURRENT
from .nearest import did_you_mean, listing
from .parameters import Era, reason
from .paths import absolute
from .report import Field, Fields, Report, fields_of, kind_of
from .tree import MISSING, join
from .workflow import DataConfig, InputModel

MODEL_DATA = "__input_model_data_config__"
_NAME = re.compile(r"[A-Za-z0-9_]+")


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


def model_data(top: Fields, base: Path, model: InputModel | None, report: Report) -> dict[str, DataConfig]:
    """The data that releases up to 0.5.2 took inside `hf_config`, under the name that passes refer to it by."""
    hf_config = top
    for step in ("input_model", "config", "hf_config"):
        entry = hf_config.get(step)
        hf_config = {} if entry is None else fields_of(entry.value, entry.pointer)
    dataset = hf_config.get("dataset")
    if dataset is None or not isinstance(dataset.value, dict):
        return {}
    passes = top.get("passes")
    if passes is None or not _mentions(passes.value, MODEL_DATA):
        report.warning(
            "no-effect", f"`dataset` has no effect: no pass refers to `{MODEL_DATA}`", dataset.pointer, "key"
        )
        return {}
    fields = {"type": Field("HuggingfaceContainer", dataset.pointer), "params_config": dataset}
    config = _data_config(fields, dataset.pointer, base, model, report, "classic", MODEL_DATA)
    return {MODEL_DATA: config}


def _mentions(value: Any, text: str) -> bool:
    if isinstance(value, (dict, list)):
        return any(_mentions(entry, text) for entry in (value.values() if isinstance(value, dict) else value))
    return bool(value == text)


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
    return _data_config(fields_of(field.value, field.pointer), field.pointer, base, model, report, era, name)


def _data_config(
    fields: Fields, pointer: str, base: Path, model: InputModel | None, report: Report, era: Era, name: str
) -> DataConfig:
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
    name = name or _name(fields, pointer, report)
    container = _container(fields, report)
    data_era: Era = _era(fields, era)
    components = read_components(fields, container, pointer, base, model, report, data_era)
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
        pointer=pointer,
    )


def _name(fields: Fields, pointer: str, report: Report) -> str:
    written = fields.get("name")
    if written is None:
        report.error("missing", "a data config needs a `name` for others to refer to", pointer, "key")
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
    written = {name: entry.value for name, entry in fields.items()}
    return "current" if names & ERA_CURRENT or flat_components(written) else era


def flat_components(config: Any) -> bool:
    """Whether parameters stand beside a component's `type`, as only releases from 0.7.0 on take them."""
    if not isinstance(config, dict):
        return False
    components = [config.get(f"{stage}_config") for stage in STAGES]
    return any(
        name not in ("type", "params") for entry in components if isinstance(entry, dict) for name in entry
    )
