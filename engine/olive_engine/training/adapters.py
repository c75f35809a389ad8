"""LoRA of our own around any linear layer: numbers as peft's, fewer copies, no import of peft.

A frozen layer W gets two trainable matrices: y = W x + s * B A dropout(x), with A of shape (rank, in), B of shape
(out, rank) and s = alpha / rank. A and B are float32 whatever W is, as peft keeps them beside bfloat16 weights.
Backward keeps x itself, a mask of one byte a value where there is dropout, and A x; peft keeps three float32 copies.

Saved as a PEFT folder (adapter_config.json, adapter_model.safetensors) that peft loads with equal outputs.
Limits: plain LoRA on Linear, Conv1D and bitsandbytes' 4-bit layers, without `modules_to_save` and `bias`; the rest
is in `peft_adapters`.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

CONFIG_FILE = "adapter_config.json"
WEIGHTS_FILE = "adapter_model.safetensors"


@dataclass(frozen=True)
class LoraSpec:
    """What an adapter is made of. `targets`: as in the config, or peft's regular expression as one string."""

    rank: int
    alpha: float
    dropout: float
    targets: tuple[str, ...] | str
    task_type: str = "CAUSAL_LM"

    @property
    def scaling(self) -> float:
        return self.alpha / self.rank


def linear_shape(module: Any) -> tuple[int, int] | None:
    """(in, out) of a layer that plain LoRA fits; None for any other module."""
    import torch

    if isinstance(module, torch.nn.Linear):  # bitsandbytes' Linear4bit and Linear8bitLt among them
        return module.in_features, module.out_features
    if type(module).__name__ == "Conv1D" and hasattr(module, "nf"):
        return int(module.weight.shape[0]), int(module.nf)
    return None


def attach(model: Any, names: Sequence[str], spec: LoraSpec) -> list[str]:
    """Puts an adapter around each named layer, in the model's own order; returns the names in that order.

    Draws from torch's global generator exactly what peft draws (two Linear layers initialised, then A again), so
    that equal seeds give equal adapters. ValueError for a layer that is not linear.
    """
    wanted = set(names)
    done = []
    for name, module in list(model.named_modules()):
        if name not in wanted:
            continue
        shape = linear_shape(module)
        if shape is None:
            raise ValueError(f"{name} is a {type(module).__name__}, not a linear layer")
        parent, _, leaf = name.rpartition(".")
        setattr(model.get_submodule(parent), leaf, _layer_class()(module, *shape, spec))
        done.append(name)
    return done


def layers(model: Any) -> Iterator[tuple[str, Any]]:
    """(name of the layer in the bare model, LoRA layer) in the model's order."""
    cls = _layer_class()
    for name, module in model.named_modules():
        if isinstance(module, cls):
            yield name, module


def weights(model: Any) -> dict[str, torch.Tensor]:
    """The adapter's tensors under peft's names, float32, on the CPU."""
    found = {}
    for name, layer in layers(model):
        found[f"base_model.model.{name}.lora_A.weight"] = layer.lora_A.detach().cpu().contiguous()
        found[f"base_model.model.{name}.lora_B.weight"] = layer.lora_B.detach().cpu().contiguous()
    return found


def load_weights(model: Any, tensors: Mapping[str, torch.Tensor]) -> None:
    """Puts `weights(...)` back. KeyError or RuntimeError where names or shapes do not fit."""
    import torch

    with torch.no_grad():
        for name, layer in layers(model):
            layer.lora_A.copy_(tensors[f"base_model.model.{name}.lora_A.weight"])
            layer.lora_B.copy_(tensors[f"base_model.model.{name}.lora_B.weight"])


