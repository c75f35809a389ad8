"""What is legal in a data config and yet not what someone might expect."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from olive_schemas.problems import Problem, Severity
from olive_schemas.workflow import DataConfig, Workflow

from .settings import TextSettings, length_name, own_tokenizer, pointer_of


def of_settings(config: DataConfig, settings: TextSettings) -> list[Problem]:
    """Parameters without effect, seeds left out, strides that skip text."""
    given, place = config.pre_process.given, partial(pointer_of, config.pre_process)
    told: list[tuple[str, str, str]] = []
    order = ("chat_template", "text_formatting_func", "text_template", "text_cols")
    used = next((name for name in order if getattr(settings, name)), None)
    if settings.dataset_type == "corpus" and used is not None:
        for name in order[order.index(used) + 1 :]:
            if name in given and getattr(settings, name):
                told.append(("data-unused", f"{name} has no effect: {used} decides the text", place(name)))
        if used == "chat_template" and "add_special_tokens" in given and settings.add_special_tokens:
            told.append(
                (
                    "data-unused",
                    "add_special_tokens has no effect with a chat template, which writes its own",
                    place("add_special_tokens"),
                )
            )
    if (
        settings.dataset_type == "corpus"
        and settings.strategy.endswith("random")
        and settings.random_seed is None
    ):
        told.append(
            (
                "data-seed",
                "random_seed is not written: Olive draws other sequences in each run, here the seed is 0",
                place("strategy"),
            )
        )
    if settings.strategy == "join-sliding-window" and (settings.stride or 0) > settings.max_seq_len:
        told.append(
            (
                "data-stride",
                f"stride {settings.stride:,} is longer than {length_name(config)} {settings.max_seq_len:,}: "
                "tokens between the windows are left out",
                place("stride"),
            )
        )
    return [Problem(code, Severity.INFORMATION, message, pointer) for code, message, pointer in told]


def of_workflow(config: DataConfig, workflow: Workflow) -> Iterator[Problem]:
    """What the data config says that the rest of the workflow overrides or contradicts."""
    other = own_tokenizer(config, workflow)
    if other is not None:
        yield Problem(
            "data-tokenizer",
            Severity.WARNING,
            f"model_name asks for the tokenizer of {other}, but the model is {workflow.input_model.path}",
            pointer_of(config.pre_process, "model_name"),
        )
    trains = any(
        step.parameters.get(name) in (config.name, config)
        for step in workflow.passes
        for name in ("train_data_config", "eval_data_config")
    )
    if trains and "batch_size" in config.dataloader.given:
        yield Problem(
            "data-unused",
            Severity.INFORMATION,
            "batch_size has no effect on fine-tuning: per_device_train_batch_size in training_args decides",
            pointer_of(config.dataloader, "batch_size"),
        )
