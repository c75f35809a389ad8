"""One pass of a batch through the model, to its share of the step's loss."""

from __future__ import annotations

import contextlib
import inspect
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from . import head
from .arguments import Settings
from .batches import Batch

if TYPE_CHECKING:
    import torch


def loss(model: Any, parts: Any, batch: Batch, device_type: str, settings: Settings) -> Any:
    """Sum over the batch's labelled tokens of weight times cross entropy.

    `parts`: what `head.split` found, or None to take the model's logits whole.
    """
    import torch

    inputs = {"input_ids": batch.ids, "attention_mask": batch.attention, "use_cache": False}
    if batch.first_position and takes_positions(model):
        # Rotary embeddings are rounded, so equal numbers need equal positions.
        positions = torch.arange(batch.ids.shape[1], device=batch.ids.device) + batch.first_position
        inputs["position_ids"] = positions.unsqueeze(0)
    autocast: Any = contextlib.nullcontext()
    if settings.autocast is not None:
        autocast = torch.autocast(device_type, getattr(torch, settings.autocast))
    with autocast:
        if parts is not None:
            body, output = parts
            hidden = body(**inputs)[0]
            picked = hidden.reshape(-1, hidden.shape[-1]).index_select(0, batch.positions)
            del hidden
            return head.weighted_loss(picked, output, batch.labels, batch.weights, settings.label_smoothing)
        logits = model(**inputs).logits
        picked = logits.reshape(-1, logits.shape[-1]).index_select(0, batch.positions).float()
        losses = torch.nn.functional.cross_entropy(
            picked, batch.labels, reduction="none", label_smoothing=settings.label_smoothing
        )
        return (losses * batch.weights).sum()


def takes_positions(model: Any) -> bool:
    return "position_ids" in inspect.signature(model.forward).parameters


@contextlib.contextmanager
def neftune(model: Any, alpha: float) -> Iterator[None]:
    """Uniform noise of size alpha / sqrt(length * width) on the embeddings while training, as transformers adds it."""
    import torch

    if not alpha:
        yield
        return

    def noise(module: Any, inputs: Any, output: torch.Tensor) -> torch.Tensor:
        if not module.training:
            return output
        size = alpha / math.sqrt(output.shape[1] * output.shape[2])
        return output + torch.zeros_like(output).uniform_(-size, size)

    handle = model.get_input_embeddings().register_forward_hook(noise)
    try:
        yield
    finally:
        handle.remove()