def save(model: Any, folder: Path, spec: LoraSpec, base_model: str) -> None:
    """Writes the PEFT folder."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    save_file(weights(model), folder / WEIGHTS_FILE, metadata={"format": "pt"})
    conv = any(type(layer.base_layer).__name__ == "Conv1D" for _, layer in layers(model))
    config: dict[str, Any] = {
        "alpha_pattern": {},
        "auto_mapping": None,
        "base_model_name_or_path": base_model,
        "bias": "none",
        "exclude_modules": None,
        "fan_in_fan_out": conv,
        "inference_mode": True,
        "init_lora_weights": True,
        "layers_pattern": None,
        "layers_to_transform": None,
        "lora_alpha": int(spec.alpha) if float(spec.alpha).is_integer() else spec.alpha,
        "lora_bias": False,
        "lora_dropout": spec.dropout,
        "modules_to_save": None,
        "peft_type": "LORA",
        "r": spec.rank,
        "rank_pattern": {},
        "revision": None,
        "target_modules": spec.targets if isinstance(spec.targets, str) else sorted(spec.targets),
        "task_type": spec.task_type,
        "use_dora": False,
        "use_rslora": False,
    }
    (folder / CONFIG_FILE).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", "utf-8")


@functools.cache
def _layer_class() -> type:
    """LoraLayer, made on first use so that importing this module needs no torch."""
    import torch
    from torch import nn

    class LoraFunction(torch.autograd.Function):
        """base + s * B A dropout(x), rounded once to base's dtype, as peft does."""

        @staticmethod
        def forward(
            ctx: Any,
            x: torch.Tensor,
            base: torch.Tensor,
            down: torch.Tensor,
            up: torch.Tensor,
            scaling: float,
            dropout: float,
            compute: torch.dtype,
        ) -> torch.Tensor:
            mask = None
            values = x.to(compute)
            if dropout > 0.0:
                # The same draw as torch's dropout on a float tensor, in a quarter of the memory.
                mask = torch.empty(x.shape, dtype=torch.bool, device=x.device).bernoulli_(1.0 - dropout)
                values = (values * mask).mul_(1.0 / (1.0 - dropout))
            inner = values.reshape(-1, values.shape[-1]) @ down.to(compute).t()
            del values
            outer = (inner @ up.to(compute).t()).mul_(scaling).view(base.shape)
            ctx.save_for_backward(x, mask, inner, down, up)
            ctx.scaling, ctx.dropout, ctx.compute = scaling, dropout, compute
            # peft adds in the wider of the two dtypes and rounds once
            result = outer.add_(base) if torch.promote_types(compute, base.dtype) == compute else outer + base
            return result.to(base.dtype)

        @staticmethod
        def backward(ctx: Any, *gradients: torch.Tensor) -> Any:
            x, mask, inner, down, up = ctx.saved_tensors
            (gradient,) = gradients
            compute = ctx.compute
            scaled = gradient.reshape(-1, gradient.shape[-1]).to(compute) * ctx.scaling
            d_up = (scaled.t() @ inner).to(up.dtype)
            d_inner = scaled @ up.to(compute)
            del scaled
            values = x.reshape(-1, x.shape[-1]).to(compute)
            keep = None
            if mask is not None:
                keep = mask.view(values.shape)
                values = (values * keep).mul_(1.0 / (1.0 - ctx.dropout))
            d_down = (d_inner.t() @ values).to(down.dtype)
            del values
            d_x = None
            if ctx.needs_input_grad[0]:
                d_x = d_inner @ down.to(compute)
                if keep is not None:
                    d_x.mul_(keep).mul_(1.0 / (1.0 - ctx.dropout))
                d_x = d_x.view(x.shape).to(x.dtype)
            d_base = gradient if ctx.needs_input_grad[1] else None
            return d_x, d_base, d_down, d_up, None, None, None

    class LoraLayer(nn.Module):
        """A frozen linear layer and its adapter."""

        def __init__(self, base_layer: nn.Module, inputs: int, outputs: int, spec: LoraSpec) -> None:
            super().__init__()
            self.base_layer = base_layer
            self.scaling = spec.scaling
            self.dropout = spec.dropout
            down = nn.Linear(inputs, spec.rank, bias=False, dtype=torch.float32)
            up = nn.Linear(spec.rank, outputs, bias=False, dtype=torch.float32)
            nn.init.kaiming_uniform_(down.weight, a=math.sqrt(5))
            nn.init.zeros_(up.weight)
            device = next(base_layer.parameters()).device
            self.lora_A = nn.Parameter(down.weight.detach().to(device))
            self.lora_B = nn.Parameter(up.weight.detach().to(device))

        @property
        def weight(self) -> torch.Tensor:
            """Models look at a projection's weight for its dtype."""
            return self.base_layer.weight

        @property
        def bias(self) -> torch.Tensor | None:
            return getattr(self.base_layer, "bias", None)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            base = self.base_layer(x)
            compute = self.lora_A.dtype
            if torch.is_autocast_enabled(x.device.type):
                compute = torch.get_autocast_dtype(x.device.type)
            with torch.autocast(x.device.type, enabled=False):
                dropout = self.dropout if self.training else 0.0
                result: torch.Tensor = LoraFunction.apply(
                    x, base, self.lora_A, self.lora_B, self.scaling, dropout, compute
                )
            return result

    return LoraLayer
