"""Whether a file is a workflow of Olive: by its content, or its name while it says nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mistake_kit import CLASSIC, CURRENT, planted, rename, written

from olive_server.checking import is_workflow
from olive_server.document import Document


def recognised(config: Any, name: str = "some.json") -> bool:
    text = config if isinstance(config, str) else json.dumps(config)
    return is_workflow(Document(f"file:///work/{name}", text))


@pytest.mark.parametrize(
    "config",
    [
        CURRENT,
        CLASSIC,
        planted(CURRENT, rename("passes", "pases")),
        {"input_model": {"type": "HfModel"}},
        {"passes": {"a": {"type": "LoRA"}}},
        {"passes": [{"type": "OnnxConversion"}]},
        {"input_model": {}, "output_dir": "x"},
        {"systems": {}, "engine": {}},
        written(CURRENT)[:400],
    ],
)
def test_workflows_whatever_their_name(config: Any) -> None:
    assert recognised(config)


@pytest.mark.parametrize(
    "config",
    [
        "",
        "{}",
        [],
        "not json at all",
        {"name": "shop", "version": "1.0.0", "engines": {"node": ">=18"}},
        {"compilerOptions": {"strict": True}},
        {"passes": 3, "failures": 0},
        {"passes": {"lint": {"status": "ok"}}},
        {"engine": "v8", "systems": "all"},
        {"$schema": "x", "properties": {"input_model": {}, "passes": {}}},
        {"passes": {"LoRA": {"module_path": "a.b", "supported_providers": ["*"]}}, "extra_dependencies": {}},
        {"evaluators": ["ann", "bob"]},
    ],
)
def test_other_json_is_left_alone(config: Any) -> None:
    assert not recognised(config)


@pytest.mark.parametrize(
    "name", ["olive-config.json", "olive_config.json", "Olive.json", "olive-workflow.json"]
)
def test_the_usual_name_counts_while_nothing_is_written(name: str) -> None:
    assert recognised("", name)
    assert recognised("{}", name)
    assert recognised('{"input_', name)
    assert recognised({"output_dir": "x"}, name)
    assert not recognised({"compilerOptions": {}}, name)


@pytest.mark.parametrize("name", ["package.json", "my-olive-oil.json", "olive-configuration-notes.json"])
def test_other_names_do_not(name: str) -> None:
    assert not recognised("{}", name)
