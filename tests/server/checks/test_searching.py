"""Searches, and values that are searched without one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from findings import mended, told

CODES = "search-without-evaluator search-values"


def lora(**parameters: Any) -> dict[str, Any]:
    return {
        "input_model": {"type": "HfModel", "model_path": "gpt2"},
        "data_configs": [{"name": "words", "type": "HuggingfaceContainer"}],
        "evaluators": {"speed": {"metrics": []}},
        "passes": {"lora": {"type": "LoRA", "train_data_config": "words", **parameters}},
    }


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ("0.7.0", []),
        ("0.8.0", ["search-without-evaluator error /search_strategy key"]),
        ("0.13", ["search-without-evaluator error /search_strategy key"]),
        ("auto", ["search-without-evaluator error /search_strategy key"]),
    ],
)
def test_a_search_needs_an_evaluator(release: str, expected: list[str]) -> None:
    config = {**lora(), "search_strategy": {"execution_order": "joint", "sampler": "random"}}
    assert told(config, release, only=CODES) == expected
    assert told({**config, "evaluator": "speed"}, release, only=CODES) == []
    assert told({**config, "search_strategy": False}, release, only=CODES) == []


def test_the_evaluator_that_is_there_is_offered() -> None:
    config = {**lora(), "search_strategy": True}
    after = json.loads(mended(config, "0.13", code="search-without-evaluator"))
    assert after == {**config, "evaluator": "speed"}


def test_within_engine() -> None:
    config = {**lora(), "engine": {"search_strategy": True}}
    assert told(config, "0.13", only=CODES) == ["search-without-evaluator error /engine/search_strategy key"]
    assert (
        told({**lora(), "engine": {"search_strategy": True, "evaluator": "speed"}}, "0.13", only=CODES) == []
    )


@pytest.mark.parametrize("release", ["auto", "0.9.3", "0.13"])
@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"r": 16}, []),
        ({"target_modules": ["q_proj", "v_proj"]}, []),
        ({"r": [16, 32]}, ["search-values error /passes/lora/r"]),
        ({"r": "SEARCHABLE_VALUES"}, ["search-values error /passes/lora/r"]),
        ({"lora_dropout": [0.1, 0.2]}, ["search-values error /passes/lora/lora_dropout"]),
    ],
)
def test_values_to_search_without_a_search(
    parameters: dict[str, Any], expected: list[str], release: str
) -> None:
    assert told(lora(**parameters), release, only=CODES) == expected


def test_one_of_the_candidates_is_put_in() -> None:
    assert json.loads(mended(lora(r=[16, 32]), "0.13", code="search-values", choice=1)) == lora(r=32)


def test_with_a_search_they_are_fine() -> None:
    config = {**lora(r=[16, 32]), "search_strategy": True, "evaluator": "speed"}
    assert told(config, "0.13", only=CODES) == []
