"""What the engine refuses although Olive would do it: told with what is missing, apart from mistakes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from reading_configs import changed, read

AZURE = {
    "type": "azureml_datastore",
    "config": {"azureml_client": {}, "datastore_name": "d", "relative_path": "a.json"},
}
REGISTRY = {
    "type": "azureml_registry_model",
    "config": {"name": "microsoft/Phi-3", "registry_name": "azureml", "version": "11"},
}
AML = {
    "type": "AzureML",
    "config": {
        "accelerators": ["gpu"],
        "hf_token": True,
        "aml_compute": "gpu-cluster",
        "aml_docker_config": {"base_image": "image", "conda_file_path": "conda.yaml"},
    },
}


def refused(text: str, folder: Path) -> list[str]:
    """ "code pointer | message" of each refusal of a config without mistakes."""
    reading = read(text, folder)
    assert reading.errors == ()
    return [f"{problem.code} {problem.pointer} | {problem.message}" for problem in reading.refusals()]


def check(text: str, folder: Path, *expect: str) -> None:
    found = refused(text, folder)
    assert [entry.partition(" | ")[0] for entry in found] == [entry.partition(" | ")[0] for entry in expect]
    for entry, wanted in zip(found, expect, strict=True):
        assert wanted.partition(" | ")[2] in entry


def test_the_whole_configs_are_run(tmp_path: Path) -> None:
    for name in ("classic", "current"):
        check(changed(name, lambda config: None), tmp_path)


def test_the_cloud_blocks_of_the_page_are_accepted_and_refused_by_name(tmp_path: Path) -> None:
    def change(config: dict[str, Any]) -> None:
        config["systems"] = {
            "aml": AML,
            "azure_arc": {"type": "AzureML", "config": {"accelerators": ["gpu"], "aml_compute": "c"}},
        }
        config["engine"]["host"] = config["engine"]["target"] = "aml"
        config["data_configs"][0]["load_dataset_config"]["params"]["data_files"] = AZURE
        config["input_model"]["config"] = {
            "model_path": REGISTRY,
            "model_file_format": "PyTorch.MLflow",
            "hf_config": {
                "model_name": "microsoft/Phi-3",
                "task": "text-generation",
                "from_pretrained_args": {"trust_remote_code": True},
            },
        }

    check(
        changed("classic", change),
        tmp_path,
        "azureml /input_model/config/model_path | download the model",
        "system-not-local /systems/aml/type | is of type AzureML",
        "azureml /data_configs/0/load_dataset_config/params/data_files | download the data",
    )


@pytest.mark.parametrize(
    ("changes", "expect"),
    [
        (
            {"passes": {"q": {"type": "GptqQuantizer"}}},
            "pass-not-run-here /passes/q/type | GptqQuantizer is a pass of Olive",
        ),
        (
            {"passes": {"q": {"type": "onnxconversion", "config": {"target_opset": 17}}}},
            "pass-not-run-here /passes/q/type | OnnxConversion",
        ),
        ({"passes": {}}, "no-passes /passes | nothing to run"),
        (
            {
                "search_strategy": {"execution_order": "joint", "sampler": "random"},
                "evaluator": {"metrics": []},
            },
            "search /search_strategy | set `search_strategy` to false",
        ),
        (
            {"target": {"type": "PythonEnvironment", "python_environment_path": "/opt/env"}},
            "system-not-local /target/type | PythonEnvironment",
        ),
        (
            {"input_model": {"type": "PyTorchModel", "model_loader": "load", "model_script": "m.py"}},
            "model-type /input_model/type | HfModel",
        ),
        (
            {"pass_flows": [["lora", "merge", "builder"], ["builder"]]},
            "several-flows /pass_flows | one run does one",
        ),
    ],
)
def test_what_is_refused(changes: dict[str, Any], expect: str, tmp_path: Path) -> None:
    check(changed("current", lambda config: config.update(changes)), tmp_path, expect)


def test_alternatives_of_a_pass_are_a_search(tmp_path: Path) -> None:
    def change(config: dict[str, Any]) -> None:
        config["passes"]["builder"] = [
            {"type": "ModelBuilder", "precision": "int4"},
            {"type": "ModelBuilder", "precision": "fp16"},
        ]

    check(changed("current", change), tmp_path, "pass-alternatives /passes/builder | lists 2 alternatives")


def test_a_precision_that_is_not_built(tmp_path: Path) -> None:
    def change(config: dict[str, Any]) -> None:
        config["passes"]["builder"]["precision"] = "uint4"

    check(changed("current", change), tmp_path, "precision-not-built /passes/builder/precision | `int4`")


def test_evaluators_are_information(tmp_path: Path) -> None:
    text = changed("current", lambda config: config.update(evaluators={"e": {"metrics": []}}))
    (problem,) = read(text, tmp_path).refusals()
    assert (problem.severity.value, problem.code, problem.line > 1) == ("information", "no-evaluation", True)


def test_data_that_is_no_text_to_train_on(tmp_path: Path) -> None:
    def change(config: dict[str, Any]) -> None:
        config["data_configs"][0] = {
            "name": "dataset_default_train",
            "type": "DummyDataContainer",
            "load_dataset_config": {"input_shapes": [[1, 8]]},
        }

    check(
        changed("current", change), tmp_path, "data-not-text /passes/lora/train_data_config | made-up tensors"
    )


def test_a_config_with_mistakes_still_tells_what_it_refuses(tmp_path: Path) -> None:
    reading = read(
        json.dumps({"input_model": {"type": "HfModel", "model_path": REGISTRY}, "passes": 3}), tmp_path
    )
    assert [problem.code for problem in reading.errors] == ["wrong-type"]
    assert [problem.code for problem in reading.refusals()] == ["azureml"]
