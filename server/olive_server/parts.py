"""The named parts of a config as the checks read them: nested and flat spelling alike, each value with its place.

A part that is not written as it should be (a list where an object belongs) is left out: someone else tells of that,
and nothing is concluded from it. Nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from olive_schemas import catalog
from olive_schemas.catalog import PassSchema
from olive_schemas.report import Field, Fields, fields_of
from olive_schemas.tree import MISSING, join

STAGES = ("load_dataset", "pre_process_data", "post_process_data", "dataloader")
_BESIDE_TYPE = frozenset(("type", "host", "evaluator", "name"))
"""Names that count beside the nested object and not in it."""


@dataclass(frozen=True)
class Part:
    """A model, system, pass, data component, evaluator or metric. `fields`: under the names that are written."""

    name: str
    pointer: str
    fields: Fields

    @property
    def type(self) -> str:
        """The type as it is written; empty where none is."""
        value = self.value("type")
        return value if isinstance(value, str) else ""

    def get(self, *names: str) -> Field | None:
        """The field under the first of the names that is written with a value."""
        for name in names:
            entry = self.fields.get(name)
            if entry is not None and entry.value is not MISSING:
                return entry
        return None

    def value(self, *names: str) -> Any:
        entry = self.get(*names)
        return None if entry is None else entry.value


@dataclass(frozen=True)
class PassPart(Part):
    schema: PassSchema | None = None
    """None where no release has the pass."""


@dataclass(frozen=True)
class DataPart(Part):
    components: Mapping[str, Part] = field(default_factory=dict)
    """Stage -> component; `params_config` and its `component_kwargs` are in each of them, as Olive hands them out."""


@dataclass(frozen=True)
class Metric(Part):
    evaluator: str = ""
    sub_types: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Parts:
    model: Part | None
    engine: Part
    """The engine's keys from both places."""
    systems: Mapping[str, Part]
    data_configs: tuple[DataPart, ...]
    evaluators: Mapping[str, Part]
    metrics: tuple[Metric, ...]
    passes: tuple[tuple[PassPart, ...], ...]
    """In the order of the file; several in one entry are alternatives."""
    flows: tuple[tuple[str, ...], ...]
    """The orders in which passes run, by name: one, or those of `pass_flows`."""
    twice: tuple[tuple[Field, Field], ...]
    """Engine keys that stand in `engine` and at the top level: (the one that counts, the other)."""
    searching: bool = False

    def every_pass(self) -> Iterator[PassPart]:
        for alternatives in self.passes:
            yield from alternatives

    def data_config(self, name: Any) -> DataPart | None:
        return next((part for part in self.data_configs if part.name == name), None)


def parts_of(config: Any) -> Parts:
    """The parts of a config of any dialect; empty ones for anything that is no object."""
    top = fields_of(config, "")
    inner = _fields(top.get("engine"))
    engine = {**{name: entry for name, entry in top.items() if name not in _SECTIONS}, **inner}
    twice = [
        (entry, top[name])
        for name, entry in inner.items()
        if name in top and name not in _SECTIONS and entry.value is not MISSING
    ]
    model = top.get("input_model")
    passes = tuple(
        tuple(_pass(name, choice) for choice in _alternatives(entry))
        for name, entry in _fields(top.get("passes")).items()
    )
    return Parts(
        model=_part("", model, "config") if model and isinstance(model.value, dict) else None,
        engine=Part("", "/engine" if "engine" in top else "", engine),
        systems={
            name: _part(name, entry, "config")
            for name, entry in _fields(top.get("systems")).items()
            if isinstance(entry.value, dict)
        },
        data_configs=tuple(_data_configs(top.get("data_configs"), passes)),
        evaluators={
            name: _part(name, entry, "")
            for name, entry in _fields(top.get("evaluators")).items()
            if isinstance(entry.value, dict)
        },
        metrics=tuple(_metrics(_fields(top.get("evaluators")))),
        passes=passes,
        flows=_flows(top.get("pass_flows"), passes),
        twice=tuple(twice),
        searching=_searching(engine.get("search_strategy")),
    )


_SECTIONS = frozenset(
    ("input_model", "systems", "data_configs", "evaluators", "engine", "passes", "pass_flows")
)


def _fields(entry: Field | None) -> Fields:
    return {} if entry is None else fields_of(entry.value, entry.pointer)


