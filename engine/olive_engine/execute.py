"""A workflow, done: checks first, then pass after pass through the cache, then the results into `output_dir`.

Says everything through `emit`; knows neither the run directory's files nor who is watching.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from olive_schemas.workflow import PassStep, Workflow

from . import keys, one_pass, passes, preflight, publish, summary
from .artifact import Artifact
from .context import Emit
from .errors import Cancelled, RunError
from .import_clock import ImportClock
from .input_hash import InputHash
from .one_pass import Place, Result
from .preflight import LoadPass
from .runs.model import now
from .store import Entry, Store
from .store import clean as clean_store
from .watching import MetricWatch
from .worker_log import OWN


def _never() -> bool:
    return False


@dataclass
class Outcome:
    """A run that succeeded: every path in here exists."""

    output_dir: Path
    summary: dict[str, Any]
    published: dict[str, publish.Published] = field(default_factory=dict)


@dataclass(frozen=True)
class Setting:
    """Who runs and where it keeps what a resumed run needs."""

    run_id: str
    checkpoints: Path
    emit: Emit
    stop_requested: Callable[[], bool] = _never
    trust_user_script: bool = False
    config: str = ""
    started: str = ""
    earlier: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Pass name -> first metric of an earlier attempt, for a resumed run's summary."""
    from_pass: str | None = None
    """This pass and later ones are made anew, but for what this very run has made already."""


def execute(workflow: Workflow, setting: Setting, *, load_pass: LoadPass = passes.load) -> Outcome:
    """Runs every pass and publishes the results.

    ChecksFailed before any work, RunError for the user's to mend, Cancelled if a stop was asked for, anything else
    for defects. Whatever it raises: `output_dir` is as it was before, or its old summary is gone.
    """
    problems = preflight.check(workflow, load_pass, trust_user_script=setting.trust_user_script)
    preflight.refuse(problems)
    for problem in problems:
        # Whoever started the run has shown them: kept for those who read the log later.
        logging.getLogger(OWN).info("%s", problem)
    watch = MetricWatch(setting.emit, setting.earlier)
    cache_dir = Path(workflow.engine.cache_dir)

    def warn(text: str) -> None:
        watch.emit("log", None, {"level": "warning", "message": text})

    store = Store(cache_dir, setting.run_id, pointer=workflow.engine.cache_dir_pointer, warn=warn)
    clock = ImportClock()
    clock.install()
    try:
        if workflow.engine.clean_cache:
            count, size = clean_store(cache_dir, everything=True)
            text = f"clean_cache: {count} cache entries removed, {size / 1e6:,.0f} MB."
            watch.emit("log", None, {"level": "info", "message": text})
        results = _passes(workflow, setting, store, clock, watch, load_pass)
        if setting.stop_requested():
            raise Cancelled()
        return _publish(workflow, setting, store, watch, results)
    finally:
        clock.remove()
        store.close()


def _passes(
    workflow: Workflow,
    setting: Setting,
    store: Store,
    clock: ImportClock,
    watch: MetricWatch,
    load_pass: LoadPass,
) -> list[tuple[PassStep, Result]]:
    input_hash = InputHash(workflow.input_model, store.hashes)
    source = input_artifact(workflow, input_hash.quick)
    at_start = {step.name: one_pass.data_prints(step, workflow) for step in workflow.passes}
    results: list[tuple[PassStep, Result]] = []
    total = len(workflow.passes)
    anew = False
    for index, step in enumerate(workflow.passes):
        module = load_pass(step.type)
        next_type = workflow.passes[index + 1].type if index + 1 < total else None
        data = one_pass.data_prints(step, workflow)
        for name in sorted(data):
            if data[name] != at_start[step.name].get(name):
                text = f"The files of data config {name} changed since the run began: {step.name} takes them as they are now."
                watch.emit("log", step.name, {"level": "warning", "message": text})
        parts = keys.key_parts(step, source, workflow, module, data, next_type)

        def announce(cached: bool, step: PassStep = step, index: int = index) -> None:
            told = {"index": index, "total": total, "type": step.type, "cached": cached}
            watch.emit("pass_started", step.name, told)

        place = Place(
            workflow=workflow,
            store=store,
            emit=watch.emit,
            stop_requested=setting.stop_requested,
            checkpoints=setting.checkpoints / f"{index:02d}-{step.name}",
            clock=clock,
            metrics=watch.metrics,
            trust_user_script=setting.trust_user_script,
        )
        if setting.stop_requested():
            raise Cancelled()
        anew = anew or step.name == setting.from_pass
        result = one_pass.perform(
            step,
            source,
            module,
            place,
            key=one_pass.Key(parts, input_hash if index == 0 else None),
            data=data,
            next_type=next_type,
            announce=announce,
            anew=anew,
        )
        told = {"state": "succeeded", "cached": result.cached, **_told(result.measured)}
        watch.emit("pass_finished", step.name, told)
        results.append((step, result))
        source = result.artifact
    return results


