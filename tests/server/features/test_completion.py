"""What is offered where: keys, values, types, references, whole parts; by type, release and dialect."""

from __future__ import annotations

import json

import pytest
from completing import accept, at_cursor, check, document

from olive_server.features.completion import resolve

LORA = '{"passes": {"a": {"type": "LoRA", |}}}'
CLASSIC = '{"input_model": {"type": "PyTorchModel", "config": {"hf_config": {"model_name": "m"}}}, '


def test_pass_types_in_half_typed_text() -> None:
    check('{"passes": {"a": {"type": "Lo|"}}}', offers=["LoRA", "LoHa", "ModelBuilder", "OnnxConversion"])
    accept('{"passes": {"a": {"type": "Lo|"}}}', "LoRA", gives='{"passes": {"a": {"type": "LoRA"}}}')
    accept('{"passes": {"a": {"type": |}}}', "LoRA", gives='{"passes": {"a": {"type": "LoRA"}}}')
    accept('{"passes": {"a": {"type": Lo|}}}', "LoRA", gives='{"passes": {"a": {"type": "LoRA"}}}')
    accept('{"passes": {"a": {"type" "Q|x"}}}', "QLoRA", gives='{"passes": {"a": {"type": "QLoRA"}}}')


def test_pass_types_of_other_releases_are_struck_out() -> None:
    marked = '{"passes": {"a": {"type": "|"}}}'
    check(marked, version="0.13.0", lacks=["SNPEConversion", "OrtPerfTuning"], struck=["SNPEConversion"])
    check(CLASSIC + marked[1:], offers=["OrtPerfTuning"], struck=["OrtSessionParamsTuning"])


def test_needed_keys_come_first_and_present_ones_are_left_out() -> None:
    check(LORA, offers=["r", "alpha", "training_args", "host"], lacks=["type"], first="train_data_config")
    check('{"passes": {"a": {"type": "LoRA", "r": 8, |}}}', lacks=["r", "lora_r"])
    check('{"passes": {"a": {"type": "LoRA", "lora_r": 8, |}}}', lacks=["r"])


def test_only_keys_of_this_pass() -> None:
    check('{"passes": {"a": {"type": "MergeAdapterWeights", |}}}', lacks=["r", "precision"])
    check('{"passes": {"a": {"type": "ModelBuilder", |}}}', offers=["precision"], lacks=["r"])
    check('{"passes": {"a": {"type": "QLoRA", |}}}', offers=["double_quant"])
    check(LORA, lacks=["double_quant"])


def test_earlier_spellings_are_struck_out_and_write_the_present_one() -> None:
    check(LORA, struck=["lora_r", "eval_dataset_size"])
    accept(LORA, "lora_r", gives='{"passes": {"a": {"type": "LoRA", "r": 64}}}')


def test_the_classic_form_is_nested_and_spelt_as_it_was() -> None:
    check(CLASSIC + '"passes": {"a": {"type": "LoRA", |}}}', offers=["config"], lacks=["r", "lora_r"])
    nested = CLASSIC + '"passes": {"a": {"type": "LoRA", "config": {|}}}}'
    check(nested, offers=["lora_r", "eval_dataset_size"], lacks=["r"], struck=["r"])


def test_an_object_that_nests_in_the_current_form_goes_on_nesting() -> None:
    check('{"passes": {"a": {"type": "LoRA", "config": {}, |}}}', offers=["host"], lacks=["r"])
    check('{"passes": {"a": {"type": "LoRA", "r": 1, "config": {|}}}}', offers=["alpha"], lacks=["r", "host"])


def test_engine_keys_where_the_dialect_has_them() -> None:
    check('{"input_model": {"type": "HfModel"}, |}', offers=["output_dir", "passes"], lacks=["input_model"])
    check(CLASSIC + "|}", offers=["engine", "passes"], lacks=["output_dir"])
    check(CLASSIC + '"engine": {|}}', offers=["output_dir", "cache_dir"])


def test_one_release_at_hand() -> None:
    check("{|}", version="0.13.0", lacks=["azureml_client"], struck=["azureml_client"])
    check("{|}", version="0.9.0", offers=["azureml_client"])


def test_a_key_brings_its_default() -> None:
    accept(LORA, "r", gives='{"passes": {"a": {"type": "LoRA", "r": 64}}}')
    accept(LORA, "allow_tf32", gives='{"passes": {"a": {"type": "LoRA", "allow_tf32": false}}}')
    accept(LORA, "target_modules", gives='{"passes": {"a": {"type": "LoRA", "target_modules": [""]}}}')
    kept = '{"passes": {"a": {"type": "LoRA", "lora|_dropout": 0.2}}}'
    accept(kept, "alpha", gives='{"passes": {"a": {"type": "LoRA", "alpha": 0.2}}}')


