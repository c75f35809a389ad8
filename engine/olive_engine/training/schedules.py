"""Learning rate schedules under transformers' names. The usual ones are written here as plain functions of the step,
because importing transformers' module for them takes two seconds; the rare ones come from there."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

Factor = Callable[[int], float]


def factor(name: str, warmup: int, total: int, base: float, options: Mapping[str, Any]) -> Factor | None:
    """step -> what the base learning rate is multiplied by; None for schedules that come from transformers."""

    def warm(step: int) -> float:
        return step / max(1, warmup)

    def progress(step: int) -> float:
        return (step - warmup) / max(1, total - warmup)

    if name == "constant":
        return lambda step: 1.0
    if name == "constant_with_warmup":
        return lambda step: warm(step) if step < warmup else 1.0
    if name == "linear":
        return lambda step: warm(step) if step < warmup else max(0.0, (total - step) / max(1, total - warmup))
    if name == "cosine":
        cycles = float(options.get("num_cycles", 0.5))
        return lambda step: (
            warm(step)
            if step < warmup
            else max(0.0, 0.5 * (1.0 + math.cos(math.pi * cycles * 2.0 * progress(step))))
        )
    if name == "cosine_with_restarts":
        cycles = float(options.get("num_cycles", 1))

        def restarts(step: int) -> float:
            if step < warmup:
                return warm(step)
            done = progress(step)
            return 0.0 if done >= 1.0 else max(0.0, 0.5 * (1.0 + math.cos(math.pi * ((cycles * done) % 1.0))))

        return restarts
    if name == "polynomial":
        end = float(options.get("lr_end", 1e-7))
        power = float(options.get("power", 1.0))

        def polynomial(step: int) -> float:
            if step < warmup:
                return warm(step)
            if step > total:
                return end / base
            left = 1 - (step - warmup) / max(total - warmup, 1)
            return float(((base - end) * left**power + end) / base)

        return polynomial
    if name == "inverse_sqrt":
        scale = float(options.get("timescale") or warmup or 10_000)
        return lambda step: warm(step) if step < warmup else 1.0 / math.sqrt((step + scale - warmup) / scale)
    return None


def make(name: str, optimiser: Any, warmup: int, total: int, base: float, options: Mapping[str, Any]) -> Any:
    """A torch scheduler. ValueError or TypeError for options that the schedule does not know."""
    from torch.optim.lr_scheduler import LambdaLR

    function = factor(name, warmup, total, base, options)
    if function is not None:
        return LambdaLR(optimiser, function)
    from transformers.optimization import get_scheduler

    return get_scheduler(name, optimiser, warmup, total, dict(options))


def steps_on_metric(scheduler: Any) -> bool:
    """True for schedules that move after an evaluation, by its loss, and not after each step."""
    return type(scheduler).__name__ in ("ReduceLROnPlateau", "GreedyLR")
