"""Names that refer to nothing, and names that are given twice."""

from __future__ import annotations

import json
from typing import Any

import pytest
from findings import findings, mended, told

LORA: dict[str, Any] = {
    "input_model": {"type": "HfModel", "model_path": "microsoft/phi-2"},
    "data_configs": [
        {
            "name": "train_data",
            "type": "HuggingfaceContainer",
            "load_dataset_config": {"data_name": "some/words"},
        }
    ],
    "systems": {"here": {"type": "LocalSystem", "accelerators": [{"device": "cpu"}]}},
    "evaluators": {
        "speed": {
            "metrics": [{"name": "lat", "type": "latency", "sub_types": [{"name": "avg", "priority": 1}]}]
        }
    },
    "passes": {"lora": {"type": "LoRA", "train_data_config": "train_data"}},
    "target": "here",
    "evaluator": "speed",
}
CODES = "unknown-reference duplicate-name"


def changed(path: str, value: Any) -> dict[str, Any]:
    """LORA with another value at a path of keys and numbers."""
    config = json.loads(json.dumps(LORA))
    *above, last = path.split("/")
    inner = config
    for step in above:
        inner = inner[int(step) if isinstance(inner, list) else step]
    inner[int(last) if isinstance(inner, list) else last] = value
    return config


@pytest.mark.parametrize("release", ["auto", "0.7.0", "0.13", "main"])
def test_names_that_are_there_are_no_news(release: str) -> None:
    assert told(LORA, release, only=CODES) == []


@pytest.mark.parametrize(
    ("path", "written", "meant"),
    [
        ("passes/lora/train_data_config", "trian_data", "train_data"),
        ("target", "her", "here"),
        ("host", "heer", "here"),
        ("evaluator", "sped", "speed"),
        ("passes/lora/host", "hree", "here"),
        ("passes/lora/evaluator", "spead", "speed"),
        ("evaluators/speed/metrics/0/data_config", "train_dta", "train_data"),
    ],
)
@pytest.mark.parametrize("release", ["auto", "0.9.3", "0.13"])
def test_a_dangling_name_is_told_where_it_is_used(path: str, written: str, meant: str, release: str) -> None:
    config = changed(path, written)
    assert told(config, release, only=CODES) == [f"unknown-reference error /{path}"]
    problem = next(problem for problem in findings(config, release) if problem.code == "unknown-reference")
    assert f"did you mean `{meant}`?" in problem.message
    assert [related.message for related in problem.related] == [f"`{meant}` is defined here"]
    assert json.loads(mended(config, release, code="unknown-reference")) == changed(path, meant)


def test_only_an_unmistakable_name_is_put_in_unasked() -> None:
    two = changed("systems", {"gpu_a": {"type": "LocalSystem"}, "gpu_b": {"type": "LocalSystem"}})
    two["target"] = "gpu_c"
    problem = next(problem for problem in findings(two) if problem.code == "unknown-reference")
    assert [remedy.exact for remedy in problem.remedies if remedy.kind == "replace-value"] == [False]
    one = changed("target", "heree")
    problem = next(problem for problem in findings(one) if problem.code == "unknown-reference")
    assert problem.remedies[0].exact


def test_what_there_is_is_listed_where_nothing_is_near() -> None:
    config = changed("passes/lora/train_data_config", "zebra")
    problem = next(problem for problem in findings(config) if problem.code == "unknown-reference")
    assert problem.message == "no data config is named `zebra`; there is `train_data`"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("data_configs", {"type": "HuggingfaceContainer"}),
        ("data_configs/0", {"nmae": "train_data", "type": "HuggingfaceContainer"}),
        ("data_configs/0/name", 7),
        ("systems", ["here"]),
        ("evaluators", "speed"),
    ],
)
def test_a_definition_that_is_itself_wrong_does_not_dangle(path: str, value: Any) -> None:
    expected = path.partition("/")[0].removesuffix("s")
    assert not [line for line in told(changed(path, value), only=CODES) if expected in line]


def test_a_misspelt_section_does_not_make_its_names_dangle() -> None:
    config = changed("passes/lora/train_data_config", "train_data")
    config["data_config"] = config.pop("data_configs")
    config["system"] = config.pop("systems")
    assert told(config, only=CODES) == []


def test_nothing_dangles_while_a_brace_is_missing() -> None:
    text = json.dumps(LORA, indent=2).replace('"name": "train_data",', '"name": "train_data", "x": {', 1)
    assert not [line for line in told(text) if "unknown-reference" in line]


def test_two_data_configs_of_one_name() -> None:
    config = changed("data_configs", [LORA["data_configs"][0], LORA["data_configs"][0]])
    for release in ("auto", "0.6.0", "0.13"):
        assert told(config, release, only=CODES) == ["duplicate-name error /data_configs/1/name"]
    problem = next(problem for problem in findings(config) if problem.code == "duplicate-name")
    assert [(related.pointer, related.message) for related in problem.related] == [
        ("/data_configs/0/name", "the other `train_data` is here")
    ]
    after = json.loads(mended(config, code="duplicate-name"))
    assert [entry["name"] for entry in after["data_configs"]] == ["train_data", "train_data_2"]


def test_two_metrics_of_one_name() -> None:
    metric = LORA["evaluators"]["speed"]["metrics"][0]
    ranked = {**metric, "sub_types": [{"name": "max", "priority": 2}]}
    config = changed("evaluators/speed/metrics", [metric, ranked])
    assert told(config, "0.13", only=CODES) == ["duplicate-name error /evaluators/speed/metrics/1/name"]


def test_pass_flows_name_passes() -> None:
    classic = {
        "input_model": {"type": "PyTorchModel", "config": {"hf_config": {"model_name": "gpt2"}}},
        "passes": {"convert": {"type": "OnnxConversion"}},
        "pass_flows": [["convert", "quantise"]],
    }
    assert told(classic, "0.6.2", only="unknown-reference") == ["unknown-reference error /pass_flows/0/1"]