def test_what_follows_is_asked_for() -> None:
    item = accept('{"passes": {"a": {|}}}', "type", gives='{"passes": {"a": {"type": ""}}}')
    assert item.retrigger
    assert item.snippet
    assert item.edit.new_text == '"type": "$1"'


def test_values_of_an_enum_the_default_first() -> None:
    check('{"passes": {"a": {"type": "LoRA", "torch_dtype": |}}}', offers=["float16"], first="bfloat16")
    check('{"passes": {"a": {"type": "ModelBuilder", "precision": "|"}}}', offers=["int4", "fp16"])
    accept(
        '{"passes": {"a": {"type": "ModelBuilder", "precision": fp|}}}',
        "fp16",
        gives='{"passes": {"a": {"type": "ModelBuilder", "precision": "fp16"}}}',
    )


def test_booleans_and_numbers_replace_quotes() -> None:
    accept('{"evaluate_input_model": "|"}', "false", gives='{"evaluate_input_model": false}')
    accept('{"evaluate_input_model": tr|}', "true", gives='{"evaluate_input_model": true}')
    accept(
        '{"passes": {"a": {"type": "LoRA", "r": "1|"}}}',
        "64",
        gives='{"passes": {"a": {"type": "LoRA", "r": 64}}}',
    )


@pytest.mark.parametrize(
    ("marked", "offers"),
    [
        ('{"input_model": {"type": "|"}}', ["HfModel", "ONNXModel"]),
        ('{"systems": {"s": {"type": "|"}}}', ["LocalSystem", "Docker"]),
        ('{"data_configs": [{"name": "d", "type": "|"}]}', ["HuggingfaceContainer", "DummyDataContainer"]),
        (
            '{"data_configs": [{"name": "d", "load_dataset_config": {"type": "|"}}]}',
            ["huggingface_dataset", "dummy_dataset"],
        ),
        ('{"evaluators": {"e": {"metrics": [{"name": "m", "type": "|"}]}}}', ["accuracy", "latency"]),
        ('{"evaluators": {"e": {"type": "|"}}}', ["LMEvaluator"]),
        (
            '{"evaluators": {"e": {"metrics": [{"name": "m", "type": "latency", "sub_types": [{"name": "|"}]}]}}}',
            ["avg", "p90"],
        ),
        (
            '{"evaluators": {"e": {"metrics": [{"name": "m", "type": "accuracy", "sub_types": [{"name": "f1_score",'
            ' "goal": {"type": "|"}}]}]}}}',
            ["threshold", "max-degradation"],
        ),
        ('{"systems": {"s": {"type": "LocalSystem", "accelerators": [{"device": "|"}]}}}', ["cpu", "gpu", "npu"]),
        ('{"search_strategy": {"sampler": "|"}}', ["tpe", "random"]),
        ('{"input_model": {"type": "HfModel", "task": "|"}}', ["text-generation"]),
        (
            '{"passes": {"a": {"type": "LoRA", "training_args": {"lr_scheduler_type": "|"}}}}',
            ["cosine", "linear"],
        ),
        ('{"passes": {"a": {"type": "LoRA", "training_args": {|}}}}', ["learning_rate", "max_steps"]),
        ('{"data_configs": [{"name": "d", "pre_process_data_config": {"strategy": "|"}, '
         '"type": "HuggingfaceContainer"}]}', ["join", "line-by-line"]),
    ],
)  # fmt: skip
def test_every_other_type_and_value(marked: str, offers: list[str]) -> None:
    check(marked, offers=offers)


def test_references_with_what_they_are() -> None:
    config = (
        '{"data_configs": [{"name": "train", "type": "HuggingfaceContainer",'
        ' "load_dataset_config": {"data_name": "json", "data_files": "t.json"}}],'
        ' "systems": {"here": {"type": "LocalSystem", "accelerators": [{"device": "cpu"}]}},'
        ' "evaluators": {"fast": {"metrics": [{"name": "lat", "type": "latency"}]}}, %s}'
    )
    items = check(
        config % '"passes": {"a": {"type": "LoRA", "train_data_config": "|"}}',
        offers=["train"],
        first="train",
    )
    assert items[0].detail == "HuggingfaceContainer, json t.json"
    items = check(config % '"host": |', offers=["here"], lacks=["train", "fast"])
    assert items[0].detail == "LocalSystem, cpu"
    items = check(config % '"evaluator": |', first="fast")
    assert items[0].detail == "lat"


def test_passes_in_a_flow() -> None:
    passes = '"passes": {"one": {"type": "LoRA"}, "two": {"type": "LoRA"}}'
    check(CLASSIC + passes + ', "pass_flows": [["one", |]]}', offers=["two"], lacks=["one"])