def input_artifact(workflow: Workflow, fingerprint: str) -> Artifact:
    """The artifact that the first pass takes."""
    model = workflow.input_model
    if model.kind == "onnx":
        return Artifact("onnx_model", fingerprint, path=model.path)
    base = Artifact("hf_model", fingerprint, path=model.path, load_kwargs=model.load_kwargs)
    if model.adapter_path is None:
        return base
    return Artifact("adapter", fingerprint, path=model.adapter_path, base=base)


def _publish(
    workflow: Workflow,
    setting: Setting,
    store: Store,
    watch: MetricWatch,
    results: list[tuple[PassStep, Result]],
) -> Outcome:
    output_dir = Path(workflow.engine.output_dir)
    made: dict[str, tuple[PassStep, Entry]] = {}
    for step, result in results:
        if result.artifact.kind == "adapter":
            made["adapter"] = (step, result.entry)
    if results and results[-1][1].artifact.kind != "adapter":
        made["model"] = (results[-1][0], results[-1][1].entry)

    def say(text: str) -> None:
        watch.emit("log", None, {"level": "info", "message": text})

    entries = {name: entry for name, (_, entry) in made.items()}
    with publish.output_lock(output_dir):
        before = summary.read(output_dir) or {}
        published = publish.publish(entries, output_dir, run_id=setting.run_id, say=say)
        for name, one in published.items():
            missing = [inner for inner in one.files if not (one.path / inner).is_file()]
            if missing or not one.files:
                text = f"{one.path} lacks {', '.join(missing) or 'every file'} after the run."
                raise RunError(text, code="artifact-missing", pointer=made[name][0].pointer)
        values = _summary(workflow, setting, results, made, published)
        if before.get("hashes") == values["hashes"]:
            # The very same results: what was measured of them (accuracy) still holds.
            values = {**{name: value for name, value in before.items() if name not in values}, **values}
        path = summary.write(output_dir, values)
    for entry in entries.values():
        store.note_output(entry.key, output_dir)
    for name, one in published.items():
        told = {"kind": name, "path": str(one.path), "size_bytes": one.size_bytes}
        watch.emit("artifact", made[name][0].name, told)
    watch.emit("artifact", None, {"kind": "summary", "path": str(path), "size_bytes": path.stat().st_size})
    return Outcome(output_dir, values, published)


def _summary(
    workflow: Workflow,
    setting: Setting,
    results: list[tuple[PassStep, Result]],
    made: Mapping[str, tuple[PassStep, Entry]],
    published: Mapping[str, publish.Published],
) -> dict[str, Any]:
    model = workflow.input_model
    finished = now()
    return {
        "run_id": setting.run_id,
        "config": setting.config,
        "workflow_id": workflow.workflow_id,
        "dialect": workflow.dialect,
        "started": setting.started or finished,
        "finished": finished,
        "input_model": {
            "kind": model.kind,
            "path": model.path,
            "load_kwargs": keys.without_secrets(model.load_kwargs),
        },
        "passes": [
            {
                "name": step.name,
                "type": step.type,
                "cached": result.cached,
                **result.measured,
                "parameters": keys.without_secrets(step.parameters),
                "key": result.entry.key,
                "artifacts": [name for name, (maker, _) in made.items() if maker.name == step.name],
                "notes": keys.without_secrets(result.artifact.notes),
            }
            for step, result in results
        ],
        "peak_memory_bytes": max((one.measured["peak_memory_bytes"] or 0 for _, one in results), default=0)
        or None,
        "outputs": {name: name for name in published},
        "output_dir": workflow.engine.output_dir,
        "sizes": {name: one.size_bytes for name, one in published.items()},
        "hashes": {
            f"{name}/{inner}": hash_ for name, one in published.items() for inner, hash_ in one.files.items()
        },
        "versions": summary.versions(),
    }


def _told(measured: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in measured.items() if name not in ("metrics", "made_in")}
