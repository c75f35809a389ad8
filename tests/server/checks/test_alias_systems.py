"""Systems named after a machine."""

from __future__ import annotations

import json
from typing import Any

import pytest
from findings import mended, told

CODE = "alias-accelerators"
GPU = {"device": "gpu", "execution_providers": ["CUDAExecutionProvider"]}
NAMELESS = {"execution_providers": ["CUDAExecutionProvider"]}


def machine(kind: str, accelerators: list[Any] | None) -> dict[str, Any]:
    config: dict[str, Any] = {"aml_compute": "nodes"} if kind.startswith("Azure") else {}
    if accelerators is not None:
        config["accelerators"] = accelerators
    return {
        "input_model": {"type": "ONNXModel", "config": {"model_path": "m.onnx"}},
        "systems": {"far": {"type": kind, "config": config}},
        "engine": {"target": "far"},
        "passes": {"o": {"type": "OnnxQuantization"}},
    }


@pytest.mark.parametrize(
    ("release", "kind", "accelerators", "place"),
    [
        ("0.6.2", "AzureNDV2System", None, "/systems/far/config"),
        ("0.6.2", "AzureNDV2System", [], "/systems/far/config"),
        ("0.6.2", "AzureNDV2System", [NAMELESS], "/systems/far/config/accelerators/0"),
        ("0.6.2", "AzureNDV2System", [GPU], ""),
        ("0.6.2", "SurfaceProSystem1796", None, ""),
        ("0.6.2", "AzureML", [NAMELESS], ""),
        ("0.5.2", "AzureNDV2System", None, ""),
        ("0.13", "AzureNDV2System", None, ""),
    ],
)
def test_accelerators_of_a_named_machine(
    release: str, kind: str, accelerators: list[Any] | None, place: str
) -> None:
    expected = [f"{CODE} error {place} key"] if place else []
    assert told(machine(kind, accelerators), release, only=CODE) == expected


def test_the_device_of_the_machine_is_offered() -> None:
    config = machine("AzureNDV2System", [NAMELESS])
    repaired = json.loads(mended(config, "0.6.2", code=CODE))
    assert repaired["systems"]["far"]["config"]["accelerators"][0]["device"] == "gpu"
    assert told(repaired, "0.6.2", only=CODE) == []
