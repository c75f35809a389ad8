"""What is offered first, what last and struck out, and what an accepted value is: by what most configs write."""

from __future__ import annotations

from pathlib import Path

import pytest
from completing import accept, check, document

from olive_server.features.completion import resolve

FLOWS = '"passes": {"a": {"type": "LoRA"}, "b": {"type": "MergeAdapterWeights"}}'
LOCAL = '{"systems": {"s": {"type": "LocalSystem", "accelerators": '
TRAINING = '{"passes": {"a": {"type": "%s", %s"training_args": {|}}}}'
CLASSIC_TRAINING = '{"passes": {"a": {"type": "LoRA", "config": {"training_args": {|}}}}}'


def labels(marked: str, **options: str) -> list[str]:
    return [item.label for item in check(marked, **options) if not item.deprecated]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("marked", "first"),
    [
        ("{|}", ["input_model", "data_configs", "passes", "systems", "evaluators", "output_dir"]),
        ('{"passes": {"a": |}}', ["LoRA", "QLoRA", "MergeAdapterWeights", "ModelBuilder", "OnnxConversion"]),
        ('{"passes": {"a": {"type": "LoRA", |}}}', ["train_data_config", "r", "alpha", "target_modules"]),
        (
            '{"passes": {"a": {"type": "OnnxQuantization", |}}}',
            ["quant_mode", "activation_type", "data_config"],
        ),
        (TRAINING % ("LoRA", ""), ["learning_rate", "num_train_epochs", "per_device_train_batch_size"]),
        (CLASSIC_TRAINING, ["learning_rate", "num_train_epochs", "per_device_train_batch_size"]),
        ('{"data_configs": [{|}]}', ["name", "type", "load_dataset_config", "pre_process_data_config"]),
        ('{"evaluators": {"e": {"metrics": [{|}]}}}', ["name", "type", "sub_types", "data_config"]),
        (
            '{"passes": {"a": {"type": "ModelBuilder", "precision": |}}}',
            ["int4", "int8", "fp16", "fp32", "bf16"],
        ),
    ],
)
def test_what_most_configs_write_comes_first(marked: str, first: list[str]) -> None:
    assert labels(marked)[: len(first)] == first


def test_what_many_passes_have_and_few_configs_write_comes_later() -> None:
    found = labels('{"passes": {"a": {"type": "OnnxConversion", |}}}')
    assert found.index("save_as_external_data") > found.index("target_opset")
    assert found.index("user_script") > found.index("use_dynamo_exporter")


def test_null_is_never_chosen_beforehand() -> None:
    items = check('{"search_strategy": {"sampler": |}}', first="sequential")
    last = items[-1]
    assert (last.label, last.detail, last.preselect) == ("null", "default", False)
    assert items[0].detail == "Every combination, in order"


def test_devices_that_no_release_runs_on_any_more_are_struck_out() -> None:
    place = LOCAL + '[{"device": |}]}}}'
    assert labels(place) == ["cpu", "gpu", "npu", "null"]
    check(place, struck=["cpu_spr", "vpu", "intel_myriad", "any"])
    check(place, ["cpu_spr", "vpu"], version="0.5.1")


def test_devices_of_an_evaluator() -> None:
    assert labels('{"evaluators": {"e": {"type": "LMEvaluator", "device": |}}}') == [
        "cpu",
        "gpu",
        "npu",
        "null",
    ]


def test_types_that_the_newest_release_dropped_come_last_with_their_end() -> None:
    items = check('{"systems": {"s": {"type": |}}}', ["LocalSystem", "AzureML"], first="LocalSystem")
    assert next(item.detail for item in items if item.label == "AzureML") == "until 0.9.2; now LocalSystem"
    assert labels('{"systems": {"s": |}}')[-2:] == ["AzureML", "IsolatedORT"]


def test_types_in_words_that_messages_use_too() -> None:
    details = {item.label: item.detail for item in check('{"passes": {"a": {"type": "LoRA", |}}}')}
    assert details["train_data_config"] == "string or object, needed"
    assert details["target_modules"] == 'list of strings or "all-linear"'
    assert details["r"] == "whole number; default 64"
    needed = {
        item.label: item.detail
        for item in check('{"evaluators": {"e": {"metrics": [{|}]}}}', version="0.6.2")
    }
    assert needed["sub_types"] == "list of objects, needed"


