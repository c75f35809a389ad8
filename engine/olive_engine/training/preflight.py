"""What can be told of a fine-tuning before it starts: problems of its parameters, layers, steps, memory.

`problems` is cheap (no torch) and runs when a config is checked; `layers_of` and `plan_memory` serve the plan and the
run alike.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from olive_schemas.problems import Problem, Severity
from olive_schemas.workflow import PassStep, Workflow

from ..artifact import Kind
from . import arguments, targets

QUANTISED = frozenset({"QLoRA", "LoftQ"})
ALL_LINEAR = frozenset({"LoHa", "LoKr"})
DTYPES = ("bfloat16", "float16", "float32")


def pointer_of(step: PassStep, name: str, inner: str | None = None) -> str:
    """Where the file writes a parameter (or one of its training arguments); the pass itself where it does not."""
    if inner is not None:
        found = step.pointers.get(f"{name}.{inner}")
        if found is not None:
            return found
    return step.pointers.get(name, step.pointer)


def problems(step: PassStep, source: Kind, workflow: Workflow) -> list[Problem]:
    """All that is wrong with the pass, at once. Reads at most the headers of a local model."""
    found: list[Problem] = []

    def add(code: str, severity: Severity, message: str, pointer: str, on: str = "value") -> None:
        found.append(Problem(code, severity, message, pointer, "key" if on == "key" else "value"))

    if source != "hf_model":
        add(
            "pass-input",
            Severity.ERROR,
            f"{step.type} takes a transformers model, but {source.replace('_', ' ')} arrives here. "
            "Put MergeAdapterWeights before it, or move it to the front.",
            step.pointer,
        )
    _packages(step, add)
    _values(step, add)
    _arguments(step, workflow, add)
    for name in ("train_data_config", "eval_data_config"):
        data = step.parameters.get(name)
        if isinstance(data, str) and data not in workflow.data_configs:
            add(
                "data-config-unknown",
                Severity.ERROR,
                f"{name} names {data}, but data_configs has {', '.join(workflow.data_configs) or 'no entry'}.",
                pointer_of(step, name),
            )
    if step.parameters.get("train_data_config") is None:
        add("data-config-missing", Severity.ERROR, f"{step.type} needs train_data_config.", step.pointer)
    if step.parameters.get("eval_data_config") is not None and step.parameters.get("eval_dataset_size"):
        add(
            "eval-size-unused",
            Severity.WARNING,
            "eval_dataset_size has no effect beside eval_data_config.",
            pointer_of(step, "eval_dataset_size"),
            "key",
        )
    found += target_problems(step, workflow)
    return found


def _packages(step: PassStep, add: Any) -> None:
    if step.type in QUANTISED and importlib.util.find_spec("bitsandbytes") is None:
        add(
            "package-missing",
            Severity.ERROR,
            f"{step.type} needs bitsandbytes, which is not installed. "
            'Run: pip install "olivepress[qlora]" - or use LoRA.',
            step.pointer,
        )
    for package in ("torch", "transformers"):
        if importlib.util.find_spec(package) is None:
            add(
                "package-missing",
                Severity.ERROR,
                f'{step.type} needs {package}, which is not installed. Run: pip install "olivepress[engine]"',
                step.pointer,
            )


def _values(step: PassStep, add: Any) -> None:
    parameters = step.parameters
    for name in ("torch_dtype", "compute_dtype"):
        value = parameters.get(name)
        if value is not None and value not in DTYPES:
            add(
                "value-unknown",
                Severity.ERROR,
                f"{name} is {value!r}; it can be {', '.join(DTYPES)}.",
                pointer_of(step, name),
            )
    quant = parameters.get("quant_type")
    if step.type == "QLoRA" and quant is not None and quant not in ("nf4", "fp4"):
        add(
            "value-unknown",
            Severity.ERROR,
            f"quant_type is {quant!r}; it can be nf4 or fp4.",
            pointer_of(step, "quant_type"),
        )
    rank = parameters.get("r")
    if isinstance(rank, int) and rank < 1:
        add("value-too-small", Severity.ERROR, f"r is {rank}; a rank is at least 1.", pointer_of(step, "r"))


def _arguments(step: PassStep, workflow: Workflow, add: Any) -> None:
    given = step.parameters.get("training_args")
    try:
        settings = arguments.read(given, workflow.dialect, quantised=step.type in QUANTISED)
    except (TypeError, ValueError) as error:
        add("training-args", Severity.ERROR, f"training_args: {error}.", pointer_of(step, "training_args"))
        return
    for name, why in arguments.idle_arguments(given).items():
        if not _said(step, name):
            continue
        add(
            "argument-unused",
            Severity.WARNING,
            f"{name} has no effect here: {why}.",
            pointer_of(step, "training_args", name),
            "key",
        )
    reasons = arguments.stock_reasons(given, workflow.dialect)
    if reasons and importlib.util.find_spec("accelerate") is None:
        add(
            "package-missing",
            Severity.ERROR,
            f"{reasons[0]}, and that needs accelerate. Run: pip install accelerate",
            pointer_of(step, "training_args"),
        )
    for name, package in (("deepspeed", "deepspeed"), ("use_liger_kernel", "liger_kernel")):
        if settings.raw.get(name) and importlib.util.find_spec(package) is None:
            add(
                "package-missing",
                Severity.ERROR,
                f"{name} needs the package {package.replace('_', '-')}, which is not installed.",
                pointer_of(step, "training_args", name),
            )
    has_eval = bool(step.parameters.get("eval_data_config") or step.parameters.get("eval_dataset_size"))
    if settings.load_best and not has_eval:
        add(
            "eval-missing",
            Severity.ERROR,
            "load_best_model_at_end needs something to evaluate on: give eval_data_config.",
            pointer_of(step, "training_args", "load_best_model_at_end"),
        )
    strategy = settings.raw.get("eval_strategy")
    if strategy not in (None, "no", False) and not has_eval:
        add(
            "eval-missing",
            Severity.WARNING,
            f"eval_strategy {strategy} has no effect without eval_data_config.",
            pointer_of(step, "training_args", "eval_strategy"),
        )
    if settings.scheduler == "reduce_lr_on_plateau" and not has_eval:
        add(
            "eval-missing",
            Severity.ERROR,
            "lr_scheduler_type reduce_lr_on_plateau follows the eval loss: give eval_data_config.",
            pointer_of(step, "training_args", "lr_scheduler_type"),
        )


def _said(step: PassStep, name: str) -> bool:
    """True if the file itself writes that training argument, and not a default of Olive's."""
    return f"training_args.{name}" in step.given


