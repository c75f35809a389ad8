"""Inlay hints: what a text leaves unsaid, at its place."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path
from typing import Any

import pytest
from texts import document

from olive_server.features.inlay_hints import inlay_hints

LORA: dict[str, Any] = {"type": "LoRA", "train_data_config": "d"}
DATA: dict[str, Any] = {
    "name": "d",
    "type": "HuggingfaceContainer",
    "load_dataset_config": {"data_name": "json", "data_files": "rows.jsonl", "split": "train"},
    "pre_process_data_config": {"strategy": "line-by-line", "max_seq_len": 64},
}


def config(lora: dict[str, Any], data: dict[str, Any] | None = None, **more: Any) -> str:
    return json.dumps(
        {
            "input_model": {"type": "HfModel", "model_path": "model", "task": "text-generation"},
            "data_configs": [{**DATA, **(data or {})}],
            "passes": {"lora": {**LORA, **lora}},
            **more,
        }
    )


def classic(lora: dict[str, Any], data: dict[str, Any] | None = None) -> str:
    params = {"source_max_len": 64, "corpus_strategy": "line-by-line", **(data or {})}
    return json.dumps(
        {
            "input_model": {"type": "PyTorchModel", "config": {"hf_config": {"model_name": "model", "task": "text-generation"}}},
            "data_configs": [
                {**DATA, "pre_process_data_config": {"params": params}, "load_dataset_config": {"params": DATA["load_dataset_config"]}}
            ],
            "passes": {"lora": {"type": "LoRA", "config": {"train_data_config": "d", **lora}}},
        }
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """100 rows, and a model of two layers."""
    (tmp_path / "rows.jsonl").write_text('{"text": "a"}\n' * 100, encoding="utf-8")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("{}", encoding="utf-8")
    tensors: dict[str, Any] = {
        f"model.layers.{layer}.self_attn.{name}.weight": {
            "dtype": "F32",
            "shape": shape,
            "data_offsets": [0, 0],
        }
        for layer in (0, 1)
        for name, shape in (("q_proj", [64, 32]), ("k_proj", [16, 32]))
    }
    header = json.dumps(tensors).encode()
    (tmp_path / "model" / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header)
    return tmp_path


def hints(
    text: str, folder: Path, start: int = 0, end: int | None = None, version: str = "auto"
) -> list[str]:
    """Each hint as "key that it stands behind → hint"."""
    found = inlay_hints(document(text, folder / "olive-config.json", version=version), start, end)
    keys = [re.findall(r'"(\w+)": [^:]*$', text[: hint.offset])[-1] for hint in found]
    return [f"{key} → {hint.label}" for key, hint in zip(keys, found, strict=True)]


def of_training(arguments: dict[str, Any], folder: Path, **data: Any) -> list[str]:
    return hints(config({"training_args": arguments}, data), folder)[1:]


def test_rows_of_the_data_file(folder: Path) -> None:
    assert hints(config({}), folder) == ["data_files → 100 rows"]
    (folder / "rows.jsonl").unlink()
    assert hints(config({}), folder) == []


@pytest.mark.parametrize(
    ("split", "rows"),
    [
        ("train", "100 rows"),
        ("train[:1]", "1 row"),
        ("train[10%:]", "90 rows"),
        ("train[-20:]", "20 rows"),
        ("a+b", None),
    ],
)
def test_the_split_takes_some_of_the_rows(split: str, rows: str | None, folder: Path) -> None:
    text = config(
        {}, {"load_dataset_config": {"data_name": "json", "data_files": "rows.jsonl", "split": split}}
    )
    assert hints(text, folder) == ([f"data_files → {rows}"] if rows else [])


@pytest.mark.parametrize(
    ("arguments", "expect"),
    [
        (
            {"per_device_train_batch_size": 2, "gradient_accumulation_steps": 4, "num_train_epochs": 3},
            ["gradient_accumulation_steps → effective batch 8", "num_train_epochs → 39 steps"],
        ),
        (
            {"per_device_train_batch_size": 3, "gradient_accumulation_steps": 1, "max_steps": 17},
            ["gradient_accumulation_steps → effective batch 3", "max_steps → 0.5 epochs"],
        ),
        (
            {"num_train_epochs": 0.5, "max_steps": 34, "per_device_train_batch_size": 3},
            ["num_train_epochs → max_steps 34 decides", "max_steps → 1 epoch"],
        ),
        ({"num_train_epochs": 1}, ["num_train_epochs → 13 steps"]),
        ({}, ["training_args → 3 epochs, 39 steps"]),
        (
            {
                "per_device_train_batch_size": "x",
                "num_train_epochs": 1,
                "gradient_accumulation_steps": [1, 2],
            },
            [],
        ),
        ({"per_device_train_batch_size": 0, "num_train_epochs": True}, []),
    ],
)
def test_batch_steps_and_epochs(arguments: dict[str, Any], expect: list[str], folder: Path) -> None:
    assert of_training(arguments, folder) == expect


def test_rows_that_are_joined_or_dropped_give_no_steps(folder: Path) -> None:
    for change in ({"strategy": "join"}, {"drop_short_sequences": True}):
        prepared = {**DATA["pre_process_data_config"], **change}
        assert of_training({"num_train_epochs": 1}, folder, pre_process_data_config=prepared) == []


def test_samples_may_be_fewer_than_rows(folder: Path) -> None:
    prepared = {**DATA["pre_process_data_config"], "max_samples": 8}
    [line] = of_training({"num_train_epochs": 2}, folder, pre_process_data_config=prepared)
    assert line.endswith("→ 2 steps")


def test_classic_defaults_and_the_part_that_is_held_back(folder: Path) -> None:
    text = classic(
        {"eval_dataset_size": 0.2, "training_args": {"per_device_train_batch_size": 1, "num_train_epochs": 2}}
    )
    assert hints(text, folder)[1:] == [
        "per_device_train_batch_size → effective batch 16",
        "num_train_epochs → max_steps 10000 decides",
    ]
    text = classic(
        {
            "eval_dataset_size": 0.2,
            "training_args": {"gradient_accumulation_steps": 1, "max_steps": -1, "num_train_epochs": 2},
        }
    )
    assert hints(text, folder)[-1] == "num_train_epochs → 160 steps"


@pytest.mark.parametrize(
    ("lora", "expect"),
    [
        ({"r": 8, "alpha": 16}, ["alpha → scaling 2"]),
        ({"r": 32}, ["r → alpha 16, scaling 0.5"]),
        ({"alpha": 16}, ["alpha → scaling 0.25"]),
        ({"r": "SEARCHABLE_VALUES", "alpha": 16}, []),
        ({"r": 0, "alpha": 16}, []),
        (
            {"r": 4, "alpha": 4, "target_modules": ["q_proj", "k_proj"]},
            ["r → 1.15K trainable", "alpha → scaling 1"],
        ),
        ({"r": 4, "alpha": 4, "target_modules": ["none"]}, ["alpha → scaling 1"]),
    ],
)
def test_scaling_and_size_of_an_adapter(lora: dict[str, Any], expect: list[str], folder: Path) -> None:
    assert hints(config(lora), folder)[1:] == expect


def test_defaults_of_text_generation_that_matter(folder: Path) -> None:
    text = config({}, {"pre_process_data_config": {"text_cols": ["text"]}})
    assert hints(text, folder)[1] == "pre_process_data_config → max_seq_len 1024, strategy join"
    text = config({}, {"pre_process_data_config": {"params": {"max_seq_len": 8}}})
    assert hints(text, folder)[1].endswith("params → strategy join")


def test_the_provider_that_a_model_is_built_for(folder: Path) -> None:
    builder = {"b": {"type": "ModelBuilder", "precision": "int4"}}
    systems = {
        "gpu": {
            "type": "LocalSystem",
            "accelerators": [{"device": "gpu", "execution_providers": ["CUDAExecutionProvider"]}],
        }
    }
    text = json.dumps({"passes": builder, "systems": systems, "target": "gpu"})
    assert hints(text, folder) == ["precision → for CUDAExecutionProvider"]
    assert hints(json.dumps({"passes": builder, "systems": systems, "target": "nothing"}), folder) == []


def test_only_what_the_range_holds(folder: Path) -> None:
    text = config({"r": 8, "alpha": 16, "training_args": {"num_train_epochs": 1}})
    at = text.index('"alpha"')
    assert hints(text, folder, at, at + 11) == ["alpha → scaling 2"]
    assert hints(text, folder, 0, 5) == []


def test_half_typed_texts(folder: Path) -> None:
    text = config({"r": 8, "alpha": 16, "training_args": {"num_train_epochs": 1, "max_steps": 3}})
    path = folder / "olive-config.json"
    for cut in range(len(text)):
        for half in (text[:cut], text[:cut] + text[cut + 1 :]):
            assert all(0 < hint.offset <= len(half) for hint in inlay_hints(document(half, path)))
    assert hints('{"passes": {"a": {"type": "LoRA", "r": 8, "alpha": 16', folder) == ["alpha → scaling 2"]
