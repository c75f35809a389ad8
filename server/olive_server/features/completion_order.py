"""Which keys are offered first in an object: what most configs write, in the order in which they write it."""

from __future__ import annotations

from collections.abc import Mapping

from olive_schemas.shape import Shape

_SETTINGS = (
    "output_dir",
    "host",
    "target",
    "evaluator",
    "evaluate_input_model",
    "search_strategy",
    "cache_dir",
    "clean_cache",
    "log_severity_level",
)
_MODEL = ("type", "model_path", "config", "hf_config", "task", "io_config", "load_kwargs")
_PASS = (
    "type",
    "config",
    "train_data_config",
    "r",
    "alpha",
    "target_modules",
    "training_args",
    "eval_data_config",
    "lora_dropout",
    "precision",
    "quant_mode",
    "weight_type",
    "activation_type",
    "bits",
    "group_size",
    "data_config",
    "target_opset",
    "model_type",
    "opt_level",
    "float16",
)
_COMPONENT = (
    "data_name",
    "data_files",
    "split",
    "subset",
    "text_cols",
    "text_template",
    "chat_template",
    "input_cols",
    "label_col",
    "label_cols",
    "strategy",
    "max_seq_len",
    "params",
    "component_kwargs",
    "batch_size",
)
_FIRST: Mapping[str, tuple[str, ...]] = {
    "workflow": ("input_model", "data_configs", "passes", "systems", "evaluators", "engine", *_SETTINGS),
    "engine": _SETTINGS,
    "input_model": _MODEL,
    "model_config": _MODEL,
    "data_config": (
        "name",
        "type",
        "load_dataset_config",
        "pre_process_data_config",
        "dataloader_config",
        "post_process_data_config",
        "params_config",
    ),
    "component": _COMPONENT,
    "component_params": _COMPONENT,
    "evaluator": ("metrics", "type", "tasks"),
    "metric": ("name", "type", "sub_types", "data_config", "user_config", "evaluate_func", "metric_func"),
    "sub_type": ("name", "priority", "goal", "metric_config"),
    "pass": _PASS,
    "pass_config": _PASS,
    "training_args": (
        "learning_rate",
        "num_train_epochs",
        "per_device_train_batch_size",
        "gradient_accumulation_steps",
        "max_steps",
        "lr_scheduler_type",
        "warmup_ratio",
        "optim",
        "logging_steps",
        "save_steps",
        "seed",
    ),
}
_ANYWHERE = ("type", "name", "model_name", "model_path", "task", "config", "params")
_LATER = frozenset(
    (
        "save_as_external_data",
        "all_tensors_to_one_file",
        "external_data_name",
        "size_threshold",
        "convert_attribute",
        "user_script",
        "script_dir",
        "host",
        "evaluator",
        "overwrite_output_dir",
    )
)
"""What many passes, metrics and data configs have and few configs write."""


def place(shape: Shape, name: str) -> int:
    """Where a key stands among those of the same rank."""
    first = _first(shape)
    return first.index(name) if name in first else len(first)


def rank_of(shape: Shape, name: str) -> int:
    if name in _first(shape):
        return 1
    return 4 if name in _LATER else 3


def _first(shape: Shape) -> tuple[str, ...]:
    return _FIRST.get(shape.kind, _ANYWHERE)
