"""Checks that look at one place: names, numbers, tasks, forms of other releases, code, what is not used."""

from __future__ import annotations

import json
from typing import Any

import pytest
from findings import findings, mended, told
from mistake_kit import CLASSIC, CURRENT, drop, planted, put, rename

QLORA, PRE = "passes/qlora", "data_configs/0/pre_process_data_config"


# --- names of data configs


@pytest.mark.parametrize(("name", "usable"), [("train-data", "train_data_"), ("a b", "a_b"), ("é", "data")])
def test_names_of_data_configs(name: str, usable: str) -> None:
    wrong = planted(CURRENT, put("data_configs/0/name", name), put(f"{QLORA}/train_data_config", name))
    for release in ("0.7.0", "0.13", "auto"):
        assert told(wrong, release, only="name-characters") == ["name-characters error /data_configs/0/name"]
    problem = next(problem for problem in findings(wrong, "0.13") if problem.code == "name-characters")
    assert f"write `{usable.strip('_')}`" in problem.message
    assert [related.pointer for related in problem.related] == [f"/{QLORA}/train_data_config"]


# --- truth values as numbers


def test_true_is_no_number() -> None:
    assert told(planted(CURRENT, put(f"{QLORA}/r", True)), "0.13", only="odd-value") == [
        f"odd-value warning /{QLORA}/r"
    ]
    converted = planted(CURRENT, put("passes/build", {"type": "OnnxConversion", "target_opset": True}))
    assert told(converted, "0.13", only="odd-value") == ["odd-value error /passes/build/target_opset"]
    fine = planted(CURRENT, put("passes/qlora/training_args/gradient_checkpointing", True))
    assert told(fine, "0.13", only="odd-value") == []


# --- tasks and number types


@pytest.mark.parametrize(
    ("task", "meant"),
    [
        ("text-generation", ""),
        ("text-generation-with-past", ""),
        ("text-generatoin", "text-generation"),
        ("text_generation", "text-generation"),
        ("my-own-task", ""),
    ],
)
def test_tasks(task: str, meant: str) -> None:
    config = planted(CURRENT, put("input_model/task", task))
    assert told(config, "0.13", only="unknown-task") == (
        ["unknown-task error /input_model/task"] if meant else []
    )
    if meant:
        after = mended(config, "0.13", code="unknown-task")
        assert json.loads(after) == planted(CURRENT, put("input_model/task", meant))


@pytest.mark.parametrize(
    ("written", "meant"), [("fp16", "float16"), ("bf16", "bfloat16"), ("fp32", "float32"), ("float16", "")]
)
def test_number_types_of_torch(written: str, meant: str) -> None:
    for path in ("input_model/load_kwargs/torch_dtype", f"{QLORA}/torch_dtype"):
        config = planted(CURRENT, put(path, written))
        assert told(config, "0.13", only="unknown-dtype") == (
            [f"unknown-dtype error /{path}"] if meant else []
        )
        if meant:
            assert json.loads(mended(config, "0.13", code="unknown-dtype")) == planted(
                CURRENT, put(path, meant)
            )


def test_a_model_type_that_means_hugging_face() -> None:
    config = planted(CURRENT, put("input_model/type", "TransformersModel"))
    assert told(config, "0.13") == ["unknown-type error /input_model/type"]
    assert json.loads(mended(config, "0.13", code="unknown-type")) == CURRENT


# --- keys that are handed on


@pytest.mark.parametrize(
    ("path", "name", "severity"),
    [
        ("data_configs/0/load_dataset_config/split", "splt", "warning"),
        ("data_configs/0/load_dataset_config/data_name", "dataname", "error"),
        ("input_model/load_kwargs/torch_dtype", "torch_dtpe", "warning"),
        ("input_model/load_kwargs/attn_implementation", "attn_implementaton", "warning"),
    ],
)
def test_misspelt_where_any_key_is_taken(path: str, name: str, severity: str) -> None:
    wrong = planted(CURRENT, rename(path, name))
    place = path.rpartition("/")[0]
    assert told(wrong, "0.13", only="unknown-name") == [f"unknown-name {severity} /{place}/{name} key"]
    assert json.loads(mended(wrong, "0.13", code="unknown-name")) == CURRENT


