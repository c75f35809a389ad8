"""A config in any spelling of any release -> one `Workflow`. Behind this module nothing knows a classic spelling.

The parts: `dialect_model`, `dialect_systems`, `dialect_data` (`dialect_text`), `dialect_passes`, `dialect_engine`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from . import catalog
from .catalog import before_current, earlier_names
from .dialect_data import flat_components, model_data, read_data_configs
from .dialect_engine import SECTIONS, Engine, read_engine, top_level
from .dialect_model import read_model
from .dialect_passes import Surroundings, check_evaluator, read_passes
from .dialect_systems import read_systems, resolve_system, with_providers
from .dialect_text import ERA_CLASSIC
from .order import check_order
from .parameters import Era
from .report import Field, Report, expect_object, fields_of, kind_of
from .tree import MISSING
from .workflow import System, Workflow

_CLASSIC_TOP = ("pass_flows", "data_root")
_CLASSIC_ENGINE = ("output_name", "evaluation_only")
_CLASSIC_PASS = ("clean_run_cache", "output_name", "disable_search")
_BESIDE_TYPE = ("type", "config", "host", "evaluator", *_CLASSIC_PASS)


def detect(config: Any) -> Era:
    """The dialect that more of the config is written in.

    Each kind of place that is in a form of one dialect alone counts once; at a draw it is classic. A name that was
    merely dropped since makes a config classic only where nothing in it is in a form that no release before 0.7.0
    took: such names are left behind in files that were brought up to date.
    """
    if not isinstance(config, dict):
        return "current"
    classic, current = _classic_forms(config), _current_forms(config)
    if classic:
        return "classic" if classic >= current else "current"
    return "classic" if not current and _dropped_names(config) else "current"


def _classic_forms(config: dict[str, Any]) -> int:
    """Kinds of places in a form that no release from 0.7.0 on takes."""
    engine, data = config.get("engine"), config.get("data_configs")
    return sum(
        (
            "hf_config" in _inside(config.get("input_model"), "config") and not _is_hf_model(config),
            isinstance(engine, dict) and "execution_providers" in engine,
            isinstance(data, dict) and bool(data),
            any(_classic_data(entry) for entry in _entries(data)),
            any(_classic_system(entry) for entry in _entries(config.get("systems"))),
        )
    )


def _dropped_names(config: dict[str, Any]) -> bool:
    engine = config.get("engine")
    return (
        any(name in config for name in _CLASSIC_TOP)
        or (isinstance(engine, dict) and any(name in engine for name in _CLASSIC_ENGINE))
        or any(_classic_pass(entry) for entry in _entries(config.get("passes")))
    )


def _current_forms(config: dict[str, Any]) -> int:
    """Kinds of places in a form that no release before 0.7.0 took."""
    passes = [entry for entry in _entries(config.get("passes")) if isinstance(entry, dict)]
    return sum(
        (
            _is_hf_model(config),
            any(name in config for name in catalog.engine_properties() if name not in ("type", "config")),
            any(name not in _BESIDE_TYPE for entry in passes for name in entry),
            any(flat_components(entry) for entry in _entries(config.get("data_configs"))),
        )
    )


def _is_hf_model(config: dict[str, Any]) -> bool:
    model = config.get("input_model")
    return isinstance(model, dict) and str(model.get("type")).lower() == "hfmodel"


def _entries(value: Any) -> list[Any]:
    found = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return [inner for entry in found for inner in (entry if isinstance(entry, list) else [entry])]


def _inside(value: Any, nested: str) -> dict[str, Any]:
    """An object's names, and those nested in it."""
    if not isinstance(value, dict):
        return {}
    inner = value.get(nested)
    return {**value, **(inner if isinstance(inner, dict) else {})}


def _classic_data(entry: Any) -> bool:
    if not isinstance(entry, dict):
        return False
    names = _inside(entry.get("pre_process_data_config"), "params")
    return "params_config" in entry or "components" in entry or bool(names.keys() & ERA_CLASSIC)


def _classic_system(entry: Any) -> bool:
    accelerators = _inside(entry, "config").get("accelerators")
    return isinstance(accelerators, list) and any(
        isinstance(accelerator, str) for accelerator in accelerators
    )


