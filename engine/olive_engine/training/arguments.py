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

Dialect = Literal["classic", "current"]

OLIVE_DEFAULTS: Mapping[str, Any] = {
    "learning_rate": 2e-4,
    "lr_scheduler_type": "constant",
    "warmup_ratio": 0.03,
}
"""What Olive 0.7 and later set differently from transformers, for every adapter pass."""

CLASSIC_DEFAULTS: Mapping[str, Any] = {
    **OLIVE_DEFAULTS,
    "seed": 42,
    "data_seed": 42,
    "optim": "paged_adamw_32bit",
    "per_device_train_batch_size": 1,
    "per_device_eval_batch_size": 1,
    "gradient_accumulation_steps": 16,
    "max_steps": 10000,
    "weight_decay": 0.0,
    "logging_steps": 10,
    "group_by_length": True,
}
"""The same for releases 0.2 to 0.6."""

TRAINER_DEFAULTS: Mapping[str, Any] = {
    "per_device_train_batch_size": 8,
    "per_device_eval_batch_size": 8,
    "gradient_accumulation_steps": 1,
    "num_train_epochs": 3.0,
    "max_steps": -1,
    "learning_rate": 5e-5,
    "lr_scheduler_type": "linear",
    "lr_scheduler_kwargs": None,
    "warmup_steps": 0,
    "warmup_ratio": None,
    "optim": "adamw_torch_fused",
    "optim_args": None,
    "weight_decay": 0.0,
    "adam_beta1": 0.9,
    "adam_beta2": 0.999,
    "adam_epsilon": 1e-8,
    "max_grad_norm": 1.0,
    "label_smoothing_factor": 0.0,
    "bf16": False,
    "fp16": False,
    "gradient_checkpointing": None,
    "activation_checkpointing": None,
    "gradient_checkpointing_kwargs": None,
    "activation_checkpointing_kwargs": None,
    "logging_strategy": "steps",
    "logging_steps": 500,
    "logging_first_step": False,
    "logging_nan_inf_filter": True,
    "eval_strategy": "no",
    "eval_steps": None,
    "eval_delay": 0,
    "eval_on_start": False,
    "save_strategy": "steps",
    "save_steps": None,
    "save_total_limit": None,
    "load_best_model_at_end": False,
    "metric_for_best_model": None,
    "greater_is_better": None,
    "neftune_noise_alpha": None,
    "seed": 42,
    "data_seed": None,
    "full_determinism": False,
    "use_cpu": False,
    "no_cuda": False,
    "tf32": None,
    "dataloader_drop_last": False,
    "train_sampling_strategy": None,
    "group_by_length": False,
    "torch_empty_cache_steps": None,
    "output_dir": None,
    "overwrite_output_dir": False,
    "resume_from_checkpoint": None,
}
"""Every argument our loop follows, with transformers 5's default. `save_steps` unsaid: by time, see `checkpoints`."""

_IDLE: Mapping[str, str] = {
    "do_train": "the pass always trains",
    "do_eval": "eval_strategy decides about evaluation",
    "do_predict": "nothing is predicted during training",
    "prediction_loss_only": "the loss is the only thing evaluated",
    "eval_accumulation_steps": "evaluation keeps no predictions that could pile up",
    "eval_do_concat_batches": "evaluation keeps no predictions",
    "eval_use_gather_object": "training runs in one process",
    "batch_eval_metrics": "the loss is the only thing evaluated",
    "include_for_metrics": "the loss is the only thing evaluated",
    "include_inputs_for_metrics": "the loss is the only thing evaluated",
    "disable_tqdm": "progress goes to the run's events",
    "log_level": "the engine's log_severity_level rules the log",
    "log_level_replica": "training runs in one process",
    "log_on_each_node": "training runs in one process",
    "logging_dir": "metrics go to the run's events",
    "run_name": "a run is named by its id",
    "project": "it belongs to report_to",
    "save_on_each_node": "training runs in one process",
    "save_only_model": "checkpoints always hold what a resume needs",
    "save_safetensors": "adapters are always saved as safetensors",
    "dataloader_num_workers": "the tokens are in memory already",
    "dataloader_pin_memory": "the tokens are in memory already",
    "dataloader_persistent_workers": "the tokens are in memory already",
    "dataloader_prefetch_factor": "the tokens are in memory already",
    "dataloader_multiprocessing_context": "the tokens are in memory already",
    "dataloader_in_order": "the tokens are in memory already",
    "remove_unused_columns": "the data config decides about the columns",
    "label_names": "the data config decides about the labels",
    "length_column_name": "lengths are counted from the tokens",
    "average_tokens_across_devices": "training runs in one process",
    "ddp_find_unused_parameters": "training runs in one process",
    "ddp_bucket_cap_mb": "training runs in one process",
    "ddp_broadcast_buffers": "training runs in one process",
    "ddp_static_graph": "training runs in one process",
    "ddp_backend": "training runs in one process",
    "ddp_timeout": "training runs in one process",
    "local_rank": "training runs in one process",
    "skip_memory_metrics": "the run measures memory itself",
    "use_cache": "training needs no key-value cache",
    "use_mps_device": "the named system decides about the device",
    "ignore_data_skip": "a resumed run always goes on at the exact place in the data",
    "restore_callback_states_from_checkpoint": "there are no callbacks",
    "include_num_input_tokens_seen": "tokens per second are always reported",
    "include_tokens_per_second": "tokens per second are always reported",
    "hub_strategy": "it belongs to push_to_hub",
    "hub_always_push": "it belongs to push_to_hub",
    "hub_private_repo": "it belongs to push_to_hub",
    "hub_model_id": "it belongs to push_to_hub",
    "hub_token": "it belongs to push_to_hub",
    "hub_revision": "it belongs to push_to_hub",
    "trackio_space_id": "it belongs to report_to",
    "trackio_bucket_id": "it belongs to report_to",
    "trackio_static_space_id": "it belongs to report_to",
    "bf16_full_eval": "evaluation runs in the dtype of training",
    "fp16_full_eval": "evaluation runs in the dtype of training",
    "jit_mode_eval": "evaluation runs as training does",
    "auto_find_batch_size": "rows are put together as memory allows already",
}

