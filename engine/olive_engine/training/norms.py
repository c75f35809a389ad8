"""RMS norms that remember their input and one number a row, where transformers' own keep a float32 copy of everything.

The forward bits stay those of the module replaced: it is tried on random rows first and left alone if a single bit
differs, so that architectures with a formula of their own (an offset of one, a cast at another place) are not touched.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


def lighten(model: Any) -> int:
    """Exchanges the forward of every frozen RMS norm that computes the common formula; how many there were."""
    function = _function()
    count = 0
    for module in model.modules():
        weight = getattr(module, "weight", None)
        epsilon = getattr(module, "variance_epsilon", None)
        if (
            not type(module).__name__.endswith("RMSNorm")
            or epsilon is None
            or weight is None
            or weight.requires_grad
        ):
            continue

        def forward(x: torch.Tensor, weight: torch.Tensor = weight, epsilon: float = epsilon) -> torch.Tensor:
            result: torch.Tensor = function.apply(x, weight, epsilon)
            return result

        if _same_bits(module, forward, weight):
            module.forward = forward
            count += 1
    return count


def _same_bits(module: Any, forward: Any, weight: torch.Tensor) -> bool:
    import torch

    draw = torch.Generator().manual_seed(0)
    rows = torch.randn(4, weight.shape[0], generator=draw).to(weight.device, weight.dtype)
    with torch.no_grad():
        return bool(weight.dim() == 1 and torch.equal(module(rows), forward(rows)))


@functools.cache
def _function() -> Any:
    import torch

    class RmsNorm(torch.autograd.Function):
        """weight * round(x / sqrt(mean(x^2) + epsilon)), in float32 up to the rounding to x's dtype."""

        @staticmethod
        def forward(ctx: Any, x: torch.Tensor, weight: torch.Tensor, epsilon: float) -> torch.Tensor:
            wide = x.float()
            scale = torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + epsilon)
            ctx.save_for_backward(x, weight, scale)
            return weight * (wide * scale).to(x.dtype)

        @staticmethod
        def backward(ctx: Any, *gradients: torch.Tensor) -> Any:
            x, weight, scale = ctx.saved_tensors
            unit = x.float().mul_(scale) if x.dtype != torch.float32 else x * scale
            change = (gradients[0] * weight).float()
            mean = (change * unit).mean(-1, keepdim=True)
            return change.sub_(unit.mul_(mean)).mul_(scale).to(x.dtype), None, None

    return RmsNorm
