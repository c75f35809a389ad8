"""Puts the adapter of a pass into its model: our own LoRA where it does all that is asked, peft's layers for the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from olive_schemas.workflow import PassStep

from .. import hardware
from ..artifact import Artifact
from ..context import PassContext
from ..errors import RunError
from . import adapters, arguments, preflight, targets
from .models import load_causal_lm


@dataclass(frozen=True)
class Adapted:
    """A model with its adapter in place. `save(folder)` writes the PEFT folder."""

    model: Any
    save: Callable[[Path], None]
    targets: tuple[str, ...] | str
    layers: int
    wrapped: Any = None
    """peft's own wrapper around `model`, where peft made the layers."""


def prepare(
    step: PassStep,
    source: Artifact,
    context: PassContext,
    settings: arguments.Settings,
    device: hardware.Device,
    dtype: Any,
) -> tuple[Artifact, Adapted]:
    """The model with its adapter, seeded; and the artifact that the adapter belongs to (LoftQ makes a new one)."""
    import torch

    if step.type in preflight.QUANTISED:
        from . import quantised

        return quantised.prepare(step, source, context, settings, device, dtype)
    model = load_causal_lm(source, dtype=dtype, device=device.torch_device, log=context.log)
    chosen = choose_targets(step, model)
    torch.manual_seed(settings.seed)
    return source, put_adapter(step, model, chosen, source)


def base_dtype(step: PassStep, settings: arguments.Settings) -> Any:
    """The dtype of the frozen weights: `torch_dtype`, float32 under float16 mixed precision, as Olive loads them."""
    import torch

    name = step.parameters.get("torch_dtype") or "bfloat16"
    if name == "float16" or settings.autocast == "float16":
        return torch.float32
    return getattr(torch, name)


def choose_targets(step: PassStep, model: Any) -> tuple[str, ...] | str:
    """Targets against the loaded model; RunError listing its layers where nothing matches."""
    layers = targets.from_model(model)
    model_type = str(getattr(model.config, "model_type", ""))
    for problem in preflight.against_layers(step, layers, model_type):
        if problem.severity.value == "error":
            raise RunError(problem.message, code=problem.code, pointer=problem.pointer)
    return preflight.resolve(step, layers, model_type)


def put_adapter(step: PassStep, model: Any, chosen: tuple[str, ...] | str, source: Artifact) -> Adapted:
    """Our own LoRA where it does all that is asked, peft's layers for the rest."""
    parameters = step.parameters
    layers = targets.from_model(model)
    names = [layer.name for layer in targets.select(layers, chosen)]
    plain = step.type in ("LoRA", "QLoRA", "LoftQ")
    extras = parameters.get("modules_to_save") or (parameters.get("bias") or "none") != "none"
    # transformers' Trainer knows adapters only as peft's.
    reasons = arguments.stock_reasons(parameters.get("training_args"), "current")
    if plain and names and not extras and not reasons and not parameters.get("ephemeral_gpu_offload"):
        spec = adapters.LoraSpec(
            int(parameters["r"]), float(parameters["alpha"]), float(parameters["lora_dropout"]), chosen
        )
        adapters.attach(model, names, spec)
        base = source.path or ""
        return Adapted(model, lambda folder: adapters.save(model, folder, spec, base), chosen, len(names))
    from . import peft_adapters

    wrapped = peft_adapters.attach(model, peft_adapters.config(step.type, parameters, chosen, "CAUSAL_LM"))
    return Adapted(model, lambda folder: peft_adapters.save(wrapped, folder), chosen, len(names), wrapped)
