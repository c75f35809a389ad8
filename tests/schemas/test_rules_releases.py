"""What single releases refuse: found by asking each of them about thousands of variants of configs."""

from __future__ import annotations

from typing import Any

import pytest
from reading_views import CLASSIC_HUB, HUB, found, told, whole

LATENCY = {"name": "l", "type": "latency", "sub_types": [{"name": "avg", "priority": 1}]}
AML = {"aml_compute": "c", "aml_docker_config": {"base_image": "b", "conda_file_path": "f"}}
CLIENT = {"subscription_id": "s", "resource_group": "g", "workspace_name": "w"}


def a_pass(release: str, type_name: str, **parameters: Any) -> dict[str, Any]:
    return whole(release, passes={"p": {"type": type_name, "config": parameters}})


def system(release: str, type_name: str, **parameters: Any) -> dict[str, Any]:
    return whole(release, systems={"s": {"type": type_name, "config": parameters}}, passes={})


def evaluator(**fields: Any) -> dict[str, Any]:
    return {"metrics": [{**LATENCY, **fields}]}


@pytest.mark.parametrize(
    ("release", "config", "expected"),
    [
        # a number is no path since 0.9.2, and was one before
        ("0.7.1.1", whole("0.7.1.1", output_dir=3), []),
        ("0.9.2", whole("0.9.2", output_dir=3), ["error wrong-type /output_dir"]),
        ("0.9.3", whole("0.9.3", engine={"output_dir": 3}), ["error wrong-type /engine/output_dir"]),
        ("0.11.0", whole("0.11.0", output_dir=3), ["error wrong-type /output_dir"]),
        ("0.13", whole("0.13", output_dir=3), ["error wrong-type /output_dir"]),
        # a name of a data config is matched as it is written
        (
            "0.9.3",
            whole("0.9.3", data_configs=[{"name": 5, "type": "DummyDataContainer"}]),
            ["error wrong-type /data_configs/0/name"],
        ),
        # null where the config is looked into while it is read
        (
            "0.6.2",
            {"input_model": {"type": "PyTorchModel", "config": None}},
            ["error wrong-type /input_model/config"],
        ),
        ("0.9.3", {"input_model": {"type": "PyTorchModel", "config": None}}, []),
        ("0.6.2", whole("0.6.2", engine=None), ["error wrong-type /engine"]),
        ("0.7.1.1", whole("0.7.1.1", engine=None), []),
        (
            "0.6.2",
            whole("0.6.2", evaluators={"e": evaluator(user_config=None)}),
            ["error wrong-type /evaluators/e/metrics/0/user_config"],
        ),
        ("0.13", whole("0.13", evaluators={"e": evaluator(user_config=None)}), []),
        # evaluators in place of a name
        ("0.6.2", whole("0.6.2", engine={"evaluator": evaluator()}), ["error wrong-type /engine/evaluator"]),
        ("0.7.1.1", whole("0.7.1.1", evaluator=evaluator()), []),
        (
            "0.7.1.1",
            whole("0.7.1.1", workflow_host={"type": "LocalSystem"}),
            ["error wrong-type /workflow_host"],
        ),
        # systems
        ("0.6.2", system("0.6.2", "PythonEnvironment"), ["error missing /systems/s/config key"]),
        ("0.6.2", system("0.6.2", "PythonEnvironment", olive_managed_env=True), []),
        ("0.6.2", system("0.6.2", "PythonEnvironment", python_environment_path="bin"), []),
        # packages
        (
            "0.9.3",
            whole(
                "0.9.3",
                packaging_config={
                    "type": "Zipfile",
                    "name": "x",
                    "config": {"export_in_mlflow_format": "x"},
                },
            ),
            ["error wrong-type /packaging_config/config/export_in_mlflow_format"],
        ),
        (
            "0.9.3",
            whole(
                "0.9.3", packaging_config={"type": "Zipfile", "name": "x", "export_in_mlflow_format": True}
            ),
            [],
        ),
        # models: what Olive looks into
        ("0.13", {"input_model": {**HUB, "task": 1}}, ["error wrong-type /input_model/task"]),
        (
            "0.9.3",
            {"input_model": {**HUB, "load_kwargs": "x"}},
            ["error wrong-type /input_model/load_kwargs"],
        ),
        # passes
        (
            "0.9.3",
            a_pass("0.9.3", "OnnxQuantization", quant_mode="fast", data_config="d"),
            ["error wrong-value /passes/p/config/quant_mode"],
        ),
        (
            "0.9.3",
            a_pass("0.9.3", "OnnxConversion", no_such="SEARCHABLE_VALUES"),
            ["error unknown-name /passes/p/config/no_such key"],
        ),
        (
            "0.9.3",
            a_pass("0.9.3", "OnnxConversion", size_threshold=-1),
            ["warning wrong-value /passes/p/config/size_threshold"],
        ),
        (
            "0.9.3",
            a_pass("0.9.3", "OnnxConversion", no_such=1),
            ["warning unknown-name /passes/p/config/no_such key"],
        ),
    ],
)
def test_what_a_release_makes_of_it(release: str, config: dict[str, Any], expected: list[str]) -> None:
    assert told(config, release) == expected


