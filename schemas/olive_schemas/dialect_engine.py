"""The top level and the engine's settings: inside `engine` up to 0.6.2, in either place since."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import catalog
from .parameters import Era, read_parameters, reason
from .paths import absolute
from .report import Field, Fields, Report, expect_object
from .tree import MISSING
from .workflow import EngineSettings

SECTIONS = (
    "input_model",
    "systems",
    "data_configs",
    "evaluators",
    "engine",
    "passes",
    "pass_flows",
    "workflow_id",
)
_HANDLED = ("host", "target", "evaluator", "execution_providers", "search_strategy")
DEFAULT_OUTPUT = "output"
"""Olive writes into the folder it is started from; a folder of its own can be replaced without harm."""
DEFAULT_CACHE = ".olive-cache"


@dataclass
class TopLevel:
    """`fields`: the sections. `engine`: the engine's fields from both places."""

    fields: Fields = field(default_factory=dict)
    engine: Fields = field(default_factory=dict)


@dataclass(frozen=True)
class Engine:
    settings: EngineSettings
    searching: bool = False
    providers: Field | None = None
    workflow_id: str = "default_workflow"


def top_level(fields: Fields, report: Report, era: Era) -> TopLevel:
    """Tells sections from engine keys; of a key written in both places the one inside `engine` counts."""
    del era
    top = TopLevel()
    inner = expect_object(fields["engine"], "`engine`", report) if "engine" in fields else {}
    known_engine = list(catalog.engine_properties())
    for name, entry in fields.items():
        if name in SECTIONS:
            top.fields[name] = entry
        elif name in known_engine:
            if name in inner:
                report.warning(
                    "written-twice",
                    f"`{name}` is also written inside `engine`, and that one counts: this one has no effect",
                    entry.pointer,
                    "key",
                )
            else:
                top.engine[name] = entry
        elif catalog.workflow_properties().get(name) is not None:
            why = str(
                catalog.workflow_properties()[name].get("x-here", "it is known to Olive and not used here")
            )
            report.warning(
                "no-effect",
                f"`{name}` has no effect here: {reason(why)}",
                entry.pointer,
                "key",
            )
        elif name == "$schema":
            report.information(
                "no-effect",
                "`$schema` is for editors: Olive refuses it from 0.7.0 on, here it has no effect",
                entry.pointer,
                "key",
            )
        else:
            report.unknown(name, "the config", [*SECTIONS, *known_engine], entry.pointer)
    top.engine.update(inner)
    if "workflow_id" in inner and "workflow_id" not in top.fields:
        top.fields["workflow_id"] = top.engine.pop("workflow_id")
    if "workflow_id" in top.fields:
        top.engine["workflow_id"] = top.fields.pop("workflow_id")
    return top


def read_engine(fields: Fields, base: Path, report: Report, era: Era) -> Engine:
    fields = dict(fields)
    providers = fields.get("execution_providers")
    if providers is not None and (providers.value is None or providers.value is MISSING):
        providers = None
    searching = _search(fields.pop("search_strategy", None), report)
    _cache_config(fields, report)
    known = catalog.engine_properties()
    own = {name: prop for name, prop in known.items() if name not in _HANDLED and name != "cache_config"}
    read = read_parameters(
        {name: entry for name, entry in fields.items() if name not in _HANDLED},
        {**own, "workflow_id": catalog.workflow_properties().get("workflow_id", {})},
        "the engine",
        report,
        era=era,
        besides=(*_HANDLED, "cache_config"),
        elsewhere=lambda name: (
            f"`{name}` belongs at the top level, beside `engine`: here it has no effect"
            if name in SECTIONS
            else None
        ),
    )
    values = read.values
    settings = EngineSettings(
        output_dir=absolute(_path(values.get("output_dir")) or DEFAULT_OUTPUT, base),
        cache_dir=absolute(_path(values.get("cache_dir")) or DEFAULT_CACHE, base),
        log_severity_level=_level(values.get("log_severity_level")),
        clean_cache=bool(values.get("clean_cache")),
        evaluate_input_model=bool(values.get("evaluate_input_model", True)),
        output_dir_pointer=read.pointers.get("output_dir", ""),
        cache_dir_pointer=read.pointers.get("cache_dir", ""),
    )
    workflow_id = values.get("workflow_id")
    return Engine(
        settings, searching, providers, workflow_id if isinstance(workflow_id, str) else "default_workflow"
    )


def _path(value: Any) -> str:
    """A folder; of several (Olive searches them in turn) the first."""
    if isinstance(value, list) and value:
        value = value[0]
    return value if isinstance(value, str) else ""


def _level(value: Any) -> int:
    return value if isinstance(value, int) else 1


def _search(entry: Field | None, report: Report) -> bool:
    """Whether the config asks for a search; the engine does none."""
    if entry is None or entry.value is MISSING or not entry.value:
        return False
    if entry.value is not True and not isinstance(entry.value, dict):
        report.error("wrong-type", "`search_strategy` must be false, true or an object", entry.pointer)
        return False
    report.refuse(
        "search",
        "a search over parameters is not done here: set `search_strategy` to false and give each parameter one value",
        entry.pointer,
        "key",
    )
    return True


def _cache_config(fields: Fields, report: Report) -> None:
    """`cache_config` (0.7.0 on) holds what else stands in the engine itself."""
    entry = fields.pop("cache_config", None)
    if entry is None or entry.value is None or entry.value is MISSING:
        return
    for name, inner in expect_object(entry, "`cache_config`", report).items():
        if name in ("account_name", "container_name", "update_shared_cache"):
            report.warning(
                "no-effect", f"`{name}` has no effect here: there is no shared cache", inner.pointer, "key"
            )
        else:
            fields[name] = inner
