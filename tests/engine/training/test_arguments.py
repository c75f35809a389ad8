"""What a config's training_args come to, and what is said of those that have another way or none."""

from __future__ import annotations

from typing import Any

import pytest

from olive_engine.training import arguments, schedules


def read(given: dict[str, Any] | None = None, dialect: Any = "current", **more: Any) -> arguments.Settings:
    return arguments.read(given, dialect, **more)


def test_defaults_of_olive_0_13() -> None:
    found = read()
    assert (found.learning_rate, found.scheduler, found.warmup) == (2e-4, "constant", 0.03)
    assert (found.batch_size, found.accumulation, found.epochs, found.max_steps) == (8, 1, 3.0, -1)
    assert (found.optimiser, found.sampling, found.seed, found.data_seed) == (
        "adamw_torch_fused",
        "random",
        42,
        None,
    )


def test_defaults_of_olive_0_6() -> None:
    found = read(dialect="classic")
    assert (found.batch_size, found.accumulation, found.max_steps) == (1, 16, 10000)
    assert (found.optimiser, found.sampling, found.data_seed) == ("paged_adamw_32bit", "group_by_length", 42)


def test_qlora_pages_its_optimiser() -> None:
    assert read(quantised=True).optimiser == "paged_adamw_32bit"
    assert read({"optim": "sgd"}, quantised=True).optimiser == "sgd"


@pytest.mark.parametrize(
    "given, dialect, has_eval, expected",
    [
        ({}, "current", False, "no"),
        ({}, "current", True, "steps"),
        ({}, "classic", True, "no"),
        ({"eval_strategy": "epoch"}, "current", True, "epoch"),
        ({"eval_strategy": "no"}, "current", True, "steps"),
        ({"eval_strategy": "steps"}, "current", False, "no"),
    ],
)
def test_evaluation_is_on_where_there_is_something_to_evaluate(
    given: dict[str, Any], dialect: str, has_eval: bool, expected: str
) -> None:
    assert read(given, dialect, has_eval=has_eval).evaluate == expected


@pytest.mark.parametrize(
    "given, steps",
    [({"warmup_steps": 7}, 7), ({"warmup_ratio": 0.1}, 10), ({"warmup_steps": 0.25}, 25), ({}, 3)],
)
def test_warmup(given: dict[str, Any], steps: int) -> None:
    assert read(given).warmup_steps(100) == steps


@pytest.mark.parametrize(
    "given, batches, expected",
    [
        ({"max_steps": 5}, 10, (5, 10)),
        ({"num_train_epochs": 2, "gradient_accumulation_steps": 4}, 10, (6, 3)),
        ({"num_train_epochs": 0.5}, 7, (4, 7)),
    ],
)
def test_steps(given: dict[str, Any], batches: int, expected: tuple[int, int]) -> None:
    assert read(given).total_steps(batches) == expected


def test_extra_args_are_arguments_like_others() -> None:
    assert read({"extra_args": {"max_steps": 3}}).max_steps == 3


def test_checkpointing_said_or_not() -> None:
    assert read({"gradient_checkpointing": True}).checkpointing is True
    assert read({"gradient_checkpointing": True}, checkpointing_said=False).checkpointing is None
    assert read({}).checkpointing is None


def test_two_half_precisions_contradict() -> None:
    with pytest.raises(ValueError, match="fp16 and bf16"):
        read({"fp16": True, "bf16": True})


@pytest.mark.parametrize(
    "given",
    [
        {"deepspeed": "ds.json"},
        {"fsdp": "full_shard"},
        {"torch_compile": True},
        {"report_to": "tensorboard"},
        {"push_to_hub": True},
        {"optim": "lomo"},
        {"lr_scheduler_type": "greedy"},
        {"use_liger_kernel": True},
        {"train_sampling_strategy": "batch_rebalance"},
    ],
)
def test_what_only_the_trainer_knows(given: dict[str, Any]) -> None:
    (reason,) = arguments.stock_reasons(given, "current")
    assert next(iter(given)) in reason


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"report_to": "none"},
        {"deepspeed": False},
        {"fsdp": ""},
        {"torch_compile": False},
        {"do_train": True},
    ],
)
def test_what_our_loop_does(given: dict[str, Any]) -> None:
    assert arguments.stock_reasons(given, "current") == []


def test_idle_arguments_are_told() -> None:
    assert set(arguments.idle_arguments({"run_name": "a", "max_steps": 3, "do_eval": False})) == {"run_name"}


def test_every_argument_of_transformers_has_its_place() -> None:
    """Followed, idle, or for the Trainer: nothing that transformers knows goes unnoticed."""
    import dataclasses

    import transformers

    for field in dataclasses.fields(transformers.TrainingArguments):
        if not field.init:
            continue
        followed = field.name in arguments.TRAINER_DEFAULTS
        idle = bool(arguments.idle_arguments({field.name: "x"}))
        stock = any(field.name in one for one in arguments.stock_reasons({field.name: "x"}, "current"))
        assert followed or idle or stock, field.name


@pytest.mark.parametrize(
    "name, options",
    [
        ("constant", {}),
        ("constant_with_warmup", {}),
        ("linear", {}),
        ("cosine", {}),
        ("cosine", {"num_cycles": 1.5}),
        ("cosine_with_restarts", {"num_cycles": 3}),
        ("polynomial", {"power": 2.0, "lr_end": 1e-5}),
        ("inverse_sqrt", {}),
        ("inverse_sqrt", {"timescale": 9}),
        ("cosine_with_min_lr", {"min_lr": 1e-5}),
        ("warmup_stable_decay", {"num_decay_steps": 5}),
    ],
)
@pytest.mark.parametrize("warmup", [0, 4])
def test_schedules_are_those_of_transformers(name: str, options: dict[str, Any], warmup: int) -> None:
    import torch
    from transformers import get_scheduler

    def rates(make: Any) -> list[float]:
        optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.01)
        schedule = make(optimiser)
        found = []
        for _ in range(22):
            found.append(optimiser.param_groups[0]["lr"])
            optimiser.step()
            schedule.step()
        return found

    ours = rates(lambda one: schedules.make(name, one, warmup, 20, 0.01, options))
    theirs = rates(lambda one: get_scheduler(name, one, warmup, 20, dict(options)))
    assert ours == pytest.approx(theirs, rel=1e-12)
