"""The example's scripts as modules, and a tiny model that a run can fine-tune in seconds."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "phrase-tone"

TINY_ROWS = [
    {"phrase": phrase, "tone": tone}
    for tone, phrases in {
        "Joy": ("sun and songs", "a warm party", "we won it", "good cake today"),
        "Sad": ("rain and tears", "a cold grave", "we lost it", "no one came"),
    }.items()
    for phrase in phrases
]
"""Learnt by heart, not generalised from: enough to tell right weights from wrong ones."""


@pytest.fixture(scope="session")
def script() -> Callable[[str], ModuleType]:
    """`script("report")` is the example's report.py, imported as if it were run from its folder."""

    def load(name: str) -> ModuleType:
        found = importlib.util.spec_from_file_location(f"phrase_tone_{name}", EXAMPLE / f"{name}.py")
        assert found is not None and found.loader is not None
        module = importlib.util.module_from_spec(found)
        sys.modules[found.name] = module
        found.loader.exec_module(module)
        return module

    return load


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random llama of two layers with a byte-level tokenizer of its own: knows nothing, loads in a moment."""
    import torch
    from tokenizers import ByteLevelBPETokenizer
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny")
    words = [f"### Text: {row['phrase']}\n### The tone is:\n{row['tone']}" for row in TINY_ROWS]
    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator(words, vocab_size=400, special_tokens=["<s>", "</s>"], show_progress=False)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=trained._tokenizer, bos_token="<s>", eos_token="</s>", pad_token="</s>"
    )
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        initializer_range=0.1,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=128,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def tiny_config(model: Path) -> dict[str, Any]:
    """The example's config with another model, fewer tokens and more steps."""
    config: dict[str, Any] = json.loads((EXAMPLE / "olive-config.json").read_text("utf-8"))
    config["input_model"]["config"]["hf_config"]["model_name"] = str(model)
    data = config["data_configs"][0]
    data["load_dataset_config"]["params"]["data_files"] = "rows.json"
    # Each row alone: in joined rows a random model learns their order sooner than what they say.
    data["pre_process_data_config"]["params"] |= {"corpus_strategy": "line-by-line", "source_max_len": 48}
    lora = config["passes"]["lora"]["config"]
    lora["target_modules"] = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    lora["lora_dropout"] = 0.0
    lora |= {"torch_dtype": "float32", "eval_dataset_size": None}
    lora["training_args"] |= {"learning_rate": 0.005, "max_steps": 100, "max_grad_norm": 1.0}
    config["engine"] |= {"cache_dir": "cache", "output_dir": "out"}
    return config


@pytest.fixture(scope="session")
def finished_run(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of LoRA, merge and int4 on the tiny model, trained until it knows its rows by heart."""
    from olive_engine.execute import Setting, execute
    from olive_schemas import read

    folder = tmp_path_factory.mktemp("run")
    (folder / "rows.json").write_text(json.dumps(TINY_ROWS), "utf-8")
    text = json.dumps(tiny_config(tiny_model))
    file = folder / "olive-config.json"
    file.write_text(text, "utf-8")
    workflow = read(text, path=file).workflow
    assert workflow is not None
    setting = Setting("test-run", folder / "checkpoints", lambda *event: None, config=str(file))
    return execute(workflow, setting).output_dir


@pytest.fixture(scope="session")
def tiny_rows() -> list[dict[str, str]]:
    return TINY_ROWS


@pytest.fixture
def rows_file(tmp_path: Path) -> Path:
    file = tmp_path / "rows.json"
    file.write_text(json.dumps(TINY_ROWS), "utf-8")
    return file
