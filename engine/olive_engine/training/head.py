"""Loss of a causal language model without its logits ever standing whole.

The vocabulary is the widest thing in a small model: 512 tokens times 32,064 words in float32 are 66 MB, and a plain
loss keeps three of those. Here hidden states of the tokens that have a label go through the output layer some rows
at a time, and the gradient by the hidden states is made on the spot, so that one chunk stands at any moment.

Each token carries its own weight, which is how averages over micro-batches stay exact when those are fused.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

CHUNK_VALUES = 4_000_000
"""Logits that stand at once, about: 16 MB in float32. With half of it a step of a small model takes 4% longer,
since every chunk has the output layer's weight packed anew."""


def weighted_loss(
    hidden: torch.Tensor, head: Any, labels: torch.Tensor, weights: torch.Tensor, smoothing: float = 0.0
) -> torch.Tensor:
    """Sum over tokens of weight times cross entropy.

    hidden (tokens, width) in the model's dtype, labels (tokens,) of class ids, weights (tokens,) float32. `head` maps
    hidden to logits; a frozen plain Linear takes the short way, anything else is recomputed in backward.
    """
    import torch
    from torch.utils.checkpoint import checkpoint

    vocabulary = _width(head)
    rows = max(CHUNK_VALUES // max(vocabulary, 1), 16)
    if _is_frozen_linear(head) and not torch.is_autocast_enabled(hidden.device.type):
        loss: torch.Tensor = _function().apply(
            hidden, head.weight, head.bias, labels, weights, smoothing, rows
        )
        return loss
    total = torch.zeros((), dtype=torch.float32, device=hidden.device)
    for start in range(0, hidden.shape[0], rows):
        part = slice(start, start + rows)
        total = total + checkpoint(
            _chunk, head, hidden[part], labels[part], weights[part], smoothing, use_reentrant=False
        )
    return total


def _chunk(
    head: Any, hidden: torch.Tensor, labels: torch.Tensor, weights: torch.Tensor, smoothing: float
) -> Any:
    import torch

    logits = head(hidden).float()
    loss = torch.nn.functional.cross_entropy(logits, labels, reduction="none", label_smoothing=smoothing)
    return (loss * weights).sum()


def _width(head: Any) -> int:
    for name in ("out_features", "nf"):
        if hasattr(head, name):
            return int(getattr(head, name))
    return int(next(head.parameters()).shape[0])


def _is_frozen_linear(head: Any) -> bool:
    import torch

    return type(head) is torch.nn.Linear and not any(one.requires_grad for one in head.parameters())


@functools.cache
def _function() -> Any:
    import torch

    class ChunkedLoss(torch.autograd.Function):
        @staticmethod
        def forward(
            ctx: Any,
            hidden: torch.Tensor,
            weight: torch.Tensor,
            bias: torch.Tensor | None,
            labels: torch.Tensor,
            weights: torch.Tensor,
            smoothing: float,
            rows: int,
        ) -> torch.Tensor:
            total = torch.zeros((), dtype=torch.float32, device=hidden.device)
            wanted = ctx.needs_input_grad[0]
            gradient = torch.empty_like(hidden) if wanted else None
            classes = weight.shape[0]
            for start in range(0, hidden.shape[0], rows):
                part = slice(start, start + rows)
                logits = torch.nn.functional.linear(hidden[part], weight, bias).float()
                label = labels[part].unsqueeze(1)
                share = weights[part].unsqueeze(1)
                # loss = log(sum(exp(logits))) - logit of the label; everything in place, shifted by the maximum
                logits.sub_(logits.amax(dim=1, keepdim=True))
                loss = -logits.gather(1, label)
                even = logits.mean(dim=1, keepdim=True) if smoothing else None
                total_exp = logits.exp_().sum(dim=1, keepdim=True)
                log_sum = total_exp.log()
                loss += log_sum
                if even is not None:
                    loss = (1.0 - smoothing) * loss + smoothing * (log_sum - even)
                total += (loss * share).sum()
                if gradient is not None:
                    # d loss / d logits = softmax - target
                    logits.div_(total_exp)
                    if smoothing:
                        logits.sub_(smoothing / classes)
                    logits.scatter_add_(1, label, torch.full_like(share, smoothing - 1.0))
                    logits.mul_(share)
                    gradient[part] = logits.to(weight.dtype) @ weight
                del logits
            ctx.save_for_backward(gradient)
            return total

        @staticmethod
        def backward(ctx: Any, *gradients: torch.Tensor) -> Any:
            (gradient,) = ctx.saved_tensors
            return gradient * gradients[0].to(gradient.dtype), None, None, None, None, None, None

    return ChunkedLoss


def to_eval(model: Any) -> None:
    """Evaluation mode, but for bitsandbytes' layers: on a CPU those repack their weights for it, and round them."""
    model.eval()
    for module in model.modules():
        if type(module).__name__ == "Linear4bit":
            module.training = True


def split(model: Any) -> tuple[Callable[..., Any], Any] | None:
    """(body, head): body(input_ids, attention_mask=, position_ids=) -> hidden states, head(hidden) -> logits.

    None where the model does more between the two than call its output layer (soft-capping, scaling, ...): tried on
    a few tokens, against the model's own logits, so nothing is assumed about an architecture.
    """
    import torch

    head = model.get_output_embeddings() if hasattr(model, "get_output_embeddings") else None
    prefix = getattr(model, "base_model_prefix", "")
    body = getattr(model, prefix, None) if prefix else None
    if head is None or body is None or body is model:
        return None
    size = int(getattr(model.config.get_text_config(), "vocab_size", 2))
    ids = torch.arange(4, device=head.weight.device).remainder(size).unsqueeze(0)
    training = model.training
    to_eval(model)
    try:
        with torch.no_grad():
            whole = model(input_ids=ids, use_cache=False).logits
            parts = head(body(input_ids=ids, use_cache=False)[0])
    except (TypeError, AttributeError, KeyError, IndexError):
        return None
    finally:
        model.train(training)
    same = whole.shape == parts.shape and torch.allclose(whole.float(), parts.float(), rtol=1e-3, atol=1e-4)
    return (body, head) if same else None
