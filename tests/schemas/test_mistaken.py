"""What people write who come from other tools: the key or the value that they mean, and numbers that nobody means."""

from __future__ import annotations

import json
from typing import Any

import pytest
from reading_views import applied, found, told, whole

from olive_schemas import mistaken

DATA = {
    "name": "d",
    "type": "HuggingfaceContainer",
    "load_dataset_config": {"data_name": "x"},
    "pre_process_data_config": {"text_cols": ["t"]},
}


def lora(**parameters: Any) -> dict[str, Any]:
    return whole(
        "0.13",
        data_configs=[DATA],
        passes={"p": {"type": "LoRA", "train_data_config": "d", **parameters}},
    )


def builder(precision: Any) -> dict[str, Any]:
    return whole("0.13", passes={"p": {"type": "ModelBuilder", "precision": precision}})


def at(config: dict[str, Any], pointer: str, release: str = "auto") -> str:
    """The message of the one finding at a place."""
    messages = [problem.message for problem in found(config, release) if problem.pointer == pointer]
    assert len(messages) == 1, messages
    return messages[0]


# --- keys


@pytest.mark.parametrize(
    ("type_name", "written", "meant"),
    [
        ("LoRA", "lora_rank", "r"),
        ("LoRA", "rank", "r"),
        ("LoRA", "dropout", "lora_dropout"),
        ("LoRA", "modules", "target_modules"),
        ("LoRA", "dtype", "torch_dtype"),
        ("LoRA", "dataset", "train_data_config"),
        ("LoRA", "train_args", "training_args"),
        ("QLoRA", "bnb_4bit_quant_type", "quant_type"),
        ("QLoRA", "bnb_4bit_use_double_quant", "double_quant"),
        ("QLoRA", "bnb_4bit_compute_dtype", "compute_dtype"),
        ("Gptq", "wbits", "bits"),
        ("Gptq", "groupsize", "group_size"),
        ("GptqQuantizer", "act_order", "desc_act"),
        ("GptqQuantizer", "percdamp", "damp_percent"),
        ("AutoAWQQuantizer", "group_size", "q_group_size"),
        ("ModelBuilder", "quantization", "precision"),
        ("ModelBuilder", "block_size", "int4_block_size"),
        ("OnnxConversion", "opset", "target_opset"),
        ("OnnxConversion", "dynamo", "use_dynamo_exporter"),
    ],
)
def test_a_parameter_under_the_name_that_another_tool_has(type_name: str, written: str, meant: str) -> None:
    needed = {"precision": "int4"} if type_name == "ModelBuilder" and meant != "precision" else {}
    config = whole("0.13", passes={"p": {"type": type_name, **needed, written: 8}})
    assert f"has no `{written}`; did you mean `{meant}`?" in at(config, f"/passes/p/{written}", "0.13")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("lr", "learning_rate"),
        ("epochs", "num_train_epochs"),
        ("batch_size", "per_device_train_batch_size"),
        ("micro_batch_size", "per_device_train_batch_size"),
        ("grad_accum", "gradient_accumulation_steps"),
        ("optimizer", "optim"),
        ("scheduler", "lr_scheduler_type"),
        ("warmup", "warmup_steps"),
        ("grad_clip", "max_grad_norm"),
        ("random_state", "seed"),
    ],
)
def test_a_training_argument_under_another_name(written: str, meant: str) -> None:
    config = lora(training_args={written: 1})
    assert f"did you mean `{meant}`?" in at(config, f"/passes/p/training_args/{written}", "0.13")


@pytest.mark.parametrize("written", ["max_length", "cutoff_len", "seq_len", "n_ctx", "model_max_length"])
def test_the_length_of_a_row(written: str) -> None:
    data = {**DATA, "pre_process_data_config": {"text_cols": ["t"], written: 512}}
    config = whole("0.13", data_configs=[data])
    pointer = f"/data_configs/0/pre_process_data_config/{written}"
    assert "did you mean `max_seq_len`?" in at(config, pointer, "0.13")


@pytest.mark.parametrize(
    ("written", "meant"),
    [("model_name_or_path", "model_path"), ("model_id", "model_path"), ("path", "model_path")],
)
def test_the_path_of_a_model_is_one_finding(written: str, meant: str) -> None:
    """The key that is missing is the one that is meant."""
    config = {"input_model": {"type": "HfModel", written: "m"}, "passes": {}}
    assert told(config, "0.13") == [f"error unknown-name /input_model/{written} key"]
    assert f"did you mean `{meant}`?" in at(config, f"/input_model/{written}", "0.13")


