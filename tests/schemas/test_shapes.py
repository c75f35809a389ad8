"""What is expected at each place of a config, what the config names, and where it uses the names."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading_configs import written
from reading_views import view

from olive_schemas.shapes import find_property

DATA = {
    "name": "d",
    "type": "HuggingfaceContainer",
    "load_dataset_config": {"type": "huggingface_dataset", "params": {"data_name": "x"}, "split": "train"},
    "pre_process_data_config": {"text_cols": ["a"], "source_max_len": 8},
    "params_config": {"data_name": "x", "component_kwargs": {"load_dataset": {"split": "train"}}},
    "components": {"load_dataset": {"type": "huggingface_dataset", "params": {"split": "train"}}},
}
SYSTEM = {
    "type": "LocalSystem",
    "accelerators": [{"device": "gpu", "execution_providers": ["CPUExecutionProvider"]}],
}
METRIC = {
    "name": "a",
    "type": "accuracy",
    "sub_types": [
        {"name": "f1_score", "metric_config": {"average": "micro"}, "goal": {"type": "threshold", "value": 1}}
    ],
    "user_config": {"user_script": "x.py", "inference_settings": {"onnx": {}}},
    "data_config": {"name": "inline"},
    "io_bind": True,
}
CONFIG: dict[str, Any] = {
    "input_model": {
        "type": "HfModel",
        "model_path": {"type": "azureml_registry_model", "name": "n"},
        "config": {
            "load_kwargs": {"trust_remote_code": True},
            "io_config": {"input_names": [], "kv_cache": {}},
        },
    },
    "data_configs": [DATA],
    "systems": {"s": {"type": "LocalSystem", "config": SYSTEM}, "t": SYSTEM},
    "evaluators": {
        "e": {"metrics": [METRIC], "type": "LMEvaluator", "tasks": ["t"], "type_args": {"limit": 1}}
    },
    "passes": {
        "p": {
            "type": "lora",
            "config": {"lora_r": 4, "training_args": {"seed": 1}},
            "alpha": 2,
            "host": SYSTEM,
        },
        "q": [{"type": "OnnxConversion", "target_opset": 1}, {"type": "NoSuch", "x": 1}],
        "i": {"type": "IncQuantization", "metric": METRIC},
    },
    "engine": {
        "target": "s",
        "search_strategy": {"sampler": "tpe", "sampler_config": {"seed": 1}, "max_samples": 3},
        "packaging_config": {"type": "Dockerfile", "config": {"base_image": "b"}},
    },
    "output_dir": "o",
    "builds": {"b": {"pipeline": ["p"]}},
}


@pytest.mark.parametrize(
    ("pointer", "kind", "type_name"),
    [
        ("", "workflow", ""),
        ("/input_model", "input_model", "HfModel"),
        ("/input_model/config", "model_config", "HfModel"),
        ("/input_model/config/load_kwargs", "object", ""),
        ("/input_model/config/io_config/kv_cache", "object", ""),
        ("/input_model/model_path", "object", "azureml_registry_model"),
        ("/data_configs", "data_configs", ""),
        ("/data_configs/0", "data_config", "HuggingfaceContainer"),
        ("/data_configs/0/load_dataset_config", "component", "huggingface_dataset"),
        ("/data_configs/0/load_dataset_config/params", "component_params", "huggingface_dataset"),
        ("/data_configs/0/pre_process_data_config", "component", "text_generation_huggingface_pre_process"),
        ("/data_configs/0/components/load_dataset", "component", "huggingface_dataset"),
        ("/data_configs/0/components/load_dataset/params", "component_params", "huggingface_dataset"),
        (
            "/data_configs/0/params_config/component_kwargs/load_dataset",
            "component_params",
            "huggingface_dataset",
        ),
        ("/systems", "systems", ""),
        ("/systems/s", "system", "LocalSystem"),
        ("/systems/s/config", "system_config", "LocalSystem"),
        ("/systems/t/accelerators/0", "accelerator", ""),
        ("/evaluators/e", "evaluator", "LMEvaluator"),
        ("/evaluators/e/type_args", "object", "LMEvaluator"),
        ("/evaluators/e/metrics/0", "metric", "accuracy"),
        ("/evaluators/e/metrics/0/sub_types/0", "sub_type", "accuracy"),
        ("/evaluators/e/metrics/0/sub_types/0/goal", "goal", ""),
        ("/evaluators/e/metrics/0/data_config", "data_config", "DataContainer"),
        ("/passes", "passes", ""),
        ("/passes/p", "pass", "LoRA"),
        ("/passes/p/config", "pass_config", "LoRA"),
        ("/passes/p/config/training_args", "training_args", ""),
        ("/passes/p/host", "system", "LocalSystem"),
        ("/passes/q", "pass_alternatives", ""),
        ("/passes/q/0", "pass", "OnnxConversion"),
        ("/passes/q/1", "pass", ""),
        ("/engine", "engine", ""),
        ("/engine/search_strategy", "search", "tpe"),
        ("/engine/packaging_config", "object", "Dockerfile"),
        ("/engine/packaging_config/config", "object", "Dockerfile"),
        ("/output_dir", "value", ""),
        ("/no_such_key", "unknown", ""),
        ("/no/such/place/0", "unknown", ""),
    ],
)
def test_what_a_place_is(pointer: str, kind: str, type_name: str) -> None:
    shape = view(CONFIG).shape(pointer)
    assert (shape.kind, shape.type_name) == (kind, type_name)


@pytest.mark.parametrize(
    ("pointer", "keys"),
    [
        ("", ["input_model", "passes", "output_dir", "pass_flows"]),
        ("/input_model", ["type", "config", "model_path", "task"]),
        ("/input_model/config", ["model_path", "task"]),
        ("/data_configs/0/load_dataset_config", ["type", "params", "data_name", "split"]),
        ("/data_configs/0/params_config", ["data_name", "text_cols", "component_kwargs"]),
        ("/data_configs/0/params_config/component_kwargs", ["load_dataset", "dataloader"]),
        ("/systems/t", ["type", "accelerators"]),
        ("/systems/t/accelerators/0", ["device", "execution_providers"]),
        ("/evaluators/e", ["metrics", "type", "tasks", "limit"]),
        ("/evaluators/e/metrics/0", ["name", "sub_types", "user_config", "io_bind"]),
        ("/evaluators/e/metrics/0/user_config", ["user_script", "io_bind", "batch_size"]),
        ("/evaluators/e/metrics/0/sub_types/0/metric_config", ["average", "num_classes"]),
        ("/passes/p", ["type", "host", "r", "train_data_config", "training_args"]),
        ("/passes/p/config", ["r", "eval_dataset_size"]),
        ("/passes/p/config/training_args", ["seed", "learning_rate", "eval_strategy"]),
        ("/engine/search_strategy", ["sampler", "sampler_config", "max_samples"]),
        ("/engine/search_strategy/sampler_config", ["seed", "multivariate"]),
        ("/engine/packaging_config/config", ["base_image"]),
        ("/builds/b", ["pipeline"]),
    ],
)
def test_the_keys_of_a_place(pointer: str, keys: list[str]) -> None:
    shape = view(CONFIG).shape(pointer)
    assert [key for key in keys if key not in shape.properties] == []


@pytest.mark.parametrize(
    ("pointer", "keys"),
    [
        ("/input_model/config", ["type", "config"]),
        ("/passes/p/config", ["type", "host", "config"]),
        ("/evaluators/e/metrics/0/user_config", ["evaluate_func"]),
        ("/evaluators/e/metrics/0/sub_types/0/metric_config", ["warmup_num"]),
        ("/passes/q/0", ["r"]),
    ],
)
def test_keys_that_a_place_lacks(pointer: str, keys: list[str]) -> None:
    shape = view(CONFIG).shape(pointer)
    assert [key for key in keys if key in shape.properties] == []


@pytest.mark.parametrize(
    ("pointer", "own", "nested"),
    [
        ("/passes/p", {"type", "host", "evaluator"}, "config"),
        ("/input_model", {"type"}, "config"),
        ("/systems/s", {"type"}, "config"),
        ("/data_configs/0/load_dataset_config", {"type"}, "params"),
        ("/evaluators/e/metrics/0", {"name", "sub_types"}, "user_config"),
        ("/evaluators/e", {"metrics", "user_script"}, "type_args"),
        ("/engine/search_strategy", {"sampler"}, "sampler_config"),
        ("/passes/p/config/training_args", set(), "extra_args"),
        ("", {"passes"}, "engine"),
    ],
)
def test_what_stands_beside_a_nested_object(pointer: str, own: set[str], nested: str) -> None:
    shape = view(CONFIG).shape(pointer)
    assert shape.nested == nested
    assert own <= shape.own


def test_a_value_is_described_under_its_present_name() -> None:
    shape = view(CONFIG).shape("/passes/p/config/lora_r")
    assert (shape.kind, shape.key, shape.prop["type"]) == ("value", "r", "integer")
    outer = view(CONFIG).shape("/passes/p")
    assert [
        name for name, _ in filter(None, (find_property(outer, key) for key in ("lora_r", "r", "rr")))
    ] == ["r", "r"]


def test_what_is_not_written_is_expected_all_the_same() -> None:
    shapes = view('{"passes": {"p": {"type": "LoRA", "trai')
    assert shapes.shape("/passes/p/train_data_config").prop["x-ref"] == "data_config"
    assert shapes.shape("/passes/p/training_args/seed").prop["type"] == "integer"
    assert shapes.shape("/passes/p/training_args").kind == "training_args"
    assert shapes.shape("/input_model/type").prop["x-ref"] == "model_type"


def test_the_task_of_the_model_chooses_components() -> None:
    config = {
        "input_model": {"type": "HfModel", "task": "text-classification"},
        "data_configs": [{"type": "HuggingfaceContainer", "pre_process_data_config": {"input_cols": ["a"]}}],
    }
    shape = view(config).shape("/data_configs/0/pre_process_data_config")
    assert shape.type_name == "huggingface_pre_process"


@pytest.mark.parametrize(
    ("release", "pointer", "key", "value"),
    [
        ("0.6.2", "/data_configs/0/pre_process_data_config", "strategy", "line-by-line"),
        ("0.13", "/data_configs/0/pre_process_data_config", "strategy", "join"),
        ("0.13", "/passes/p", "r", 64),
        ("0.13", "/passes/p", "lora_dropout", 0.05),
        ("0.6.2", "/passes/p", "lora_dropout", 0.0),
        ("0.13", "", "evaluate_input_model", True),
        ("0.13", "", "no_such_key", None),
    ],
)
def test_the_value_in_force(release: str, pointer: str, key: str, value: Any) -> None:
    assert view(CONFIG, release).value_in_force(pointer, key) == value


# --- names


def test_definitions() -> None:
    assert view(CONFIG).definitions == {
        "data_config": {"d": "/data_configs/0/name"},
        "system": {"s": "/systems/s", "t": "/systems/t"},
        "evaluator": {"e": "/evaluators/e"},
        "pass": {"p": "/passes/p", "q": "/passes/q", "i": "/passes/i"},
        "input_model": {"input_model": "/input_model"},
    }
    old = {"data_configs": {"train": {"name": "other"}}}
    assert view(old).definitions["data_config"] == {"train": "/data_configs/train"}


def test_duplicates() -> None:
    config = {"data_configs": [{"name": "a"}, {"name": "b"}, {"name": "a"}, {}, {"name": "a"}]}
    places = ("/data_configs/0/name", "/data_configs/2/name", "/data_configs/4/name")
    assert view(config).duplicates == [("data_config", "a", places)]


@pytest.mark.parametrize(
    ("config", "uses"),
    [
        ({"target": "s", "host": "t"}, ["system s /target", "system t /host"]),
        ({"engine": {"evaluator": "e"}}, ["evaluator e /engine/evaluator"]),
        (
            {"passes": {"p": {"type": "LoRA", "train_data_config": "d"}}},
            ["data_config d /passes/p/train_data_config"],
        ),
        (
            {"passes": {"p": {"type": "LoRA", "config": {"eval_data_config": "d"}, "host": "s"}}},
            ["data_config d /passes/p/config/eval_data_config", "system s /passes/p/host"],
        ),
        (
            {"passes": {"p": {"type": "NoSuch", "x_data_config": "d"}}},
            ["data_config d /passes/p/x_data_config"],
        ),
        (
            {"evaluators": {"e": {"metrics": [{"data_config": "d"}]}}},
            ["data_config d /evaluators/e/metrics/0/data_config"],
        ),
        ({"pass_flows": [["a"], ["b"]]}, ["pass a /pass_flows/0/0", "pass b /pass_flows/1/0"]),
        ({"builds": {"b": {"pipeline": ["a"]}}}, ["pass a /builds/b/pipeline/0"]),
        ({"target": {"type": "LocalSystem"}, "evaluator": None}, []),
    ],
)
def test_uses(config: dict[str, Any], uses: list[str]) -> None:
    assert [f"{use.kind} {use.name} {use.pointer}" for use in view(config).uses] == uses


# --- any text


def looked_over(text: str) -> None:
    """Everything that a view can be asked."""
    shapes = view(text)
    fresh = view(text)
    for pointer, _, shape in shapes.walk():
        if f"{pointer}/" not in text:
            assert fresh.shape(pointer).kind in (shape.kind, *_OF_ANOTHER)
        for key in list(shape.properties)[:3]:
            shapes.value_in_force(pointer, key)
    assert shapes.uses is not None
    assert shapes.definitions
    assert shapes.duplicates is not None


_OF_ANOTHER = ("unknown", "open", "value", "object", "pass", "pass_alternatives")
"""Of a key that stands twice the last one is meant by its pointer."""


@pytest.mark.parametrize("name", ["classic", "current"])
def test_every_beginning_of_a_config(name: str) -> None:
    import json

    text = json.dumps(written(name))
    for end in range(0, len(text), 7):
        looked_over(text[:end])


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='{}[]",:\\ \n0123456789etrufalsn\ud800abcpass', max_size=60))
def test_any_text(text: str) -> None:
    looked_over(text)


JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from([*CONFIG, "evaluators", "pass_flows", "data_root"]), JUNK, max_size=5))
def test_sections_that_are_anything(config: dict[str, Any]) -> None:
    import json

    looked_over(json.dumps(config))


def test_a_very_deep_text() -> None:
    shapes = view('{"passes": ' + '{"a": ' * 5000)
    assert sum(1 for _ in shapes.walk()) > 10
