"""An ONNX model without a path beside data configs."""

from __future__ import annotations

from typing import Any

import pytest
from findings import told

ATTRIBUTES = {"model_attributes": {"hf_task": "text-generation"}}


def config(model: dict[str, Any], data: bool = True) -> dict[str, Any]:
    return {
        "input_model": {"type": "ONNXModel", **model},
        "data_configs": [{"name": "d", "type": "DummyDataContainer"}] if data else [],
        "passes": {"o": {"type": "OnnxQuantization"}},
    }


@pytest.mark.parametrize(
    ("release", "model", "data", "place"),
    [
        ("0.13", {}, True, "/input_model"),
        ("0.13", {"config": {}}, True, "/input_model/config"),
        ("0.13", {"model_path": "m.onnx"}, True, ""),
        ("0.13", {}, False, ""),
        ("0.13", ATTRIBUTES, True, ""),
        ("0.8.0", ATTRIBUTES, True, "/input_model"),
        ("0.6.2", {"config": {}}, True, ""),
        ("auto", {}, True, "/input_model"),
    ],
)
def test_an_onnx_model_without_a_path(release: str, model: dict[str, Any], data: bool, place: str) -> None:
    expected = [f"model-path error {place} key"] if place else []
    assert told(config(model, data), release, only="model-path") == expected


def test_other_models_are_not_meant() -> None:
    other = {**config({}), "input_model": {"type": "PyTorchModel", "model_loader": "load"}}
    assert told(other, "0.13", only="model-path") == []
