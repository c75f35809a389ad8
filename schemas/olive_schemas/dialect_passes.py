"""`passes` and `pass_flows` in every spelling -> the steps in the order in which they run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import catalog
from .dialect_data import read_data_config
from .dialect_systems import resolve_system
from .nearest import did_you_mean
from .parameters import Era, Parameters, frozen, read_parameters, reason
from .paths import absolute
from .report import Field, Fields, Report, fields_of, hoist, kind_of
from .training import read_training_arguments
from .tree import MISSING, join
from .workflow import DataConfig, InputModel, PassStep, System

_OWN = ("type", "host", "evaluator")


@dataclass
class Surroundings:
    """What a pass may refer to. `data_configs` and `systems` grow by those that passes hold inline."""

    base: Path
    era: Era
    report: Report
    model: InputModel | None
    systems: dict[str, System]
    data_configs: dict[str, DataConfig]
    evaluators: Mapping[str, Any] = field(default_factory=dict)
    searching: bool = False
    systems_broken: bool = False
    data_broken: bool = False


def read_passes(top: Fields, around: Surroundings) -> list[PassStep]:
    written = top.get("passes")
    if written is None or written.value is None or written.value is MISSING:
        return []
    report = around.report
    if not isinstance(written.value, dict):
        report.error(
            "wrong-type",
            f'`passes` must be an object of named passes {{"lora": {{"type": "LoRA"}}}}, found {kind_of(written.value)}',
            written.pointer,
        )
        return []
    steps = {
        name: step
        for name, entry in fields_of(written.value, written.pointer).items()
        if (step := _step(name, entry, around))
    }
    return _flow(top.get("pass_flows"), steps, list(written.value), report)


def _step(name: str, entry: Field, around: Surroundings) -> PassStep | None:
    report = around.report
    if isinstance(entry.value, list):
        if not entry.value:
            report.error(
                "wrong-value", f"pass `{name}` is an empty list: write the pass as an object", entry.pointer
            )
            return None
        if len(entry.value) > 1:
            report.refuse(
                "pass-alternatives",
                f"pass `{name}` lists {len(entry.value)} alternatives, which need a search that this engine does not do: keep one",
                entry.pointer,
                "key",
            )
        entry = Field(entry.value[0], join(entry.pointer, 0))
    if entry.value is MISSING:
        return None
    if not isinstance(entry.value, dict):
        report.error(
            "wrong-type",
            f"pass `{name}` must be an object {{ ... }}, found {kind_of(entry.value)}",
            entry.pointer,
        )
        return None
    fields = hoist(fields_of(entry.value, entry.pointer), "config", _OWN, report)
    schema = _type(name, fields, entry.pointer, report)
    if schema is None:
        return None
    declared = not around.systems_broken
    host = resolve_system(
        fields, "host", around.systems, report, around.era, declared=declared, name=f"{name}_host"
    )
    if host is not None:
        around.systems.setdefault(host.name, host)
    check_evaluator(fields.get("evaluator"), around.evaluators, report)
    own = {key: value for key, value in fields.items() if key not in _OWN}
    _dropped(own, schema, around)
    read = (
        _parameters(schema, own, entry.pointer, around)
        if schema.runs_here
        else _foreign(schema, own, entry.pointer, around)
    )
    values, pointers, given = dict(read.values), dict(read.pointers), set(read.given)
    for key, prop in schema.properties.items():
        if key in values:
            _refer(name, key, prop, values, pointers.get(key, entry.pointer), around)
    if "training_args" in schema.properties and schema.runs_here:
        training = read_training_arguments(own.get("training_args"), around.report, around.era)
        values["training_args"] = training.values
        given.update(f"training_args.{key}" for key in training.given)
        pointers.update({f"training_args.{key}": place for key, place in training.pointers.items()})
    return PassStep(
        name=name,
        type=schema.type,
        parameters=values,
        given=frozenset(given),
        pointer=entry.pointer,
        pointers=pointers,
        host=host.name if host else None,
    )


def _dropped(own: Fields, schema: catalog.PassSchema, around: Surroundings) -> None:
    """Takes out what passes had beside their parameters in earlier releases. Where nothing is searched,
    `disable_search` does what it says."""
    for key, prop in catalog.pass_fields().items():
        if key not in own or key in schema.properties:
            continue
        entry = own.pop(key)
        if (
            "x-here" in prop
            and entry.value != prop.get("default")
            and (key != "disable_search" or around.searching)
        ):
            around.report.warning(
                "no-effect", f"`{key}` has no effect here: {reason(prop['x-here'])}", entry.pointer, "key"
            )


def _type(name: str, fields: Fields, pointer: str, report: Report) -> catalog.PassSchema | None:
    written = fields.get("type")
    if written is None:
        report.error("missing", f'pass `{name}` needs a `type`, such as "LoRA"', pointer, "key")
        return None
    if not isinstance(written.value, str):
        if written.value is not MISSING:
            report.error(
                "wrong-type", f"`type` must be a string, found {kind_of(written.value)}", written.pointer
            )
        return None
    schema = catalog.pass_schema(written.value)
    if schema is None:
        report.error(
            "unknown-pass",
            f"no release of Olive has a pass `{written.value}`"
            + did_you_mean(written.value, catalog.known_passes(), ": check its spelling"),
            written.pointer,
        )
    return schema


def _parameters(schema: catalog.PassSchema, own: Fields, pointer: str, around: Surroundings) -> Parameters:
    def elsewhere(key: str) -> str | None:
        others = [other for other in catalog.passes_with(key) if other != schema.type]
        if not others:
            return None
        runnable = [other for other in others if other in catalog.runnable_passes()]
        return f"`{key}` is a parameter of {(runnable or others)[0]}; {schema.type} has none of that name, so it has no effect"

    plain = {key: entry for key, entry in own.items() if key != "training_args"}
    properties = {key: prop for key, prop in schema.properties.items() if key != "training_args"}
    read = read_parameters(
        plain,
        properties,
        schema.type,
        around.report,
        era=around.era,
        required=schema.required,
        pointer=pointer,
        besides=(*_OWN, "training_args") if "training_args" in schema.properties else _OWN,
        elsewhere=elsewhere,
        searching=around.searching,
    )
    if "training_args" in own and "training_args" in schema.properties:
        training = own["training_args"]
        return Parameters(
            read.values, read.given | {"training_args"}, {**read.pointers, "training_args": training.pointer}
        )
    if "training_args" in own:
        around.report.warning(
            "no-effect",
            f"{schema.type} does not train: `training_args` has no effect",
            own["training_args"].pointer,
            "key",
        )
    return read


def _foreign(schema: catalog.PassSchema, own: Fields, pointer: str, around: Surroundings) -> Parameters:
    """A pass that is not run here: its names are checked where they are known, its values are kept as they are."""
    if schema.properties:
        known = set(schema.properties)
        for key, entry in own.items():
            if key in known or catalog.passes_with(key):
                continue
            around.report.unknown(key, schema.type, known, entry.pointer)
    values = {key: frozen(entry.value) for key, entry in own.items() if entry.value is not MISSING}
    for key, entry in own.items():
        if entry.value == "SEARCHABLE_VALUES" and not around.searching:
            around.report.error(
                "search-values",
                f"`{key}` asks for a search, and the config has no search strategy: write one value",
                entry.pointer,
            )
    return Parameters(values, frozenset(own), {key: entry.pointer for key, entry in own.items()})


def _refer(
    name: str, key: str, prop: Mapping[str, Any], values: dict[str, Any], pointer: str, around: Surroundings
) -> None:
    """Resolves what a string refers to: a data config, or a file."""
    value, kind = values[key], prop.get("x-ref")
    if kind == "data_config":
        if isinstance(value, str):
            _data_reference(value, pointer, around)
        elif isinstance(value, dict):
            values[key] = _inline(name, key, Field(value, pointer), around)
    elif kind in ("file", "folder") and isinstance(value, str) and value:
        values[key] = absolute(value, around.base)


def _data_reference(value: str, pointer: str, around: Surroundings) -> None:
    if value not in around.data_configs and not around.data_broken:
        around.report.dangling(value, "data config", around.data_configs, pointer)


def _inline(name: str, key: str, entry: Field, around: Surroundings) -> str:
    """A data config written in place gets a name of its own, and is referred to by it."""
    written = entry.value.get("name")
    label = written if isinstance(written, str) and written else f"{name}_{key}"
    label = "".join(c if c.isalnum() or c == "_" else "_" for c in label)
    while label in around.data_configs and around.data_configs[label].pointer != entry.pointer:
        label += "_"
    config = read_data_config(entry, around.base, around.model, around.report, around.era, name=label)
    if config is not None:
        around.data_configs[label] = config
    return label


def check_evaluator(entry: Field | None, evaluators: Mapping[str, Any], report: Report) -> None:
    """A reference to an evaluator must find one."""
    if entry is not None and isinstance(entry.value, str) and entry.value not in evaluators:
        report.dangling(entry.value, "evaluator", evaluators, entry.pointer)


def _flow(
    entry: Field | None, steps: dict[str, PassStep], named: list[str], report: Report
) -> list[PassStep]:
    """The order: that of `passes`, or of the one flow of a classic `pass_flows`."""
    if entry is None or not entry.value:
        return list(steps.values())
    flows = entry.value
    if not isinstance(flows, list) or not all(isinstance(flow, list) for flow in flows):
        report.error(
            "wrong-type",
            '`pass_flows` must be a list of lists of pass names: [["lora", "merge"]]',
            entry.pointer,
        )
        return list(steps.values())
    if len(flows) > 1:
        report.refuse(
            "several-flows",
            f"`pass_flows` has {len(flows)} flows, and one run does one: keep one of them (one config for each)",
            entry.pointer,
        )
    ordered: list[PassStep] = []
    for index, name in enumerate(flows[0]):
        place = join(entry.pointer, 0, index)
        if not isinstance(name, str) or name not in named:
            if name is not MISSING:
                report.dangling(str(name), "pass", named, place)
        elif name in steps:
            ordered.append(steps[name])
    left = [name for name in named if not any(name in flow for flow in flows)]
    if left:
        report.information(
            "not-run",
            f"`pass_flows` does not name {', '.join(f'`{name}`' for name in left)}: not run",
            entry.pointer,
            "key",
        )
    return ordered
