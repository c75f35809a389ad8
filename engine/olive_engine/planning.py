"""What a run would do, without doing it: passes in order, cached or fresh, tokens, steps, memory, disk, outputs.

Reads the config, the data, the tokenizer and the headers of models; loads no weights and writes nothing but what
libraries keep of their own (data sets in their cache). Limits: a pass behind a fresh one counts as fresh, for what it
takes in is not known yet; memory and disk are estimates.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from olive_schemas.problems import Problem
from olive_schemas.workflow import PassStep, Workflow

from . import artifact_json, execute, keys, machine, one_pass, passes, preflight, space
from .artifact import Artifact, Kind
from .checked import Checked, as_problem, check_config
from .context import PassContext
from .errors import RunError
from .input_hash import InputHash
from .passes import Estimate, PassModule
from .store import Store


@dataclass(frozen=True)
class PlannedPass:
    name: str
    type: str
    cached: bool
    parameters: Mapping[str, Any]
    """Every parameter, normalised names, defaults filled in, secrets left out."""
    given: tuple[str, ...]
    """The names among them that the file itself writes."""
    estimate: Estimate
    key: str | None = None
    """The cache key, where it can be known before the run."""


@dataclass(frozen=True)
class Plan:
    """`checked.problems` holds everything that is wrong; `passes` is empty where the config was not understood."""

    checked: Checked
    passes: tuple[PlannedPass, ...] = ()
    outputs: Mapping[str, str] = field(default_factory=dict)
    """model, adapter, summary -> where it will lie."""
    cache_dir: str = ""
    peak_memory_bytes: int | None = None
    """Of the hungriest pass that is not cached."""
    memory_available_bytes: int | None = None
    disk_bytes: int | None = None
    """Of all passes that are not cached."""
    disk_free_bytes: int | None = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self.checked.problems

    @property
    def ok(self) -> bool:
        """A run may start."""
        return not self.checked.refused

    def to_json(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "config": str(self.checked.path),
            "problems": [{**asdict(each), "severity": each.severity.value} for each in self.problems],
            "passes": [
                {
                    "name": each.name,
                    "type": each.type,
                    "cached": each.cached,
                    "key": each.key,
                    "parameters": dict(each.parameters),
                    "given": list(each.given),
                    "estimate": {**asdict(each.estimate), "data": dict(each.estimate.data)},
                }
                for each in self.passes
            ],
            "outputs": dict(self.outputs),
            "cache_dir": self.cache_dir,
            "peak_memory_bytes": self.peak_memory_bytes,
            "memory_available_bytes": self.memory_available_bytes,
            "disk_bytes": self.disk_bytes,
            "disk_free_bytes": self.disk_free_bytes,
        }


def make_plan(
    path: Path,
    text: str,
    *,
    lenient: bool = False,
    trust_user_script: bool = False,
    from_pass: str | None = None,
    to_pass: str | None = None,
) -> Plan:
    """The plan of a config, with every problem that can be told before a run, those of the data included.

    `from_pass`, `to_pass`: as `check_config` and `runs.launch` have them.
    """
    checked = check_config(
        path,
        text,
        lenient=lenient,
        trust_user_script=trust_user_script,
        from_pass=from_pass,
        to_pass=to_pass,
    )
    if checked.workflow is None or checked.refused:
        return Plan(checked)
    return plan_workflow(checked.workflow, checked, trust_user_script=trust_user_script, from_pass=from_pass)


def refused_plan(path: Path, problem: Problem) -> Plan:
    """The plan of a config that cannot be read at all."""
    return Plan(Checked(path, "", (problem,)))


def plan_workflow(
    workflow: Workflow,
    checked: Checked,
    *,
    trust_user_script: bool = False,
    from_pass: str | None = None,
) -> Plan:
    """The plan of a workflow whose checks found no error."""
    found: list[Problem] = []
    with _store(workflow) as store, tempfile.TemporaryDirectory(prefix="olivepress-plan-") as scratch:
        planned = list(_passes(workflow, store, Path(scratch), trust_user_script, from_pass, found.append))
    fresh = [each.estimate for each in planned if not each.cached]
    output_dir, cache_dir = Path(workflow.engine.output_dir), Path(workflow.engine.cache_dir)
    return Plan(
        checked.with_problems(found),
        tuple(planned),
        _outputs(workflow, output_dir),
        str(cache_dir),
        max((each.peak_memory_bytes for each in fresh if each.peak_memory_bytes), default=None),
        machine.memory().available,
        sum(each.disk_bytes or 0 for each in fresh) or None,
        space.free_bytes(cache_dir),
    )


def _passes(
    workflow: Workflow,
    store: Store | None,
    scratch: Path,
    trust_user_script: bool,
    from_pass: str | None,
    tell: Callable[[Problem], None],
) -> Iterator[PlannedPass]:
    quick = keys.quick_fingerprint(workflow.input_model)
    content = InputHash(workflow.input_model, store.hashes) if store is not None else None
    source = execute.input_artifact(workflow, quick)
    all_cached = store is not None
    for index, step in enumerate(workflow.passes):
        module = passes.load(step.type)
        following = workflow.passes[index + 1].type if index + 1 < len(workflow.passes) else None
        key = entry = None
        all_cached = all_cached and step.name != from_pass
        try:
            data = one_pass.data_prints(step, workflow)
            parts = keys.key_parts(step, source, workflow, module, data, following)
            found = one_pass.Key(parts, content if index == 0 else None)
            key = found.get() if all_cached else None
            entry = store.peek(key) if store is not None and key is not None else None
        except RunError as error:
            tell(as_problem(error))
        all_cached = all_cached and entry is not None
        estimate = _estimate(
            module, step, source, _context(workflow, step, scratch, following, trust_user_script), tell
        )
        yield PlannedPass(
            step.name,
            step.type,
            entry is not None,
            keys.without_secrets(step.parameters),
            tuple(sorted(step.given)),
            estimate,
            key,
        )
        if entry is None:
            source = _will_be(module.GIVES, source, scratch / step.name)
        else:
            source = artifact_json.from_entry(entry, found.settle(source))


def _estimate(
    module: PassModule,
    step: PassStep,
    source: Artifact,
    context: PassContext,
    tell: Callable[[Problem], None],
) -> Estimate:
    try:
        return module.estimate(step, _without_code(source), context)
    except RunError as error:
        if "custom code" in error.message or "trust_remote_code" in error.message:
            return Estimate(
                notes=("not estimated: the model needs code of its own, which only a run executes",)
            )
        # What is wrong with the data shows first where it is read.
        tell(as_problem(error))
        return Estimate()
    except Exception as error:  # noqa: BLE001 - an estimate that fails must not hide the rest of the plan
        return Estimate(notes=(f"cannot be estimated: {str(error) or type(error).__name__}",))


def _context(
    workflow: Workflow, step: PassStep, scratch: Path, following: str | None, trust_user_script: bool
) -> PassContext:
    output, checkpoints = scratch / step.name, scratch / f"{step.name}.checkpoints"
    output.mkdir(exist_ok=True)
    checkpoints.mkdir(exist_ok=True)
    return PassContext(
        _harmless(workflow),
        step,
        output,
        checkpoints,
        trust_user_script=trust_user_script,
        next_type=following,
    )


def _harmless(workflow: Workflow) -> Workflow:
    """The same without trust_remote_code: a model's own code is for the run, not for looking ahead."""
    model = replace(workflow.input_model, load_kwargs=_refusing_code(workflow.input_model.load_kwargs))
    configs = {
        name: replace(
            config, pre_process=replace(config.pre_process, params=_refusing_code(config.pre_process.params))
        )
        for name, config in workflow.data_configs.items()
    }
    return replace(workflow, input_model=model, data_configs=configs)


