"""Up to a pass: what is left of the text. From a pass, or up to one: what may be asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from olive_schemas import read, subset

THREE = """\
{
    "input_model": {"type": "HfModel", "model_path": "m"},
    "data_configs": [{"name": "d", "type": "HuggingfaceContainer", "load_dataset_config": {"data_name": "x"}}],
    "passes": {
        "lora": {"type": "LoRA", "train_data_config": "d"},
        "merge": {"type": "MergeAdapterWeights"},
        "int4": {"type": "ModelBuilder", "precision": "int4"}
    },
    "output_dir": "out"
}
"""


def reading(text: str):
    return read(text, path=Path("/w/olive-config.json"))


def cut(text: str, name: str) -> str:
    return subset.up_to(reading(text), name)


def order(text: str) -> list[str]:
    workflow = reading(text).workflow
    assert workflow is not None
    return [step.name for step in workflow.passes]


@pytest.mark.parametrize(
    ("name", "left"), [("lora", ["lora"]), ("merge", ["lora", "merge"]), ("int4", ["lora", "merge", "int4"])]
)
def test_later_passes_are_left_out_and_the_rest_stays_as_it_is(name: str, left: list[str]) -> None:
    text = cut(THREE, name)
    assert order(text) == left
    kept = THREE.splitlines()
    assert [line.rstrip(",") for line in text.splitlines()[:5]] == [line.rstrip(",") for line in kept[:5]]
    assert text.splitlines()[-3:] == kept[-3:]


def test_the_order_of_a_flow_counts_and_not_that_of_the_text() -> None:
    config = {
        "input_model": {"type": "PyTorchModel", "config": {"hf_config": {"model_name": "m"}}},
        "passes": {
            "int4": {"type": "ModelBuilder", "config": {"precision": "int4"}},
            "lora": {"type": "LoRA", "config": {"train_data_config": "d"}},
            "merge": {"type": "MergeAdapterWeights"},
        },
        "data_configs": {
            "d": {
                "name": "d",
                "type": "HuggingfaceContainer",
                "params_config": {"data_name": "x", "text_cols": "a", "source_max_len": 64},
            }
        },
        "pass_flows": [["lora", "merge", "int4"]],
        "engine": {"output_dir": "out"},
    }
    text = cut(json.dumps(config, indent=2), "merge")
    assert json.loads(text)["pass_flows"] == [["lora", "merge"]]
    assert list(json.loads(text)["passes"]) == ["lora", "merge"]
    assert order(text) == ["lora", "merge"]


@pytest.mark.parametrize("name", ["int4", "none", ""])
def test_there_is_nothing_to_leave_out(name: str) -> None:
    assert cut(THREE, name) == THREE


def test_a_text_that_is_no_workflow_stays() -> None:
    assert cut('{"passes": {"a": {', "a") == '{"passes": {"a": {'


@pytest.mark.parametrize(
    ("from_pass", "to_pass", "said"),
    [
        (None, None, []),
        ("merge", None, []),
        ("merge", "merge", []),
        ("mrege", None, ["No pass is named `mrege`; did you mean `merge`?"]),
        (None, "other", ["No pass is named `other`; there are `lora`, `merge`, `int4`"]),
        ("int4", "lora", ["`lora` comes before `int4`: there is nothing from the one up to the other."]),
    ],
)
def test_what_may_be_asked_for(from_pass: str | None, to_pass: str | None, said: list[str]) -> None:
    assert [one.message for one in subset.problems(reading(THREE), from_pass, to_pass)] == said
