"""What is told of a config that is not right: which problem, where, and with which remedy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from reading_configs import changed, read, told

import olive_schemas
from olive_schemas import Severity

TRAIN = {
    "name": "train",
    "type": "HuggingfaceContainer",
    "load_dataset_config": {"data_name": "json", "data_files": "a.json"},
}


def small(**parts: Any) -> dict[str, Any]:
    """A right config of the current form, as small as can be, with some parts replaced (None: left out)."""
    config: dict[str, Any] = {
        "input_model": {"type": "HfModel", "model_path": "org/name"},
        "data_configs": [TRAIN],
        "passes": {"lora": {"type": "LoRA", "train_data_config": "train"}},
        **parts,
    }
    return {name: part for name, part in config.items() if part is not None}


def lora(**parameters: Any) -> dict[str, Any]:
    return small(passes={"lora": {"type": "LoRA", "train_data_config": "train", **parameters}})


def model(**parameters: Any) -> dict[str, Any]:
    return small(input_model={"type": "HfModel", "model_path": "org/name", **parameters})


def text(stage: str = "pre_process_data_config", **parameters: Any) -> dict[str, Any]:
    return small(data_configs=[{**TRAIN, stage: {**TRAIN.get(stage, {}), **parameters}}])


def system(**parameters: Any) -> dict[str, Any]:
    return small(systems={"here": {"type": "LocalSystem", **parameters}}, host="here")


def steps(*types: str, **parts: Any) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for index, kind in enumerate(types):
        made[f"p{index}"] = {"type": kind}
        if kind in ("LoRA", "QLoRA"):
            made[f"p{index}"]["train_data_config"] = "train"
        if kind == "ModelBuilder":
            made[f"p{index}"]["precision"] = "int4"
    return small(passes=made, **parts)


def check(config: Any, *expect: str, folder: Path, lenient: bool = False) -> None:
    """The config gives exactly these problems, each "severity code pointer | words of the message"."""
    reading = read(json.dumps(config, indent=2), folder, lenient=lenient)
    assert told(reading) == [entry.partition(" | ")[0] for entry in expect]
    for problem, entry in zip(reading.problems, expect, strict=True):
        assert entry.partition(" | ")[2] in problem.message
    assert (reading.workflow is None) == any(entry.startswith("error") for entry in expect)


def test_a_right_config_gives_no_problem(tmp_path: Path) -> None:
    check(small(), folder=tmp_path)


@pytest.mark.parametrize(
    ("config", "expect"),
    [
        (lora(target_moduls=["q_proj"]), "error unknown-name /passes/lora/target_moduls | `target_modules`?"),
        (
            lora(training_args={"per_device_train_batchsize": 1}),
            "error unknown-name /passes/lora/training_args/per_device_train_batchsize | `per_device_train_batch_size`?",
        ),
        (lora(zzz=1), "error unknown-name /passes/lora/zzz | check the spelling"),
        (small(ouput_dir="x"), "error unknown-name /ouput_dir | `output_dir`?"),
        (small(pases={}), "error unknown-name /pases | `passes`?"),
        (small(engine={"ouput_dir": "x"}), "error unknown-name /engine/ouput_dir | `output_dir`?"),
        (
            small(data_configs=[{**TRAIN, "preprocess_data_config": {}}]),
            "error unknown-name /data_configs/0/preprocess_data_config | `pre_process_data_config`?",
        ),
        (
            text(max_seq_length=5),
            "error unknown-name /data_configs/0/pre_process_data_config/max_seq_length | `max_seq_len`?",
        ),
        (
            text("load_dataset_config", dataset_name="x"),
            "error unknown-name /data_configs/0/load_dataset_config/dataset_name | `data_name`?",
        ),
        (model(lod_kwargs={}), "error unknown-name /input_model/lod_kwargs | `load_kwargs`?"),
        (system(accelerator=[]), "error unknown-name /systems/here/accelerator | `accelerators`?"),
        (
            system(accelerators=[{"device": "cpu", "execution_provider": []}]),
            "error unknown-name /systems/here/accelerators/0/execution_provider | `execution_providers`?",
        ),
    ],
)
def test_a_name_that_nothing_knows_is_an_error_with_the_nearest_name(
    config: Any, expect: str, tmp_path: Path
) -> None:
    check(config, expect, folder=tmp_path)
    check(config, expect.replace("error", "warning"), folder=tmp_path, lenient=True)


@pytest.mark.parametrize(
    ("config", "expect"),
    [
        (
            lora(r="sixteen"),
            'error wrong-type /passes/lora/r | must be a whole number, found the string "sixteen"',
        ),
        (lora(target_modules="q_proj"), 'error wrong-type /passes/lora/target_modules | write ["q_proj"]'),
        (lora(r=[16, 32]), "error wrong-type /passes/lora/r | choose one"),
        (lora(r=-8), "error wrong-value /passes/lora/r | must be at least 1, found -8"),
        (
            lora(lora_dropout=2.0),
            "error wrong-value /passes/lora/lora_dropout | must be at most 1, found 2.0",
        ),
        (lora(torch_dtype="fp16"), "error wrong-value /passes/lora/torch_dtype | `float16`"),
        (
            lora(training_args={"learning_rate": "fast"}),
            "error wrong-type /passes/lora/training_args/learning_rate | must be a number",
        ),
        (lora(training_args=[]), "error wrong-type /passes/lora/training_args | must be an object"),
        (lora(r="SEARCHABLE_VALUES"), "error search-values /passes/lora/r | write one value"),
        (
            text(strategy="line_by_line"),
            "error wrong-value /data_configs/0/pre_process_data_config/strategy | did you mean `line-by-line`?",
        ),
        (small(log_severity_level="info"), "error wrong-type /log_severity_level | must be a whole number"),
        (small(passes=[]), "error wrong-type /passes | must be an object of named passes"),
        (small(data_configs="x", passes={}), "error wrong-type /data_configs | must be a list"),
        (small(passes={"a": 3}), "error wrong-type /passes/a | must be an object"),
        (small(input_model="phi"), "error wrong-type /input_model | must be an object"),
        (
            system(accelerators=[{"device": "cuda"}]),
            "error wrong-value /systems/here/accelerators/0/device | did you mean `gpu`?",
        ),
        (
            system(accelerators=[{"device": "gpu", "execution_providers": ["CUDA"]}]),
            "error wrong-value /systems/here/accelerators/0/execution_providers/0 | did you mean `CUDAExecutionProvider`?",
        ),
        (
            system(accelerators=[{"device": "gpu", "execution_providers": ["CudaExecutionProvider"]}]),
            "error wrong-value /systems/here/accelerators/0/execution_providers/0 | did you mean `CUDAExecutionProvider`?",
        ),
        (
            system(accelerators=[{"device": "gpu", "memory": "big"}]),
            'error wrong-value /systems/here/accelerators/0/memory | "16GB"',
        ),
    ],
)
def test_a_wrong_value_is_told_with_what_was_found(config: Any, expect: str, tmp_path: Path) -> None:
    check(config, expect, folder=tmp_path)


@pytest.mark.parametrize(
    ("config", "expect"),
    [
        (small(input_model=None), "error missing  | needs an `input_model`"),
        (small(input_model={"type": "HfModel"}), "error missing /input_model | needs `model_path`"),
        (small(input_model={"model_path": "org/name"}), "error missing /input_model | needs a `type`"),
        (
            small(passes={"lora": {"train_data_config": "train"}}),
            "error missing /passes/lora | needs a `type`",
        ),
        (
            small(passes={"lora": {"type": "LoRA"}}),
            "error missing /passes/lora | LoRA needs `train_data_config`",
        ),
        (small(passes={"b": {"type": "ModelBuilder"}}), "error missing /passes/b | needs `precision`"),
        (small(systems={"here": {}}), "error missing /systems/here | needs a `type`"),
        (
            system(accelerators=[{}]),
            "error missing /systems/here/accelerators/0 | a `device` or `execution_providers`",
        ),
        (
            text(strategy="join-random", random_seed=1),
            "error missing /data_configs/0/pre_process_data_config/strategy | needs `max_samples`",
        ),
        (
            text(strategy="join-sliding-window"),
            "error missing /data_configs/0/pre_process_data_config/strategy | needs `stride`",
        ),
        (
            small(data_configs=[{**TRAIN, "load_dataset_config": {"data_files": "a.json"}}]),
            "error missing /data_configs/0/load_dataset_config | needs `data_name`",
        ),
    ],
)
def test_what_is_required_and_missing(config: Any, expect: str, tmp_path: Path) -> None:
    check(config, expect, folder=tmp_path)


@pytest.mark.parametrize(
    ("config", "expect"),
    [
        (
            lora(train_data_config="trian"),
            "error unknown-reference /passes/lora/train_data_config | did you mean `train`?",
        ),
        (
            lora(eval_data_config="held_out"),
            "error unknown-reference /passes/lora/eval_data_config | there is `train`",
        ),
        (lora(host="cpu_sys"), "error unknown-reference /passes/lora/host | the config defines no system"),
        (
            lora(evaluator="comon"),
            "error unknown-reference /passes/lora/evaluator | no evaluator is named `comon`",
        ),
        (small(target="gpu0"), "error unknown-reference /target | no system is named `gpu0`"),
        (
            small(evaluator="comon", evaluators={"common": {"metrics": []}}),
            "error unknown-reference /evaluator | did you mean `common`?",
        ),
        (
            small(evaluators={"e": {"metrics": [{"name": "m", "type": "accuracy", "data_config": "trane"}]}}),
            "error unknown-reference /evaluators/e/metrics/0/data_config | did you mean `train`?",
        ),
        (
            small(pass_flows=[["lora", "lorra"]]),
            "error unknown-reference /pass_flows/0/1 | did you mean `lora`?",
        ),
        (
            small(data_configs=[TRAIN, TRAIN]),
            "error duplicate-name /data_configs/1/name | two data configs are named `train`",
        ),
        (
            small(data_configs=[TRAIN, {**TRAIN, "name": "held-out"}]),
            "error wrong-value /data_configs/1/name | write `held_out`",
        ),
    ],
)
def test_references_and_names(config: Any, expect: str, tmp_path: Path) -> None:
    check(config, expect, folder=tmp_path)


@pytest.mark.parametrize(
    ("config", "expect"),
    [
        (
            small(passes={"b": {"type": "ModelBuider", "precision": "int4"}}),
            "error unknown-pass /passes/b/type | did you mean `ModelBuilder`?",
        ),
        (
            small(input_model={"type": "HuggingFaceModel", "model_path": "x"}),
            "error unknown-type /input_model/type | did you mean `HfModel`?",
        ),
        (
            small(systems={"here": {"type": "LocalSytem"}}),
            "error unknown-type /systems/here/type | did you mean `LocalSystem`?",
        ),
        (
            small(data_configs=[{**TRAIN, "type": "HuggingfaceContainer2"}]),
            "error unknown-type /data_configs/0/type | did you mean `HuggingfaceContainer`?",
        ),
        (
            text(type="text_generation_preprocess"),
            "error unknown-type /data_configs/0/pre_process_data_config/type | did you mean",
        ),
    ],
)
def test_types_that_no_release_has(config: Any, expect: str, tmp_path: Path) -> None:
    check(config, expect, folder=tmp_path)


@pytest.mark.parametrize(
    ("config", "expect"),
    [
        (lora(double_quant=True), "warning no-effect /passes/lora/double_quant | is a parameter of QLoRA"),
        (
            lora(clean_run_cache=True),
            "warning no-effect /passes/lora/clean_run_cache | use clean_cache of the engine",
        ),
        (lora(lora_dropout=None), "warning no-effect /passes/lora/lora_dropout | its default 0.05 is used"),
        (
            lora(r=8, lora_r=16),
            "warning written-twice /passes/lora/lora_r | `lora_r` is the earlier name of `r`",
        ),
        (lora(config={"r": 8}, r=16), "warning written-twice /passes/lora/r | inside `config`"),
        (lora(config={"type": "QLoRA"}), "warning written-twice /passes/lora/config/type | beside `config`"),
        (
            system(accelerators=[{"execution_providers": ["CPUExecutionProvider"]}])
            | {"engine": {"execution_providers": ["CPUExecutionProvider"]}},
            "warning no-effect /engine/execution_providers | names its own",
        ),
        (lora(r=True), "warning odd-value /passes/lora/r | counts as the number 1"),
        (
            small(output_dir="a", engine={"output_dir": "b"}),
            "warning written-twice /output_dir | inside `engine`",
        ),
        (small(azureml_client={}), "warning no-effect /azureml_client | has no effect"),
        (small(engine={"output_name": "x"}), "warning no-effect /engine/output_name | has no effect"),
        (
            text(pair_format="alpaca", source_max_len=5, text_cols="t"),
            "warning no-effect /data_configs/0/pre_process_data_config/pair_format | pair format",
        ),
        (
            system(accelerators=[{"device": "npu", "execution_providers": ["CUDAExecutionProvider"]}]),
            "warning no-effect /systems/here/accelerators/0/execution_providers/0 | does not run on the device `npu`",
        ),
        (
            system(accelerators=[{"device": "cpu"}, {"device": "gpu"}]),
            "warning several-accelerators /systems/here/accelerators/1 | the first is used",
        ),
    ],
)
def test_what_is_known_and_without_effect_is_a_warning(config: Any, expect: str, tmp_path: Path) -> None:
    check(config, expect, folder=tmp_path)


@pytest.mark.parametrize(
    ("config", "expect"),
    [
        (steps("ModelBuilder", "LoRA"), "error pass-order /passes/p1/type | put `p1` before"),
        (
            steps("MergeAdapterWeights"),
            "error pass-order /passes/p0/type | put a pass that trains an adapter before it",
        ),
        (steps("LoRA", "QLoRA"), "error pass-order /passes/p1/type | merge the adapter first"),
        (
            steps("ModelBuilder", "LoRA", "MergeAdapterWeights", "LoRA"),
            "error pass-order /passes/p1/type | an ONNX model",
        ),
    ],
)
def test_an_order_that_cannot_work_is_told_once(config: Any, expect: str, tmp_path: Path) -> None:
    check(config, expect, folder=tmp_path)


def test_orders_that_work(tmp_path: Path) -> None:
    adapter = {"type": "HfModel", "model_path": "org/name", "adapter_path": "org/adapter"}
    for config in (
        steps("LoRA", "MergeAdapterWeights", "ModelBuilder"),
        steps("LoRA", "MergeAdapterWeights", "LoRA"),
        steps("LoRA", "ModelBuilder"),
        steps("ModelBuilder"),
        steps("MergeAdapterWeights", "ModelBuilder", input_model=adapter),
    ):
        check(config, folder=tmp_path)


def test_a_model_path_that_is_not_there_is_told_with_where_it_was_looked_for(tmp_path: Path) -> None:
    check(
        model(model_path="models/llama/chat"),
        f"error not-found /input_model/model_path | looked for {tmp_path}/models/llama/chat",
        folder=tmp_path,
    )
    check(
        model(model_path="./phi"),
        "error not-found /input_model/model_path | there is no model at `./phi`",
        folder=tmp_path,
    )
    check(
        model(adapter_path="../adapter"),
        "error not-found /input_model/adapter_path | there is no adapter",
        folder=tmp_path,
    )


def test_all_problems_come_at_once_in_the_order_of_the_text(tmp_path: Path) -> None:
    config = small(
        ouput_dir="x",
        passes={
            "lora": {"type": "LoRA", "train_data_config": "trian", "r": "big"},
            "b": {"type": "ModelBuilder", "precision": "int5"},
        },
    )
    check(
        config,
        "error unknown-reference /passes/lora/train_data_config",
        "error wrong-type /passes/lora/r",
        "error wrong-value /passes/b/precision",
        "error unknown-name /ouput_dir",
        folder=tmp_path,
    )


def test_lines_and_columns_are_those_of_the_text(tmp_path: Path) -> None:
    written = '{\n  "input_model": {"type": "HfModel", "model_path": "org/name"},\n  "passes": {\n    "b": {"type": "ModelBuilder", "precison": "int4"}\n  }\n}\n'
    (unknown,) = read(written, tmp_path).problems
    assert (unknown.line, unknown.column, unknown.end_line, unknown.end_column) == (4, 35, 4, 45)
    assert (
        str(unknown)
        == "4:35: error: ModelBuilder has no `precison`; did you mean `precision`? [unknown-name]"
    )


def test_a_misspelt_required_name_is_one_problem(tmp_path: Path) -> None:
    check(
        small(passes={"b": {"type": "ModelBuilder", "precison": "int4"}}),
        "error unknown-name /passes/b/precison | `precision`?",
        folder=tmp_path,
    )


def test_what_only_a_broken_text_would_bring_about_is_not_told(tmp_path: Path) -> None:
    reading = read(
        '{"input_model": {"type": "HfModel", "model_path": "org/name"}, "passes": {"lora": {"type": "LoRA", "train_da',
        tmp_path,
    )
    assert {problem.code for problem in reading.problems} == {
        "json-unclosed",
        "json-unclosed-string",
        "unknown-name",
    }


def test_a_file_that_is_something_else_is_one_problem(tmp_path: Path) -> None:
    check(
        {"architectures": ["LlamaForCausalLM"], "hidden_size": 64},
        "error not-a-config  | no Olive config",
        folder=tmp_path,
    )
    check([], "error wrong-type  | a config is an object", folder=tmp_path)
    check({}, "error missing  | needs an `input_model`", folder=tmp_path)


def test_secrets_are_never_repeated(tmp_path: Path) -> None:
    token = "hf_" + "a1B2c3D4" * 4
    for config in (
        text("load_dataset_config", token=[token]),
        lora(r=token),
        system(hf_token=token),
        small(input_model=token),
    ):
        reading = read(json.dumps(config), tmp_path)
        assert reading.errors
        assert token not in " ".join(str(problem) for problem in reading.problems)


def test_reading_never_raises(tmp_path: Path) -> None:
    whole = changed("classic", lambda config: None)
    values = ["null", "3", '""', "[]", "{}", "[null]", '{"type": null}', "true", "[[{}]]"]
    lines = whole.splitlines()
    for index, line in enumerate(lines):
        name, colon, _ = line.partition(": ")
        for value in values if colon else []:
            lines[index] = f"{name}: {value},"
            reading = read("\n".join(lines), tmp_path)
            assert all(problem.line >= 1 for problem in reading.problems)
        lines[index] = line
    for end in range(0, len(whole), 7):
        assert olive_schemas.read(whole[:end], path=tmp_path / "c.json").workflow is None


def test_severities_say_what_would_happen(tmp_path: Path) -> None:
    reading = read(json.dumps(lora(double_quant=True)), tmp_path)
    assert [problem.severity for problem in reading.problems] == [Severity.WARNING]
    assert reading.errors == ()