def _without_code(source: Artifact) -> Artifact:
    base = None if source.base is None else _without_code(source.base)
    return replace(source, base=base, load_kwargs=_refusing_code(source.load_kwargs))


def _refusing_code(options: Mapping[str, Any]) -> Mapping[str, Any]:
    # Said outright: left unsaid, transformers would ask on the terminal.
    return {**options, "trust_remote_code": False} if options.get("trust_remote_code") else options


def _will_be(kind: Kind, source: Artifact, folder: Path) -> Artifact:
    """A stand-in for what a pass will give: the right kind over the right base, with nothing on disk."""
    fingerprint = f"{source.fingerprint}>{folder.name}"
    base = source if source.base is None else source.base
    if kind == "adapter":
        return Artifact("adapter", fingerprint, str(folder), base, notes={"planned": True})
    if kind == "hf_model":
        adapter = source.path if source.kind == "adapter" else None
        return Artifact(
            "hf_model",
            fingerprint,
            None,
            base,
            adapter,
            load_kwargs=base.load_kwargs,
            notes={"planned": True},
        )
    return Artifact("onnx_model", fingerprint, str(folder), notes={"planned": True})


def _outputs(workflow: Workflow, output_dir: Path) -> dict[str, str]:
    names = preflight.output_names([passes.load(step.type).GIVES for step in workflow.passes])
    return {name: str(output_dir / name) for name in names} | {
        "summary": str(output_dir / "run-summary.json")
    }


@contextmanager
def _store(workflow: Workflow) -> Iterator[Store | None]:
    """The cache if there is one; a plan makes none."""
    cache_dir = Path(workflow.engine.cache_dir)
    if workflow.engine.clean_cache or not (cache_dir / "olivepress" / "entries").is_dir():
        yield None
        return
    try:
        store = Store(cache_dir, f"plan-{os.getpid()}")
    except RunError:
        yield None
        return
    try:
        yield store
    finally:
        store.close()
