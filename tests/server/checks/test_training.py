"""`training_args`, and what stands beside them by mistake."""

from __future__ import annotations

import json
from typing import Any

import pytest
from findings import mended, told
from mistake_kit import CLASSIC, CURRENT, drop, planted, put

ARGS = "passes/qlora/training_args"
CODES = "eval-without-data not-resumable precision-clash overridden misplaced"


def test_nothing_of_a_usual_training() -> None:
    assert told(CURRENT, "0.13", only=CODES) == []


@pytest.mark.parametrize("release", ["auto", "0.9.3", "0.13"])
def test_an_evaluation_needs_data(release: str) -> None:
    without = planted(CURRENT, drop("passes/qlora/eval_data_config"))
    assert told(without, release, only=CODES) == [f"eval-without-data warning /{ARGS}/eval_strategy"]
    assert told(planted(without, put(f"{ARGS}/eval_strategy", "no")), release, only=CODES) == []
    after = json.loads(mended(without, release, code="eval-without-data"))
    assert after == CURRENT


def test_a_share_of_the_training_data_served_in_the_classic_dialect() -> None:
    args = "passes/lora/config/training_args"
    asked = planted(CLASSIC, put(f"{args}/evaluation_strategy", "steps"))
    assert told(asked, "0.6.2", only=CODES) == [f"eval-without-data warning /{args}/evaluation_strategy"]
    share = planted(asked, put("passes/lora/config/eval_dataset_size", 0.3))
    assert told(share, "0.6.2", only=CODES) == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"save_strategy": "no"}, [f"not-resumable information /{ARGS}/save_strategy"]),
        ({"save_strategy": "epoch"}, []),
        ({"fp16": True, "bf16": True}, [f"precision-clash error /{ARGS}/fp16"]),
        ({"fp16": True, "bf16": False}, []),
        ({"max_steps": 10, "num_train_epochs": 3}, [f"overridden hint /{ARGS}/num_train_epochs key"]),
        ({"max_steps": -1, "num_train_epochs": 3}, []),
    ],
)
def test_arguments(arguments: dict[str, Any], expected: list[str]) -> None:
    assert told(planted(CURRENT, put(ARGS, arguments)), "0.13", only=CODES) == expected


@pytest.mark.parametrize("release", ["0.13", "auto"])
def test_an_argument_beside_training_args(release: str) -> None:
    severity = "error" if release == "auto" else "warning"
    wrong = planted(CURRENT, drop(f"{ARGS}/learning_rate"), put("passes/qlora/learning_rate", 0.0002))
    assert told(wrong, release, only=CODES) == [f"misplaced {severity} /passes/qlora/learning_rate key"]
    assert json.loads(mended(wrong, release, code="misplaced")) == CURRENT


def test_where_there_are_none_they_are_made() -> None:
    wrong = planted(CURRENT, drop(ARGS), put("passes/qlora/seed", 7))
    after = json.loads(mended(wrong, "0.13", code="misplaced"))
    assert after["passes"]["qlora"]["training_args"] == {"seed": 7}
