"""Passes that Olive leaves out just before they run."""

from __future__ import annotations

import json
from typing import Any

import pytest
from findings import mended, told

CODES = "pass-pruned"
GPU = {"device": "gpu", "execution_providers": ["CUDAExecutionProvider"]}
CPU = {"device": "cpu", "execution_providers": ["CPUExecutionProvider"]}


def config(parameters: dict[str, Any], accelerator: dict[str, Any] | None = None) -> dict[str, Any]:
    result: dict[str, Any] = {
        "input_model": {"type": "HfModel", "model_path": "gpt2"},
        "passes": {"made": parameters},
    }
    if accelerator is not None:
        result["systems"] = {"there": {"type": "LocalSystem", "accelerators": [accelerator]}}
        result["target"] = "there"
    return result


BUILD_HALF = {"type": "ModelBuilder", "precision": "fp16"}


@pytest.mark.parametrize("release", ["auto", "0.9.3", "0.13"])
def test_half_precision_needs_a_gpu(release: str) -> None:
    assert told(config(BUILD_HALF, CPU), release, only=CODES) == ["pass-pruned error /passes/made/precision"]
    assert told(config(BUILD_HALF, GPU), release, only=CODES) == []
    after = mended(config(BUILD_HALF, CPU), release, code=CODES)
    assert json.loads(after) == config({**BUILD_HALF, "precision": "fp32"}, CPU)


def test_without_a_target_newer_releases_take_the_cpu_and_older_ones_the_machine() -> None:
    assert told(config(BUILD_HALF), "0.13", only=CODES) == ["pass-pruned error /passes/made/precision"]
    assert told(config(BUILD_HALF), "0.9.3", only=CODES) == []
    assert told(config(BUILD_HALF), "auto", only=CODES) == []


def test_not_where_several_accelerators_are_tried() -> None:
    two = config(BUILD_HALF, CPU)
    two["systems"]["there"]["accelerators"].append(GPU)
    assert told(two, "0.9.3", only=CODES) == []


@pytest.mark.parametrize(
    ("parameters", "place"),
    [
        ({"type": "ModelBuilder", "precision": "nf4"}, "precision"),
        ({"type": "ModelBuilder", "precision": "bf16"}, "precision"),
        ({"type": "OrtTransformersOptimization", "float16": True}, "float16"),
        ({"type": "OrtTransformersOptimization", "use_gqa": True}, "use_gqa"),
        ({"type": "OrtTransformersOptimization", "only_onnxruntime": True, "opt_level": 0}, "opt_level"),
        ({"type": "Gptq", "group_size": 0}, "group_size"),
        ({"type": "Gptq", "desc_act": True}, "desc_act"),
        ({"type": "OnnxBnb4Quantization", "precision": "int8"}, "precision"),
        ({"type": "CaptureSplitInfo"}, "type"),
    ],
)
def test_parameters_that_exclude_one_another(parameters: dict[str, Any], place: str) -> None:
    assert told(config(parameters, CPU), "0.13", only=CODES) == [f"pass-pruned error /passes/made/{place}"]


@pytest.mark.parametrize(
    "parameters",
    [
        {"type": "ModelBuilder", "precision": "int4"},
        {"type": "OrtTransformersOptimization", "float16": False},
        {"type": "Gptq", "group_size": -1, "desc_act": True},
        {"type": "OnnxBnb4Quantization", "precision": "nf4"},
        {"type": "CaptureSplitInfo", "num_splits": 2},
    ],
)
def test_what_fits_is_no_news(parameters: dict[str, Any]) -> None:
    assert told(config(parameters, CPU), "0.13", only=CODES) == []
