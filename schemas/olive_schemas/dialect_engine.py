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
_DROPPED = {
    "azureml_client": "it was dropped with Azure ML after 0.9.2",
    "workflow_host": "it was dropped after 0.9.2; use `host`",
    "auto_optimizer_config": "it was dropped after 0.9.2; list the passes in `passes`",
    "data_root": "it was dropped after 0.6.2; write it in front of the paths",
    "verbose": "use `log_severity_level`",
}
_DROPPED_ENGINE = {
    "output_name": "it was dropped after 0.6.2; `output_dir` names the output",
    "evaluation_only": "it was dropped after 0.2.1; a config without passes only evaluates",
    "clean_run_cache": "it was dropped after 0.6.2; use `clean_cache`",
}
_HANDLED = ("host", "target", "evaluator", "execution_providers")
DEFAULT_OUTPUT, DEFAULT_CACHE = "output", ".olive-cache"


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
    known_engine = _engine_names()
    for name, entry in fields.items():
        if name in SECTIONS:
            top.fields[name] = entry
        elif name in known_engine or name in _DROPPED_ENGINE:
            if name in inner:
                report.warning(
                    "written-twice",
                    f"`{name}` is also written inside `engine`, and that one counts: this one has no effect",
                    entry.pointer,
                    "key",
                )
            else:
                top.engine[name] = entry
        elif name in _DROPPED:
            report.warning("no-effect", f"`{name}` has no effect: {_DROPPED[name]}", entry.pointer, "key")
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
        elif not name.startswith("$"):
            report.unknown(name, "the config", [*SECTIONS, *known_engine], entry.pointer)
    top.engine.update(inner)
    if "workflow_id" in inner and "workflow_id" not in top.fields:
        top.fields["workflow_id"] = top.engine.pop("workflow_id")
    if "workflow_id" in top.fields:
        top.engine["workflow_id"] = top.fields.pop("workflow_id")
    return top


def _engine_names() -> list[str]:
    return list(dict.fromkeys([*catalog.engine_properties(), *_FALLBACK, *_HANDLED, "search_strategy"]))


def read_engine(fields: Fields, base: Path, report: Report, era: Era) -> Engine:
    fields = dict(fields)
    providers = fields.get("execution_providers")
    if providers is not None and (providers.value is None or providers.value is MISSING):
        providers = None
    searching = _search(fields.pop("search_strategy", None), report)
    for name, why in _DROPPED_ENGINE.items():
        if name in fields:
            report.warning("no-effect", f"`{name}` has no effect: {why}", fields.pop(name).pointer, "key")
    _cache_config(fields, report)
    properties = {**_FALLBACK, **catalog.engine_properties()}
    for name in (*_HANDLED, "search_strategy"):
        properties.pop(name, None)
        fields.pop(name, None)
    read = read_parameters(
        fields,
        properties,
        "the engine",
        report,
        era=era,
        besides=(*_HANDLED, "search_strategy"),
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


_BOOLEAN: dict[str, Any] = {"type": "boolean", "default": False}
_LEVEL: dict[str, Any] = {"type": "integer", "minimum": 0, "maximum": 4, "default": 3}
_FALLBACK: dict[str, dict[str, Any]] = {
    "output_dir": {"type": ["string", "null"]},
    "cache_dir": {"type": ["string", "array", "null"], "default": DEFAULT_CACHE},
    "log_severity_level": {**_LEVEL, "default": 1},
    "clean_cache": _BOOLEAN,
    "evaluate_input_model": {"type": "boolean", "default": True},
    "workflow_id": {"type": "string", "default": "default_workflow"},
}
