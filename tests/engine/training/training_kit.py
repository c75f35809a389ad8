"""Tiny random models, made once, and workflows around them."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy
import pytest

from olive_engine.artifact import Artifact
from olive_engine.context import PassContext
from olive_engine.data.tokens import Tokens
from olive_schemas.workflow import EngineSettings, InputModel, PassStep, Workflow

VOCABULARY = 300


def make_model(kind: str, folder: Path, **changes: Any) -> Path:
    """A random llama, phi3 or gpt2 of two layers, saved in float32 unless `dtype` says otherwise."""
    import torch
    import transformers

    dtype = changes.pop("dtype", torch.float32)
    torch.manual_seed(7)
    common = {"vocab_size": VOCABULARY, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
    if kind == "gpt2":
        config = transformers.GPT2Config(
            n_embd=64,
            n_layer=2,
            n_head=4,
            n_positions=256,
            resid_pdrop=0.0,
            embd_pdrop=0.0,
            attn_pdrop=0.0,
            **common,
            **changes,
        )
        model = transformers.GPT2LMHeadModel(config)
    else:
        cls = {"llama": transformers.LlamaConfig, "phi3": transformers.Phi3Config}[kind]
        config = cls(
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=256,
            **common,
            **changes,
        )
        model = transformers.AutoModelForCausalLM.from_config(config)
    model.to(dtype).save_pretrained(folder)
    return folder


def make_tokens(lengths: list[int], padded_to: int | None = None, seed: int = 3, **more: Any) -> Tokens:
    """Sequences of those lengths; a few labels are ignored."""
    random = numpy.random.default_rng(seed)
    ids = [random.integers(3, VOCABULARY, length).astype(numpy.int32) for length in lengths]
    labels: list[Any] = []
    for at, one in enumerate(ids):
        label = one.copy()
        if at % 3 == 1:
            label[: len(one) // 2] = -100
        labels.append(None if at % 3 != 1 else label)
    return Tokens(ids, labels, [None] * len(ids), padded_to, rows=len(ids), **more)


def make_step(kind: str = "LoRA", training_args: dict[str, Any] | None = None, **parameters: Any) -> PassStep:
    defaults: dict[str, Any] = {
        "r": 4,
        "alpha": 8,
        "lora_dropout": 0.0,
        "target_modules": None,
        "torch_dtype": "float32",
        "train_data_config": "train",
        "training_args": {"per_device_train_batch_size": 2, **(training_args or {"max_steps": 4})},
    }
    return PassStep(
        "tune",
        kind,
        {**defaults, **parameters},
        given=frozenset({"training_args", *(f"training_args.{name}" for name in training_args or {})}),
        pointer="/passes/tune",
        pointers={
            "training_args": "/passes/tune/training_args",
            "target_modules": "/passes/tune/target_modules",
            **{f"training_args.{name}": f"/passes/tune/training_args/{name}" for name in training_args or {}},
        },
    )


class Recorder:
    """Events of a run."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, type: str, pass_name: str | None, data: Any) -> None:
        self.events.append((type, dict(data)))

    @property
    def losses(self) -> list[float]:
        return [data["loss"] for type, data in self.events if type == "metric" and "loss" in data]

    def metrics(self, name: str) -> list[Any]:
        return [data[name] for type, data in self.events if type == "metric" and name in data]

    @property
    def messages(self) -> list[str]:
        return [data["message"] for type, data in self.events if type == "log"]


def make_context(
    model: Path, step: PassStep, folder: Path, dialect: str = "current", **more: Any
) -> PassContext:
    workflow = Workflow(
        base_dir=folder,
        dialect=dialect,  # type: ignore[arg-type]
        input_model=InputModel("hf", str(model)),
        passes=(step,),
        engine=EngineSettings(str(folder / "out"), str(folder / "cache")),
    )
    output = folder / "output"
    output.mkdir(parents=True, exist_ok=True)
    return PassContext(workflow, step, output, folder / "checkpoints", **more)


def source_of(model: Path) -> Artifact:
    return Artifact("hf_model", model.name, str(model))


def train(
    model: Path,
    folder: Path,
    tokens: Tokens,
    step: PassStep,
    monkeypatch: pytest.MonkeyPatch,
    held_out: Tokens | None = None,
    **more: Any,
) -> tuple[Recorder, PassContext, Artifact]:
    """A whole pass on hand-made sequences."""
    from olive_engine import passes
    from olive_engine.training import finetune

    if held_out is not None:
        step = replace(step, parameters={**step.parameters, "eval_data_config": "held_out"})
    recorder = Recorder()
    context = make_context(model, step, folder, emit=recorder, **more)
    monkeypatch.setattr(finetune, "load_data", lambda *whatever: (tokens, held_out))
    monkeypatch.setattr(finetune, "pad_token_id", lambda source: 0)
    artifact = passes.load(step.type).run(step, source_of(model), context)
    return recorder, context, artifact


def trainer_losses(
    model: Path,
    folder: Path,
    tokens: Tokens,
    peft_config: Any,
    held_out: Tokens | None = None,
    **arguments: Any,
) -> tuple[list[float], list[float], list[float], list[float]]:
    """(losses, eval losses, learning rates, gradient norms) of transformers' Trainer with peft, as Olive sets it up."""
    import peft
    import torch
    import transformers

    from olive_engine.data import collate, pad

    loaded = transformers.AutoModelForCausalLM.from_pretrained(
        model, dtype=arguments.pop("dtype", torch.float32)
    )
    loaded.accepts_loss_kwargs = False
    for one in loaded.parameters():
        one.requires_grad = False
    if arguments.get("gradient_checkpointing"):
        loaded.enable_input_require_grads()
    torch.manual_seed(arguments.get("seed", 42))
    wrapped = peft.get_peft_model(loaded, peft_config)

    class Rows(torch.utils.data.Dataset):  # type: ignore[type-arg]
        def __init__(self, some: Tokens) -> None:
            self.rows = pad(some, 0)

        def __len__(self) -> int:
            return len(self.rows)

        def __getitem__(self, at: int) -> Any:
            return self.rows[at]

    losses: list[float] = []
    evaluations: list[float] = []
    rates: list[float] = []
    norms: list[float] = []

    class Watch(transformers.TrainerCallback):
        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **more: Any) -> None:
            if "loss" in logs:
                losses.append(float(logs["loss"]))
                rates.append(float(logs["learning_rate"]))
                norms.append(float(logs["grad_norm"]))
            if "eval_loss" in logs:
                evaluations.append(float(logs["eval_loss"]))

    defaults = {"learning_rate": 2e-4, "lr_scheduler_type": "constant", "per_device_train_batch_size": 2}
    trainer = transformers.Trainer(
        model=wrapped,
        args=transformers.TrainingArguments(
            output_dir=str(folder),
            **{
                **defaults,
                **arguments,
                "logging_steps": 1,
                "report_to": "none",
                "save_strategy": "no",
                "use_cpu": True,
                "disable_tqdm": True,
            },
        ),
        train_dataset=Rows(tokens),
        eval_dataset=None if held_out is None else Rows(held_out),
        data_collator=lambda rows: {
            name: torch.from_numpy(one).long() for name, one in collate(rows, 0).items()
        },
        callbacks=[Watch()],
    )
    trainer.train()
    return losses, evaluations, rates, norms
