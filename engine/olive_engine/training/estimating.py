"""The plan's numbers of a fine-tuning: parameters, sequences, steps, memory, disk. Loads no weights."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from olive_schemas.workflow import PassStep

from .. import hardware
from ..artifact import Artifact
from ..context import PassContext
from ..passes import Estimate
from ..weights.headers import checkpoint, total_bytes
from . import arguments, finetune, memory, planning, preflight, targets

_BITS = {"QLoRA": 0.56, "LoftQ": 0.56}
"""Bytes a quantised weight takes: half a byte and one float32 scale for 64 of them."""


def estimate(step: PassStep, source: Artifact, context: PassContext) -> Estimate:
    """Reads tokenizer, data, config and weight headers. RunError for what makes the run impossible."""
    settings = finetune.read_settings(step, context.workflow.dialect)
    tokens, held_out = finetune.load_data(step, source, context, settings)
    size = settings.batch_size
    rows = len(tokens.ids)
    batches = rows // size if settings.drop_last else math.ceil(rows / size)
    steps, per_epoch = settings.total_steps(batches)
    told: dict[str, Any] = {
        **tokens.counters(),
        "steps": steps,
        "epochs": round(steps / per_epoch, 3),
        "evaluation_sequences": len(held_out.ids) if held_out is not None else 0,
    }
    notes = list(tokens.notes)
    reasons = arguments.stock_reasons(step.parameters.get("training_args"), context.workflow.dialect)
    if reasons:
        notes.append("Training goes through transformers' Trainer: " + "; ".join(reasons) + ".")
    found = _model(step, source)
    if found is None:
        return Estimate(data=told, notes=(*notes, "Memory is told once the model is on this machine."))
    config, layers, parameters, output_layer = found
    chosen = targets.select(layers, preflight.resolve(step, layers, str(config.get("model_type", ""))))
    trainable = trainable_parameters(step, chosen)
    need = _memory(step, settings, tokens, config, parameters, output_layer, trainable)
    disk = trainable * 4 + 100_000
    if step.type == "LoftQ":
        disk += parameters * 2
    return Estimate(
        peak_memory_bytes=need.total,
        disk_bytes=disk + 2 * trainable * 12,
        trainable_parameters=trainable,
        total_parameters=parameters + trainable,
        data=told,
        notes=tuple(notes),
    )


def trainable_parameters(step: PassStep, chosen: list[targets.Layer]) -> int:
    """Trainable parameters of the adapter around these layers, `modules_to_save` not counted."""
    rank = int(step.parameters["r"])
    if step.type == "LoHa":
        return sum(2 * rank * (layer.inputs + layer.outputs) for layer in chosen)
    if step.type == "LoKr":
        return sum(_kronecker(layer, rank, step) for layer in chosen)
    plain = targets.lora_parameters(chosen, rank)
    return plain + (sum(layer.outputs for layer in chosen) if step.type == "DoRA" else 0)


def _kronecker(layer: targets.Layer, rank: int, step: PassStep) -> int:
    """Parameters of one LoKr layer: a Kronecker product of a small and a large matrix, the large one factored."""
    factor = int(step.parameters.get("decompose_factor") or -1)
    (small_out, large_out), (small_in, large_in) = (
        _factors(layer.outputs, factor),
        _factors(layer.inputs, factor),
    )
    both = bool(step.parameters.get("decompose_both"))
    small = small_out * small_in
    if both and rank < max(small_out, small_in) / 2:
        small = rank * (small_out + small_in)
    large = large_out * large_in
    if rank < max(large_out, large_in) / 2:
        large = rank * (large_out + large_in)
    return small + large


def _factors(size: int, factor: int) -> tuple[int, int]:
    """The two factors of `size` nearest to each other, or (`factor`, rest); the smaller first."""
    if factor > 0 and size % factor == 0:
        other = size // factor
        return (factor, other) if factor <= other else (other, factor)
    limit = size if factor == -1 else factor
    small, large = 1, size
    length = small + large
    while small < large:
        candidate = small + 1
        while size % candidate:
            candidate += 1
        rest = size // candidate
        if candidate + rest > length or candidate > limit:
            break
        small, large = candidate, rest
    return (small, large) if small <= large else (large, small)


def _model(step: PassStep, source: Artifact) -> tuple[dict[str, Any], list[targets.Layer], int, int] | None:
    """(config, linear layers, parameters, parameters of embeddings and output layer) of a model on this disk."""
    base = source if source.path is not None else source.base
    if base is None or base.path is None:
        return None
    folder = Path(base.path)
    if not folder.is_dir():
        from huggingface_hub import snapshot_download

        try:
            folder = Path(snapshot_download(base.path, local_files_only=True))
        except (OSError, ValueError):
            return None
    layers = targets.from_headers(folder)
    if not layers:
        return None
    config = json.loads((folder / "config.json").read_text("utf-8"))
    entries = checkpoint(folder)
    parameters = sum(entry.elements for entry in entries.values())
    inside = {layer.name for layer in layers if layer.leaf not in targets.OUTPUT_LAYERS}
    outside = sum(entry.elements for entry in entries.values() if entry.name.rpartition(".")[0] not in inside)
    for problem in preflight.against_layers(step, layers, str(config.get("model_type", ""))):
        if problem.severity.value == "error":
            from ..errors import RunError

            raise RunError(problem.message, code=problem.code, pointer=problem.pointer)
    assert total_bytes(entries) > 0
    return config, layers, parameters, outside


def _memory(
    step: PassStep,
    settings: arguments.Settings,
    tokens: Any,
    config: dict[str, Any],
    parameters: int,
    outside: int,
    trainable: int,
) -> memory.Memory:
    dtype = step.parameters.get("torch_dtype") or "bfloat16"
    value_bytes = 2 if settings.autocast or dtype == "bfloat16" else 4
    weight_bytes = 2.0 if dtype == "bfloat16" and settings.autocast != "float16" else 4.0
    if step.type in _BITS:
        quantised = parameters - outside
        weight_bytes = (quantised * _BITS[step.type] + outside * weight_bytes) / max(parameters, 1)
    shape = memory.shape_of(config, parameters)
    longest = max(len(one) for one in tokens.ids)
    total = sum(len(one) for one in tokens.ids)
    rows = settings.batch_size * settings.accumulation
    in_step = min(total, math.ceil(total / max(len(tokens.ids), 1) * rows))
    at_once = max(longest, min(planning.CPU_BUDGET, in_step))
    room = hardware.available_memory()

    def need(checkpointing: bool) -> memory.Memory:
        return memory.estimate(
            shape,
            trainable=trainable,
            tokens=at_once,
            value_bytes=value_bytes,
            weight_bytes=weight_bytes,
            checkpointing=checkpointing,
        )

    if settings.checkpointing is not None:
        return need(settings.checkpointing)
    plain = need(False)
    return plain if plain.total <= room else need(True)
