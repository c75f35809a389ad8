"""Training arguments: what a config's `training_args` mean, with Olive's defaults for what it leaves out.

Three kinds of argument: those our own loop follows (`Settings`), those that only transformers' Trainer knows
(`stock_reasons` names them and why, and training goes through `stock.py`), and those without effect in a run that
keeps its own checkpoints and logs (`idle_arguments`, told as warnings). Nothing falls between.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .argument_tables import (
    CLASSIC_DEFAULTS,
    IDLE,
    NEUTRAL,
    OLIVE_DEFAULTS,
    OWN_OPTIMISERS,
    SCHEDULERS,
    TRAINER_DEFAULTS,
)

Dialect = Literal["classic", "current"]


@dataclass(frozen=True)
class Settings:
    """What the loop follows. Counts are of rows, steps are optimiser steps unless a name says otherwise."""

    batch_size: int
    eval_batch_size: int
    accumulation: int
    epochs: float
    max_steps: int
    """-1: the number of epochs decides."""
    learning_rate: float
    scheduler: str
    scheduler_kwargs: Mapping[str, Any]
    warmup: float
    """1 or more: steps; below 1: share of all steps."""
    optimiser: str
    optimiser_args: Mapping[str, str]
    weight_decay: float
    betas: tuple[float, float]
    epsilon: float
    max_grad_norm: float
    label_smoothing: float
    autocast: Literal["bfloat16", "float16"] | None
    checkpointing: bool | None
    """None: unsaid, the memory estimate decides."""
    checkpointing_kwargs: Mapping[str, Any]
    logging_steps: int
    evaluate: Literal["no", "steps", "epoch"]
    eval_steps: float
    eval_delay: float
    eval_on_start: bool
    save: Literal["no", "steps", "epoch", "best"]
    save_steps: float | None
    save_total_limit: int | None
    load_best: bool
    best_metric: str
    best_is_greater: bool
    neftune: float
    seed: int
    data_seed: int | None
    deterministic: bool
    use_cpu: bool
    sampling: Literal["random", "sequential", "group_by_length"]
    drop_last: bool
    empty_cache_steps: int | None
    output_dir: str | None
    overwrite_output_dir: bool
    resume_from: str | None
    raw: Mapping[str, Any] = field(default_factory=dict)
    """All arguments with their defaults, for the stock path and the checkpoint's fingerprint."""

    def total_steps(self, batches_per_epoch: int) -> tuple[int, int]:
        """(optimiser steps in all, optimiser steps an epoch) for that many micro-batches an epoch."""
        per_epoch = max(math.ceil(batches_per_epoch / self.accumulation), 1)
        total = self.max_steps if self.max_steps > 0 else math.ceil(self.epochs * per_epoch)
        return total, per_epoch

    def warmup_steps(self, total: int) -> int:
        return int(self.warmup) if self.warmup >= 1 else math.ceil(total * self.warmup)


def complete(given: Mapping[str, Any] | None, dialect: Dialect, *, quantised: bool = False) -> dict[str, Any]:
    """`given` with Olive's defaults and transformers' filled in. `extra_args` is folded in; given values win."""
    written = {name: value for name, value in (given or {}).items() if name != "extra_args"}
    written |= dict((given or {}).get("extra_args") or {})
    defaults = dict(TRAINER_DEFAULTS) | dict(CLASSIC_DEFAULTS if dialect == "classic" else OLIVE_DEFAULTS)
    if quantised:
        defaults["optim"] = "paged_adamw_32bit"
    if written.get("warmup_steps") not in (None, 0):
        defaults["warmup_ratio"] = None
    return defaults | {
        name: value for name, value in written.items() if value is not None or name not in defaults
    }


