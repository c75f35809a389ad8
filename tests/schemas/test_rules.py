"""What each release does with a config: refuses, ignores, takes. One table for each kind of rule."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading_configs import written
from reading_views import found, mended, told, view, whole

from olive_schemas import rules
from olive_schemas.releases import era_of, resolve

LORA = {"type": "LoRA", "train_data_config": "d"}
OLD_LORA = {"type": "LoRA", "config": {"train_data_config": "d"}}
DATA = {"name": "d", "type": "HuggingfaceContainer"}


def a_pass(release: str, type_name: str = "LoRA", **parameters: Any) -> dict[str, Any]:
    """A config with one pass `p`, in the form of the release."""
    classic = era_of(resolve(release) or release) == "classic"
    needed = {"train_data_config": "d"} if type_name in ("LoRA", "QLoRA") else {}
    written = {**needed, **parameters}
    one = {"type": type_name, "config": written} if classic else {"type": type_name, **written}
    return whole(release, passes={"p": one})


def metric(**fields: Any) -> dict[str, Any]:
    return {"evaluators": {"e": {"metrics": [{"name": "a", "type": "latency", "sub_types": [], **fields}]}}}


# --- keys


@pytest.mark.parametrize(
    ("release", "parts", "expected"),
    [
        ("0.6.2", {"ouput_dir": "o"}, ["warning unknown-name /ouput_dir key"]),
        ("0.7.1.1", {"ouput_dir": "o"}, ["error unknown-name /ouput_dir key"]),
        ("0.13", {"engine": {"ouput_dir": "o"}}, ["error unknown-name /engine/ouput_dir key"]),
        ("0.4.0", {"engine": {"ouput_dir": "o"}}, ["warning unknown-name /engine/ouput_dir key"]),
        ("0.13", {"passes": {"p": {**LORA, "rr": 4}}}, ["warning unknown-name /passes/p/rr key"]),
        (
            "0.13",
            {"passes": {"p": {**LORA, "training_args": {"lerning_rate": 1}}}},
            ["warning unknown-name /passes/p/training_args/lerning_rate key"],
        ),
        (
            "0.13",
            {"data_configs": [{**DATA, "preprocess_data_config": {}}]},
            ["warning unknown-name /data_configs/0/preprocess_data_config key"],
        ),
        (
            "0.13",
            {"systems": {"s": {"type": "LocalSystem", "accelerator": []}}},
            ["warning unknown-name /systems/s/accelerator key"],
        ),
        ("0.13", metric(sub_type=[]), ["warning unknown-name /evaluators/e/metrics/0/sub_type key"]),
        ("0.13", {"$schema": "olive.json"}, []),
        ("0.13", {"data_configs": [{**DATA, "load_dataset_config": {"data_name": "x", "whatever": 1}}]}, []),
    ],
)
def test_unknown_keys(release: str, parts: dict[str, Any], expected: list[str]) -> None:
    assert told(whole(release, **parts), release) == expected


@pytest.mark.parametrize(
    ("release", "key", "value", "expected"),
    [
        ("0.6.2", "lora_r", 4, []),
        ("0.7.1.1", "lora_r", 4, []),
        ("0.8.0", "lora_r", 4, ["warning outdated-name /passes/p/lora_r key"]),
        ("0.13", "lora_r", 4, ["warning outdated-name /passes/p/lora_r key"]),
        ("0.13", "r", 4, []),
        ("0.7.1.1", "r", 4, ["warning outdated-name /passes/p/r key"]),
        ("0.6.2", "r", 4, ["warning outdated-name /passes/p/config/r key"]),
        ("0.6.2", "eval_dataset_size", 100, []),
        ("0.7.0", "eval_dataset_size", 100, ["warning removed /passes/p/eval_dataset_size key"]),
        ("0.13", "ephemeral_gpu_offload", False, []),
        ("0.7.1.1", "ephemeral_gpu_offload", False, ["warning too-new /passes/p/ephemeral_gpu_offload key"]),
        ("0.13", "double_quant", True, ["warning unknown-name /passes/p/double_quant key"]),
    ],
)
def test_parameters_by_release(release: str, key: str, value: Any, expected: list[str]) -> None:
    assert told(a_pass(release, **{key: value}), release) == expected


@pytest.mark.parametrize(
    ("release", "parts", "expected"),
    [
        ("0.7.1.1", {"pass_flows": [["p"]], "passes": {"p": LORA}}, []),
        ("0.8.0", {"pass_flows": [["p"]], "passes": {"p": LORA}}, ["error removed /pass_flows key"]),
        ("0.9.2", {"azureml_client": {}}, []),
        ("0.9.3", {"azureml_client": {}}, ["error removed /azureml_client key"]),
        ("0.6.2", {"data_root": "x"}, []),
        ("0.7.0", {"data_root": "x"}, ["error removed /data_root key"]),
        ("0.7.1.1", {"no_artifacts": True}, ["error too-new /no_artifacts key"]),
        ("0.8.0", {"no_artifacts": True}, []),
        ("0.5.0", {"engine": {"execution_providers": ["CPUExecutionProvider"]}}, []),
        (
            "0.5.1",
            {"engine": {"execution_providers": ["CPUExecutionProvider"]}},
            ["error removed /engine/execution_providers key"],
        ),
        ("0.6.2", {"engine": {"output_name": "o"}}, []),
        ("0.7.0", {"engine": {"output_name": "o"}}, ["error removed /engine/output_name key"]),
    ],
)
def test_sections_by_release(release: str, parts: dict[str, Any], expected: list[str]) -> None:
    assert told(whole(release, **parts), release) == expected


def test_the_words_say_since_when_and_what_happens() -> None:
    def words(config: Any, release: str) -> str:
        return found(config, release)[0].message

    assert words(a_pass("0.13", lora_r=4), "0.13") == (
        "`lora_r` is called `r` since 0.8.0. Olive 0.13.0 ignores it."
    )
    assert words(whole("0.8.0", pass_flows=[]), "0.8.0").startswith(
        "`pass_flows` ended with 0.7.1.1: put the passes"
    )
    assert words(a_pass("0.13", double_quant=True), "0.13").startswith("LoRA has no `double_quant`")
    assert words(whole("0.13", ouput_dir="o"), "0.13") == (
        "the config has no `ouput_dir`; did you mean `output_dir`? Olive 0.13.0 refuses it."
    )


# --- nested and flat


@pytest.mark.parametrize(
    ("release", "parts", "expected"),
    [
        ("0.7.0", {"passes": {"p": LORA}}, []),
        ("0.7.0", {"passes": {"p": OLD_LORA}}, []),
        ("0.13", {"engine": {"output_dir": "o"}, "cache_dir": "c"}, []),
        ("0.6.2", {"output_dir": "o"}, ["warning no-effect /output_dir key"]),
        ("0.6.2", {"passes": {"p": {**OLD_LORA, "lora_r": 4}}}, ["warning no-effect /passes/p/lora_r key"]),
        (
            "0.13",
            {"passes": {"p": {**LORA, "r": 4, "config": {"r": 8}}}},
            ["warning written-twice /passes/p/r key"],
        ),
        (
            "0.13",
            {"passes": {"p": {**OLD_LORA, "config": {"train_data_config": "d", "host": "s"}}}},
            ["warning unknown-name /passes/p/config/host key"],
        ),
    ],
)
def test_nested_and_flat(release: str, parts: dict[str, Any], expected: list[str]) -> None:
    assert told(whole(release, **parts), release) == expected


def test_a_flat_model_stops_releases_that_want_it_nested() -> None:
    config = {"input_model": {"type": "PyTorchModel", "model_path": "m"}}
    assert [line.split()[0] for line in told(config, "0.6.2")] == ["error"]
    assert told(config, "0.7.0") == []


# --- missing


@pytest.mark.parametrize(
    ("release", "config", "expected"),
    [
        ("0.13", {}, ["error missing  key"]),
        ("0.13", {"input_model": {"type": "HfModel"}}, ["error missing /input_model key"]),
        (
            "0.13",
            {"input_model": {"type": "HfModel", "config": {}}},
            ["error missing /input_model/config key"],
        ),
        (
            "0.13",
            {"input_model": {"type": "HfModel", "modelpath": "m"}},
            ["error unknown-name /input_model/modelpath key"],
        ),
        ("0.13", {"input_model": {"model_path": "m"}}, ["error missing /input_model key"]),
        ("0.13", whole("0.13", passes={"p": {"r": 4}}), ["error missing /passes/p key"]),
        ("0.13", whole("0.13", passes={"p": {"type": "LoRA"}}), ["error missing /passes/p key"]),
        (
            "0.13",
            whole("0.13", data_configs=[{"type": "HuggingfaceContainer"}]),
            ["error missing /data_configs/0 key"],
        ),
        (
            "0.13",
            whole("0.13", search_strategy={"execution_order": "joint"}),
            ["error missing /search_strategy key"],
        ),
        (
            "0.13",
            whole("0.13", search_strategy={"search_algorithm": "tpe"}),
            ["error removed /search_strategy/search_algorithm key"],
        ),
        (
            "0.7.1.1",
            whole("0.7.1.1", search_strategy={"execution_order": "joint", "search_algorithm": "tpe"}),
            [],
        ),
        (
            "0.13",
            whole("0.13", systems={"s": {"type": "LocalSystem", "accelerators": [{}]}}),
            ["error missing /systems/s/accelerators/0 key"],
        ),
        (
            "0.13",
            whole("0.13", systems={"s": {"type": "Docker"}}),
            ["error missing /systems/s key", "error missing /systems/s key"],
        ),
        (
            "0.9.2",
            whole("0.9.2", azureml_client={}, systems={"s": {"type": "AzureML", "aml_compute": "c"}}),
            [],
        ),
        (
            "0.9.2",
            whole("0.9.2", systems={"s": {"type": "AzureML", "aml_compute": "c"}}),
            ["error missing /systems/s key"],
        ),
        (
            "0.6.2",
            a_pass("0.6.2", "IncQuantization", dataloader_func="f"),
            ["error missing /passes/p/config/dataloader_func"],
        ),
        ("0.6.2", a_pass("0.6.2", "IncQuantization", dataloader_func="f", user_script="s.py"), []),
        ("0.13", a_pass("0.13", "DynamicToFixedShape"), ["error missing /passes/p key"]),
        (
            "0.13",
            a_pass("0.13", "DynamicToFixedShape", dim_param=["a"]),
            ["error missing /passes/p/dim_param key"],
        ),
        ("0.13", a_pass("0.13", "DynamicToFixedShape", dim_param=["a"], dim_value=[1]), []),
    ],
)
def test_missing_keys(release: str, config: dict[str, Any], expected: list[str]) -> None:
    assert told(config, release) == expected


def test_what_uses_names_makes_a_misspelt_section_an_error() -> None:
    misspelt = {"evaluatrs": {"e": {"metrics": []}}}
    assert told(whole("0.6.2", **misspelt), "0.6.2") == ["warning unknown-name /evaluatrs key"]
    used = whole("0.6.2", **misspelt, engine={"evaluator": "e"})
    assert told(used, "0.6.2") == ["error unknown-name /evaluatrs key"]


# --- types of passes, models, systems, data


@pytest.mark.parametrize(
    ("release", "parts", "expected"),
    [
        ("0.13", {"passes": {"p": {"type": "ModelBuider"}}}, ["error unknown-pass /passes/p/type"]),
        ("0.13", {"passes": {"p": {"type": "modelbuilder", "precision": "int4"}}}, []),
        ("0.6.2", {"passes": {"p": {"type": "onnxconversion"}}}, ["error outdated-name /passes/p/type"]),
        ("0.13", {"passes": {"p": {"type": "my.passes.Own"}}}, []),
        ("0.6.2", {"passes": {"p": {"type": "OrtPerfTuning"}}}, []),
        ("0.7.0", {"passes": {"p": {"type": "OrtPerfTuning"}}}, ["error removed /passes/p/type"]),
        ("0.7.1.1", {"passes": {"p": {"type": "GraphSurgeries"}}}, ["error too-new /passes/p/type"]),
        ("0.13", {"passes": {"p": {"type": "QuarkQuantizationVitisAI"}}}, ["error too-new /passes/p/type"]),
        ("0.13", {"systems": {"s": {"type": "AzureML"}}}, ["error removed /systems/s/type"]),
        ("0.13", {"systems": {"s": {"type": "localsystem"}}}, []),
        (
            "0.13",
            {"data_configs": [{"name": "d", "type": "HuggingfaceContainer2"}]},
            ["error unknown-type /data_configs/0/type"],
        ),
        (
            "0.13",
            {"data_configs": [{**DATA, "load_dataset_config": {"type": "own"}}]},
            ["error unknown-type /data_configs/0/load_dataset_config/type"],
        ),
        (
            "0.13",
            {"data_configs": [{**DATA, "user_script": "s.py", "load_dataset_config": {"type": "own"}}]},
            [],
        ),
        ("0.13", {"evaluators": {"e": {"type": "MTEBEvaluator", "tasks": []}}}, []),
        (
            "0.9.3",
            {"evaluators": {"e": {"type": "MTEBEvaluator", "tasks": []}}},
            ["error too-new /evaluators/e/type"],
        ),
    ],
)
def test_types(release: str, parts: dict[str, Any], expected: list[str]) -> None:
    assert told(whole(release, **parts), release) == expected


def test_model_types() -> None:
    assert told({"input_model": {"type": "HuggingFaceModel", "model_path": "m"}}, "0.13") == [
        "error unknown-type /input_model/type"
    ]
    assert (
        told({"input_model": {"type": "OptimumModel", "config": {"model_components": ["a"]}}}, "0.4.0") == []
    )
    assert told(
        {"input_model": {"type": "OptimumModel", "config": {"model_components": ["a"]}}}, "0.5.0"
    ) == ["error removed /input_model/type"]


# --- values


@pytest.mark.parametrize(
    ("release", "key", "value", "expected"),
    [
        ("0.13", "r", "sixteen", ["error wrong-type /passes/p/r"]),
        ("0.13", "r", "16", []),
        ("0.13", "r", -8, ["error wrong-value /passes/p/r"]),
        ("0.13", "r", None, []),
        ("0.13", "train_data_config", None, ["error wrong-type /passes/p/train_data_config"]),
        ("0.13", "target_modules", "q_proj", ["error wrong-type /passes/p/target_modules"]),
        ("0.13", "target_modules", "all-linear", []),
        ("0.13", "target_modules", [["q"]], ["error wrong-value /passes/p/target_modules"]),
        ("0.13", "torch_dtype", "fp16", ["error wrong-value /passes/p/torch_dtype"]),
        ("0.13", "r", "DEFAULT_VALUE", []),
        ("0.13", "train_data_config", {"name": "d"}, []),
        ("0.13", "train_data_config", 5, ["error wrong-type /passes/p/train_data_config"]),
        (
            "0.13",
            "training_args",
            {"num_train_epochs": "many"},
            ["error wrong-type /passes/p/training_args/num_train_epochs"],
        ),
        ("0.9.3", "r", 4.5, []),
        ("0.13", "r", 4.5, ["error wrong-type /passes/p/r"]),
    ],
)
def test_values_of_parameters(release: str, key: str, value: Any, expected: list[str]) -> None:
    config = a_pass(release, **{key: value})
    assert told(config, release) == expected


@pytest.mark.parametrize(
    ("release", "parts", "expected"),
    [
        ("0.13", {"log_severity_level": "info"}, ["error wrong-type /log_severity_level"]),
        ("0.13", {"log_severity_level": 9}, ["warning wrong-value /log_severity_level"]),
        ("0.13", {"passes": [LORA]}, ["error wrong-type /passes"]),
        ("0.13", {"passes": {"p": "LoRA"}}, ["error wrong-type /passes/p"]),
        ("0.13", {"passes": {"p": [LORA, 5]}}, ["error wrong-type /passes/p/1"]),
        ("0.6.2", {"evaluators": {"e": {"metrics": [-1]}}}, ["error wrong-type /evaluators/e/metrics/0"]),
        (
            "0.13",
            {"passes": {"p": {"type": "OrtTransformersOptimization", "force_fp16_inputs": {"N": [0, "x"]}}}},
            ["error wrong-type /passes/p/force_fp16_inputs/N/1"],
        ),
        ("0.13", {"passes": {"p": [LORA, LORA]}}, []),
        ("0.7.1.1", {"passes": {"p": [LORA]}}, ["error wrong-type /passes/p"]),
        ("0.13", {"data_configs": {"d": DATA}}, ["error wrong-type /data_configs"]),
        (
            "0.5.2",
            {
                "data_configs": {
                    "d": {
                        "type": "HuggingfaceContainer",
                        "params_config": {"data_name": "x", "source_max_len": 8},
                    }
                }
            },
            [],
        ),
        (
            "0.5.2",
            {"data_configs": [{"name": "d", "type": "HuggingfaceContainer"}]},
            ["error wrong-type /data_configs"],
        ),
        (
            "0.13",
            {"systems": {"s": {"type": "LocalSystem", "accelerators": ["gpu"]}}},
            ["error wrong-type /systems/s/accelerators/0"],
        ),
        ("0.5.0", {"systems": {"s": {"type": "LocalSystem", "config": {"accelerators": ["gpu"]}}}}, []),
        (
            "0.13",
            {"systems": {"s": {"type": "LocalSystem", "accelerators": [{"device": "cuda"}]}}},
            ["error wrong-value /systems/s/accelerators/0/device"],
        ),
        ("0.13", {"evaluators": None}, ["error wrong-type /evaluators"]),
        ("0.7.1.1", {"evaluators": None}, []),
        (
            "0.13",
            metric(sub_types=[{"name": "avg", "goal": {"type": "max_degradation", "value": 1}}]),
            ["error wrong-value /evaluators/e/metrics/0/sub_types/0/goal/type"],
        ),
        ("0.13", metric(type="custom"), ["error wrong-value /evaluators/e/metrics/0/type"]),
        ("0.9.3", metric(type="custom"), []),
        ("0.13", metric(name=5), ["error wrong-type /evaluators/e/metrics/0/name"]),
        ("0.9.3", metric(name=5), []),
    ],
)
def test_values_of_sections(release: str, parts: dict[str, Any], expected: list[str]) -> None:
    assert told(whole(release, **parts), release) == expected


def test_what_is_handed_on_unread_is_no_error() -> None:
    load = {"type": "huggingface_dataset", "data_name": "x", "split": ["train"]}
    config = whole("0.13", data_configs=[{**DATA, "load_dataset_config": load}])
    assert told(config, "0.13") == ["warning wrong-type /data_configs/0/load_dataset_config/split"]


def test_lists_to_search() -> None:
    config = a_pass("0.13", r=[16, 32])
    assert told(config, "0.13") == ["error wrong-type /passes/p/r"]
    searching = {**config, "search_strategy": {"execution_order": "joint", "sampler": "tpe"}}
    assert told(searching, "0.13") == []
    assert told({**config, "search_strategy": False}, "0.13") == ["error wrong-type /passes/p/r"]


def test_a_secret_is_not_repeated() -> None:
    load = {"type": "huggingface_dataset", "data_name": "x", "token": ["hf_abcdefghijklmnop"]}
    config = whole(
        "0.13", data_configs=[{**DATA, "load_dataset_config": load}], hf_token="hf_abcdefghijklmnop"
    )
    assert found(config, "0.13")
    assert not [problem for problem in found(config, "0.13") if "hf_abc" in str(problem)]


# --- several releases at once


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (a_pass("0.13", r=4), []),
        (a_pass("0.13", lora_r=4), ["warning outdated-name /passes/p/lora_r key"]),
        (a_pass("0.13", r="x"), ["error wrong-type /passes/p/r"]),
        (whole("0.13", no_artifacts=True), []),
        (whole("0.13", azureml_client={}), ["warning removed /azureml_client key"]),
        (whole("0.13", ouput_dir="o"), ["error unknown-name /ouput_dir key"]),
        (
            whole("0.13", passes={"p": {"type": "QuarkQuantizationVitisAI"}}),
            ["information too-new /passes/p/type"],
        ),
        (
            whole("0.6.2", engine={"execution_providers": ["CPUExecutionProvider"]}),
            ["warning removed /engine/execution_providers key"],
        ),
    ],
)
def test_all_releases_of_a_dialect(config: dict[str, Any], expected: list[str]) -> None:
    assert told(config) == expected


# --- remedies


@pytest.mark.parametrize(
    ("release", "before", "after"),
    [
        ("0.13", {"ouput_dir": "o"}, {"output_dir": "o"}),
        ("0.13", {"passes": {"p": {**LORA, "lora_r": 4}}}, {"passes": {"p": {**LORA, "r": 4}}}),
        (
            "0.13",
            {"passes": {"p": {**LORA, "target_modules": "q"}}},
            {"passes": {"p": {**LORA, "target_modules": ["q"]}}},
        ),
        (
            "0.13",
            {"passes": {"p": {"type": "ModelBuilder", "precision": "Int4"}}},
            {"passes": {"p": {"type": "ModelBuilder", "precision": "int4"}}},
        ),
        ("0.13", {"passes": {"p": "LoRA"}}, {"passes": {"p": {"type": "LoRA"}}}),
        (
            "0.7.0",
            {"passes": {"p": {"type": "OrtPerfTuning"}}},
            {"passes": {"p": {"type": "OrtSessionParamsTuning"}}},
        ),
        (
            "0.13",
            {"systems": {"s": {"type": "LocalSystem", "accelerators": ["gpu"]}}},
            {"systems": {"s": {"type": "LocalSystem", "accelerators": [{"device": "gpu"}]}}},
        ),
        ("0.6.2", {"engine": {}, "output_dir": "o"}, {"engine": {"output_dir": "o"}}),
        (
            "0.13",
            {"passes": {"p": {**LORA, "config": {"host": "s"}}}},
            {"passes": {"p": {**LORA, "config": {}, "host": "s"}}},
        ),
        (
            "0.13",
            {"passes": {"p": {**LORA, "r": 4, "config": {"r": 8}}}},
            {"passes": {"p": {**LORA, "config": {"r": 8}}}},
        ),
        (
            "0.13",
            {"passes": {"p": {"type": "ModelBuilder"}}},
            {"passes": {"p": {"type": "ModelBuilder", "precision": "int4"}}},
        ),
    ],
)
def test_the_first_remedy(release: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    assert mended(whole(release, **before), release) == whole(release, **after)


@pytest.mark.parametrize(
    ("release", "parts", "exact"),
    [
        ("0.13", {"ouput_dir": "o"}, True),
        ("0.13", {"passes": {"p": {**LORA, "lora_r": 4}}}, True),
        ("0.13", {"passes": {"p": {**LORA, "dropout": 0.1}}}, False),
        ("0.13", {"passes": {"p": {"type": "ModelBuilder", "precision": "Int4"}}}, True),
        ("0.13", {"passes": {"p": {"type": "ModelBuilder", "precision": "int5"}}}, False),
    ],
)
def test_only_what_is_sure_is_applied_unasked(release: str, parts: dict[str, Any], exact: bool) -> None:
    problem = found(whole(release, **parts), release)[0]
    assert problem.remedies[0].exact is exact


# --- any text


@pytest.mark.parametrize("release", ["auto", "0.2.1", "0.5.2", "0.6.2", "0.7.1.1", "0.13", "main"])
@pytest.mark.parametrize("name", ["classic", "current"])
def test_every_beginning_of_a_config(name: str, release: str) -> None:
    text = json.dumps(written(name))
    for end in range(0, len(text), 41):
        assert isinstance(found(text[:end], release), list)


@settings(max_examples=200, deadline=None)
@given(
    st.text(alphabet='{}[]",:\\ \n012etrufalsn\ud800acps', max_size=60),
    st.sampled_from(["auto", "0.3.3", "0.6.2", "0.9.3", "main"]),
)
def test_any_text(text: str, release: str) -> None:
    assert isinstance(found(text, release), list)


@settings(max_examples=200, deadline=None)
@given(
    st.data(),
    st.sampled_from(["classic", "current"]),
    st.sampled_from(["auto", "0.2.1", "0.6.2", "0.9.3", "0.13"]),
)
def test_any_value_at_any_place(data: st.DataObject, name: str, release: str) -> None:
    config = written(name)
    pointers = [pointer for pointer, _, _ in view(config).walk() if pointer]
    place = data.draw(st.sampled_from(pointers))
    value = data.draw(
        st.sampled_from([None, True, 0, -1, 1.5, "", "x", [], [1], {}, {"type": 1}, {"type": "x"}, [[]]])
    )
    holder: Any = config
    *steps, last = (step.replace("~1", "/").replace("~0", "~") for step in place.split("/")[1:])
    for step in steps:
        holder = holder[int(step)] if isinstance(holder, list) else holder[step]
    holder[int(last) if isinstance(holder, list) else last] = value
    problems = rules.findings(view(config, release))
    assert len({(p.pointer, p.on, p.message) for p in problems}) == len(problems)