OWN_OPTIMISERS = frozenset(
    {
        "adamw_torch",
        "adamw_torch_fused",
        "adamw_hf",
        "paged_adamw",
        "paged_adamw_32bit",
        "adamw_bnb_8bit",
        "adamw_8bit",
        "paged_adamw_8bit",
        "adafactor",
        "sgd",
        "adagrad",
        "rmsprop",
    }
)

SCHEDULERS = frozenset(
    {
        "constant",
        "constant_with_warmup",
        "linear",
        "cosine",
        "cosine_with_restarts",
        "polynomial",
        "inverse_sqrt",
        "reduce_lr_on_plateau",
        "cosine_with_min_lr",
        "cosine_warmup_with_min_lr",
        "warmup_stable_decay",
    }
)

_NEUTRAL: tuple[Any, ...] = (None, False, "", "no", "none", [], {}, ())


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
    evaluate = _text(raw["eval_strategy"])
    if not has_eval:
        evaluate = "no"
    elif evaluate not in ("steps", "epoch"):
        evaluate = "no" if dialect == "classic" else "steps"
    logging_steps = float(raw["logging_steps"])
    best = raw["metric_for_best_model"] or "loss"
    sampling = _text(raw["train_sampling_strategy"]) if raw["train_sampling_strategy"] else ""
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
        scheduler=_text(raw["lr_scheduler_type"]),
        scheduler_kwargs=dict(raw["lr_scheduler_kwargs"] or {}),
        warmup=warmup if warmup else float(ratio or 0.0),
        optimiser=_text(raw["optim"]),
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
        save=_text(raw["save_strategy"]),  # type: ignore[arg-type]
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
    for name, value in raw.items():
        if name in TRAINER_DEFAULTS or name in _IDLE or value in _NEUTRAL:
            continue
        if name == "report_to" and value in ("none", ["none"]):
            continue
        reasons.append(f"{name} is known to transformers' Trainer only")
    if _text(raw["optim"]) not in OWN_OPTIMISERS:
        reasons.append(f"optim {_text(raw['optim'])} is known to transformers' Trainer only")
    if _text(raw["lr_scheduler_type"]) not in SCHEDULERS:
        reasons.append(
            f"lr_scheduler_type {_text(raw['lr_scheduler_type'])} is known to transformers' Trainer only"
        )
    if raw["train_sampling_strategy"] and _text(raw["train_sampling_strategy"]) not in (
        "random",
        "sequential",
        "group_by_length",
    ):
        reasons.append("train_sampling_strategy batch_rebalance is known to transformers' Trainer only")
    return reasons


def idle_arguments(given: Mapping[str, Any] | None) -> dict[str, str]:
    """Arguments that are written, legal and without effect here: name -> why. Values that ask for nothing are left out."""
    written = dict(given or {}) | dict((given or {}).get("extra_args") or {})
    return {name: _IDLE[name] for name, value in written.items() if name in _IDLE and value not in _NEUTRAL}


def _save_steps(raw: Mapping[str, Any]) -> float | None:
    """Steps between checkpoints; unsaid, transformers' 500 where somebody named an output_dir to find them in."""
    if raw["save_steps"] is not None:
        return float(raw["save_steps"])
    return 500.0 if raw["output_dir"] else None


def _text(value: Any) -> str:
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
