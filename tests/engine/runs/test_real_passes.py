"""The real passes in a real worker, killed with SIGKILL and resumed: bit for bit what an undisturbed run gives."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from olive_engine import runs


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """Two layers, a byte-level tokenizer, random weights."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("model")
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: number for number, letter in enumerate([*letters, "<s>", "</s>"])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>").save_pretrained(
        folder
    )
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=256,
        bos_token_id=vocabulary["<s>"],
        eos_token_id=vocabulary["</s>"],
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture
def project(tmp_path, model, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    rows = [
        {"phrase": f"phrase number {number} is here", "tone": ["joy", "fear"][number % 2]}
        for number in range(80)
    ]
    (tmp_path / "rows.json").write_text(json.dumps(rows))

    def write(name: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        config = {
            "input_model": {"type": "HfModel", "model_path": str(model)},
            "data_configs": [
                {
                    "name": "train",
                    "type": "HuggingfaceContainer",
                    "load_dataset_config": {
                        "data_name": "json",
                        "data_files": "../rows.json",
                        "split": "train",
                    },
                    "pre_process_data_config": {
                        "text_template": "{phrase} -> {tone}",
                        "strategy": "join",
                        "max_seq_len": 64,
                    },
                }
            ],
            "passes": {
                "lora": {
                    "type": "LoRA",
                    "r": 4,
                    "alpha": 8,
                    "lora_dropout": 0.1,
                    "torch_dtype": "float32",
                    "target_modules": ["q_proj", "v_proj"],
                    "train_data_config": "train",
                    "training_args": {
                        "max_steps": 60,
                        "save_steps": 7,
                        "logging_steps": 1,
                        "per_device_train_batch_size": 2,
                        "learning_rate": 0.01,
                        "lr_scheduler_type": "linear",
                        "gradient_checkpointing": False,
                    },
                },
                "merge": {"type": "MergeAdapterWeights"},
                "builder": {"type": "ModelBuilder", "precision": "int4"},
            },
            "output_dir": "out",
            "cache_dir": "cache",
        }
        (folder / "olive-config.json").write_text(json.dumps(config, indent=1))
        return folder / "olive-config.json"

    return write


def losses(run) -> dict[int, float]:
    """The last word on each step: steps after the last checkpoint were done twice."""
    return {event.data["step"]: event.data["loss"] for event in runs.follow(run) if event.type == "metric"}


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.mark.slow
def test_killed_in_training_and_in_the_build_it_ends_as_if_nothing_had_happened(project):
    undisturbed = runs.wait(runs.launch(project("undisturbed")), timeout=300)
    assert undisturbed.state == "succeeded", undisturbed.error

    run = runs.launch(project("killed"))
    for event in runs.follow(run):
        if event.type == "metric" and event.data["step"] >= 20:
            os.kill(run.pid, 9)
            break
    run = runs.wait(run, timeout=30)
    assert run.state == "lost"
    assert not (Path(run.config).parent / "out").exists()

    run = runs.resume(run)
    seen = run.attempt
    for event in runs.follow(run):
        if event.type == "run_started" and event.data["attempt"] == 2:
            seen = event.seq
        if event.type == "pass_started" and event.pass_name == "builder":
            os.kill(run.pid, 9)
            break
    run = runs.wait(run, timeout=30)
    assert run.state == "lost"
    steps = [event.data["step"] for event in runs.follow(run, after=seen) if event.type == "metric"]
    assert steps[0] > 7 and steps[-1] == 60, "it went on from a checkpoint"

    run = runs.wait(runs.resume(run), timeout=300)
    assert run.state == "succeeded", run.error
    assert [one["cached"] for one in run.passes] == [True, True, False]
    assert losses(run) == losses(undisturbed)
    ours, theirs = Path(run.output_dir), Path(undisturbed.output_dir)
    assert files(ours / "adapter") == files(theirs / "adapter")
    assert files(ours / "model") == files(theirs / "model")

    again = runs.wait(runs.launch(run.config), timeout=60)
    assert [one["cached"] for one in again.passes] == [True, True, True]
    shutil.rmtree(ours)
    assert runs.wait(runs.launch(run.config), timeout=60).state == "succeeded"
    assert files(ours / "model") == files(theirs / "model")
