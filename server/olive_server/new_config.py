"""New configs from templates, in the current dialect: LoRA and int4, QLoRA and int4, int4 alone, and the worked example.

A text is made of what its writer chose (model, data, columns); everything else is said by defaults, but for what most
people change first. The example comes with its data.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from .layout import DEFAULT_UNIT

Template = Literal["lora", "qlora", "int4", "example"]
TEMPLATES: tuple[Template, ...] = ("lora", "qlora", "int4", "example")
EXAMPLE_MODEL = "microsoft/Phi-3-mini-4k-instruct"
EXAMPLE_TEMPLATE = "### Text: {phrase}\n### The tone is:\n{tone}"
EXAMPLE_DATA = "dataset/dataset-classification.json"
PLAIN_CHAT = "{% for message in messages %}### {{ message['role'] }}:\n{{ message['content'] }}\n{% endfor %}"
"""For a model without a chat template of its own."""
_DATA = "train_data"
_ANSWERS = frozenset(
    [
        "answer",
        "completion",
        "label",
        "labels",
        "output",
        "reply",
        "response",
        "solution",
        "summary",
        "target",
        "tone",
        "translation",
    ]
)
_BESIDE = frozenset(
    [
        "created",
        "date",
        "id",
        "idx",
        "index",
        "lang",
        "language",
        "score",
        "source",
        "split",
        "timestamp",
        "url",
        "uuid",
    ]
)
"""What rows carry and texts are seldom made of."""
_HERE = Path(__file__).resolve().parent
_EXAMPLES = (_HERE / "example", _HERE.parents[1] / "examples" / "phrase-tone")
"""Installed, and in a checkout."""


@dataclass(frozen=True)
class Choice:
    """What a new config is about. Paths are as they shall stand in it."""

    template: Template
    model: str
    data_files: str = ""
    data_format: str = "json"
    """The loader's name: json, csv, parquet, text."""
    data_options: Mapping[str, str] = field(default_factory=dict)
    """What the loader has to be told: `sep`, `field`."""
    text_template: str = ""
    messages: str = ""
    """A column of conversations, which a chat template makes texts of."""
    has_chat_template: bool = True
    """Whether the model brings one."""
    device: Literal["cpu", "gpu"] = "cpu"
    output_dir: str = "out"


def text(choice: Choice) -> str:
    """The config, with a line break at its end."""
    return json.dumps(_config(choice), indent=len(DEFAULT_UNIT), ensure_ascii=False) + "\n"


def example() -> tuple[str, str]:
    """(the example's config, the JSON text of its data, to lie at EXAMPLE_DATA); without data where it was left out."""
    choice = Choice(
        "lora", EXAMPLE_MODEL, EXAMPLE_DATA, text_template=EXAMPLE_TEMPLATE, output_dir="models/tones"
    )
    for folder in _EXAMPLES:
        try:
            return text(choice), (folder / EXAMPLE_DATA).read_text("utf-8")
        except OSError:
            continue
    return text(choice), ""


def can_stand_in_text(name: str) -> bool:
    """Whether `{name}` in a template is this column: these signs mean other things there."""
    return bool(name) and not set(name) & set("{}[].:!") and not name.isdigit()


def suggested_answer(columns: list[str]) -> str:
    """The column that is to be learnt: by its usual names, else the last of two or three."""
    usual = next((name for name in columns if name.lower() in _ANSWERS), "")
    return usual or (columns[-1] if len(columns) in (2, 3) else "")


def suggested_inputs(columns: list[str]) -> list[str]:
    """All that say something; the answer, if there is one, included."""
    return [name for name in columns if name.lower() not in _BESIDE] or columns


def suggested_template(inputs: list[str], answer: str) -> str:
    """A text with every column in it; the answer last, so that a prompt is the text up to there."""
    lines = [f"### {name.capitalize()}: {{{name}}}" for name in inputs]
    if not answer:
        return "\n".join(lines) if len(inputs) > 1 else "".join(f"{{{name}}}" for name in inputs)
    return "\n".join([*lines, f"### {answer.capitalize()}:", f"{{{answer}}}"])


def _config(choice: Choice) -> dict[str, Any]:
    trains = choice.template in ("lora", "qlora")
    return {
        "input_model": {"type": "HfModel", "model_path": choice.model, "task": "text-generation"},
        **({"data_configs": [_data(choice)]} if trains else {}),
        "systems": {"local_system": _system(choice.device)},
        "passes": {**(_training(choice) if trains else {}), "int4": _builder()},
        "host": "local_system",
        "target": "local_system",
        "cache_dir": "cache",
        "output_dir": choice.output_dir,
    }


def _data(choice: Choice) -> dict[str, Any]:
    return {
        "name": _DATA,
        "type": "HuggingfaceContainer",
        "load_dataset_config": {
            "data_name": choice.data_format,
            "data_files": choice.data_files,
            **choice.data_options,
            "split": "train",
        },
        "pre_process_data_config": {
            **_text(choice),
            "strategy": "line-by-line",
            "max_seq_len": 512,
        },
    }


def _text(choice: Choice) -> dict[str, Any]:
    if choice.messages:
        return {"chat_template": choice.has_chat_template or PLAIN_CHAT, "message_col": choice.messages}
    return {"text_template": choice.text_template}


def _system(device: str) -> dict[str, Any]:
    provider = "CUDAExecutionProvider" if device == "gpu" else "CPUExecutionProvider"
    return {
        "type": "LocalSystem",
        "accelerators": [{"device": device, "execution_providers": [provider]}],
    }


def _training(choice: Choice) -> Mapping[str, Any]:
    name, kind = ("qlora", "QLoRA") if choice.template == "qlora" else ("lora", "LoRA")
    training = {
        "num_train_epochs": 3,
        "per_device_train_batch_size": 1,
        "gradient_accumulation_steps": 4,
        "learning_rate": 0.0002,
        "logging_steps": 10,
        "save_steps": 100,
    }
    passes = {
        name: {"type": kind, "train_data_config": _DATA, "r": 16, "alpha": 32, "training_args": training}
    }
    return {**passes, "merge": {"type": "MergeAdapterWeights"}}


def _builder() -> dict[str, Any]:
    return {"type": "ModelBuilder", "precision": "int4"}
