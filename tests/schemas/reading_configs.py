"""Helpers of the config tests: the two whole configs, changes to them, and `check`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import olive_schemas
from olive_schemas.workflow import Workflow

HERE = Path(__file__).parent / "configs"
MODEL = "model-cache/microsoft/phi-3-mini"


def written(name: str) -> dict[str, Any]:
    """The config `classic` or `current` as plain data, fresh for each caller."""
    value: dict[str, Any] = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    return value


def changed(name: str, change: Callable[[dict[str, Any]], Any]) -> str:
    """The text of a config after `change` was done to it."""
    config = written(name)
    change(config)
    return json.dumps(config, indent=4)


def read(text: str, folder: Path, *, lenient: bool = False) -> olive_schemas.Reading:
    """Reads the text as if it lay in `folder`, where the model's folder exists."""
    (folder / MODEL).mkdir(parents=True, exist_ok=True)
    return olive_schemas.read(text, path=folder / "olive-config.json", lenient=lenient)


def workflow(text: str, folder: Path) -> Workflow:
    """The workflow of a text without errors."""
    reading = read(text, folder)
    assert reading.workflow is not None, [str(problem) for problem in reading.problems]
    return reading.workflow


def told(reading: olive_schemas.Reading) -> list[str]:
    """Every problem as "severity code pointer": what happened and where, without the words."""
    return [f"{problem.severity.value} {problem.code} {problem.pointer}" for problem in reading.problems]
