"""The example's config: the printed one, but for what its README lists, and free of errors and refusals."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from olive_schemas import read
from olive_schemas.problems import Severity
from olive_schemas.workflow import Workflow

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "phrase-tone"
CONFIG = EXAMPLE / "olive-config.json"
PRINTED = Path(__file__).with_name("printed.json")


def leaves(value: Any, path: str = "") -> dict[str, Any]:
    """Pointer -> value; lists count as one value."""
    if isinstance(value, dict):
        return {k: v for name, inner in value.items() for k, v in leaves(inner, f"{path}/{name}").items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return {k: v for i, inner in enumerate(value) for k, v in leaves(inner, f"{path}/{i}").items()}
    return {path: value}


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The example's folder as it stands once the model was fetched, which a fresh clone has not done."""
    shutil.copytree(EXAMPLE / "dataset", tmp_path / "dataset")
    shutil.copy(CONFIG, tmp_path)
    (tmp_path / "model-cache" / "smollm2-135m").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def workflow(example: Path) -> Workflow:
    config = example / CONFIG.name
    reading = read(config.read_text("utf-8"), path=config)
    assert [problem for problem in reading.problems if problem.severity is Severity.ERROR] == []
    assert reading.workflow is not None
    return reading.workflow


def test_every_deviation_from_the_printed_config_is_in_the_readme() -> None:
    printed, ours = (
        leaves(json.loads(PRINTED.read_text("utf-8"))),
        leaves(json.loads(CONFIG.read_text("utf-8"))),
    )
    printed.pop("/note")
    readme = (EXAMPLE / "README.md").read_text("utf-8")
    changed = {path for path in printed if ours.get(path, "missing") != printed[path]}
    added = {path for path in ours if path not in printed and not path.startswith("/systems/local_system")}
    for path in changed | added:
        assert f"`{path.rpartition('/')[2]}`" in readme, f"{path} differs, and the README does not say why"


def test_nothing_printed_is_left_out() -> None:
    printed, ours = (
        leaves(json.loads(PRINTED.read_text("utf-8"))),
        leaves(json.loads(CONFIG.read_text("utf-8"))),
    )
    assert set(printed) - {"/note"} - set(ours) == set()


def test_it_reads_as_the_classic_dialect_with_three_passes(workflow: Workflow) -> None:
    assert workflow.dialect == "classic"
    assert [(step.name, step.type) for step in workflow.passes] == [
        ("lora", "LoRA"),
        ("merge_adapter_weights", "MergeAdapterWeights"),
        ("builder", "ModelBuilder"),
    ]
    assert workflow.passes[0].parameters["r"] == 64
    assert workflow.passes[0].parameters["alpha"] == 64
    assert workflow.passes[2].parameters["precision"] == "int4"


def test_paths_lie_beside_the_config_whatever_the_current_folder_is(
    example: Path, workflow: Workflow
) -> None:
    assert Path(workflow.input_model.path) == example / "model-cache" / "smollm2-135m"
    assert Path(workflow.engine.output_dir).is_relative_to(example / "model-cache")


def test_it_runs_on_the_cpu_of_this_machine(workflow: Workflow) -> None:
    assert (workflow.host.name, workflow.host.device) == ("local_system", "cpu")
    assert workflow.target.execution_providers == ("CPUExecutionProvider",)


def test_the_one_word_without_effect_is_told() -> None:
    reading = read(CONFIG.read_text("utf-8"), path=CONFIG)
    warned = [problem for problem in reading.problems if problem.severity is Severity.WARNING]
    assert [problem.pointer for problem in warned] == ["/passes/lora/config/double_quant"]