def checkpointing_said(step: PassStep) -> bool:
    """False where nobody asked for or against gradient checkpointing: Olive's default was filled in, or nothing."""
    return _said(step, "gradient_checkpointing") or _said(step, "activation_checkpointing")


def target_problems(step: PassStep, workflow: Workflow) -> list[Problem]:
    """`target_modules` against the layers of a local model. Nothing for a model that is not on this disk."""
    from ..errors import RunError

    folder = Path(workflow.input_model.path)
    if workflow.input_model.kind != "hf" or not folder.is_dir():
        return []
    try:
        layers = targets.from_headers(folder)
        model_type = json.loads((folder / "config.json").read_text("utf-8")).get("model_type", "")
    except (RunError, OSError, ValueError):
        return []  # the model's own check tells
    return against_layers(step, layers, str(model_type)) if layers else []


def against_layers(step: PassStep, layers: Sequence[targets.Layer], model_type: str) -> list[Problem]:
    """Problems of `target_modules` for a model with these layers."""
    if step.type in ALL_LINEAR and model_type in targets.TRANSPOSED:
        return [
            Problem(
                "model-unsupported",
                Severity.ERROR,
                f"{step.type} cannot adapt the Conv1D layers of a {model_type} model; use LoRA or DoRA.",
                step.pointer,
            )
        ]
    wanted = step.parameters.get("target_modules")
    pointer = pointer_of(step, "target_modules")
    there = f"The model's linear layers: {targets.describe(layers)}."
    if not wanted:
        if step.type in QUANTISED | ALL_LINEAR or targets.default_targets(model_type, layers) is not None:
            return []
        return [
            Problem(
                "target-modules-missing",
                Severity.ERROR,
                f"There is no default of target_modules for model type {model_type}; name some. {there}",
                step.pointer,
            )
        ]
    chosen = targets.select(layers, wanted)
    missing = targets.unmatched(layers, wanted)
    near = [f"{one} -> {targets.nearest(one, layers)}" for one in missing if targets.nearest(one, layers)]
    hint = f" Did you mean: {', '.join(near)}?" if near else ""
    if not chosen:
        what = wanted if isinstance(wanted, str) else ", ".join(wanted)
        return [
            Problem(
                "target-modules-unmatched",
                Severity.ERROR,
                f"target_modules ({what}) matches no layer of the model.{hint} {there}",
                pointer,
            )
        ]
    if missing:
        return [
            Problem(
                "target-modules-partly-unmatched",
                Severity.WARNING,
                f"target_modules: {', '.join(missing)} matches no layer of the model.{hint} {there}",
                pointer,
            )
        ]
    return []


def resolve(step: PassStep, layers: Sequence[targets.Layer], model_type: str) -> tuple[str, ...] | str:
    """The targets that the adapter will have, defaults filled in. ValueError where there is no default."""
    wanted = step.parameters.get("target_modules")
    if wanted:
        return wanted if isinstance(wanted, str) else tuple(wanted)
    if step.type in QUANTISED:
        # Olive adapts every layer that is quantised: all linear ones but the output layer.
        return tuple(sorted({layer.leaf for layer in layers if layer.leaf not in targets.OUTPUT_LAYERS}))
    if step.type in ALL_LINEAR:
        return "all-linear"
    found = targets.default_targets(model_type, layers)
    if found is None:
        raise ValueError(f"there is no default of target_modules for model type {model_type}")
    return found
