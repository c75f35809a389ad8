"""One cause, one diagnostic, with a remedy that leads somewhere: what people get wrong in whole configs."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from findings import document, findings, mended, told
from hypothesis import given, settings
from hypothesis import strategies as st
from mistake_kit import CURRENT, drop, planted, put
from mistakes import REAL

from olive_schemas.problems import Problem, Severity
from olive_server.checking import problems
from olive_server.document import Document
from olive_server.edits import apply
from olive_server.fixes import fixed, fixes

QLORA, METRICS = "passes/qlora", "evaluators/common/metrics"
ACCELERATOR = "systems/gpu/accelerators/0"
TEMPLATE = "data_configs/0/pre_process_data_config/text_template"


def new(*changes: Any) -> list[str]:
    """What a change of a good config brings about."""
    before = told(CURRENT)
    return [line for line in told(planted(CURRENT, *changes)) if line not in before]


def titles(code: str, *changes: Any) -> list[str]:
    here = document(planted(CURRENT, *changes))
    found = next(problem for problem in problems(here) if problem.code == code)
    return [fix.title for fix in fixes(here, found)]


@pytest.mark.parametrize("value", [None, "MergeAdapterWeights", []])
def test_a_pass_that_is_none_says_nothing_of_the_order(value: Any) -> None:
    assert [line.split()[0] for line in new(put("passes/merge", value))] in (["wrong-type"], ["wrong-value"])


def test_parameters_at_the_top_level_belong_to_the_pass_that_has_them() -> None:
    change = (drop(f"{QLORA}/alpha"), put("alpha", 8))
    assert new(*change) == ["misplaced error /alpha key"]
    config = json.loads(mended(planted(CURRENT, *change), code="misplaced"))
    assert config["passes"]["qlora"]["alpha"] == 8
    assert "alpha" not in config


def test_training_arguments_at_the_top_level_belong_in_training_args() -> None:
    config = json.loads(mended(planted(CURRENT, put("warmup_steps", 10)), code="misplaced"))
    assert config["passes"]["qlora"]["training_args"]["warmup_steps"] == 10


def test_hf_config_in_a_nested_hf_model_is_one_finding_that_writes_the_model_anew() -> None:
    hf_config = {
        "model_name": "a/b",
        "task": "text-generation",
        "from_pretrained_args": {"torch_dtype": "float16"},
    }
    change = put("input_model", {"type": "HfModel", "config": {"hf_config": hf_config}})
    assert new(change) == ["unknown-name error /input_model/config/hf_config key"]
    config = json.loads(mended(planted(CURRENT, change), code="unknown-name"))
    assert config["input_model"] == {
        "type": "HfModel",
        "model_path": "a/b",
        "task": "text-generation",
        "load_kwargs": {"torch_dtype": "float16"},
    }


def test_a_key_that_means_the_missing_one_is_told_alone() -> None:
    config = planted(CURRENT)
    config["base_model"] = config.pop("input_model")
    assert [line for line in told(config) if "input_model" in line or "base_model" in line] == [
        "unknown-name error /base_model key"
    ]
    assert not [each for each in findings(config) if each.code == "missing"]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (put("evaluators/common", {}), "/evaluators/common key"),
        (put(METRICS, []), "/evaluators/common/metrics key"),
        (drop(f"{METRICS}/0/sub_types"), "/evaluators/common/metrics/0 key"),
        (put(f"{METRICS}/0/sub_types", []), "/evaluators/common/metrics/0/sub_types key"),
    ],
)
def test_what_measures_nothing(change: Any, place: str) -> None:
    lines = [line for line in new(change) if line.startswith("no-metrics")]
    assert lines == [f"no-metrics warning {place}"]


def test_an_evaluator_of_a_kind_of_its_own_needs_no_metrics() -> None:
    assert new(put("evaluators/common", {"type": "LMEvaluator", "tasks": ["arc_easy"]})) == []


def test_priorities_are_not_counted_where_a_sub_type_is_none() -> None:
    assert new(put(f"{METRICS}/0/sub_types", ["perplexity"])) == [
        f"wrong-type error /{METRICS}/0/sub_types/0"
    ]


def test_the_direction_of_a_custom_metric_says_which() -> None:
    custom = {"name": "a", "type": "custom", "sub_types": [{"name": "s", "priority": 1}]}
    assert titles("metric-direction", put(f"{METRICS}/0", custom)) == [
        "Write that higher is better",
        "Write that lower is better",
    ]


def test_a_provider_of_another_device_can_be_kept_by_changing_the_device() -> None:
    assert titles("provider-device", put(f"{ACCELERATOR}/device", "cpu")) == [
        'Change to `"CPUExecutionProvider"`',
        'Change to `"OpenVINOExecutionProvider"`',
        "Change the device to `gpu`",
    ]


def test_what_is_lacking_is_added_and_no_type_removed() -> None:
    passes = {"convert": {"type": "OnnxConversion"}, "tune": {"type": "OrtSessionParamsTuning"}}
    assert titles("pass-pruned", put("passes", passes)) == ["Add `io_bind`"]


def test_jinja_is_no_template() -> None:
    (found,) = [
        each
        for each in findings(planted(CURRENT, put(TEMPLATE, "{% for m in messages %}{m}{% endfor %}")))
        if each.code == "template-braces"
    ]
    assert "{% %} is Jinja" in found.message


def test_json_in_a_template_has_its_braces_doubled() -> None:
    change = put(TEMPLATE, '{"text": "{phrase}", "tone": {tone}}')
    assert new(change) == [f"template-braces error /{TEMPLATE}"]
    config = json.loads(mended(planted(CURRENT, change), code="template-braces"))
    written = config["data_configs"][0]["pre_process_data_config"]["text_template"]
    assert written.format(phrase="a", tone="b") == '{"text": "a", "tone": b}'


def test_a_path_whose_backslashes_json_took_for_escapes() -> None:
    text = json.dumps(planted(CURRENT)).replace('"models/writer"', r'"C:\temp\new"')
    (found,) = [each for each in findings(text) if each.code == "path-escape"]
    assert found.message.startswith(r"JSON reads \t as a tab and \n as a line break in this path")
    assert json.loads(mended(text, code="path-escape"))["output_dir"] == r"C:\temp\new"


def test_a_template_with_line_breaks_is_no_path() -> None:
    assert new(put(TEMPLATE, "Q: {phrase}\nA: {tone}")) == []


@pytest.mark.parametrize(
    ("written", "certain"), [("all", False), ("all_linear", True), ("All-Linear", True), (["all"], False)]
)
def test_all_modules_are_all_linear(written: Any, certain: bool) -> None:
    here = document(planted(CURRENT, put(f"{QLORA}/target_modules", written)))
    (found,) = [each for each in problems(here) if each.pointer == f"/{QLORA}/target_modules"]
    assert 'did you mean "all-linear"' in found.message
    assert [(fix.title, fix.exact) for fix in fixes(here, found)] == [('Change to `"all-linear"`', certain)]


def test_sections_of_named_things_that_are_lists_get_the_names_that_are_referred_to() -> None:
    config = planted(CURRENT)
    config["systems"] = list(config["systems"].values())
    config["evaluators"] = list(config["evaluators"].values())
    found = [each.pointer for each in findings(config) if each.severity.value == "error"]
    assert found[:2] == ["/systems", "/evaluators"]
    text = document(config).text
    for pointer in ("/systems", "/evaluators"):
        here = document(text)
        problem = next(each for each in problems(here) if each.pointer == pointer)
        (fix,) = fixes(here, problem)
        text = apply(here.text, fix.edits)
    assert json.loads(text) == CURRENT


def test_a_data_config_without_a_name_gets_the_one_that_is_referred_to() -> None:
    config = planted(CURRENT, drop("data_configs/1/name"))
    assert [line for line in told(config) if "/data_configs/1" in line or "reference" in line] == [
        "missing error /data_configs/1 key"
    ]
    assert json.loads(mended(config, code="missing"))["data_configs"][1]["name"] == "eval_data"


def test_an_accelerator_that_is_a_string_becomes_a_list_of_one() -> None:
    config = planted(CURRENT, put("systems/gpu/accelerators", "gpu"))
    assert json.loads(mended(config, code="wrong-form"))["systems"]["gpu"]["accelerators"] == [
        {"device": "gpu"}
    ]


def test_a_string_is_not_put_in_a_list_of_objects() -> None:
    here = document(planted(CURRENT, put("data_configs", "train_data")))
    (found,) = [each for each in problems(here) if each.pointer == "/data_configs"]
    assert "a list of data configs" in found.message
    assert fixes(here, found) == []


def test_a_list_is_a_search_only_where_one_can_be() -> None:
    (found,) = [each for each in findings(planted(CURRENT, put("engine", []))) if each.pointer == "/engine"]
    assert "search" not in found.message


# --- what is mended


MISTAKES = [
    pytest.param(
        planted(mistake.base, *mistake.around, *mistake.plant), release, id=f"{mistake.number}-{release}"
    )
    for mistake in REAL
    for release in ("auto", "0.13")
]


@pytest.mark.parametrize(("config", "release"), MISTAKES)
def test_what_is_certain_leaves_fewer_findings_and_no_new_error(config: Any, release: str) -> None:
    _mended_is_better(document(config, release))


def test_a_key_gets_its_name_and_then_its_value_its_form() -> None:
    """The right name alone would bring an error to light where there was a warning."""
    here = document(
        {
            **CURRENT,
            "passes": {
                "lora": {"type": "LoRA", "train_data_config": "train_data", "target_module": "q_proj"}
            },
        },
        "0.13",
    )
    mended = json.loads(fixed(here, problems(here)).text)
    assert mended["passes"]["lora"]["target_modules"] == ["q_proj"]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_many_mistakes_at_once_too(data: Any) -> None:
    """Several mistakes in one config, in JSON or in Python's spelling of it."""
    config = planted(CURRENT)
    for mistake in data.draw(st.lists(st.sampled_from(REAL), min_size=1, max_size=5)):
        if mistake.base is CURRENT:
            with contextlib.suppress(KeyError, IndexError, TypeError, AttributeError, ValueError):
                config = planted(config, *mistake.around, *mistake.plant)
    python = data.draw(st.booleans())
    here = document(repr(config) if python else config, data.draw(st.sampled_from(["auto", "0.13", "0.9"])))
    _mended_is_better(here, alone=False)


def _mended_is_better(before: Document, *, alone: bool = True) -> None:
    """alone: nothing else is wrong that a misspelt section has hidden so far."""
    told_before = problems(before)
    result = fixed(before, told_before)
    if not result.done:
        return
    after = replace(before, text=result.text, version=None)
    told_after = problems(after)
    if alone:
        assert len(_grave(told_after)) < len(_grave(told_before))
        assert not Counter(_errors(told_after)) - Counter(_errors(told_before))
    assert len(_errors(told_after)) <= len(_errors(told_before))
    left = [fix for found in told_after for fix in fixes(after, found) if fix.exact]
    if alone:
        assert not left
    for fix in left:
        # Left out for what it would lay bare, and only for that.
        bare = problems(replace(after, text=apply(after.text, fix.edits), version=None))
        assert len(_errors(bare)) > len(_errors(told_after))


def _grave(found: Sequence[Problem]) -> list[Problem]:
    """What is merely worth knowing is told only where nothing is wrong."""
    return [each for each in found if each.severity in (Severity.ERROR, Severity.WARNING)]


def _errors(found: Sequence[Problem]) -> list[tuple[str, str]]:
    return [(each.code, each.message) for each in found if each.severity is Severity.ERROR]