def test_the_release_says_how_the_meant_key_is_spelled() -> None:
    """Up to 0.7.1.1 the rank was `lora_r`."""
    config = whole(
        "0.6.2", passes={"p": {"type": "LoRA", "config": {"train_data_config": "d", "lora_rank": 8}}}
    )
    assert "did you mean `lora_r`?" in at(config, "/passes/p/config/lora_rank", "0.6.2")


def test_loading_arguments_go_by_the_release() -> None:
    config = {"input_model": {"type": "HfModel", "model_path": "m", "from_pretrained_args": {}}, "passes": {}}
    assert "did you mean `load_kwargs`?" in at(config, "/input_model/from_pretrained_args", "0.13")


def test_a_key_of_the_object_means_itself() -> None:
    """Only keys that the object lacks are asked for."""
    properties = {"bits": {"x-mistaken": ["wbits"]}, "wbits": {}}
    assert mistaken.key_meant("w_bits", properties) == "bits"
    assert mistaken.key_meant("w_bits", properties, without=["bits"]) is None
    config = whole("0.13", passes={"p": {"type": "AutoAWQQuantizer", "q_group_size": 64}})
    assert told(config, "0.13") == []


# --- values


@pytest.mark.parametrize(
    ("written", "meant"),
    [(4, "int4"), ("4", "int4"), ("q4", "int4"), (16, "fp16"), ("half", "fp16"), ("bfloat16", "bf16")],
)
@pytest.mark.parametrize("release", ["auto", "0.9.3", "0.13"])
def test_a_precision_by_its_bits_or_its_other_name(written: Any, meant: str, release: str) -> None:
    message = at(builder(written), "/passes/p/precision", release)
    assert "must be `int4`, `int8`" in message
    assert f"found {json.dumps(written)}" in message.replace("the number ", "").replace("the string ", "")
    assert f"did you mean `{meant}`?" in message


def test_the_meant_value_is_written_by_its_fix() -> None:
    (problem,) = found(builder(4), "0.13")
    assert applied(builder(4), problem.remedies[0]) == builder("int4")
    assert not problem.remedies[0].exact


@pytest.mark.parametrize(("written", "level"), [("DEBUG", 0), ("INFO", 1), ("Warning", 2), ("critical", 4)])
def test_a_level_of_logging_by_its_name(written: str, level: int) -> None:
    config = whole("0.13", log_severity_level=written, passes={})
    (problem,) = found(config, "0.13")
    assert f'must be a whole number from 0 to 4, found the string "{written}"; did you mean `{level}`?' in (
        problem.message
    )
    assert problem.remedies[0].exact
    assert applied(config, problem.remedies[0])["log_severity_level"] == level


# --- numbers beyond what is usual


def test_a_learning_rate_whose_exponent_lost_its_sign() -> None:
    config = lora(training_args={"learning_rate": 2e4})
    (problem,) = found(config, "0.13")
    assert (problem.severity.value, problem.code) == ("warning", "odd-value")
    assert "far above what is usual: 1e-08 to 0.1; did you mean 0.0002?" in problem.message
    assert applied(config, problem.remedies[0])["passes"]["p"]["training_args"]["learning_rate"] == 2e-4


@pytest.mark.parametrize(
    "arguments",
    [
        {"weight_decay": 10},
        {"num_train_epochs": 100000},
        {"adam_epsilon": 1e8},
        {"per_device_train_batch_size": 100000},
        {"learning_rate": "2e4"},
    ],
)
def test_other_numbers_that_nobody_means(arguments: dict[str, Any]) -> None:
    (key,) = arguments
    assert told(lora(training_args=arguments), "0.13") == [f"warning odd-value /passes/p/training_args/{key}"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"learning_rate": 2e-4},
        {"learning_rate": 0.1},
        {"learning_rate": 1e-8},
        {"learning_rate": True},
        {"num_train_epochs": 0.5},
        {"warmup_steps": 0.1},
        {"weight_decay": 0},
        {"adam_beta2": 0.999},
    ],
)
def test_whatever_makes_sense_is_left_alone(arguments: dict[str, Any]) -> None:
    assert told(lora(training_args=arguments), "0.13") == []
