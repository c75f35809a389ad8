"""Tiny random models, made once, and workflows around them."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

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
        config = transformers.GPT2Config(n_embd=64, n_layer=2, n_head=4, n_positions=256, **common, **changes)
        model = transformers.GPT2LMHeadModel(config)
    else:
        cls = {"llama": transformers.LlamaConfig, "phi3": transformers.Phi3Config}[kind]
        config = cls(
            hidden_size=64,
            intermediate_size=96,
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


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("models")
    return {kind: make_model(kind, root / kind) for kind in ("llama", "phi3", "gpt2")}


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
        "training_args": {"max_steps": 4, "per_device_train_batch_size": 2, **(training_args or {})},
    }
    return PassStep(
        "tune",
        kind,
        {**defaults, **parameters},
        given=frozenset({"training_args"}),
        pointer="/passes/tune",
        pointers={
            "training_args": "/passes/tune/training_args",
            "target_modules": "/passes/tune/target_modules",
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
