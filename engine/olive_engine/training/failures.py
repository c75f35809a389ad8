"""Failures of a training in the user's terms: memory that ran out, a loss that is no number."""

from __future__ import annotations

from ..errors import RunError
from .arguments import Settings


def is_out_of_memory(error: BaseException) -> bool:
    """True for what torch, CUDA, MPS, numpy and Python raise when memory runs out."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(
        sign in text
        for sign in (
            "out of memory",
            "can't allocate memory",
            "not enough memory",
            "alloc_failed",
            "cannot allocate",
        )
    )


def out_of_memory(
    settings: Settings, longest: int, checkpointing: bool, device: str, pointer: str
) -> RunError:
    """What to change, the mildest first, computed from the settings of the run."""
    advice = []
    if not checkpointing:
        advice.append("gradient_checkpointing: true (about a third slower, far less memory)")
    if settings.batch_size > 1:
        halves = max(settings.batch_size // 2, 1)
        advice.append(
            f"per_device_train_batch_size: {halves} with gradient_accumulation_steps: "
            f"{settings.accumulation * settings.batch_size // halves} (the same training)"
        )
    if longest > 128:
        advice.append(f"max_seq_len: {max(longest // 2, 64)} instead of {longest}")
    advice.append("a QLoRA pass, which holds the model in 4 bits")
    return RunError(
        f"memory ran out on the {device} during training",
        code="out-of-memory",
        pointer=pointer,
        hint="try " + "; or ".join(advice),
    )


def not_finite(loss: float, step: int, settings: Settings, half: bool, pointer: str) -> RunError:
    """The loss became NaN or infinite at optimiser step `step`."""
    advice = [f"a lower learning_rate than {settings.learning_rate:g}"]
    if settings.max_grad_norm == 0:
        advice.append("max_grad_norm: 1.0")
    if settings.warmup == 0 or settings.scheduler == "constant":
        advice.append("lr_scheduler_type: constant_with_warmup and some warmup_steps")
    if half:
        advice.append("torch_dtype: bfloat16 or float32")
    return RunError(
        f"the loss is {loss} at step {step}: training has diverged",
        code="loss-not-finite",
        pointer=pointer,
        hint="try " + "; or ".join(advice),
    )
