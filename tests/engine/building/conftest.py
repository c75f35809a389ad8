"""Tiny models of several families, made once a session, and what the tests say about builds."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from olive_engine.artifact import Artifact
from olive_engine.building import Built, Request, build
from olive_engine.building.genai import builder_module, make_model
from olive_schemas.workflow import InputModel, PassStep, System, Workflow

COMMON = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 320,
    "max_position_embeddings": 256,
    "bos_token_id": 0,
    "eos_token_id": 1,
    "pad_token_id": 2,
}
LONG_ROPE = {"type": "longrope", "rope_type": "longrope", "short_factor": [1.0] * 8, "long_factor": [2.0] * 8}
FAMILIES: Mapping[str, tuple[str, str, Mapping[str, Any]]] = {
    # name: model type, torch type, more of its config
    "llama, tied": ("llama", "bfloat16", {"tie_word_embeddings": True}),
    "llama, 80 wide": ("llama", "float32", {"hidden_size": 80, "intermediate_size": 104, "num_attention_heads": 2, "num_key_value_heads": 1}),
    "llama, half": ("llama", "float16", {}),
    "phi3": ("phi3", "bfloat16", {"num_key_value_heads": 4, "original_max_position_embeddings": 256}),
    "phi3, long": ("phi3", "float32", {"num_key_value_heads": 4, "max_position_embeddings": 512, "original_max_position_embeddings": 256, "rope_scaling": LONG_ROPE}),
    "qwen2, biases": ("qwen2", "float32", {}),
    "gemma": ("gemma", "float32", {"head_dim": 16}),
    "mistral": ("mistral", "bfloat16", {}),
    "granite experts": ("granitemoehybrid", "float32", {"num_local_experts": 4, "shared_intermediate_size": 64, "layer_types": ["attention", "attention"], "position_embedding_type": "rope", "mamba_n_heads": 8, "mamba_d_head": 16}),
}  # fmt: skip


def write_tokenizer(folder: Path) -> None:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = ["<s>", "</s>", "<pad>", "<unk>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
    vocabulary = {letter: number for number, letter in enumerate(letters)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>"
    ).save_pretrained(folder)


def write_model(folder: Path, family: str) -> Path:
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    kind, dtype, more = FAMILIES[family]
    torch.manual_seed(0)
    config = AutoConfig.for_model(kind, **{**COMMON, **more})
    model = AutoModelForCausalLM.from_config(config, dtype=getattr(torch, dtype))
    for name, parameter in model.named_parameters():
        if name.endswith("bias") or "norm" in name:
            torch.nn.init.normal_(parameter, std=0.1)
    model.save_pretrained(folder)
    write_tokenizer(folder)
    return folder


@pytest.fixture(scope="session", autouse=True)
def _quiet() -> None:
    import transformers

    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()


@pytest.fixture(scope="session")
def model_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Family -> folder of its tiny model, made when first asked for; tests must not write into it."""
    made: dict[str, Path] = {}

    def get(family: str) -> Path:
        if family not in made:
            made[family] = write_model(tmp_path_factory.mktemp("model"), family)
        return made[family]

    return get


@dataclass(frozen=True)
class Log:
    lines: list[tuple[str, str]]

    def __call__(self, message: str, level: str = "info") -> None:
        self.lines.append((level, message))

    def said(self, words: str) -> bool:
        return any(words in message for _, message in self.lines)


@pytest.fixture
def log() -> Log:
    return Log([])


def artifact(folder: Path, **load_kwargs: Any) -> Artifact:
    return Artifact("hf_model", f"model {folder}", path=str(folder), load_kwargs=load_kwargs)


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


@pytest.fixture
def stock(tmp_path: Path) -> Callable[[Path, Request], dict[str, bytes]]:
    """What onnxruntime-genai's own builder writes for a folder: file name -> bytes."""

    def run(folder: Path, request: Request) -> dict[str, bytes]:
        output = tmp_path / "stock"
        output.mkdir()
        make_model(
            builder_module(),
            request,
            folder,
            output,
            lambda message, level="info": None,
            {"hf_remote": False},
        )
        return content(output)

    return run


@pytest.fixture
def ours(tmp_path: Path, log: Log) -> Callable[[Artifact, Request], tuple[Built, dict[str, bytes]]]:
    """How our build went and what it wrote."""

    def run(source: Artifact, request: Request) -> tuple[Built, dict[str, bytes]]:
        output = tmp_path / "ours"
        output.mkdir()
        return build(request, source, output, say=log), content(output)

    return run


def step(type: str = "ModelBuilder", **parameters: Any) -> PassStep:
    pointers = {name: f"/passes/it/{name}" for name in parameters}
    return PassStep("it", type, parameters, frozenset(parameters), "/passes/it", pointers)


def workflow(
    model: str | Path = "nobody/nothing",
    *steps: PassStep,
    target: System | None = None,
    adapter: str | None = None,
) -> Workflow:
    from olive_schemas.workflow import EngineSettings

    return Workflow(
        Path("/"),
        "current",
        InputModel("hf", str(model), adapter_path=adapter, path_pointer="/input_model/model_path"),
        steps,
        EngineSettings("/out", "/cache"),
        target=target or System("local", device="cpu", pointer="/systems/local"),
    )
