"""Configs for measuring the language server, and what a person types into them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple


class Edit(NamedTuple):
    """`text` replaces what stands from `start` to `end`, offsets in an ASCII text."""

    start: int
    end: int
    text: str


def data_config(name: str, file: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": "HuggingfaceContainer",
        "load_dataset_config": {
            "type": "huggingface_dataset",
            "data_name": "json",
            "data_files": file,
            "split": "train",
        },
        "pre_process_data_config": {
            "type": "text_generation_huggingface_pre_process",
            "text_cols": ["phrase", "tone"],
            "text_template": "### Text: {phrase}\n### The tone is:\n{tone}",
            "strategy": "line-by-line",
            "max_seq_len": 1024,
            "pad_to_max_len": False,
            "use_attention_mask": False,
        },
    }


def evaluator(kind: str) -> dict[str, Any]:
    return {
        "metrics": [
            {
                "name": f"{kind}_latency",
                "type": "latency",
                "data_config": "eval",
                "sub_types": [
                    {"name": "avg", "priority": 1, "goal": {"type": "percent-min-improvement", "value": 10}},
                    {
                        "name": "p90",
                        "priority": -1,
                        "metric_config": {"warmup_num": 10, "repeat_test_num": 30},
                    },
                ],
            },
            {
                "name": f"{kind}_accuracy",
                "type": "accuracy",
                "data_config": "eval",
                "sub_types": [
                    {"name": "accuracy_score", "priority": 2, "metric_config": {"task": "multiclass"}}
                ],
            },
        ]
    }


def adapter(kind: str, rank: int) -> dict[str, Any]:
    return {
        "type": kind,
        "train_data_config": "train",
        "eval_data_config": "eval",
        "r": rank,
        "alpha": 2 * rank,
        "lora_dropout": 0.05,
        "target_modules": ["q_proj", "k_proj", "v_proj", "o_proj"],
        "training_args": {
            "per_device_train_batch_size": 1,
            "per_device_eval_batch_size": 1,
            "gradient_accumulation_steps": 4,
            "gradient_checkpointing": False,
            "learning_rate": 0.0001,
            "num_train_epochs": 3,
            "max_steps": 1200,
            "logging_steps": 10,
            "evaluation_strategy": "steps",
            "adam_beta2": 0.999,
            "max_grad_norm": 0.3,
            "output_dir": "models/checkpoints",
        },
    }


def config() -> dict[str, Any]:
    """A whole workflow in the current form, as people write it: about 7 KB."""
    return {
        "input_model": {
            "type": "HfModel",
            "model_path": "microsoft/Phi-3-mini-4k-instruct",
            "task": "text-generation",
            "load_kwargs": {"attn_implementation": "eager", "trust_remote_code": False},
        },
        "systems": {
            "local_system": {
                "type": "LocalSystem",
                "accelerators": [{"device": "gpu", "execution_providers": ["CUDAExecutionProvider"]}],
            },
            "cpu_system": {
                "type": "LocalSystem",
                "accelerators": [{"device": "cpu", "execution_providers": ["CPUExecutionProvider"]}],
            },
        },
        "data_configs": [data_config("train", "data/train.json"), data_config("eval", "data/eval.json")],
        "evaluators": {"common": evaluator("common"), "final": evaluator("final")},
        "passes": {
            "tune": adapter("LoRA", 64),
            "tune_again": adapter("DoRA", 16),
            "merge": {"type": "MergeAdapterWeights"},
            "build": {
                "type": "ModelBuilder",
                "precision": "int4",
                "int4_block_size": 32,
                "int4_accuracy_level": 4,
                "enable_cuda_graph": False,
            },
        },
        "search_strategy": {"execution_order": "joint", "sampler": "tpe", "max_samples": 3, "seed": 0},
        "evaluator": "common",
        "host": "local_system",
        "target": "local_system",
        "log_severity_level": 1,
        "cache_dir": "cache",
        "output_dir": "models/out",
    }


def text() -> str:
    return json.dumps(config(), indent=4)


def large_text(size: int = 1_000_000) -> str:
    """The same with data configs and passes over and over."""
    whole = config()
    data, passes = whole["data_configs"], whole["passes"]
    each = len(json.dumps([data_config("d", "f"), adapter("LoRA", 8)], indent=4))
    for number in range(size // (each * 5 // 4)):
        data.append(data_config(f"data_{number}", f"data/{number}.json"))
        passes[f"tune_{number}"] = adapter("LoRA", 8) | {"train_data_config": f"data_{number}"}
    return json.dumps(whole, indent=4)


def typing(source: str) -> Iterator[Edit]:
    """Key after key: new members, values that are overwritten, a name that is misspelt and mended, a bracket that is
    open for a while. At the end the text is what it was."""
    yield from _typed(source, '"r": 64,', '\n            "bias": "none",')
    yield from _typed(source, '"train_data_config": "trai', "nx", after=False)
    yield from _typed(source, '"output_dir": "models/', "phi3-tuned/")
    yield from _typed(source, '"merge": {', '\n            "host": {"type": "LocalSystem"},')
    yield from _typed(source, '"target": "local_sys', "tem2")


def _typed(source: str, before: str, written: str, *, after: bool = True) -> Iterator[Edit]:
    """Each character on its own, then each taken back."""
    start = source.index(before) + (len(before) if after else len(before) - 1)
    for number, character in enumerate(written):
        yield Edit(start + number, start + number, character)
    for number in reversed(range(len(written))):
        yield Edit(start + number, start + number + 1, "")
