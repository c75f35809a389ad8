"""Passes in an order that cannot work."""

from __future__ import annotations

from typing import Any

import pytest
from findings import findings, told

CODES = "pass-order missing-merge missing-adapter already-quantized"
HF = {"type": "HfModel", "model_path": "microsoft/phi-2"}
ONNX = {"type": "ONNXModel", "model_path": "model.onnx"}
TUNED = {**HF, "adapter_path": "adapter"}


def chain(*types: str, model: dict[str, Any] = HF, **more: Any) -> dict[str, Any]:
    """A config with one pass of each type, named p0, p1, ..."""
    passes: dict[str, Any] = {f"p{number}": {"type": name} for number, name in enumerate(types)}
    return {"input_model": model, "passes": passes, **more}


@pytest.mark.parametrize("release", ["auto", "0.9.3", "0.13", "main"])
@pytest.mark.parametrize(
    ("types", "expected"),
    [
        (["OnnxConversion", "OnnxQuantization"], []),
        (["LoRA", "MergeAdapterWeights", "ModelBuilder"], []),
        (["LoRA", "MergeAdapterWeights", "LoRA"], []),
        (["LoRA", "OnnxConversion", "ExtractAdapters"], []),
        (["GptqQuantizer", "LoRA"], []),
        (["OnnxQuantization"], ["pass-order error /passes/p0/type"]),
        (["LoRA", "OrtTransformersOptimization"], ["pass-order error /passes/p1/type"]),
        (["OnnxConversion", "LoRA"], ["pass-order error /passes/p1/type"]),
        (["OnnxConversion", "GptqQuantizer"], ["pass-order error /passes/p1/type"]),
        (["OnnxConversion", "ModelBuilder"], ["pass-order warning /passes/p1/type"]),
        (["LoRA", "QLoRA"], ["missing-merge error /passes/p1/type"]),
        (["MergeAdapterWeights"], ["missing-adapter error /passes/p0/type"]),
        (["LoRA", "ModelBuilder", "MergeAdapterWeights"], ["pass-order error /passes/p2/type"]),
        (["GptqQuantizer", "QLoRA"], ["already-quantized error /passes/p1/type"]),
        (["QLoRA", "ModelBuilder"], ["missing-merge information /passes/p1/type"]),
        (["LoRA", "GptqQuantizer", "MergeAdapterWeights"], []),
    ],
)
def test_each_pass_takes_what_the_one_before_gives(
    types: list[str], expected: list[str], release: str
) -> None:
    assert told(chain(*types), release, only=CODES) == expected


def test_only_the_first_that_cannot_work_is_told() -> None:
    config = chain("OnnxQuantization", "LoRA", "OnnxQuantization")
    assert told(config, "0.13", only=CODES) == ["pass-order error /passes/p0/type"]


@pytest.mark.parametrize(
    ("model", "types", "expected"),
    [
        (ONNX, ["OnnxQuantization"], []),
        (ONNX, ["LoRA"], ["pass-order error /passes/p0/type"]),
        (TUNED, ["MergeAdapterWeights"], []),
        (TUNED, ["LoRA"], ["missing-merge error /passes/p0/type"]),
        ({"type": "CompositeModel"}, ["OnnxQuantization"], []),
        ({"type": "SomethingElse"}, ["OnnxQuantization", "LoRA"], []),
    ],
)
def test_the_input_model_counts(model: dict[str, Any], types: list[str], expected: list[str]) -> None:
    assert told(chain(*types, model=model), "0.13", only=CODES) == expected


def test_settings_only_beside_an_onnx_model() -> None:
    config = chain("ModelBuilder")
    config["passes"]["p0"]["metadata_only"] = True
    assert told(config, "0.13", only=CODES) == ["pass-order error /passes/p0/metadata_only"]
    config["input_model"] = ONNX
    assert told(config, "0.13", only=CODES) == []


def test_each_flow_is_looked_at_by_itself() -> None:
    model = {"type": "PyTorchModel", "config": {"hf_config": {"model_name": "gpt2"}}}
    good, bad = ["p0", "p1"], ["p1", "p0"]
    config = chain("OnnxConversion", "OnnxQuantization", model=model, pass_flows=[good])
    assert told(config, "0.6.2", only=CODES) == []
    config["pass_flows"] = [good, bad]
    assert told(config, "0.6.2", only=CODES) == ["pass-order error /passes/p1/type"]


def test_an_unknown_pass_ends_what_can_be_said() -> None:
    assert told(chain("OnnxConversion", "MyOwnPass", "LoRA"), "0.13", only=CODES) == []


def test_the_message_names_both_passes_and_the_remedy() -> None:
    problem = next(
        problem
        for problem in findings(chain("LoRA", "OnnxQuantization"), "0.13")
        if problem.code == "pass-order"
    )
    assert problem.message == (
        "OnnxQuantization takes an ONNX model, and `p0` (LoRA) gives a model with an adapter: put a pass that makes an "
        "ONNX model before it, OnnxConversion or ModelBuilder"
    )
    assert [related.pointer for related in problem.related] == ["/passes/p0/type"]
