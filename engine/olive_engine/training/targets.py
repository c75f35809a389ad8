"""Which layers an adapter goes around, found without loading a weight.

Names come from the safetensors headers of a local model (standard library only, so that a check costs nothing) or,
for a plan, from the model built without weights. Matching follows peft: a list matches whole names or their ends, a
string is a regular expression over whole names, "all-linear" is every linear layer but the output layer.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

DEFAULT_TARGETS: Mapping[str, tuple[str, ...]] = {
    "bloom": ("query_key_value",),
    "chatglm": ("query_key_value",),
    "codegen": ("qkv_proj",),
    "falcon": ("query_key_value",),
    "gemma": ("q_proj", "v_proj"),
    "gemma2": ("q_proj", "v_proj"),
    "gemma3_text": ("q_proj", "v_proj"),
    "gpt2": ("c_attn",),
    "gpt_bigcode": ("c_attn",),
    "gpt_neo": ("q_proj", "v_proj"),
    "gpt_neox": ("query_key_value",),
    "gptj": ("q_proj", "v_proj"),
    "llama": ("q_proj", "v_proj"),
    "llama4": ("q_proj", "v_proj"),
    "mistral": ("q_proj", "v_proj"),
    "mixtral": ("q_proj", "v_proj"),
    "mpt": ("Wqkv",),
    "nemotron_h": ("q_proj", "k_proj", "v_proj", "o_proj"),
    "opt": ("q_proj", "v_proj"),
    "phi": ("q_proj", "v_proj", "fc1", "fc2"),
    "phi3": ("o_proj", "qkv_proj"),
    "qwen2": ("q_proj", "v_proj"),
    "qwen3": ("q_proj", "v_proj"),
    "stablelm": ("q_proj", "v_proj"),
}
"""Layers adapted where the config names none: peft's choice by model type, Olive's for phi3."""

TRANSPOSED = ("gpt2", "openai-gpt")
"""Model types whose projections are Conv1D: weights of shape (in, out)."""

_NOT_LINEAR = ("embed", "wte", "wpe", "norm", "ln_", "layernorm", "rotary", "conv")


@dataclass(frozen=True)
class Layer:
    """A linear layer of a model."""

    name: str
    inputs: int
    outputs: int

    @property
    def leaf(self) -> str:
        return self.name.rpartition(".")[2]


def from_headers(folder: Path) -> list[Layer]:
    """Linear layers of a local model by its safetensors headers; [] where it has none (pickled weights).

    RunError for a damaged file.
    """
    from ..weights.headers import checkpoint

    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
    except (OSError, ValueError):
        config = {}
    transposed = config.get("model_type") in TRANSPOSED
    found = []
    for entry in checkpoint(folder).values():
        name, _, kind = entry.name.rpartition(".")
        leaf = name.rpartition(".")[2].lower()
        if kind != "weight" or len(entry.shape) != 2 or any(part in leaf for part in _NOT_LINEAR):
            continue
        rows, columns = entry.shape
        found.append(Layer(name, rows, columns) if transposed else Layer(name, columns, rows))
    return sorted(found, key=lambda layer: layer.name)


def from_model(model: object) -> list[Layer]:
    """Linear layers of a model, also of one on the meta device, in the model's order."""
    from .adapters import linear_shape

    found = []
    for name, module in model.named_modules():  # type: ignore[attr-defined]
        shape = linear_shape(module)
        if shape is not None:
            found.append(Layer(name, *shape))
    return found


def matches(name: str, targets: Sequence[str] | str) -> bool:
    """True if peft would adapt the layer `name` for these targets ("all-linear" apart)."""
    if isinstance(targets, str):
        return re.fullmatch(targets, name) is not None
    return any(name == target or name.endswith("." + target) for target in targets)


def select(layers: Sequence[Layer], targets: Sequence[str] | str) -> list[Layer]:
    """The layers that the targets mean, in order."""
    if targets == "all-linear" or targets == ["all-linear"] or targets == ("all-linear",):
        return [layer for layer in layers if layer.leaf not in OUTPUT_LAYERS]
    return [layer for layer in layers if matches(layer.name, targets)]


OUTPUT_LAYERS = ("lm_head", "embed_out", "output_layer")
"""Names of output layers, which `all-linear` leaves out."""


def unmatched(layers: Sequence[Layer], targets: Sequence[str] | str) -> list[str]:
    """Those targets of a list that match no layer."""
    if isinstance(targets, str):
        return []
    return [
        one
        for one in targets
        if one != "all-linear" and not any(matches(layer.name, [one]) for layer in layers)
    ]


def leaves(layers: Sequence[Layer]) -> list[tuple[str, int]]:
    """Last parts of the names and how often each occurs, the most frequent first."""
    return Counter(layer.leaf for layer in layers).most_common()


def describe(layers: Sequence[Layer]) -> str:
    """ "q_proj (12), v_proj (12), lm_head (1)" """
    return ", ".join(f"{leaf} ({count})" for leaf, count in leaves(layers))


def nearest(target: str, layers: Sequence[Layer]) -> str | None:
    found = get_close_matches(target.rpartition(".")[2], [leaf for leaf, _ in leaves(layers)], 1, 0.5)
    return found[0] if found else None


def default_targets(model_type: str, layers: Sequence[Layer]) -> tuple[str, ...] | None:
    """Targets where the config names none; None for an architecture nobody has a default for.

    An unknown architecture that has q_proj and v_proj gets those, as nearly all of its kind do.
    """
    known = DEFAULT_TARGETS.get(model_type)
    if known is not None:
        return known
    names = {layer.leaf for layer in layers}
    return ("q_proj", "v_proj") if {"q_proj", "v_proj"} <= names else None


def lora_parameters(layers: Sequence[Layer], rank: int) -> int:
    """Trainable parameters of a LoRA of that rank around these layers."""
    return sum(rank * (layer.inputs + layer.outputs) for layer in layers)
