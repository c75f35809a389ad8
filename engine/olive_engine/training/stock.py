"""The stock path: transformers' own Trainer, for arguments that our loop does not follow.

Rows are padded as Olive pads them. The Trainer keeps its own checkpoints in the run's checkpoint folder, so a resume
goes on from its last one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from olive_schemas.workflow import PassStep

from ..context import PassContext
from ..errors import Cancelled, RunError
from . import loop, preflight
from .argument_tables import OLIVE_DEFAULTS
from .arguments import Settings, text


def train(
    adapted: Any,
    tokens: Any,
    held_out: Any,
    settings: Settings,
    step: PassStep,
    context: PassContext,
    tokenizer: Any,
) -> loop.Outcome:
    """Trains `adapted` (whose layers are peft's) with transformers.Trainer. RunError for arguments it refuses."""
    import torch
    import transformers
    from transformers.trainer_utils import get_last_checkpoint

    from ..data import pad

    fill = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else (tokenizer.eos_token_id or 0)
    # Rows of a step are averaged as Olive has it: the mean over micro-batches of each one's mean.
    adapted.model.accepts_loss_kwargs = False
    outcome = loop.Outcome(0)
    folder = context.checkpoints / "trainer"
    arguments = training_arguments(settings, step, str(folder), held_out is not None)
    trainer = transformers.Trainer(
        model=adapted.wrapped,
        args=arguments,
        train_dataset=_Rows(pad(tokens, fill)),
        eval_dataset=None if held_out is None else _Rows(pad(held_out, fill)),
        data_collator=_Collator(fill),
        callbacks=[_callback(context, outcome, tokens, settings)],
    )
    last = get_last_checkpoint(str(folder)) if folder.is_dir() else None
    last = last or settings.resume_from
    try:
        trainer.train(resume_from_checkpoint=last)
    except Cancelled:
        raise
    except (ValueError, ImportError, NotImplementedError) as error:
        raise RunError(
            f"transformers' Trainer refuses: {error}",
            code="trainer-refused",
            pointer=preflight.pointer_of(step, "training_args"),
        ) from error
    torch.manual_seed(settings.seed)
    context.check_stop()
    outcome.steps = trainer.state.global_step
    adapted.model.eval()
    return outcome


def training_arguments(settings: Settings, step: PassStep, folder: str, has_eval: bool) -> Any:
    """transformers.TrainingArguments: what is written, Olive's defaults, and what the run itself decides."""
    import transformers

    fields = {field.name for field in dataclasses.fields(transformers.TrainingArguments) if field.init}
    written = dict(step.parameters.get("training_args") or {})
    written |= dict(written.pop("extra_args", None) or {})
    chosen: dict[str, Any] = dict(OLIVE_DEFAULTS) | {
        name: one for name, one in written.items() if one is not None
    }
    chosen |= {
        "output_dir": settings.output_dir or folder,
        "eval_strategy": settings.evaluate if has_eval else "no",
        "disable_tqdm": True,
        "logging_steps": 1,
        "logging_strategy": "steps",
    }
    ratio = chosen.pop("warmup_ratio", None)
    if ratio and not chosen.get("warmup_steps"):
        chosen["warmup_steps"] = ratio
    if chosen.pop("group_by_length", False) and "train_sampling_strategy" in fields:
        chosen.setdefault("train_sampling_strategy", "group_by_length")
    chosen.setdefault("report_to", "none")
    if settings.checkpointing is not None:
        chosen["gradient_checkpointing"] = settings.checkpointing
    else:
        chosen.pop("gradient_checkpointing", None)
    if text(chosen.get("save_strategy")) != "no" and settings.save_steps is None:
        chosen["save_steps"] = 50
    chosen.setdefault("save_total_limit", 2)
    if settings.autocast == "float16":
        chosen["fp16"] = True
    for name in ("resume_from_checkpoint", "overwrite_output_dir", "no_cuda"):
        chosen.pop(name, None)
    if settings.use_cpu and "use_cpu" in fields:
        chosen["use_cpu"] = True
    kept = {name: value for name, value in chosen.items() if name in fields}
    try:
        return transformers.TrainingArguments(**kept)
    except (ValueError, TypeError, ImportError) as error:
        raise RunError(
            f"transformers refuses these training_args: {error}",
            code="training-args",
            pointer=preflight.pointer_of(step, "training_args"),
        ) from error


class _Rows:
    """Padded rows as a map-style data set."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Mapping[str, Any]:
        return self.rows[index]


class _Collator:
    """Rows to a batch of int64 tensors, filled up at the right."""

    def __init__(self, fill: int) -> None:
        self.fill = fill

    def __call__(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        import torch

        from ..data import collate

        return {name: torch.from_numpy(one).long() for name, one in collate(rows, self.fill).items()}


def _callback(context: PassContext, outcome: loop.Outcome, tokens: Any, settings: Settings) -> Any:
    """Events of the run from the Trainer's callbacks."""
    import transformers

    per_row = sum(len(one) for one in tokens.ids) / max(len(tokens.ids), 1)

    class Callback(transformers.TrainerCallback):
        def on_substep_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
            context.check_stop()

        def on_step_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
            if context.stop_requested():
                control.should_save = True
                control.should_training_stop = True

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **more: Any) -> None:
            values = dict(logs or {})
            if "loss" in values:
                loss = float(values["loss"])
                outcome.losses.append(loss)
                outcome.tokens = int(
                    state.global_step * per_row * settings.batch_size * settings.accumulation
                )
                context.metric(
                    step=state.global_step,
                    loss=loss,
                    learning_rate=values.get("learning_rate"),
                    grad_norm=_number(values.get("grad_norm")),
                    epoch=values.get("epoch"),
                )
                context.progress("train", state.global_step, state.max_steps, loss=loss)
            elif "eval_loss" in values:
                outcome.evaluations.append((state.global_step, float(values["eval_loss"])))
                context.metric(step=state.global_step, eval_loss=float(values["eval_loss"]))

    return Callback()


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
