"""How a training is run on the memory there is: tokens in one pass, gradient checkpointing, padding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from olive_schemas.workflow import PassStep

from .. import hardware
from . import memory
from .arguments import Settings
from .batches import Filling
from .loop import Plan

CPU_BUDGET = 512
"""Tokens in one pass on a CPU: matrices of that height run at full speed there, larger ones only take memory."""

GPU_BUDGET = 16384

_HEADROOM = 0.85
"""Share of the free memory that a plan may count on."""


def plan(
    model: Any,
    tokens: Any,
    settings: Settings,
    step: PassStep,
    device: hardware.Device,
    config: Any,
    pad_token_id: int,
    log: Callable[[str], None],
) -> Plan:
    """Decides from the memory that is free now, with the model loaded."""
    trainable = sum(one.numel() for one in model.parameters() if one.requires_grad)
    shape = memory.shape_of(config, sum(one.numel() for one in model.parameters()))
    filling = filling_of(tokens, config, pad_token_id, log)
    longest = max(len(ids) for ids in tokens.ids)
    if filling.kind != "none":
        longest = filling.width_of([longest])
    value_bytes = (
        2 if settings.autocast or (step.parameters.get("torch_dtype") or "bfloat16") == "bfloat16" else 4
    )
    budget = max(CPU_BUDGET if device.kind == "cpu" else GPU_BUDGET, longest)
    room = (
        device.memory_bytes * _HEADROOM if device.kind != "cpu" else hardware.available_memory() * _HEADROOM
    )

    def need(tokens_at_once: int, checkpointing: bool) -> int:
        """Bytes beyond what is taken already."""
        return int(
            trainable * memory.ADAPTER_BYTES
            + memory.activation_bytes(shape, tokens_at_once, value_bytes, checkpointing)
            + memory.HEAD_BYTES
        )

    while budget > longest and need(budget, bool(settings.checkpointing)) > room:
        budget = max(budget // 2, longest)
    checkpointing = settings.checkpointing
    if checkpointing is None:
        checkpointing = need(budget, False) > room
        if checkpointing:
            log(
                f"gradient checkpointing is on: without it training would need {_gigabytes(need(budget, False))} "
                f"more, and {_gigabytes(room)} are free"
            )
    if checkpointing and not getattr(model, "supports_gradient_checkpointing", False):
        log("this architecture has no gradient checkpointing; it stays off")
        checkpointing = False
    return Plan(budget, bool(checkpointing), filling)


def filling_of(tokens: Any, config: Any, pad_token_id: int, log: Callable[[str], None]) -> Filling:
    """How rows must be filled so that the numbers stay those of Olive's padded rows."""
    if tokens.padded_to is None or all(len(ids) >= tokens.padded_to for ids in tokens.ids):
        return Filling()
    reason = _sees_padding(tokens, config)
    if reason:
        log(f"rows are filled up to {tokens.padded_to} tokens as Olive does: {reason}")
        return Filling(
            "whole", tokens.padded_to, tokens.padding_side, pad_token_id, tokens.use_attention_mask
        )
    if tokens.padding_side == "left":
        return Filling("lead", tokens.padded_to, "left", pad_token_id)
    return Filling("none", tokens.padded_to, "right", pad_token_id)


def _sees_padding(tokens: Any, config: Any) -> str:
    """Why leaving padding out would change the loss; "" where it would not."""
    text = config.get_text_config() if hasattr(config, "get_text_config") else config
    rope = getattr(text, "rope_parameters", None) or getattr(text, "rope_scaling", None) or {}
    if tokens.padding_side == "left":
        if not tokens.use_attention_mask:
            return "padding stands before the text, and without an attention mask the model reads it"
        if not rope and not getattr(text, "rope_theta", None):
            return "padding stands before the text, and the model counts positions from the first token"
        if getattr(config, "_attn_implementation", "sdpa") not in (None, "sdpa", "flash_attention_2"):
            return "padding stands before the text, and this kind of attention lets padding see the text"
    kind = rope.get("rope_type", "default") if isinstance(rope, dict) else "default"
    original = getattr(text, "original_max_position_embeddings", None) or (
        rope.get("original_max_position_embeddings") if isinstance(rope, dict) else None
    )
    if kind in ("longrope", "dynamic") and original and tokens.padded_to > original:
        return f"above {original} tokens the model scales its positions, and the padded length decides"
    return ""


def apply_checkpointing(model: Any, chosen: Plan, settings: Settings) -> None:
    """Turns gradient checkpointing on in the model, if the plan has it."""
    if not chosen.checkpointing:
        return
    options = dict(settings.checkpointing_kwargs)
    options.setdefault("use_reentrant", False)
    enable = getattr(model, "activation_checkpointing_enable", None)
    if enable is not None:
        enable(activation_checkpointing_kwargs=options)
    else:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs=options)
    if options["use_reentrant"]:
        model.enable_input_require_grads()


def _gigabytes(size: float) -> str:
    return f"{size / 1e9:.2f} GB"
