"""What a PEFT folder does to which weight, and the arithmetic of it.

`merge_into` gives, for LoRA (also rank-stabilised, with patterns, with a bias), DoRA, LoHa and LoKr on linear layers,
the very bits that peft 0.18 and later give in `merge_and_unload` on a CPU: adapter values in float32, the product in
float32, the sum rounded once to the model's own type. Sources: peft's documentation of each method and the papers.
Whatever else an adapter may hold is named by `reason_for_peft`; such adapters are left to peft itself.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import RunError
from .headers import Entry, read_header
from .reader import read_entry

PREFIX = "base_model.model."
_PARTS = (
    "lora_A.weight", "lora_B.weight", "lora_B.bias", "lora_magnitude_vector.weight", "lora_magnitude_vector",
    "lora_embedding_A", "lora_embedding_B",
    "hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b", "hada_t1", "hada_t2",
    "lokr_w1", "lokr_w2", "lokr_w1_a", "lokr_w1_b", "lokr_w2_a", "lokr_w2_b", "lokr_t2",
)  # fmt: skip
_HARMLESS_STARTS = (True, False, None, "gaussian", "eva", "orthogonal")
"""Ways to start training that leave the base model's weights alone when the adapter is loaded again."""
_CONV1D_MODELS = ("gpt2", "openai-gpt", "imagegpt")
"""Model types whose linear layers are stored input by output."""
_NEEDS_PEFT = ("use_qalora", "alora_invocation_tokens", "arrow_config", "target_parameters", "layer_replication",
               "trainable_token_indices", "megatron_config", "velora_config", "use_bdlora")  # fmt: skip


@dataclass(frozen=True)
class Adapter:
    """`parts` maps a module's path to its adapter tensors; `replaced` maps a weight's name to its new value."""

    folder: Path
    config: Mapping[str, Any]
    parts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    replaced: Mapping[str, Any] = field(default_factory=dict)

    @property
    def method(self) -> str:
        return str(self.config.get("peft_type", "")).upper()

    def touched(self) -> set[str]:
        """Names of the weights that come out changed."""
        names = {f"{module}.weight" for module in self.parts}
        names |= {f"{module}.bias" for module, parts in self.parts.items() if "lora_B.bias" in parts}
        return names | set(self.replaced)