def _part(name: str, entry: Field, nested: str) -> Part:
    return Part(name, entry.pointer, _hoisted(_fields(entry), nested))


def _hoisted(fields: Fields, nested: str) -> Fields:
    """The fields with those of the nested object among them, which count where both are written."""
    inner = fields.get(nested)
    if inner is None or not isinstance(inner.value, dict):
        return fields
    result = {name: entry for name, entry in fields.items() if name != nested}
    for name, entry in fields_of(inner.value, inner.pointer).items():
        if name not in _BESIDE_TYPE or name not in result:
            result[name] = entry
    return result


def _alternatives(entry: Field) -> Iterator[Field]:
    if isinstance(entry.value, dict):
        yield entry
    elif isinstance(entry.value, list):
        for index, choice in enumerate(entry.value):
            if isinstance(choice, dict):
                yield Field(choice, join(entry.pointer, index))


def _pass(name: str, entry: Field) -> PassPart:
    fields = _hoisted(fields_of(entry.value, entry.pointer), "config")
    written = fields.get("type")
    schema = catalog.pass_schema(written.value) if written and isinstance(written.value, str) else None
    return PassPart(name, entry.pointer, fields, schema)


def _data_configs(entry: Field | None, passes: tuple[tuple[PassPart, ...], ...]) -> Iterator[DataPart]:
    """Those of the section, and those that passes hold in place."""
    if entry is not None and isinstance(entry.value, dict):
        for name, inner in _fields(entry).items():
            if isinstance(inner.value, dict):
                yield _data_config(name, inner)
    elif entry is not None and isinstance(entry.value, list):
        for index, value in enumerate(entry.value):
            if isinstance(value, dict):
                written = value.get("name")
                name = written if isinstance(written, str) else ""
                yield _data_config(name, Field(value, join(entry.pointer, index)))
    for alternatives in passes:
        for part in alternatives:
            for key, inner in part.fields.items():
                if key.endswith("data_config") and isinstance(inner.value, dict):
                    yield _data_config("", inner)


def _data_config(name: str, entry: Field) -> DataPart:
    fields = fields_of(entry.value, entry.pointer)
    shared = _fields(fields.get("params_config"))
    kwargs = _fields(shared.pop("component_kwargs", None))
    older = _fields(fields.get("components"))
    components = {}
    for stage in STAGES:
        found: Fields = dict(shared)
        for inner in (kwargs.get(stage), older.get(stage), fields.get(f"{stage}_config")):
            if inner is not None and isinstance(inner.value, dict):
                found.update(_hoisted(fields_of(inner.value, inner.pointer), "params"))
        own = fields.get(f"{stage}_config")
        components[stage] = Part(stage, own.pointer if own else entry.pointer, found)
    return DataPart(name, entry.pointer, fields, components)


def _metrics(evaluators: Fields) -> Iterator[Metric]:
    for name, evaluator in evaluators.items():
        metrics = _fields(evaluator).get("metrics")
        for index, value in enumerate(metrics.value if metrics and isinstance(metrics.value, list) else ()):
            if not isinstance(value, dict):
                continue
            assert metrics is not None
            place = join(metrics.pointer, index)
            fields = fields_of(value, place)
            subs = fields.get("sub_types")
            entries = subs.value if subs and isinstance(subs.value, list) else []
            sub_types = tuple(
                Part(
                    str(entry.get("name", "")),
                    join(place, "sub_types", number),
                    fields_of(entry, join(place, "sub_types", number)),
                )
                for number, entry in enumerate(entries)
                if isinstance(entry, dict)
            )
            label = fields.get("name")
            title = label.value if label and isinstance(label.value, str) else ""
            yield Metric(title, place, fields, name, sub_types)


def _flows(entry: Field | None, passes: tuple[tuple[PassPart, ...], ...]) -> tuple[tuple[str, ...], ...]:
    named = tuple(alternatives[0].name for alternatives in passes if alternatives)
    if entry is None or not isinstance(entry.value, list) or not entry.value:
        return (named,)
    flows = tuple(
        tuple(name for name in flow if isinstance(name, str))
        for flow in entry.value
        if isinstance(flow, list)
    )
    return flows or (named,)


def _searching(entry: Field | None) -> bool:
    return entry is not None and entry.value is not MISSING and bool(entry.value)
