"""What the schema files say of single releases, beside what those releases do."""

from __future__ import annotations

from typing import Any

import pytest

from olive_schemas import catalog, history
from olive_schemas.catalog import PassSchema
from olive_schemas.releases import RELEASES, known_in


def schema_of(name: str) -> PassSchema:
    schema = catalog.pass_schema(name)
    assert schema is not None
    return schema


def names_in(name: str, release: str) -> set[str]:
    """The parameters that a release has, as it spells them."""
    return {
        spelling
        for key, prop in schema_of(name).properties.items()
        if (spelling := history.spelling(prop, key, release))
    }


def parameter(name: str, key: str, release: str) -> dict[str, Any]:
    return dict(catalog.at(schema_of(name).properties[key], release))


@pytest.mark.parametrize(
    ("name", "since", "until"),
    [
        ("OnnxConversion", "0.2.1", "main"),
        ("LoRA", "0.4.0", "main"),
        ("QLoRA", "0.3.3", "main"),
        ("GptqQuantizer", "0.5.1", "main"),
        ("Gptq", "0.9.2", "main"),
        ("OnnxMatMul4Quantizer", "0.4.0", "0.9.1"),
        ("OrtPerfTuning", "0.2.1", "0.6.2"),
        ("OrtSessionParamsTuning", "0.7.0", "main"),
        ("OnnxModelOptimizer", "0.2.1", "0.7.0"),
        ("OnnxPeepholeOptimizer", "0.7.1.1", "main"),
        ("SNPEConversion", "0.2.1", "0.9.2"),
        ("PyTorchTensorParallel", "0.5.0", "0.11.0"),
        ("RyzenGenerateModelLLM", "main", "main"),
    ],
)
def test_releases_that_know_a_type(name: str, since: str, until: str) -> None:
    known = [release for release in RELEASES if known_in(schema_of(name).raw, release)]
    assert known == list(RELEASES[RELEASES.index(since) : RELEASES.index(until) + 1])


def test_a_type_that_was_missing_for_a_while() -> None:
    known = [
        release
        for release in RELEASES
        if known_in(schema_of("OpenVINOQuantizationWithAccuracy").raw, release)
    ]
    assert known[:3] == ["0.5.0", "0.5.1", "0.9.2"]


@pytest.mark.parametrize(
    ("name", "release", "has", "lacks"),
    [
        ("OnnxConversion", "0.5.0", "use_device merge_components", "device merge_adapter_weights dynamic"),
        ("OnnxConversion", "0.6.2", "device merge_components", "use_device optimize"),
        ("OnnxConversion", "0.13.0", "device optimize dynamic", "use_device merge_components"),
        ("OnnxQuantization", "0.6.2", "weight_type WeightSymmetric dataloader_func", "precision"),
        ("OnnxQuantization", "0.8.0", "weight_type WeightSymmetric op_types_to_exclude", "dataloader_func"),
        ("OnnxQuantization", "0.9.0", "precision weight_symmetric", "weight_type WeightSymmetric"),
        ("AutoAWQQuantizer", "0.8.0", "w_bit", "bits"),
        ("AutoAWQQuantizer", "0.9.0", "bits", "w_bit"),
        ("OnnxBnb4Quantization", "0.8.0", "quant_type", "precision"),
        ("SparseGPT", "0.5.0", "compute_device", "device"),
        ("VitisGenerateModelLLM", "0.11.0", "packed_const cpu_only", "recipe"),
        ("VitisGenerateModelLLM", "0.13.0", "recipe mem_optimize", "packed_const cpu_only"),
        ("VitisGenerateModelLLM", "main", "packed_const cpu_only", "recipe"),
        ("GenAIModelExporter", "0.5.2", "precision", "int4_block_size metadata_only"),
        ("ModelBuilder", "0.6.0", "precision int4_block_size", "int4_algo_config"),
        ("LoRA", "0.6.2", "lora_r lora_alpha bias use_ort_trainer", "r alpha device_map"),
        ("LoRA", "0.7.1.1", "lora_r lora_alpha", "r bias use_ort_trainer"),
        ("LoRA", "0.8.0", "r alpha device_map", "lora_r bias"),
    ],
)
def test_parameters_of_a_release(name: str, release: str, has: str, lacks: str) -> None:
    names = names_in(name, release)
    assert set(has.split()) <= names
    assert not set(lacks.split()) & names


@pytest.mark.parametrize(
    ("name", "key", "defaults"),
    [
        ("OnnxConversion", "target_opset", {"0.2.1": 14, "0.6.2": 13, "0.8.0": 14, "0.9.0": 20, "main": 20}),
        ("LoRA", "lora_dropout", {"0.6.2": 0.0, "0.7.0": 0.05}),
        ("QLoRA", "double_quant", {"0.3.3": True, "0.4.0": False}),
        ("ExtractAdapters", "make_inputs", {"0.6.2": False, "0.7.0": True}),
        ("GptqQuantizer", "layers_block_name", {"0.6.2": "model.layers", "0.7.0": None}),
        ("OnnxStaticQuantization", "activation_type", {"0.8.0": "QInt8", "0.9.0": "int8"}),
        ("OnnxStaticQuantization", "weight_symmetric", {"0.8.0": True, "0.9.0": None}),
        (
            "NVModelOptQuantization",
            "algorithm",
            {"0.6.2": "RTN", "0.7.1.1": "AWQ", "0.8.0": "AWQ", "0.9.0": "awq"},
        ),
        (
            "NVModelOptQuantization",
            "calibration_method",
            {"0.7.1.1": "awq_clip", "0.9.1": "awq_clip", "0.9.2": "awq_lite"},
        ),
        ("QuarkQuantization", "data_type", {"0.10.1": "float32", "0.11.0": "bfloat16"}),
        ("QuaRot", "seed", {"0.7.1.1": 42, "0.8.0": 0}),
        ("OrtSessionParamsTuning", "intra_thread_num_list", {"0.7.0": [None], "0.7.1.1": None}),
    ],
)
def test_defaults_by_release(name: str, key: str, defaults: dict[str, object]) -> None:
    assert {release: parameter(name, key, release)["default"] for release in defaults} == defaults