def read_config(folder: Path) -> dict[str, Any]:
    """adapter_config.json of a PEFT folder; RunError where there is none."""
    file = folder / "adapter_config.json"
    try:
        config = json.loads(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise RunError(
            f"{folder} is no adapter: adapter_config.json is missing.", code="adapter-missing"
        ) from error
    except (OSError, ValueError) as error:
        raise RunError(f"{file} cannot be read as JSON: {error}.", code="adapter-damaged") from error
    if not isinstance(config, dict) or "peft_type" not in config:
        raise RunError(
            f"{file} does not say which kind of adapter it is (peft_type).", code="adapter-damaged"
        )
    return config


def adapter_entries(folder: Path) -> dict[str, Entry]:
    """Header of the adapter's weights; empty for the older `adapter_model.bin`."""
    file = folder / "adapter_model.safetensors"
    if file.is_file():
        return read_header(file)
    if (folder / "adapter_model.bin").is_file():
        return {}
    raise RunError(
        f"{folder} holds no adapter weights: adapter_model.safetensors is missing.", code="adapter-missing"
    )


def open_adapter(folder: Path) -> Adapter:
    """Reads a PEFT folder whole; adapters are small (some per cent of the model)."""
    config = read_config(folder)
    entries = adapter_entries(folder)
    if entries:
        tensors = {name: read_entry(entry) for name, entry in entries.items()}
    else:
        import torch

        tensors = torch.load(folder / "adapter_model.bin", map_location="cpu", weights_only=True)
    parts: dict[str, dict[str, Any]] = {}
    replaced: dict[str, Any] = {}
    for name, tensor in tensors.items():
        path = name.removeprefix(PREFIX)
        for part in _PARTS:
            if path.endswith(f".{part}"):
                key = part.removesuffix(".weight") if part.startswith("lora_magnitude") else part
                parts.setdefault(path.removesuffix(f".{part}"), {})[key] = tensor
                break
        else:
            replaced[path.replace(".modules_to_save.", ".").replace(".base_layer.", ".")] = tensor
    return Adapter(folder, config, parts, replaced)


def reason_for_peft(
    adapter: Adapter, base: Mapping[str, Entry], model_config: Mapping[str, Any]
) -> str | None:
    """Why this adapter cannot be folded in weight by weight with peft's own bits; None where it can."""
    config = adapter.config
    if adapter.method not in ("LORA", "LOHA", "LOKR"):
        return f"it is a {adapter.method} adapter"
    start = config.get("init_lora_weights", config.get("init_weights", True))
    if adapter.method == "LORA" and start not in _HARMLESS_STARTS:
        return f"init_lora_weights {start!r} changes the base model when it is loaded"
    if named := [name for name in _NEEDS_PEFT if config.get(name)]:
        return f"it uses {named[0]}"
    for parts in adapter.parts.values():
        if odd := {"lora_embedding_A", "hada_t1", "lokr_t2"} & set(parts):
            return f"it has {min(odd)}, which is no linear layer's"
    absent = sorted(adapter.touched() - set(base))
    if absent:
        return f"the model's files have no {absent[0]}"
    if model_config.get("tie_word_embeddings"):
        vocabulary = model_config.get("vocab_size")
        for name in sorted(adapter.touched()):
            if len(base[name].shape) == 2 and base[name].shape[0] == vocabulary:
                return f"{name} is shared by input and output embeddings"
    return None


def _matching(pattern: Mapping[str, Any] | None, module: str, default: Any) -> Any:
    """A pattern's value for a module: the first key that the end of the module's path matches as an expression."""
    for key, value in (pattern or {}).items():
        if re.match(rf"(.*\.)?({key})$", module):
            return value
    return default


def scaling(config: Mapping[str, Any], module: str) -> float:
    """The factor of the adapter's product for one module."""
    rank = _matching(config.get("rank_pattern"), module, config.get("r", 8))
    alpha = config.get("lora_alpha", config.get("alpha", 8))
    alpha = _matching(config.get("alpha_pattern"), module, alpha)
    return float(alpha / math.sqrt(rank)) if config.get("use_rslora") else float(alpha / rank)


def delta(adapter: Adapter, module: str, shape: tuple[int, ...], transposed: bool) -> Any:
    """What the adapter adds to `module`'s weight, float32, in the weight's own shape.

    RunError when the adapter's sizes do not fit the weight: it was made for another model.
    """
    import torch

    parts = {name: tensor.float() for name, tensor in adapter.parts[module].items()}
    factor = scaling(adapter.config, module)
    try:
        if adapter.method == "LORA":
            product = parts["lora_B.weight"] @ parts["lora_A.weight"]
            result = (product.T if transposed else product).mul_(factor)
        elif adapter.method == "LOHA":
            left = parts["hada_w1_a"] @ parts["hada_w1_b"]
            result = (left * (parts["hada_w2_a"] @ parts["hada_w2_b"])) * torch.tensor(factor)
        else:
            first = parts["lokr_w1"] if "lokr_w1" in parts else parts["lokr_w1_a"] @ parts["lokr_w1_b"]
            second = parts["lokr_w2"] if "lokr_w2" in parts else parts["lokr_w2_a"] @ parts["lokr_w2_b"]
            result = torch.kron(first, second.contiguous()) * factor
        if tuple(result.shape) != tuple(shape):
            if adapter.method == "LORA":
                raise ValueError(f"{tuple(result.shape)} is not {tuple(shape)}")
            result = result.reshape(shape)
    except (RuntimeError, ValueError, KeyError) as error:
        raise RunError(
            f"The adapter {adapter.folder} does not fit {module} of the model: {error}. It was trained on another model.",
            code="adapter-does-not-fit",
        ) from error
    return result


def merge_into(adapter: Adapter, name: str, weight: Any, model_type: str = "") -> Any:
    """The weight `name` (a CPU tensor, which may be written to) with the adapter folded in, same type and shape."""
    import torch

    if name in adapter.replaced:
        value = adapter.replaced[name]
        if value.shape != weight.shape:
            raise RunError(
                f"The adapter {adapter.folder} holds {name} as {tuple(value.shape)}, the model as {tuple(weight.shape)}.",
                code="adapter-does-not-fit",
            )
        return value.to(weight.dtype)
    module, _, kind = name.rpartition(".")
    parts = adapter.parts.get(module)
    if parts is None:
        return weight
    if kind == "bias":
        if "lora_B.bias" in parts:
            weight += parts["lora_B.bias"].float() * scaling(adapter.config, module)
        return weight
    transposed = model_type in _CONV1D_MODELS
    addition = delta(adapter, module, tuple(weight.shape), transposed)
    if "lora_magnitude_vector" not in parts:
        weight += addition
        return weight
    whole = weight.T + 1 * addition.T if transposed else weight + 1 * addition
    norm = torch.linalg.norm(whole, dim=1).to(whole.dtype)
    factor = (parts["lora_magnitude_vector"].float() / norm).view(-1, 1)
    return ((factor.T if transposed else factor) * (weight + addition)).to(weight.dtype)
