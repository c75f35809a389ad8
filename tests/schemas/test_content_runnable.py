"""The passes that run here: every parameter of every release, with the defaults and bounds of Olive and its libraries.

The names were read out of Olive's releases 0.6.2, 0.7.1.1, 0.9.3, 0.13.0 and its main branch, and for the releases
between them out of the sources of their packages.
"""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from olive_schemas import catalog

CURRENT = [
    "r",
    "alpha",
    "lora_dropout",
    "target_modules",
    "modules_to_save",
    "torch_dtype",
    "device_map",
    "allow_tf32",
    "ephemeral_gpu_offload",
    "train_data_config",
    "eval_data_config",
    "training_args",
]
CLASSIC = ["eval_dataset_size", "bias", "use_ort_trainer", "ortmodule_onnx_opset_version"]
QUANTISED = ["compute_dtype", "save_quant_config"]
VARIANT = [
    "rank_dropout",
    "module_dropout",
    "use_effective_conv2d",
    "exclude_modules",
    "init_weights",
    "layers_to_transform",
    "layers_pattern",
    "rank_pattern",
    "alpha_pattern",
]
RECORDED = {
    "LoRA": [*CURRENT, *CLASSIC],
    "QLoRA": [*CURRENT, *CLASSIC, *QUANTISED, "double_quant", "quant_type"],
    "LoftQ": [*CURRENT, *CLASSIC, *QUANTISED, "loftq_iter"],
    "DoRA": CURRENT,
    "LoHa": [*CURRENT, *VARIANT],
    "LoKr": [*CURRENT, *VARIANT, "decompose_both", "decompose_factor", "rank_dropout_scale"],
    "MergeAdapterWeights": [],
    "ModelBuilder": [
        "precision",
        "metadata_only",
        "search",
        "int4_accuracy_level",
        "int4_block_size",
        "int4_is_symmetric",
        "int4_op_types_to_quantize",
        "int4_nodes_to_exclude",
        "int4_algo_config",
        "use_qdq",
        "use_8bits_moe",
        "use_webgpu_fp32",
        "use_cuda_bf16",
        "include_hidden_states",
        "exclude_embeds",
        "exclude_lm_head",
        "enable_cuda_graph",
        "extra_options",
    ],
}
"""Every parameter of every release, in its present spelling."""

DEFAULTS = {
    "LoRA": {
        "r": 64,
        "alpha": 16,
        "lora_dropout": 0.05,
        "target_modules": None,
        "modules_to_save": None,
        "torch_dtype": "bfloat16",
        "device_map": "auto",
        "allow_tf32": True,
        "ephemeral_gpu_offload": False,
        "eval_data_config": None,
        "training_args": None,
        "eval_dataset_size": None,
        "bias": "none",
        "use_ort_trainer": False,
        "ortmodule_onnx_opset_version": 16,
    },
    "QLoRA": {"double_quant": False, "quant_type": "nf4", "compute_dtype": None, "save_quant_config": True},
    "LoftQ": {"loftq_iter": 1, "compute_dtype": None, "save_quant_config": True},
    "LoKr": {
        "decompose_both": False,
        "decompose_factor": -1,
        "rank_dropout_scale": False,
        "rank_dropout": 0.0,
        "module_dropout": 0.0,
        "use_effective_conv2d": True,
        "exclude_modules": None,
        "init_weights": True,
        "layers_to_transform": None,
        "layers_pattern": None,
        "rank_pattern": {},
        "alpha_pattern": {},
    },
    "ModelBuilder": {"metadata_only": False, "search": None, "int4_block_size": None, "extra_options": None},
}
"""As Olive 0.13.0 has them (the last four of LoRA: 0.6.2)."""


def properties_of(name: str) -> dict[str, Any]:
    schema = catalog.pass_schema(name)
    assert schema is not None
    return dict(schema.properties)


def valid(value: object, prop: dict[str, Any]) -> bool:
    plain = {key: entry for key, entry in prop.items() if not key.startswith("x-")}
    return jsonschema.Draft202012Validator(plain).is_valid(value)


def test_they_are_the_passes_that_run_here() -> None:
    assert set(catalog.runnable_passes()) == set(RECORDED)


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_they_have_every_parameter_of_every_release(name: str) -> None:
    assert sorted(properties_of(name)) == sorted(RECORDED[name])


@pytest.mark.parametrize(
    ("name", "key", "value"), [(n, k, v) for n, d in DEFAULTS.items() for k, v in d.items()]
)
def test_defaults_are_those_of_olive(name: str, key: str, value: object) -> None:
    default = properties_of(name)[key]["default"]
    assert default == value and type(default) is type(value)


def test_classic_defaults_are_those_of_olive() -> None:
    assert properties_of("LoRA")["lora_dropout"]["x-classic-default"] == 0.0


def test_earlier_names_of_the_adapter_passes() -> None:
    lora = properties_of("LoRA")
    assert lora["r"]["x-names"] == [{"name": "lora_r", "until": "0.7.1.1"}]
    assert lora["alpha"]["x-names"] == [{"name": "lora_alpha", "until": "0.7.1.1"}]


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("LoRA", "r", 0),
        ("LoRA", "r", -8),
        ("LoRA", "lora_dropout", 2.0),
        ("LoRA", "target_modules", "q_proj"),
        ("LoRA", "target_modules", [""]),
        ("LoRA", "torch_dtype", "fp16"),
        ("LoRA", "bias", "some"),
        ("LoRA", "eval_dataset_size", 0),
        ("QLoRA", "quant_type", "int4"),
        ("QLoRA", "compute_dtype", "half"),
        ("LoftQ", "loftq_iter", 0),
        ("LoHa", "rank_dropout", 1.5),
        ("LoHa", "layers_to_transform", [-1]),
        ("LoKr", "rank_pattern", {"q_proj": 0}),
        ("ModelBuilder", "precision", "int5"),
        ("ModelBuilder", "int4_block_size", 48),
        ("ModelBuilder", "int4_accuracy_level", 5),
        ("ModelBuilder", "int4_algo_config", "gptq"),
    ],
)
def test_values_that_olive_or_its_libraries_refuse_are_refused(name: str, key: str, value: object) -> None:
    assert not valid(value, properties_of(name)[key])


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("LoRA", "target_modules", ["o_proj", "qkv_proj"]),
        ("LoRA", "target_modules", "all-linear"),
        ("LoRA", "lora_dropout", 0),
        ("LoRA", "alpha", 0.5),
        ("LoRA", "eval_dataset_size", 0.3),
        ("LoRA", "eval_dataset_size", 40),
        ("LoHa", "exclude_modules", r".*\.0\..*"),
        ("LoKr", "alpha_pattern", {"q_proj": 8}),
        ("ModelBuilder", "precision", "bf16"),
        ("ModelBuilder", "int4_algo_config", "k_quant_mixed"),
    ],
)
def test_values_that_olive_takes_are_taken(name: str, key: str, value: object) -> None:
    assert valid(value, properties_of(name)[key])