@pytest.mark.parametrize(
    ("marked", "version", "optimiser"),
    [
        (TRAINING % ("LoRA", ""), "auto", '"adamw_torch_fused"'),
        (TRAINING % ("QLoRA", ""), "auto", '"paged_adamw_32bit"'),
        (CLASSIC_TRAINING, "0.6.2", '"paged_adamw_32bit"'),
    ],
)
def test_defaults_of_training_are_those_of_the_pass(marked: str, version: str, optimiser: str) -> None:
    details = {item.label: item.detail for item in check(marked, version=version)}
    assert details["learning_rate"].endswith("default 0.0002")
    assert details["optim"].endswith(f"default {optimiser}")
    value = check(marked.replace("{|}", '{"lr_scheduler_type": |}'), first="constant", version=version)[0]
    assert value.detail == "default: Stays as it is, without a warm-up" and value.preselect


def test_a_release_without_a_default_starts_from_that_of_the_others() -> None:
    accept(
        '{"data_configs": [{"name": "d", "type": "HuggingfaceContainer", "pre_process_data_config": {"params": {"sou|"}}}]}',
        "source_max_len",
        gives='{"data_configs": [{"name": "d", "type": "HuggingfaceContainer",'
        ' "pre_process_data_config": {"params": {"source_max_len": 1024}}}]}',
        version="0.6.2",
    )


def test_flows_are_lists_of_lists() -> None:
    accept(f'{{"pass_flows": |, {FLOWS}}}', "[…]", gives=f'{{"pass_flows": [["a", "b"]], {FLOWS}}}')
    accept(f'{{"pass_flows": [|], {FLOWS}}}', '["b"]', gives=f'{{"pass_flows": [["b"]], {FLOWS}}}')
    accept(f'{{"pass_flows": [["a", |]], {FLOWS}}}', "b", gives=f'{{"pass_flows": [["a", "b"]], {FLOWS}}}')


@pytest.mark.parametrize(
    ("marked", "label", "gives"),
    [
        (
            '{"packaging_config": |}',
            "{…}",
            '{"packaging_config": {"type": "Zipfile", "name": "OutputModels"}}',
        ),
        (
            LOCAL + "|}}}",
            "[gpu]",
            LOCAL + '[{"device": "gpu", "execution_providers": ["CUDAExecutionProvider"]}]}}}',
        ),
        (
            '{"passes": {"a": {"type": "GraphSurgeries", "surgeries": [|]}}}',
            "InferShapes",
            '{"passes": {"a": {"type": "GraphSurgeries", "surgeries": [{"surgeon": "InferShapes"}]}}}',
        ),
        (
            '{"evaluators": {"e": {"metrics": [{"type": "latency", "sub_types": [|]}]}}}',
            "{…}",
            '{"evaluators": {"e": {"metrics": [{"type": "latency", "sub_types": [{"name": ""}]}]}}}',
        ),
        ('{"log_severity_level": |}', "3", '{"log_severity_level": 3}'),
        (
            '{"input_model": {"type": "HfModel", "load_kwargs": {"torch_dtype": |}}}',
            "bfloat16",
            '{"input_model": {"type": "HfModel", "load_kwargs": {"torch_dtype": "bfloat16"}}}',
        ),
        (
            '{"input_model": {"type": "PyTorchModel", "io_config": {"input_types": [|]}}}',
            "int64",
            '{"input_model": {"type": "PyTorchModel", "io_config": {"input_types": ["int64"]}}}',
        ),
    ],
)
def test_parts_where_an_empty_object_would_be_of_no_use(marked: str, label: str, gives: str) -> None:
    accept(marked, label, gives=gives)