def _classic_pass(entry: Any) -> bool:
    names = _inside(entry, "config")
    if any(name in names for name in _CLASSIC_PASS):
        return True
    type_name = names.get("type")
    schema = catalog.pass_schema(type_name) if isinstance(type_name, str) else None
    if schema is None or not schema.runs_here:
        return False
    earlier = earlier_names(schema.properties)
    for name in names:
        until = earlier[name][1] if name in earlier else schema.properties.get(name, {}).get("x-until", "")
        if until and before_current(until):
            return True
    return False


def normalise(
    config: Any, base: Path, source: Path | None, report: Report, *, broken: bool = False
) -> tuple[Era, Workflow | None]:
    """The config's dialect and its workflow: None where the report has errors.

    broken: the text had syntax errors; a part that is missing may only not have been understood.
    """
    era = detect(config)
    if not isinstance(config, dict):
        if config is not MISSING:
            report.error("wrong-type", f"a config is an object {{ ... }}, found {kind_of(config)}", "")
        return era, None
    if config and not any(name in config for name in (*SECTIONS, *catalog.engine_properties())):
        report.error(
            "not-a-config",
            "this is no Olive config: it has neither `input_model` nor `passes` nor any other part of one",
            "",
        )
        return era, None
    top = top_level(fields_of(config, ""), report, era)
    model = read_model(top.fields.get("input_model"), base, report, era)
    systems = read_systems(top.fields.get("systems"), report, era)
    data_configs = model_data(top.fields, base, model, report)
    data_configs |= read_data_configs(top.fields.get("data_configs"), base, model, report, era)
    evaluators = (
        expect_object(top.fields["evaluators"], "`evaluators`", report) if "evaluators" in top.fields else {}
    )
    engine = read_engine(top.engine, base, report, era)
    around = Surroundings(
        base,
        era,
        report,
        model,
        systems,
        data_configs,
        evaluators,
        searching=engine.searching,
        systems_broken=broken,
        data_broken=broken,
    )
    _metrics(evaluators, around)
    check_evaluator(top.engine.get("evaluator"), evaluators, report)
    steps = read_passes(top.fields, around)
    check_order(model, steps, report)
    host, target = _places(top.engine, engine, around)
    if model is None or any(problem.severity == "error" for problem in report.problems):
        return era, None
    workflow = Workflow(
        base_dir=base,
        dialect=era,
        input_model=model,
        passes=tuple(steps),
        engine=engine.settings,
        data_configs=around.data_configs,
        systems=systems,
        host=host,
        target=target,
        source=source,
        workflow_id=engine.workflow_id,
    )
    return era, workflow


def _places(fields: dict[str, Field], engine: Engine, around: Surroundings) -> tuple[System, System]:
    """host and target, with the execution providers that classic files write in `engine`."""
    declared = not around.systems_broken
    host = resolve_system(fields, "host", around.systems, around.report, around.era, declared=declared)
    target = resolve_system(fields, "target", around.systems, around.report, around.era, declared=declared)
    target = target or host or System("local")
    host = host or System("local")
    if engine.providers is not None and target.execution_providers:
        around.report.warning(
            "no-effect",
            f"system `{target.name}` names its own execution providers: these have no effect",
            engine.providers.pointer,
            "key",
        )
    elif engine.providers is not None:
        target = with_providers(target, engine.providers, around.report)
    return host, target


def _metrics(evaluators: dict[str, Field], around: Surroundings) -> None:
    """Metrics refer to data configs by name."""
    for entry in evaluators.values():
        metrics = fields_of(entry.value, entry.pointer).get("metrics")
        if metrics is None or not isinstance(metrics.value, list):
            continue
        for index, metric in enumerate(metrics.value):
            reference = fields_of(metric, f"{metrics.pointer}/{index}").get("data_config")
            if (
                reference is not None
                and isinstance(reference.value, str)
                and reference.value not in around.data_configs
            ) and not around.data_broken:
                around.report.dangling(reference.value, "data config", around.data_configs, reference.pointer)
