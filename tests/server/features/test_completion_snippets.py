"""Whole parts are valid as they are offered: accepted without a change they bring no error with them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from completing import accepted, at_cursor, document, mistakes

from olive_server.checking import problems

ROWS = {"data_name": "json", "data_files": "rows.json", "split": "train"}
CURRENT = {
    "input_model": {"type": "HfModel", "model_path": "m"},
    "data_configs": [
        {
            "name": "d",
            "type": "HuggingfaceContainer",
            "load_dataset_config": ROWS,
            "pre_process_data_config": {"text_cols": ["text"]},
        }
    ],
}
TEXT = {"dataset_type": "corpus", "text_cols": ["text"], "source_max_len": 64}
CLASSIC_MODEL = {
    "type": "PyTorchModel",
    "config": {"hf_config": {"model_name": "m", "task": "text-generation"}},
}
CLASSIC = {
    "input_model": CLASSIC_MODEL,
    "data_configs": [
        {
            "name": "d",
            "type": "HuggingfaceContainer",
            "load_dataset_config": {"params": ROWS},
            "pre_process_data_config": {"params": TEXT},
        }
    ],
}
OLD = {
    "input_model": CLASSIC_MODEL,
    "data_configs": {
        "d": {
            "name": "d",
            "type": "HuggingfaceContainer",
            "params_config": {**ROWS, "component_kwargs": {"pre_process_data": TEXT}},
        }
    },
}
RELEASES = {
    "auto": CURRENT,
    "main": CURRENT,
    "0.13.0": CURRENT,
    "0.9.3": CURRENT,
    "0.7.0": CURRENT,
    "0.6.2": CLASSIC,
    "0.5.2": OLD,
    "0.4.0": OLD,
}
ABOUT_THE_ORDER = {"pass-order", "missing-adapter", "missing-merge", "already-quantized"}
"""Whether a pass can follow another is no matter of the pass itself."""


def errors(text: str, version: str) -> list[str]:
    found = problems(document(text, version=version))
    return [
        f"{problem.code}: {problem.message}"
        for problem in found
        if problem.severity.value == "error" and problem.code not in ABOUT_THE_ORDER
    ]


def marked(config: Any) -> str:
    """The config's text with the cursor where "@" stands."""
    return json.dumps(config, indent=4).replace('"@": 0', "|").replace('"@"', "|")


@pytest.mark.parametrize("section", ["passes", "systems", "evaluators"])
@pytest.mark.parametrize("version", RELEASES)
def test_named_parts(version: str, section: str) -> None:
    text = marked({**RELEASES[version], section: {"@": 0}})
    items = [item for item in at_cursor(text, version=version).items if item.kind == "snippet"]
    assert len(items) > {"passes": 25, "systems": 2, "evaluators": 1}[section]
    for item in items:
        after = accepted(text.replace("|", ""), item)
        assert mistakes(after) == 0
        assert errors(after, version) == [], item.label


@pytest.mark.parametrize("version", [*RELEASES, "classic"])
def test_whole_configs(version: str) -> None:
    release = "auto" if version == "classic" else version
    items = at_cursor("|", version=release).items
    assert items
    for item in items:
        after = accepted("", item)
        assert mistakes(after) == 0
        assert errors(after, release) == [], item.label


@pytest.mark.parametrize("version", ["auto", "0.13.0", "0.6.2"])
def test_data_configs(version: str) -> None:
    text = marked({**RELEASES[version], "data_configs": ["@"]})
    items = [item for item in at_cursor(text, version=version).items if item.kind == "snippet"]
    assert [item.label for item in items][-1] == "made-up data"
    assert len(items) == 4
    for item in items:
        assert errors(accepted(text.replace("|", ""), item), version) == [], item.label


@pytest.mark.parametrize("version", ["auto", "0.13.0", "0.6.2"])
def test_metrics_and_models_and_searches(version: str) -> None:
    config = RELEASES[version]
    texts = [
        marked({**config, "evaluators": {"e": {"metrics": ["@"]}}}),
        marked({"input_model": "@"}),
        marked({**config, "systems": {"s": {"type": "LocalSystem", "config": {"accelerators": ["@"]}}}}),
    ]
    for text in texts:
        items = [item for item in at_cursor(text, version=version).items if item.kind == "snippet"]
        assert len(items) > 1
        for item in items:
            assert errors(accepted(text.replace("|", ""), item), version) == [], item.label


@pytest.mark.parametrize("version", ["auto", "0.13.0"])
def test_keys_with_a_part_behind_them(version: str) -> None:
    text = '{"input_model": {"type": "HfModel", "model_path": "m"}, |}'
    for label in ("systems", "data_configs", "evaluators"):
        item = next(item for item in at_cursor(text, version=version).items if item.label == label)
        assert errors(accepted(text.replace("|", ""), item), version) == [], label
