"""Realistic configs, and single changes of them by a path of keys and numbers: "passes/qlora/r"."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Change = Callable[[dict[str, Any]], None]

CURRENT = json.loads("""
{
    "input_model": {
        "type": "HfModel",
        "model_path": "acme/small-writer",
        "task": "text-generation",
        "load_kwargs": {"torch_dtype": "bfloat16", "attn_implementation": "eager"}
    },
    "systems": {
        "gpu": {
            "type": "LocalSystem",
            "accelerators": [{"device": "gpu", "execution_providers": ["CUDAExecutionProvider"]}]
        }
    },
    "data_configs": [
        {
            "name": "train_data",
            "type": "HuggingfaceContainer",
            "load_dataset_config": {"data_name": "acme/phrases", "split": "train"},
            "pre_process_data_config": {
                "text_template": "### Phrase: {phrase}\\n### Tone: {tone}",
                "strategy": "line-by-line",
                "max_seq_len": 512
            },
            "dataloader_config": {"batch_size": 1}
        },
        {
            "name": "eval_data",
            "type": "HuggingfaceContainer",
            "load_dataset_config": {"data_name": "acme/phrases", "split": "test"},
            "pre_process_data_config": {"text_cols": ["phrase"], "strategy": "join", "max_seq_len": 512}
        }
    ],
    "evaluators": {
        "common": {
            "metrics": [
                {
                    "name": "quality",
                    "type": "accuracy",
                    "data_config": "eval_data",
                    "sub_types": [
                        {
                            "name": "perplexity",
                            "priority": 1,
                            "higher_is_better": false,
                            "goal": {"type": "max-degradation", "value": 2.5}
                        }
                    ]
                },
                {
                    "name": "speed",
                    "type": "latency",
                    "data_config": "eval_data",
                    "sub_types": [{"name": "avg", "priority": 2}]
                }
            ]
        }
    },
    "passes": {
        "qlora": {
            "type": "QLoRA",
            "train_data_config": "train_data",
            "eval_data_config": "eval_data",
            "r": 16,
            "alpha": 32,
            "lora_dropout": 0.05,
            "target_modules": ["q_proj", "v_proj"],
            "training_args": {
                "per_device_train_batch_size": 2,
                "gradient_accumulation_steps": 4,
                "learning_rate": 0.0002,
                "num_train_epochs": 3,
                "eval_strategy": "steps",
                "eval_steps": 50
            }
        },
        "merge": {"type": "MergeAdapterWeights"},
        "build": {"type": "ModelBuilder", "precision": "int4"}
    },
    "evaluator": "common",
    "host": "gpu",
    "target": "gpu",
    "log_severity_level": 1,
    "output_dir": "models/writer",
    "cache_dir": "cache"
}
""")

CLASSIC = json.loads("""
{
    "input_model": {
        "type": "PyTorchModel",
        "config": {
            "hf_config": {
                "model_name": "acme/small-writer",
                "task": "text-generation",
                "from_pretrained_args": {"torch_dtype": "float16"}
            }
        }
    },
    "systems": {
        "gpu": {
            "type": "LocalSystem",
            "config": {"accelerators": [{"device": "gpu", "execution_providers": ["CUDAExecutionProvider"]}]}
        }
    },
    "data_configs": [
        {
            "name": "train_data",
            "type": "HuggingfaceContainer",
            "load_dataset_config": {"params": {"data_name": "acme/phrases", "split": "train"}},
            "pre_process_data_config": {
                "params": {
                    "dataset_type": "corpus",
                    "text_template": "### Phrase: {phrase}\\n### Tone: {tone}",
                    "corpus_strategy": "line-by-line",
                    "source_max_len": 512
                }
            }
        }
    ],
    "evaluators": {
        "common": {
            "metrics": [
                {
                    "name": "speed",
                    "type": "latency",
                    "data_config": "train_data",
                    "sub_types": [
                        {"name": "avg", "priority": 1, "goal": {"type": "percent-min-improvement", "value": 20}},
                        {"name": "max"}
                    ]
                }
            ]
        }
    },
    "passes": {
        "lora": {
            "type": "LoRA",
            "config": {
                "train_data_config": "train_data",
                "lora_r": 16,
                "lora_alpha": 32,
                "lora_dropout": 0.05,
                "target_modules": ["q_proj", "v_proj"],
                "training_args": {
                    "per_device_train_batch_size": 2,
                    "learning_rate": 0.0002,
                    "num_train_epochs": 3
                }
            }
        },
        "merge": {"type": "MergeAdapterWeights"},
        "build": {"type": "ModelBuilder", "config": {"precision": "int4"}}
    },
    "engine": {
        "evaluator": "common",
        "host": "gpu",
        "target": "gpu",
        "log_severity_level": 1,
        "output_dir": "models/writer",
        "cache_dir": "cache"
    }
}
""")


def written(config: Any) -> str:
    return json.dumps(config, indent=4, ensure_ascii=False)


def planted(base: dict[str, Any], *changes: Change) -> dict[str, Any]:
    config: dict[str, Any] = json.loads(json.dumps(base))
    for change in changes:
        change(config)
    return config


def _inner(config: Any, path: str) -> tuple[Any, Any]:
    """The object or list that holds what the path leads to, and the last step."""
    *above, last = path.split("/")
    for step in above:
        config = config[int(step)] if isinstance(config, list) else config[step]
    return config, int(last) if isinstance(config, list) else last


def put(path: str, value: Any) -> Change:
    """Writes a value, over another or anew."""

    def change(config: dict[str, Any]) -> None:
        holder, last = _inner(config, path)
        holder[last] = json.loads(json.dumps(value))

    return change


def drop(path: str) -> Change:
    def change(config: dict[str, Any]) -> None:
        holder, last = _inner(config, path)
        del holder[last]

    return change


def rename(path: str, name: str) -> Change:
    """Another name for a key, in the same place among the others."""

    def change(config: dict[str, Any]) -> None:
        holder, last = _inner(config, path)
        entries = [(name if key == last else key, value) for key, value in holder.items()]
        holder.clear()
        holder.update(entries)

    return change


def first(path: str, key: str, value: Any) -> Change:
    """Writes a key before the others of the object."""

    def change(config: dict[str, Any]) -> None:
        holder, last = _inner(config, path)
        holder[last] = {key: value, **holder[last]}

    return change