def read(
    given: Mapping[str, Any] | None,
    dialect: Dialect,
    *,
    quantised: bool = False,
    half: bool = False,
    has_eval: bool = False,
    checkpointing_said: bool = True,
) -> Settings:
    """Settings from a config's `training_args`. ValueError for values that contradict each other.

    `half`: `torch_dtype` float16, which trains in mixed precision. `has_eval`: there is something to evaluate on; as
    in Olive evaluation is off without it and by steps with it, unless the config says epoch.
    """
    raw = complete(given, dialect, quantised=quantised)
    checkpointing = raw["activation_checkpointing"]
    if checkpointing is None:
        checkpointing = raw["gradient_checkpointing"]
    if raw["fp16"] and raw["bf16"]:
        raise ValueError("fp16 and bf16 are both true; leave one of them")
    autocast: Literal["bfloat16", "float16"] | None = None
    if half or raw["fp16"]:
        autocast = "float16"
    elif raw["bf16"]:
        autocast = "bfloat16"
    evaluate = text(raw["eval_strategy"])
    if not has_eval:
        evaluate = "no"
    elif evaluate not in ("steps", "epoch"):
        evaluate = "no" if dialect == "classic" else "steps"
    logging_steps = float(raw["logging_steps"])
    best = raw["metric_for_best_model"] or "loss"
    sampling = text(raw["train_sampling_strategy"]) if raw["train_sampling_strategy"] else ""
    if not sampling:
        sampling = "group_by_length" if raw["group_by_length"] else "random"
    ratio = raw["warmup_ratio"]
    warmup = float(raw["warmup_steps"] or 0)
    return Settings(
        batch_size=int(raw["per_device_train_batch_size"]),
        eval_batch_size=int(raw["per_device_eval_batch_size"]),
        accumulation=int(raw["gradient_accumulation_steps"]),
        epochs=float(raw["num_train_epochs"]),
        max_steps=int(raw["max_steps"]),
        learning_rate=float(raw["learning_rate"]),
        scheduler=text(raw["lr_scheduler_type"]),
        scheduler_kwargs=dict(raw["lr_scheduler_kwargs"] or {}),
        warmup=warmup if warmup else float(ratio or 0.0),
        optimiser=text(raw["optim"]),
        optimiser_args=_pairs(raw["optim_args"]),
        weight_decay=float(raw["weight_decay"]),
        betas=(float(raw["adam_beta1"]), float(raw["adam_beta2"])),
        epsilon=float(raw["adam_epsilon"]),
        max_grad_norm=float(raw["max_grad_norm"] or 0.0),
        label_smoothing=float(raw["label_smoothing_factor"] or 0.0),
        autocast=autocast,
        checkpointing=bool(checkpointing) if checkpointing is not None and checkpointing_said else None,
        checkpointing_kwargs=dict(
            raw["activation_checkpointing_kwargs"] or raw["gradient_checkpointing_kwargs"] or {}
        ),
        logging_steps=max(int(logging_steps), 1),
        evaluate=evaluate,  # type: ignore[arg-type]
        eval_steps=float(raw["eval_steps"] or logging_steps),
        eval_delay=float(raw["eval_delay"] or 0),
        eval_on_start=bool(raw["eval_on_start"]) and has_eval,
        save=text(raw["save_strategy"]),  # type: ignore[arg-type]
        save_steps=_save_steps(raw),
        save_total_limit=raw["save_total_limit"],
        load_best=bool(raw["load_best_model_at_end"]),
        best_metric=best if best.startswith("eval_") else f"eval_{best}",
        best_is_greater=bool(
            raw["greater_is_better"] if raw["greater_is_better"] is not None else not best.endswith("loss")
        ),
        neftune=float(raw["neftune_noise_alpha"] or 0.0),
        seed=int(raw["seed"]),
        data_seed=None if raw["data_seed"] is None else int(raw["data_seed"]),
        deterministic=bool(raw["full_determinism"]),
        use_cpu=bool(raw["use_cpu"] or raw["no_cuda"]),
        sampling=sampling,  # type: ignore[arg-type]
        drop_last=bool(raw["dataloader_drop_last"]),
        empty_cache_steps=raw["torch_empty_cache_steps"],
        output_dir=raw["output_dir"],
        overwrite_output_dir=bool(raw["overwrite_output_dir"]),
        resume_from=raw["resume_from_checkpoint"],
        raw=raw,
    )


def stock_reasons(given: Mapping[str, Any] | None, dialect: Dialect) -> list[str]:
    """Why this training must go through transformers' own Trainer; empty: our loop covers it all."""
    raw = complete(given, dialect)
    reasons = []
    told = _told_by_the_schemas()
    for name, value in raw.items():
        if name in TRAINER_DEFAULTS or name in IDLE or name in told or value in NEUTRAL:
            continue
        if name == "report_to" and value in ("none", ["none"]):
            continue
        reasons.append(f"{name} is known to transformers' Trainer only")
    if text(raw["optim"]) not in OWN_OPTIMISERS:
        reasons.append(f"optim {text(raw['optim'])} is known to transformers' Trainer only")
    if text(raw["lr_scheduler_type"]) not in SCHEDULERS:
        reasons.append(
            f"lr_scheduler_type {text(raw['lr_scheduler_type'])} is known to transformers' Trainer only"
        )
    if raw["train_sampling_strategy"] and text(raw["train_sampling_strategy"]) not in (
        "random",
        "sequential",
        "group_by_length",
    ):
        reasons.append("train_sampling_strategy batch_rebalance is known to transformers' Trainer only")
    return reasons


def idle_arguments(given: Mapping[str, Any] | None) -> dict[str, str]:
    """Arguments that are written, legal and without effect here: name -> why. Values that ask for nothing are left out."""
    written = dict(given or {}) | dict((given or {}).get("extra_args") or {})
    return {name: IDLE[name] for name, value in written.items() if name in IDLE and value not in NEUTRAL}


def _told_by_the_schemas() -> frozenset[str]:
    """Arguments of earlier releases without effect today; reading the config has warned of them."""
    from olive_schemas import catalog

    return frozenset(name for name, prop in catalog.training_arguments().items() if "x-here" in prop)


def _save_steps(raw: Mapping[str, Any]) -> float | None:
    """Steps between checkpoints; unsaid, transformers' 500 where somebody named an output_dir to find them in."""
    if raw["save_steps"] is not None:
        return float(raw["save_steps"])
    return 500.0 if raw["output_dir"] else None


def text(value: Any) -> str:
    """The plain text of an enum member or a string; None is "no"."""
    if value is None:
        return "no"
    return str(getattr(value, "value", value))


def _pairs(value: Any) -> dict[str, str]:
    """`optim_args`: "a=1,b=2"."""
    if not value:
        return {}
    if isinstance(value, Mapping):
        return {str(name): str(one) for name, one in value.items()}
    return dict(pair.strip().split("=", 1) for pair in str(value).split(",") if "=" in pair)