def test_providers_fit_the_device() -> None:
    system = '{"systems": {"s": {"type": "LocalSystem", "accelerators": [{"device": "%s", "execution_providers": [%s]}]}}}'
    check(
        system % ("npu", "|"),
        offers=["QNNExecutionProvider"],
        lacks=["CUDAExecutionProvider"],
        first="QNNExecutionProvider",
    )
    check(
        system % ("gpu", '"|"'),
        offers=["DmlExecutionProvider"],
        lacks=["VitisAIExecutionProvider"],
        first="CUDAExecutionProvider",
    )
    accept(
        system.replace("[%s]", "%s") % ("gpu", "|"),
        '["CUDAExecutionProvider"]',
        gives=system % ("gpu", '"CUDAExecutionProvider"'),
    )


def test_lists_hold_nothing_twice() -> None:
    check(
        '{"systems": {"s": {"type": "LocalSystem", "accelerators": [{"device": "gpu", "execution_providers": '
        '["CUDAExecutionProvider", "|"]}]}}}',
        lacks=["CUDAExecutionProvider"],
    )


def test_a_whole_pass_in_the_form_of_the_file() -> None:
    accept(
        '{"data_configs": [{"name": "d"}], "passes": {|}}',
        "ModelBuilder",
        gives='{"data_configs": [{"name": "d"}], "passes": {"model_builder": {"type": "ModelBuilder", "precision": "int4"}}}',
    )
    accept(
        CLASSIC + '"passes": {"model_builder": {"type": "LoRA"}, |}}',
        "ModelBuilder",
        gives=CLASSIC
        + '"passes": {"model_builder": {"type": "LoRA"}, "model_builder_2": {"type": "ModelBuilder", '
        '"config": {"precision": "int4"}}}}',
    )


def test_whole_parts_are_laid_out_as_the_file() -> None:
    accept(
        '{\n  "input_model": {\n    "type": "HfModel"\n  },\n  "passes": {\n    |\n  }\n}',
        "MergeAdapterWeights",
        gives='{\n  "input_model": {\n    "type": "HfModel"\n  },\n  "passes": {\n    "merge_adapter_weights": {\n'
        '      "type": "MergeAdapterWeights"\n    }\n  }\n}',
    )


def test_priorities_stay_different() -> None:
    marked = (
        '{"evaluators": {"e": {"metrics": [{"name": "a", "type": "accuracy", "sub_types": '
        '[{"name": "f1_score", "priority": 1}]}, |]}}}'
    )
    item = next(item for item in at_cursor(marked).items if item.label == "latency")
    assert '"priority": ${3:2}' in item.edit.new_text


def test_nothing_for_unknown_places() -> None:
    assert at_cursor('{"nothing": {"known": {|}}}').items == ()
    assert at_cursor('{"input_model": {"type": "HfModel", "load_kwargs": {"what": {|}}}}').items == ()


def test_details_come_when_an_item_is_looked_at() -> None:
    here = document(LORA.replace("|", ""))
    items = {item.label: item for item in at_cursor(LORA).items}
    assert "Rank" in resolve(here, items["r"].data)
    types = {item.label: item for item in at_cursor('{"passes": {"a": {"type": "|"}}}').items}
    assert "adapter" in resolve(here, types["LoRA"].data)
    assert json.loads(json.dumps(dict(items["r"].data))) == items["r"].data
    assert resolve(here, {"what": 1}) == ""


def test_any_key_of_an_object_is_a_place_for_values_too() -> None:
    check('{"passes": {"a": |}}', offers=["LoRA", "ModelBuilder"])
    check('{"passes": {"a": [|]}}', offers=["LoRA", "ModelBuilder"])
    check('{"data_configs": [|]}', offers=["local JSON or JSON Lines file"])
    check('{"systems": {"s": |}}', offers=["LocalSystem, gpu"])
    check("|", offers=["fine-tune and build int4"])


def test_a_search_can_leave_the_values_to_olive() -> None:
    passes = '"passes": {"a": {"type": "LoRA", "r": |}}}'
    check('{"search_strategy": true, ' + passes, offers=["SEARCHABLE_VALUES", "64", "16"])
    check("{" + passes, offers=["64", "16"], lacks=["SEARCHABLE_VALUES"])


def test_whole_parts_show_what_they_write() -> None:
    items = check('{"systems": {|}}', offers=["LocalSystem, gpu"])
    shown = next(item.documentation for item in items if item.label == "LocalSystem, gpu")
    assert '"CUDAExecutionProvider"' in shown


def test_secrets_are_not_shown_in_details() -> None:
    config = (
        '{"data_configs": [{"name": "d", "load_dataset_config": {"data_name": "json", "data_files": '
        '"https://host/f?sig=abcdefghijklmnopqrstuvwxyz"}}], "passes": {"a": {"type": "LoRA", "train_data_config": |}}}'
    )
    item = next(item for item in at_cursor(config).items if item.label == "d")
    assert "abcdefgh" not in item.detail