@pytest.mark.parametrize("release", ["0.6.2", "0.7.1.1", "0.9.3", "0.13"])
def test_olive_takes_no_modules_to_save(release: str) -> None:
    """Each of its releases declares the parameter without a type; the embedded engine takes it."""
    config = a_pass(release, "LoRA", train_data_config="d", modules_to_save=["lm_head"])
    (problem,) = found(config, release)
    assert (problem.severity.value, problem.pointer) == ("error", "/passes/p/config/modules_to_save")
    assert "must be null, found a list: Olive takes nothing else here" in problem.message
    assert told(a_pass(release, "LoRA", train_data_config="d", modules_to_save=None), release) == []


def test_modules_to_save_are_taken_here() -> None:
    config = a_pass("0.13", "LoRA", train_data_config="d", modules_to_save=["lm_head"])
    assert told(config) == []


@pytest.mark.parametrize("release", ["0.9.3", "0.13"])
def test_an_outdated_docker_system_is_one_finding(release: str) -> None:
    """What is missed since is what stood in the outdated object."""
    old = {"local_docker_config": {"image_name": "i", "build_context_path": "d", "dockerfile": "D"}}
    config = system(release, "Docker", **old)
    assert told(config, release) == ["error removed /systems/s/config/local_docker_config key"]
    assert told(system("0.7.1.1", "Docker", **old), "0.7.1.1") == []


def test_hf_config_in_an_hf_model_is_no_missing_path_as_well() -> None:
    config = {"input_model": {"type": "HfModel", "hf_config": {"model_name": "m"}}}
    assert told(config, "0.13") == ["error unknown-name /input_model/hf_config key"]


def test_a_client_is_wanted_where_an_azureml_system_is_used() -> None:
    classic = {"input_model": CLASSIC_HUB, "systems": {"s": {"type": "AzureML", "config": AML}}}
    assert told(classic, "0.6.2") == []
    used = {**classic, "engine": {"target": "s"}}
    assert told(used, "0.6.2") == ["error missing /systems/s/config key"]
    assert told({**used, "azureml_client": CLIENT}, "0.6.2") == []


@pytest.mark.parametrize("empty", ["", []])
def test_the_earlier_models_make_an_empty_object_of_what_is_empty(empty: Any) -> None:
    assert told(a_pass("0.9.3", "LoRA", train_data_config="d", training_args=empty), "0.9.3") == []
    assert told(a_pass("0.13", "LoRA", train_data_config="d", training_args=empty), "0.13") != []


def test_what_is_in_a_list_that_is_handed_on_may_be_anything() -> None:
    config = a_pass("0.13", "OnnxQuantization", quant_mode="dynamic", nodes_to_exclude=[1])
    assert all(line.startswith("warning") for line in told(config, "0.13"))
