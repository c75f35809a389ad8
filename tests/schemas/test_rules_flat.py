"""Keys beside `type` that the classic releases read in `config` only: one finding for an object, whatever is missing then."""

from __future__ import annotations

import json
from typing import Any

from olive_schemas.problems import Problem
from olive_schemas.releases import era_of, only
from olive_schemas.rules import findings
from olive_schemas.shapes import View
from olive_schemas.tree import parse


def told(config: Any, release: str) -> list[Problem]:
    tree = parse(json.dumps(config))
    return [p for p in findings(View(tree, config, era_of(release), only(release))) if p.code != "no-passes"]


MODEL = {"type": "PyTorchModel", "config": {"model_path": "m"}}


def test_all_flat_keys_of_a_pass_are_one_finding_with_the_one_that_is_required() -> None:
    builder = {"type": "ModelBuilder", "precision": "int4", "metadata_only": False}
    flat = {"input_model": MODEL, "passes": {"b": builder}}
    found = told(flat, "0.6.2")
    assert [(p.code, p.severity.value, p.pointer) for p in found] == [
        ("no-effect", "error", "/passes/b/precision")
    ]
    assert found[0].message.startswith("up to 0.6.2 `precision` and `metadata_only` belong in `config`.")
    (remedy,) = found[0].remedies
    nested = {"precision": "int4", "metadata_only": False}
    assert remedy.value == {"type": "ModelBuilder", "config": nested}
    assert told(flat, "0.13.0") == []


def test_a_flat_model_is_told_once_and_not_that_its_config_is_missing() -> None:
    flat = {"input_model": {"type": "PyTorchModel", "model_path": "m", "model_loader": "f"}, "passes": {}}
    assert [(p.severity.value, p.pointer) for p in told(flat, "0.6.2")] == [
        ("error", "/input_model/model_path")
    ]


def test_where_config_is_written_each_flat_key_has_its_own_move() -> None:
    mixed = {
        "input_model": MODEL,
        "passes": {"b": {"type": "ModelBuilder", "precision": "int4", "config": {"metadata_only": False}}},
    }
    (found,) = told(mixed, "0.6.2")
    assert (found.severity.value, found.pointer) == ("error", "/passes/b/precision")
    assert [(r.kind, r.target, r.exact) for r in found.remedies] == [("move", "/passes/b/config", True)]


def test_parameters_of_a_component_beside_it() -> None:
    config = {
        "input_model": {"type": "HfModel", "model_path": "m"},
        "data_configs": [{"name": "d", "type": "HuggingfaceContainer", "split": "train", "load_dataset_config": {}}],
        "passes": {},
    }  # fmt: skip
    found = [problem for problem in told(config, "0.13.0") if problem.code == "unknown-name"]
    assert [problem.message for problem in found] == [
        "`split` belongs in `load_dataset_config`. Olive 0.13.0 ignores it."
    ]
    assert found[0].remedies[0].target == "/data_configs/0/load_dataset_config"
