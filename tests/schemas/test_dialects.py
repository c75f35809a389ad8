"""Every form in which a config occurs, and the workflow that it becomes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from reading_configs import HERE, MODEL, changed, read, told, workflow, written

from olive_schemas.workflow import (
    Component,
    DataConfig,
    EngineSettings,
    InputModel,
    PassStep,
    System,
    Workflow,
)

CUDA = System(
    "local",
    device="gpu",
    execution_providers=("CUDAExecutionProvider",),
    hf_token=True,
    pointer="/systems/local",
)


def test_the_classic_config_as_its_page_prints_it(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    reading = read((HERE / "classic.json").read_text(encoding="utf-8"), folder)
    assert told(reading) == ["warning no-effect /passes/lora/config/double_quant"]
    assert reading.refusals() == ()
    flow = reading.workflow
    assert flow is not None
    lora, merge, builder = flow.passes
    train = flow.data_configs["dataset_default_train"]
    assert flow == Workflow(
        base_dir=folder,
        dialect="classic",
        input_model=InputModel(
            kind="hf",
            path=str(folder / MODEL),
            task="text-generation",
            load_kwargs={"trust_remote_code": True},
            path_pointer="/input_model/config/hf_config/model_name",
            type="PyTorchModel",
        ),
        passes=(lora, merge, builder),
        engine=EngineSettings(
            output_dir=str(tmp_path / "model-cache/models/phi3-finetuned"),
            cache_dir=str(tmp_path / "model-cache/models/phi3-finetuned/cache"),
            log_severity_level=0,
            output_dir_pointer="/engine/output_dir",
            cache_dir_pointer="/engine/cache_dir",
        ),
        data_configs={"dataset_default_train": train},
        systems={"local": replace(CUDA, execution_providers=())},
        host=replace(CUDA, execution_providers=()),
        target=CUDA,
        source=folder / "olive-config.json",
    )
    assert train == DataConfig(
        name="dataset_default_train",
        type="HuggingfaceContainer",
        load=Component(
            "huggingface_dataset",
            {
                "data_name": "json",
                "data_files": str(folder / "dataset/dataset-classification.json"),
                "split": "train",
                "subset": None,
                "data_dir": None,
            },
            frozenset(("data_name", "data_files", "split")),
            "/data_configs/0/load_dataset_config",
            {
                name: f"/data_configs/0/load_dataset_config/params/{name}"
                for name in ("data_name", "data_files", "split")
            },
        ),
        pre_process=train.pre_process,
        post_process=Component(
            "text_generation_post_process", pointer="/data_configs/0/post_process_data_config"
        ),
        dataloader=Component(
            "default_dataloader", {"batch_size": 1}, pointer="/data_configs/0/dataloader_config"
        ),
        era="classic",
        pointer="/data_configs/0",
    )
    assert train.pre_process.type == "text_generation_huggingface_pre_process"
    assert dict(train.pre_process.params) == {
        "dataset_type": "corpus",
        "text_cols": ["phrase", "tone"],
        "text_template": "### Text: {phrase}\n### The tone is:\n{tone}",
        "text_formatting_func": None,
        "chat_template": None,
        "message_col": "messages",
        "max_seq_len": 2048,
        "strategy": "join",
        "joiner": None,
        "stride": None,
        "max_samples": None,
        "random_seed": None,
        "random_retries": 10,
        "add_special_tokens": True,
        "pad_to_max_len": False,
        "padding_side": None,
        "drop_short_sequences": False,
        "use_attention_mask": False,
        "processing_batch_size": 1024,
        "user_script": None,
        "script_dir": None,
        "model_name": None,
        "trust_remote_code": None,
        "task": None,
    }
    assert (
        train.pre_process.pointers["max_seq_len"]
        == "/data_configs/0/pre_process_data_config/params/source_max_len"
    )
    assert (lora.name, lora.type, lora.pointer) == ("lora", "LoRA", "/passes/lora")
    assert dict(lora.parameters) == {
        "r": 64,
        "alpha": 64,
        "lora_dropout": 0.1,
        "target_modules": ["o_proj", "qkv_proj"],
        "modules_to_save": None,
        "torch_dtype": "bfloat16",
        "device_map": "auto",
        "allow_tf32": True,
        "ephemeral_gpu_offload": False,
        "train_data_config": "dataset_default_train",
        "eval_data_config": None,
        "eval_dataset_size": 0.3,
        "bias": "none",
        "use_ort_trainer": False,
        "ortmodule_onnx_opset_version": 16,
        "training_args": {
            "seed": 0,
            "data_seed": 42,
            "per_device_train_batch_size": 1,
            "per_device_eval_batch_size": 1,
            "gradient_accumulation_steps": 4,
            "gradient_checkpointing": False,
            "learning_rate": 0.0001,
            "num_train_epochs": 3,
            "max_steps": 10,
            "logging_steps": 10,
            "eval_strategy": "steps",
            "eval_steps": 187,
            "group_by_length": True,
            "adam_beta2": 0.999,
            "max_grad_norm": 0.3,
        },
    }
    assert lora.pointers["r"] == "/passes/lora/config/lora_r"
    assert (
        lora.pointers["training_args.eval_strategy"]
        == "/passes/lora/config/training_args/evaluation_strategy"
    )
    assert {"r", "eval_dataset_size", "training_args.seed"} <= lora.given
    assert "torch_dtype" not in lora.given
    assert merge == PassStep(
        "merge_adapter_weights", "MergeAdapterWeights", {}, pointer="/passes/merge_adapter_weights"
    )
    assert (builder.type, builder.parameters["precision"], builder.given) == (
        "ModelBuilder",
        "int4",
        {"precision"},
    )


def test_the_same_config_in_the_current_form_differs_in_its_defaults_only(tmp_path: Path) -> None:
    flow = workflow((HERE / "current.json").read_text(encoding="utf-8"), tmp_path)
    assert flow.dialect == "current"
    assert flow.input_model.path == str(tmp_path / MODEL)
    assert flow.host == flow.target == CUDA
    train = flow.data_configs["dataset_default_train"]
    assert train.era == "current"
    assert (train.pre_process.params["joiner"], train.pre_process.params["padding_side"]) == ("\n\n", "right")
    assert [step.type for step in flow.passes] == ["LoRA", "MergeAdapterWeights", "ModelBuilder"]
    assert flow.passes[0].parameters["alpha"] == 64
    assert flow.passes[0].pointers["alpha"] == "/passes/lora/alpha"


def cut(*names: str) -> Callable[[dict[str, Any]], None]:
    """A change that removes a parameter of the LoRA pass."""

    def change(config: dict[str, Any]) -> None:
        step = config["passes"]["lora"]
        for name in names:
            step.get("config", step).pop(name)

    return change


@pytest.mark.parametrize(("name", "dropout"), [("classic", 0.0), ("current", 0.05)])
def test_what_is_not_written_takes_the_default_of_the_era(name: str, dropout: float, tmp_path: Path) -> None:
    assert (
        workflow(changed(name, cut("lora_dropout")), tmp_path).passes[0].parameters["lora_dropout"] == dropout
    )


def test_text_generation_defaults_of_both_eras(tmp_path: Path) -> None:
    def classic(config: dict[str, Any]) -> None:
        config["data_configs"][0]["pre_process_data_config"]["params"] = {
            "source_max_len": 8,
            "text_cols": "phrase",
        }

    def current(config: dict[str, Any]) -> None:
        config["data_configs"][0]["pre_process_data_config"] = {"padding_side": "left"}

    params = (
        workflow(changed("classic", classic), tmp_path)
        .data_configs["dataset_default_train"]
        .pre_process.params
    )
    assert (params["strategy"], params["joiner"], params["max_seq_len"]) == ("line-by-line", None, 8)
    params = (
        workflow(changed("current", current), tmp_path)
        .data_configs["dataset_default_train"]
        .pre_process.params
    )
    assert (params["strategy"], params["joiner"], params["max_seq_len"]) == ("join", "\n\n", 1024)
    assert params["text_cols"] == ["text"]


MODELS: list[tuple[dict[str, Any], InputModel]] = [
    (
        {"type": "HfModel", "model_path": "org/name"},
        InputModel("hf", "org/name", path_pointer="/input_model/model_path"),
    ),
    (
        {
            "type": "hfmodel",
            "config": {
                "model_path": "org/name",
                "load_kwargs": {"extra_args": {"attn_implementation": "eager"}, "torch_dtype": "float16"},
            },
        },
        InputModel(
            "hf",
            "org/name",
            load_kwargs={"attn_implementation": "eager", "torch_dtype": "float16"},
            path_pointer="/input_model/config/model_path",
        ),
    ),
    (
        {
            "type": "HFModel",
            "model_path": {"type": "folder", "path": MODEL},
            "task": "text-generation-with-past",
        },
        InputModel(
            "hf",
            "{folder}/" + MODEL,
            path_pointer="/input_model/model_path",
        ),
    ),
    (
        {"type": "HfModel", "model_path": {"type": "string_name", "config": {"name": "org/name"}}},
        InputModel("hf", "org/name", path_pointer="/input_model/model_path"),
    ),
    (
        {
            "type": "PyTorchModel",
            "config": {
                "hf_config": {
                    "model_name": "org/name",
                    "from_pretrained_args": {"extra_args": {"use_safetensors": True}},
                }
            },
        },
        InputModel(
            "hf",
            "org/name",
            load_kwargs={"use_safetensors": True},
            path_pointer="/input_model/config/hf_config/model_name",
            type="PyTorchModel",
        ),
    ),
    (
        {"type": "PyTorchModel", "config": {"model_path": MODEL, "hf_config": {"task": "text-generation"}}},
        InputModel(
            "hf", "{folder}/" + MODEL, path_pointer="/input_model/config/model_path", type="PyTorchModel"
        ),
    ),
    (
        {"type": "HfModel", "model_path": MODEL, "adapter_path": MODEL},
        InputModel(
            "hf",
            "{folder}/" + MODEL,
            adapter_path="{folder}/" + MODEL,
            path_pointer="/input_model/model_path",
        ),
    ),
    (
        {"type": "OnnxModel", "model_path": MODEL},
        InputModel("onnx", "{folder}/" + MODEL, path_pointer="/input_model/model_path", type="ONNXModel"),
    ),
]


@pytest.mark.parametrize(("form", "expected"), MODELS)
def test_input_models(form: dict[str, Any], expected: InputModel, tmp_path: Path) -> None:
    steps = {"b": {"type": "ModelBuilder", "precision": "int4"}}
    model = workflow(json.dumps({"input_model": form, "passes": steps}), tmp_path).input_model
    fill = {"{folder}": str(tmp_path)}
    path = expected.path.replace("{folder}", fill["{folder}"])
    adapter = expected.adapter_path and expected.adapter_path.replace("{folder}", fill["{folder}"])
    assert model == replace(expected, path=path, adapter_path=adapter)


def data(form: Any, folder: Path, **parts: Any) -> dict[str, DataConfig]:
    config = {"input_model": {"type": "HfModel", "model_path": "org/name"}, "data_configs": form, **parts}
    return dict(workflow(json.dumps(config), folder).data_configs)


def test_a_name_that_no_file_can_have_is_a_name(tmp_path: Path) -> None:
    name = "n" * 5000
    config = {
        "input_model": {"type": "HfModel", "model_path": name},
        "passes": {"c": {"type": "OnnxConversion"}},
    }
    one = {"name": "d", "type": "HuggingfaceContainer", "load_dataset_config": {"data_name": name}}
    found = workflow(json.dumps({**config, "data_configs": [one]}), tmp_path)
    assert found.data_configs["d"].load.params["data_name"] == name


def test_data_configs_as_an_object_are_named_by_their_keys(tmp_path: Path) -> None:
    form = {
        "oasst1_train": {
            "name": "oasst1",
            "type": "HuggingfaceContainer",
            "params_config": {
                "data_name": "timdettmers/openassistant-guanaco",
                "split": "train",
                "batch_size": 4,
                "component_kwargs": {
                    "pre_process_data": {
                        "dataset_type": "corpus",
                        "corpus_strategy": "join",
                        "source_max_len": 512,
                        "text_cols": ["text"],
                    }
                },
            },
        }
    }
    (config,) = data(form, tmp_path).items()
    name, read_config = config
    assert (name, read_config.name, read_config.era) == ("oasst1_train", "oasst1_train", "classic")
    assert read_config.load.params["data_name"] == "timdettmers/openassistant-guanaco"
    assert read_config.load.params["split"] == "train"
    assert read_config.dataloader.params["batch_size"] == 4
    assert read_config.pre_process.params["max_seq_len"] == 512
    assert read_config.pre_process.pointers["strategy"] == (
        "/data_configs/oasst1_train/params_config/component_kwargs/pre_process_data/corpus_strategy"
    )


def test_components_beside_params_config(tmp_path: Path) -> None:
    form = [
        {
            "name": "codes",
            "type": "huggingfacecontainer",
            "user_script": "user_script.py",
            "components": {"load_dataset": {"type": "load_codes", "params": {"language": "Python"}}},
            "params_config": {"data_name": "org/codes", "source_max_len": 64, "text_cols": ["code"]},
        }
    ]
    config = data(form, tmp_path)["codes"]
    assert config.user_script == str(tmp_path / "user_script.py")
    assert (config.load.type, dict(config.load.params)) == (
        "load_codes",
        {"language": "Python", "data_name": "org/codes"},
    )
    assert config.pre_process.params["max_seq_len"] == 64


def test_the_pair_format_keeps_its_names(tmp_path: Path) -> None:
    form = [
        {
            "name": "pairs",
            "type": "HuggingfaceContainer",
            "load_dataset_config": {"params": {"data_name": "json", "data_files": "pairs.json"}},
            "pre_process_data_config": {
                "params": {
                    "dataset_type": "pair",
                    "pair_format": "alpaca",
                    "source_max_len": 64,
                    "target_max_len": 32,
                }
            },
        }
    ]
    params = data(form, tmp_path)["pairs"].pre_process.params
    assert [params[name] for name in ("dataset_type", "pair_format", "max_seq_len", "target_max_len")] == [
        "pair",
        "alpaca",
        64,
        32,
    ]
    assert params["ignore_source_in_labels"] is True


@pytest.mark.parametrize(
    ("load", "expected"),
    [
        ({"data_name": "json", "data_files": "a.json"}, {"data_files": "{folder}/a.json"}),
        (
            {"data_name": "csv", "data_files": ["a.csv", "../b.csv"]},
            {"data_files": ["{folder}/a.csv", "{parent}/b.csv"]},
        ),
        ({"data_name": "json", "data_files": "data/*.jsonl"}, {"data_files": "{folder}/data/*.jsonl"}),
        (
            {"data_name": "json", "data_files": {"train": "a.json", "test": ["b.json"]}},
            {"data_files": {"train": "{folder}/a.json", "test": ["{folder}/b.json"]}},
        ),
        ({"data_name": "json", "data_files": "https://host/a.json"}, {"data_files": "https://host/a.json"}),
        (
            {"data_name": "json", "data_files": {"type": "file", "config": {"path": "a.json"}}},
            {"data_files": "{folder}/a.json"},
        ),
        (
            {"data_name": "org/set", "data_files": "train.json"},
            {"data_name": "org/set", "data_files": "train.json"},
        ),
        (
            {"data_name": "./sets/mine", "data_dir": "part"},
            {"data_name": "{folder}/sets/mine", "data_dir": "{folder}/part"},
        ),
        (
            {"data_name": "json", "data_files": "a.json", "split": "train[:80%]", "field": "rows"},
            {"split": "train[:80%]", "field": "rows"},
        ),
    ],
)
def test_where_rows_come_from(load: dict[str, Any], expected: dict[str, Any], tmp_path: Path) -> None:
    folder = tmp_path / "project"
    form = [{"name": "d", "type": "HuggingfaceContainer", "load_dataset_config": load}]
    params = data(form, folder)["d"].load.params
    filled = json.loads(
        json.dumps(expected).replace("{folder}", str(folder)).replace("{parent}", str(tmp_path))
    )
    assert {name: params[name] for name in filled} == filled


def test_a_data_config_written_inside_a_pass_gets_a_name(tmp_path: Path) -> None:
    def change(config: dict[str, Any]) -> None:
        (train,) = config.pop("data_configs")
        train.pop("name")
        config["passes"]["lora"]["train_data_config"] = train

    flow = workflow(changed("current", change), tmp_path)
    assert flow.passes[0].parameters["train_data_config"] == "lora_train_data_config"
    config = flow.data_configs["lora_train_data_config"]
    assert config.load.params["data_name"] == "json"
    assert config.pointer == "/passes/lora/train_data_config"


@pytest.mark.parametrize(
    ("form", "device", "providers"),
    [
        ({"accelerators": ["cpu"]}, "cpu", ()),
        ({"config": {"accelerators": ["gpu"]}}, "gpu", ()),
        (
            {"accelerators": [{"device": "gpu", "execution_providers": ["DmlExecutionProvider"]}]},
            "gpu",
            ("DmlExecutionProvider",),
        ),
        (
            {"accelerators": [{"device": "GPU", "execution_providers": "CUDAExecutionProvider"}]},
            "gpu",
            ("CUDAExecutionProvider",),
        ),
        (
            {"accelerators": [{"execution_providers": ["CUDAExecutionProvider", "CPUExecutionProvider"]}]},
            "gpu",
            ("CUDAExecutionProvider", "CPUExecutionProvider"),
        ),
        (
            {"accelerators": [{"execution_providers": ["CPUExecutionProvider"]}]},
            "cpu",
            ("CPUExecutionProvider",),
        ),
        (
            {
                "accelerators": [
                    {"device": "cpu", "execution_providers": [["CPUExecutionProvider", "lib.so"]]}
                ]
            },
            "cpu",
            ("CPUExecutionProvider",),
        ),
        ({}, None, ()),
    ],
)
def test_systems(
    form: dict[str, Any], device: str | None, providers: tuple[str, ...], tmp_path: Path
) -> None:
    config = {
        "input_model": {"type": "HfModel", "model_path": "org/name"},
        "systems": {"here": {"type": "localsystem", **form}},
        "target": "here",
    }
    target = workflow(json.dumps(config), tmp_path).target
    assert (target.type, target.device, target.execution_providers) == ("LocalSystem", device, providers)


def test_a_system_written_in_place_of_its_name(tmp_path: Path) -> None:
    def change(config: dict[str, Any]) -> None:
        config["host"] = {"type": "LocalSystem", "accelerators": [{"device": "cpu", "memory": "16GB"}]}

        config["passes"]["lora"]["host"] = {"type": "LocalSystem", "accelerators": [{"device": "gpu"}]}

    flow = workflow(changed("current", change), tmp_path)
    assert flow.passes[0].host == "lora_host"
    assert flow.systems["lora_host"].device == "gpu"
    assert (flow.host.device, flow.host.memory_bytes) == ("cpu", 16 * 10**9)
    assert flow.target == CUDA


def test_passes_with_and_without_config_in_a_list_and_in_any_case(tmp_path: Path) -> None:
    def change(config: dict[str, Any]) -> None:
        config["passes"] = {
            "a": [
                {
                    "type": "qlora",
                    "config": {"r": 8},
                    "train_data_config": "dataset_default_train",
                    "double_quant": True,
                }
            ],
            "b": {"type": "MERGEADAPTERWEIGHTS", "config": None},
            "c": {"type": "modelbuilder", "config": {"precision": "fp16"}},
        }

    flow = workflow(changed("current", change), tmp_path)
    assert [step.type for step in flow.passes] == ["QLoRA", "MergeAdapterWeights", "ModelBuilder"]
    assert flow.passes[0].parameters["r"] == 8
    assert flow.passes[0].parameters["double_quant"] is True
    assert flow.passes[0].pointer == "/passes/a/0"
    assert flow.passes[2].parameters["precision"] == "fp16"


@pytest.mark.parametrize(("value", "expected"), [("16", 16), (16.0, 16), ("DEFAULT_VALUE", 64), (128, 128)])
def test_values_are_taken_as_olive_takes_them(value: Any, expected: int, tmp_path: Path) -> None:
    def change(config: dict[str, Any]) -> None:
        config["passes"]["lora"]["r"] = value
        config["passes"]["lora"]["allow_tf32"] = "yes"

    parameters = workflow(changed("current", change), tmp_path).passes[0].parameters
    assert parameters["r"] == expected
    assert type(parameters["r"]) is int
    assert parameters["allow_tf32"] is True


def test_one_flow_gives_the_order_and_tells_of_what_it_leaves_out(tmp_path: Path) -> None:
    reading = read(changed("classic", lambda config: config.update(pass_flows=[["builder"]])), tmp_path)
    assert reading.workflow is not None
    assert [step.name for step in reading.workflow.passes] == ["builder"]
    assert "information not-run /pass_flows" in told(reading)


def test_engine_keys_at_the_top_level_and_inside_engine(tmp_path: Path) -> None:
    def change(config: dict[str, Any]) -> None:
        config["engine"] = {"clean_cache": True, "workflow_id": "mine"}
        config["output_dir"] = "out"
        del config["cache_dir"]

    flow = workflow(changed("current", change), tmp_path)
    assert flow.engine.clean_cache is True
    assert flow.engine.output_dir == str(tmp_path / "out")
    assert flow.engine.output_dir_pointer == "/output_dir"
    assert flow.workflow_id == "mine"


def test_names_that_were_dropped_do_not_make_a_current_config_classic(tmp_path: Path) -> None:
    def change(config: dict[str, Any]) -> None:
        config["passes"]["lora"]["clean_run_cache"] = True
        config["passes"]["lora"].pop("lora_dropout")

    flow = workflow(changed("current", change), tmp_path)
    assert flow.dialect == "current"
    assert flow.passes[0].parameters["lora_dropout"] == 0.05


def test_a_classic_data_config_in_a_current_file_keeps_its_era(tmp_path: Path) -> None:
    def change(config: dict[str, Any]) -> None:
        config["data_configs"] = written("classic")["data_configs"]

    flow = workflow(changed("current", change), tmp_path)
    assert flow.data_configs["dataset_default_train"].era == "classic"
    assert flow.data_configs["dataset_default_train"].pre_process.params["joiner"] is None


def test_data_inside_hf_config_is_what_early_passes_refer_to(tmp_path: Path) -> None:
    hf_config = {
        "model_name": "org/name",
        "task": "text-generation",
        "dataset": {
            "data_name": "json",
            "data_files": "a.json",
            "split": "train",
            "source_max_len": 8,
            "text_cols": ["t"],
        },
    }
    config = {
        "input_model": {"type": "PyTorchModel", "config": {"hf_config": hf_config}},
        "passes": {"lora": {"type": "LoRA", "config": {"train_data_config": "__input_model_data_config__"}}},
    }
    read_config = workflow(json.dumps(config), tmp_path).data_configs["__input_model_data_config__"]
    assert read_config.load.params["data_files"] == str(tmp_path / "a.json")
    assert (
        read_config.pre_process.pointers["max_seq_len"]
        == "/input_model/config/hf_config/dataset/source_max_len"
    )
