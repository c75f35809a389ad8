"""Priorities, directions and goals of metrics."""

from __future__ import annotations

from typing import Any

import pytest
from findings import findings, told

CODES = "metric-priority metric-direction metric-goal"
SUBS = "/evaluators/speed/metrics/0/sub_types"


def evaluator(*sub_types: dict[str, Any], kind: str = "latency") -> dict[str, Any]:
    metric = {"name": "lat", "type": kind, "sub_types": list(sub_types)}
    return {
        "input_model": {"type": "HfModel", "model_path": "gpt2"},
        "evaluators": {"speed": {"metrics": [metric]}},
        "passes": {"convert": {"type": "OnnxConversion"}},
        "evaluator": "speed",
    }


def sub(name: str, priority: Any = None, **more: Any) -> dict[str, Any]:
    return {"name": name, **({} if priority is None else {"priority": priority}), **more}


@pytest.mark.parametrize("release", ["auto", "0.4.0", "0.6.2", "0.13"])
@pytest.mark.parametrize(
    ("sub_types", "expected"),
    [
        ([sub("avg")], []),
        ([sub("avg", 1)], []),
        ([sub("avg", 1), sub("max", 2)], []),
        ([sub("avg", 1), sub("max", -1)], []),
        ([sub("avg", 1), sub("max")], []),
        ([sub("avg", 1), sub("max", 1)], [f"metric-priority error {SUBS}/1/priority"]),
        ([sub("avg", 2)], [f"metric-priority error {SUBS}/0/priority"]),
        ([sub("avg", 1), sub("max", 3)], [f"metric-priority error {SUBS}/1/priority"]),
        ([sub("avg"), sub("max")], [f"metric-priority error {SUBS}/0 key"]),
    ],
)
def test_priorities(sub_types: list[dict[str, Any]], expected: list[str], release: str) -> None:
    assert told(evaluator(*sub_types), release, only=CODES) == expected


def test_both_places_of_one_priority_are_shown() -> None:
    problem = next(
        problem
        for problem in findings(evaluator(sub("avg", 1), sub("max", 1)), "0.13")
        if problem.code == "metric-priority"
    )
    assert problem.message == "two sub types of the evaluator `speed` have the priority 1: write 2"
    assert [related.pointer for related in problem.related] == [f"{SUBS}/0/priority"]
    assert problem.remedies[0].value == 2


def test_a_misspelt_list_of_sub_types_is_no_matter_of_priorities() -> None:
    config = evaluator(sub("avg", 2))
    metric = config["evaluators"]["speed"]["metrics"][0]
    other = {"name": "acc", "type": "accuracy", "sub_type": [sub("accuracy_score", 1)]}
    config["evaluators"]["speed"]["metrics"] = [other, metric]
    assert told(config, "0.13", only=CODES) == []


def test_a_ranked_metric_of_ones_own_says_its_direction() -> None:
    assert told(evaluator(sub("mine", 1), kind="custom"), "0.13", only=CODES) == [
        f"metric-direction error {SUBS}/0/priority key"
    ]
    config = evaluator(sub("mine", 1, higher_is_better=True), kind="custom")
    assert told(config, "0.13", only=CODES) == []
    assert told(evaluator(sub("mine"), kind="custom"), "0.13", only=CODES) == []


@pytest.mark.parametrize(
    ("kind", "value", "wrong"),
    [
        ("threshold", -5, False),
        ("max-degradation", 0.01, False),
        ("max-degradation", -0.01, True),
        ("percent-min-improvement", 50, False),
        ("percent-min-improvement", 120, True),
        ("percent-max-degradation", 120, False),
        ("percent-max-degradation", 0, True),
    ],
)
def test_goals_of_a_latency(kind: str, value: float, wrong: bool) -> None:
    config = evaluator(sub("avg", 1, goal={"type": kind, "value": value}))
    expected = [f"metric-goal error {SUBS}/0/goal/value"] if wrong else []
    assert told(config, "0.13", only=CODES) == expected
