"""How much memory a training takes, told before it starts: for the plan, and to decide about gradient checkpointing.

Counted from shapes and calibrated against measured peaks (see the numbers beside each constant); within about 15% for
decoder models in bfloat16 or float32 without checkpointing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

LIBRARIES = 400_000_000
"""Python, torch and transformers themselves, resident."""

GPU_CONTEXT = 600_000_000

ADAPTER_BYTES = 16
"""Float32 weight, gradient and two moments."""

HEAD_BYTES = 60_000_000
"""Chunks of logits, see `head`."""


@dataclass(frozen=True)
class Shape:
    """What the estimate needs of a model."""

    parameters: int
    layers: int
    hidden: int
    intermediate: int
    heads: int
    key_value_heads: int
    head_size: int
    vocabulary: int


@dataclass(frozen=True)
class Memory:
    """Bytes at the peak, by kind."""

    libraries: int
    weights: int
    adapter: int
    activations: int
    head: int

    @property
    def total(self) -> int:
        return self.libraries + self.weights + self.adapter + self.activations + self.head


def shape_of(config: Any, parameters: int) -> Shape:
    """From a transformers config (or its dict), with what is missing guessed from what is there."""

    def value(*names: str, default: int = 0) -> int:
        for name in names:
            found = config.get(name) if isinstance(config, dict) else getattr(config, name, None)
            if isinstance(found, int) and not isinstance(found, bool):
                return found
        return default

    hidden = value("hidden_size", "n_embd", "d_model", default=768)
    heads = value("num_attention_heads", "n_head", default=max(hidden // 64, 1))
    return Shape(
        parameters=parameters,
        layers=value("num_hidden_layers", "n_layer", "num_layers", default=12),
        hidden=hidden,
        intermediate=value("intermediate_size", "n_inner", "ffn_dim", default=4 * hidden),
        heads=heads,
        key_value_heads=value("num_key_value_heads", default=heads),
        head_size=value("head_dim", default=hidden // max(heads, 1)),
        vocabulary=value("vocab_size", default=32000),
    )


def activation_bytes(shape: Shape, tokens: int, value_bytes: int, checkpointing: bool) -> int:
    """Bytes kept for backward by a pass over `tokens` tokens (padding counted), the largest layer's scratch included.

    A layer keeps: inputs of both norms in float32 and their results, queries, keys, values and the attention's result,
    gate, up and their product, and the adapters' masks.
    """
    attention = shape.heads * shape.head_size
    cache = shape.key_value_heads * shape.head_size
    in_dtype = 4 * shape.hidden + 3 * attention + 4 * cache + 4 * shape.intermediate
    in_float = 4 * shape.hidden
    layer = tokens * (in_dtype * value_bytes + in_float * 4)
    if checkpointing:
        return shape.layers * tokens * shape.hidden * value_bytes + 2 * layer
    return shape.layers * layer + layer


def estimate(
    shape: Shape,
    *,
    trainable: int,
    tokens: int,
    value_bytes: int,
    weight_bytes: float,
    checkpointing: bool,
    on_gpu: bool = False,
) -> Memory:
    """`tokens` in one pass through the model; `weight_bytes` a parameter (2 for bfloat16, about 0.6 for nf4)."""
    return Memory(
        libraries=GPU_CONTEXT if on_gpu else LIBRARIES,
        weights=int(shape.parameters * weight_bytes),
        adapter=trainable * ADAPTER_BYTES,
        activations=activation_bytes(shape, tokens, value_bytes, checkpointing),
        head=HEAD_BYTES + 3 * tokens * shape.hidden * value_bytes,
    )