@pytest.mark.parametrize(
    ("name", "key", "release", "takes", "refuses"),
    [
        ("ModelBuilder", "precision", "0.6.2", "fp32 fp16 int4", "int8 bf16"),
        ("ModelBuilder", "precision", "0.8.0", "int8", "bf16 nf4"),
        ("ModelBuilder", "precision", "0.9.1", "int8 nf4", "bf16"),
        ("ModelBuilder", "precision", "0.9.2", "bf16", "int5"),
        ("SelectiveMixedPrecision", "algorithm", "0.9.2", "k_quant_mixed k_quant_last", "k_quant_down snr"),
        ("SelectiveMixedPrecision", "algorithm", "0.10.1", "k_quant_down", "snr kld_gradient"),
        ("SelectiveMixedPrecision", "algorithm", "0.11.0", "snr kld_gradient", "best"),
        ("NVModelOptQuantization", "calibration_method", "0.9.1", "awq_clip", "rtn"),
        ("OpenVINOEncapsulation", "target_device", "0.9.1", "npu", "any"),
        ("OpenVINOEncapsulation", "target_device", "0.9.2", "npu any", "tpu"),
        ("OnnxMatMul4Quantizer", "algorithm", "0.8.0", "RTN GPTQ", "rtn"),
        ("OnnxMatMul4Quantizer", "algorithm", "0.9.0", "rtn", "RTN"),
    ],
)
def test_values_by_release(name: str, key: str, release: str, takes: str, refuses: str) -> None:
    values = set(parameter(name, key, release)["enum"])
    assert set(takes.split()) <= values
    assert not set(refuses.split()) & values


def test_numbers_among_the_values_have_a_history_too() -> None:
    assert parameter("Gptq", "bits", "0.11.0")["enum"] == [4, 8, 16, 32]
    assert parameter("Gptq", "bits", "0.12.0")["enum"] == [2, 4, 8, 16, 32]
    assert "enum" not in parameter("GptqQuantizer", "bits", "0.8.0")


@pytest.mark.parametrize(
    ("name", "key", "required"),
    [
        ("IncQuantization", "data_config", "0.7.0 0.7.1.1 0.13.0"),
        ("SNPEQuantization", "data_config", "0.3.3 0.5.0 0.7.0 0.9.2"),
        ("OrtTransformersOptimization", "model_type", "0.2.1 0.3.1"),
        ("SelectiveMixedPrecision", "algorithm", "0.9.2 0.11.0"),
        ("LoRA", "train_data_config", "0.4.0 0.6.2 0.13.0 main"),
    ],
)
def test_parameters_that_were_required_in_some_releases(name: str, key: str, required: str) -> None:
    schema = schema_of(name)
    asked = {"0.2.1", "0.3.1", "0.3.3", "0.4.0", "0.5.0", "0.5.1", "0.6.2", "0.7.0", "0.7.1.1", "0.9.2"}
    asked |= {"0.11.0", "0.12.0", "0.13.0", "main"}
    found = {
        release
        for release in asked
        if known_in(schema.raw, release) and key in catalog.required_in(schema, release)
    }
    assert set(required.split()) <= found
    if name in ("OrtTransformersOptimization", "SelectiveMixedPrecision"):
        assert not found & {"0.3.3", "0.6.2", "0.12.0", "0.13.0", "main"}
    if name == "SNPEQuantization":
        assert not found & {"0.3.1", "0.5.1", "0.6.2"}
    if name == "IncQuantization":
        assert not found & {"0.2.1", "0.6.2"}


def test_types_by_release() -> None:
    assert parameter("OrtSessionParamsTuning", "providers_list", "0.7.0")["type"] == "array"
    assert parameter("OrtSessionParamsTuning", "providers_list", "0.8.0")["type"] == "string"
    assert parameter("OnnxFloatToFloat16", "keep_io_types", "0.9.2")["type"] == "boolean"
    assert parameter("OnnxFloatToFloat16", "keep_io_types", "0.9.3")["type"] == ["boolean", "array"]
    assert "type" not in parameter("OrtTransformersOptimization", "opt_level", "0.6.2")


def test_parameters_that_a_search_could_vary_only_later() -> None:
    assert "x-search" not in parameter("LoRA", "r", "0.6.2")
    assert parameter("LoRA", "r", "0.7.0")["x-search"] == [16, 32, 64]
    assert "x-search" not in parameter("Gptq", "bits", "0.13.0")
    assert parameter("Gptq", "bits", "main")["x-search"] == [2, 4, 8]
