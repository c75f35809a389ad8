"""Optimisers under transformers' names, with the same grouping of parameters by weight decay."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..errors import RunError
from .arguments import Settings

_NO_DECAY = re.compile(r"bias|layernorm|rmsnorm|(?:^|\.)norm(?:$|\.)|_norm(?:$|\.)", re.IGNORECASE)


def groups(model: Any, weight_decay: float) -> list[dict[str, Any]]:
    """Trainable parameters in two groups; norms and biases do not decay, as in transformers' Trainer."""
    import torch

    norms = {
        id(one)
        for module in model.modules()
        if isinstance(module, torch.nn.LayerNorm)
        for one in module.parameters(recurse=False)
    }
    decaying: list[Any] = []
    fixed: list[Any] = []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            plain = id(parameter) in norms or _NO_DECAY.search(name)
            (fixed if plain else decaying).append(parameter)
    return [{"params": decaying, "weight_decay": weight_decay}, {"params": fixed, "weight_decay": 0.0}]


def make(model: Any, settings: Settings, device_type: str, log: Callable[[str], None]) -> Any:
    """The optimiser; says in the log where another one than the named does the work."""
    import torch

    parameters = groups(model, settings.weight_decay)
    name = settings.optimiser
    rate = settings.learning_rate
    adam: dict[str, Any] = {"lr": rate, "betas": settings.betas, "eps": settings.epsilon}
    if name == "adafactor":
        from transformers.optimization import Adafactor

        return Adafactor(parameters, lr=rate, scale_parameter=False, relative_step=False)
    if name == "sgd":
        return torch.optim.SGD(parameters, lr=rate)
    if name == "adagrad":
        return torch.optim.Adagrad(parameters, lr=rate)
    if name == "rmsprop":
        options = settings.optimiser_args
        return torch.optim.RMSprop(
            parameters,
            lr=rate,
            momentum=float(options.get("momentum", 0)),
            alpha=float(options.get("alpha", 0.99)),
            eps=float(options.get("eps", 1e-8)),
            centered=options.get("centered", "").lower() in ("1", "true", "yes"),
        )
    if name in ("adamw_torch", "adamw_torch_fused", "adamw_hf"):
        # Fused gives the numbers of the plain one on a GPU, in one kernel; on the CPU the name decides.
        fused = name == "adamw_torch_fused" or device_type == "cuda"
        return torch.optim.AdamW(parameters, fused=fused, **adam)
    if device_type != "cuda":
        exact = "equal numbers" if "8bit" not in name else "32-bit state, more exact than the 8-bit one"
        log(
            f"optim {name} pages memory between GPU and CPU; on this device torch's AdamW does its work ({exact})"
        )
        return torch.optim.AdamW(parameters, fused=True, **adam)
    return _bitsandbytes(name, parameters, adam)


def _bitsandbytes(name: str, parameters: list[dict[str, Any]], adam: dict[str, Any]) -> Any:
    try:
        from bitsandbytes.optim import AdamW
    except ImportError as error:
        raise RunError(
            f"optim {name} needs bitsandbytes, which is not installed",
            code="package-missing",
            hint='pip install "olivepress[qlora]", or set optim to adamw_torch',
        ) from error
    return AdamW(parameters, is_paged="paged" in name, optim_bits=8 if "8bit" in name else 32, **adam)