def test_what_is_like_nothing_known_is_handed_on() -> None:
    assert told(planted(CURRENT, put("input_model/load_kwargs/rope_theta_of_mine", 7)), "0.13") == []


# --- forms of other releases


@pytest.mark.parametrize(("release", "severity"), [("0.5.0", ""), ("0.6.0", "error"), ("0.13", "error")])
def test_data_configs_as_an_object(release: str, severity: str) -> None:
    entry = {key: value for key, value in CLASSIC["data_configs"][0].items() if key != "name"}
    config = planted(CLASSIC, put("data_configs", {"train_data": entry}))
    expected = [f"wrong-form {severity} /data_configs"] if severity else []
    assert told(config, release, only="wrong-form") == expected
    if severity:
        after = json.loads(mended(config, release, code="wrong-form"))
        assert after["data_configs"] == [{**entry, "name": "train_data"}]


def test_accelerators_as_text() -> None:
    config = planted(CLASSIC, put("systems/gpu/config/accelerators", ["gpu"]))
    place = "/systems/gpu/config/accelerators/0"
    assert told(config, "0.5.0", only="wrong-form") == []
    assert told(config, "0.6.2", only="wrong-form") == [f"wrong-form error {place}"]
    assert told(config, "auto", only="wrong-form") == [f"wrong-form warning {place}"]
    after = json.loads(mended(config, "0.6.2", code="wrong-form"))
    assert after["systems"]["gpu"]["config"]["accelerators"] == [{"device": "gpu"}]


# --- code that a run executes


def test_code_is_named_where_the_workspace_is_not_trusted() -> None:
    config = planted(
        CURRENT,
        put("input_model/load_kwargs/trust_remote_code", True),
        put("data_configs/0/user_script", "prepare.py"),
    )
    assert told(config, "0.13", only="runs-code") == []
    assert told(config, "0.13", only="runs-code", trusted=True) == []
    assert told(config, "0.13", only="runs-code", trusted=False) == [
        "runs-code information /input_model/load_kwargs/trust_remote_code",
        "runs-code information /data_configs/0/user_script",
    ]


# --- what nothing uses


def test_definitions_that_nothing_uses() -> None:
    config = planted(
        CURRENT,
        put("systems/spare", {"type": "LocalSystem"}),
        put("evaluators/spare", {"metrics": []}),
        put("data_configs/2", None) if len(CURRENT["data_configs"]) > 2 else put("workflow_id", "w"),
    )
    config["data_configs"].append({**CURRENT["data_configs"][0], "name": "spare"})
    for release in ("0.13", "auto"):
        assert told(config, release, only="unused") == [
            "unused hint /systems/spare key",
            "unused hint /data_configs/2/name",
            "unused hint /evaluators/spare key",
        ]
    problem = next(problem for problem in findings(config, "0.13") if problem.code == "unused")
    assert problem.tags == ("unnecessary",)
    after = json.loads(mended(config, "0.13", code="unused"))
    assert "spare" not in after["systems"]


def test_a_misspelt_reference_still_uses_what_it_means() -> None:
    assert told(planted(CURRENT, put("target", "gpuu")), "0.13", only="unused") == []


def test_the_optimiser_of_older_releases_uses_data_by_itself() -> None:
    config = planted(CURRENT, drop("passes"), put("auto_optimizer_config", {}))
    assert not [line for line in told(config, "0.9.2", only="unused") if "data_configs/0" in line]


def test_passes_that_no_flow_names() -> None:
    config = planted(CLASSIC, put("pass_flows", [["lora", "merge"]]))
    assert told(config, "0.6.2", only="not-run") == ["not-run warning /passes/build key"]
    assert json.loads(mended(config, "0.6.2", code="not-run")) == planted(
        CLASSIC, put("pass_flows", [["lora", "merge", "build"]])
    )
    config = planted(CLASSIC, put("pass_flows", [["lora"]]))
    assert told(config, "0.6.2", only="not-run") == ["not-run warning /passes/merge key"]
    config = planted(CLASSIC, put("pass_flows", [["lora", "merg"]]))
    assert told(config, "0.6.2", only="not-run") == []