def test_files_that_fit_come_first(tmp_path: Path) -> None:
    (tmp_path / "a-plain-folder").mkdir()
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("{}", encoding="utf-8")
    for name in ("a.onnx", "rows.csv", "rows.jsonl"):
        (tmp_path / name).write_text("", encoding="utf-8")
    config = tmp_path / "config.json"
    check('{"input_model": {"type": "HfModel", "model_path": "|"}}', first="model/", path=config)
    check('{"input_model": {"type": "ONNXModel", "model_path": "|"}}', first="a.onnx", path=config)
    for reader, first in (("csv", "rows.csv"), ("json", "rows.jsonl")):
        for files in ('"|"', '["|"]', '{"train": "|"}'):
            data = f'{{"data_name": "{reader}", "data_files": {files}}}'
            text = f'{{"data_configs": [{{"type": "HuggingfaceContainer", "load_dataset_config": {data}}}]}}'
            check(text, first=first, path=config)


def test_no_braces_in_the_middle_of_a_path() -> None:
    check('{"input_model": {"type": "HfModel", "model_path": "~/nowhere-at-all/|"}}', lacks=["{}"])


def test_numbers_with_a_meaning() -> None:
    builder = '{"passes": {"a": {"type": "ModelBuilder", "int4_accuracy_level": |}}}'
    assert [(item.label, item.detail) for item in check(builder)][3] == ("4", "int8, the fastest on CPUs")
    optimiser = '{"passes": {"a": {"type": "OrtTransformersOptimization", "opt_level": |}}}'
    accept(optimiser, "99", gives=optimiser.replace("|", "99"))


@pytest.mark.parametrize(
    "marked",
    [
        '{"input_model": {"type": "HfModel", "task": |}}',
        '{"input_model": {"type": "PyTorchModel", "io_config": {"input_types": [|]}}}',
        '{"passes": {"a": {"type": "GraphSurgeries", "surgeries": [|]}}}',
        '{"passes": {"a": {"type": "LoRA", "training_args": {"bf16": |}}}}',
        '{"search_strategy": |}',
        '{"host": |}',
        LOCAL + "|}}}",
        '{"data_configs": [{"type": "HuggingfaceContainer", "load_dataset_config": {"split": |}}]}',
    ],
)
def test_everything_has_something_to_read(marked: str) -> None:
    text = marked.replace("|", "")
    for item in check(marked):
        assert item.documentation or resolve(document(text), item.data), item.label


def test_values_in_a_list_are_documented_one_by_one() -> None:
    marked = '{"input_model": {"type": "PyTorchModel", "io_config": {"input_types": [|]}}}'
    item = next(item for item in check(marked) if item.label == "int64")
    assert "token ids" in resolve(document(marked.replace("|", "")), item.data)


def test_the_path_of_a_model_may_be_written_before_its_type() -> None:
    accept('{"input_model": {|}}', "model_path", gives='{"input_model": {"model_path": ""}}')
    assert labels('{"input_model": {|}}')[:2] == ["type", "model_path"]
    assert "model_path" not in labels('{"input_model": {"model_path": "m", |}}')


def test_kinds_of_operators() -> None:
    place = '{"passes": {"a": {"type": "OnnxQuantization", "op_types_to_quantize": ["MatMul", |]}}}'
    check(place, offers=["Gemm", "Conv"], lacks=["MatMul"])


def test_every_pass_type_says_what_it_takes_and_gives() -> None:
    items = check('{"passes": {"a": {"type": "Lo|RA"}}}')
    assert next(item.detail for item in items if item.label == "LoRA") == "hf_model → adapter"


@pytest.mark.parametrize(
    ("kind", "value", "version"),
    [
        ("OrtSessionParamsTuning", "|", "auto"),
        ("OrtSessionParamsTuning", "[|]", "auto"),
        ("OrtPerfTuning", "[|]", "0.6.2"),
    ],
)
def test_providers_to_measure_with(kind: str, value: str, version: str) -> None:
    nested = f'"config": {{"providers_list": {value}}}' if version != "auto" else f'"providers_list": {value}'
    check(
        f'{{"passes": {{"a": {{"type": "{kind}", {nested}}}}}}}', ["CUDAExecutionProvider"], version=version
    )