# --- text generation


def test_older_releases_want_a_seed() -> None:
    config = planted(CURRENT, put(f"{PRE}/strategy", "join-random"), put(f"{PRE}/max_samples", 5))
    assert told(config, "0.9.3", only="missing unseeded") == [f"missing error /{PRE}/strategy"]
    assert json.loads(mended(config, "0.9.3", code="missing")) == planted(
        config, put(f"{PRE}/random_seed", 0)
    )


@pytest.mark.parametrize("release", ["0.13", "auto"])
@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        (
            {"pad_to_max_len": True, "use_attention_mask": False},
            [f"inconsistent error /{PRE}/use_attention_mask"],
        ),
        ({"drop_short_sequences": True}, [f"inconsistent error /{PRE}/drop_short_sequences"]),
        ({"strategy": "join-sliding-window"}, [f"missing error /{PRE}/strategy"]),
        ({"strategy": "join-random", "max_samples": 5}, [f"unseeded information /{PRE}/strategy"]),
        ({"strategy": "join-random", "max_samples": 5, "random_seed": 1}, []),
    ],
)
def test_parameters_that_belong_together(
    parameters: dict[str, Any], expected: list[str], release: str
) -> None:
    config = planted(CURRENT, *(put(f"{PRE}/{key}", value) for key, value in parameters.items()))
    assert told(config, release, only="inconsistent missing unseeded") == expected


# --- defaults that differ between releases


def test_a_default_that_depends_on_the_release() -> None:
    config = planted(CURRENT, put("passes/build", {"type": "OnnxConversion"}))
    assert told(config, "auto", only="changed-default") == ["changed-default information /passes/build/type"]
    assert told(config, "0.13", only="changed-default") == []
    problem = next(problem for problem in findings(config) if problem.code == "changed-default")
    assert problem.message == (
        "left to a default that depends on the release: `target_opset` is 14 up to 0.8.0, 20 since 0.9.0"
    )
    after = json.loads(mended(config, code="changed-default"))
    assert after == planted(CURRENT, put("passes/build", {"type": "OnnxConversion", "target_opset": 20}))
    assert told(after, "auto", only="changed-default") == []


def test_other_spellings_of_a_default_are_the_same() -> None:
    config = planted(CURRENT, put("passes/build", {"type": "OnnxQuantization"}))
    assert told(config, "auto", only="changed-default") == []


def test_a_container_of_ones_own_with_nearly_a_usual_name() -> None:
    script = put("data_configs/0/user_script", "prepare.py")
    near = planted(CURRENT, script, put("data_configs/0/type", "HugingfaceContainer"))
    assert told(near, "0.13", only="unknown-type") == ["unknown-type warning /data_configs/0/type"]
    own = planted(CURRENT, script, put("data_configs/0/type", "MyContainer"))
    assert told(own, "0.13", only="unknown-type") == []


# --- lists that belong together


@pytest.mark.parametrize("release", ["0.6.2", "0.13", "auto"])
@pytest.mark.parametrize(
    ("fixed", "expected"),
    [
        ({"dim_param": ["batch", "length"], "dim_value": [1, 64]}, []),
        (
            {"dim_param": ["batch", "length"], "dim_value": [1]},
            ["inconsistent error /passes/fix/config/dim_value"],
        ),
        (
            {"input_name": ["x"], "input_shape": [[1, 3], [1]]},
            ["inconsistent error /passes/fix/config/input_shape"],
        ),
        ({"dim_param": ["batch"]}, ["missing error /passes/fix/config/dim_param key"]),
    ],
)
def test_lists_of_a_pass_that_belong_together(fixed: Any, expected: list[str], release: str) -> None:
    steps = {"export": {"type": "OnnxConversion"}, "fix": {"type": "DynamicToFixedShape", "config": fixed}}
    base = CLASSIC if release == "0.6.2" else CURRENT
    assert told(planted(base, put("passes", steps)), release, only="inconsistent missing") == expected
