"""`olivepress run --from PASS --to PASS`: the real passes of a tiny model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from olive_engine import runs


def cached(cli: Any) -> dict[str, bool]:
    return {one["name"]: one["cached"] for one in cli.json("runs")[-1]["passes"]}


def test_up_to_a_pass_then_all_then_from_a_pass(project: Any) -> None:
    done = project("run", "--to", "lora")
    assert done.returncode == 0, done.stdout + done.stderr
    out = project.folder / "out"
    assert (out / "adapter" / "adapter_model.safetensors").is_file()
    assert not (out / "model").exists()
    assert cached(project) == {"lora": False}
    (run,) = runs.list_runs(project.folder)
    assert list(json.loads(run.snapshot.read_text())["passes"]) == ["lora"]

    assert project("run").returncode == 0
    assert cached(project) == {"lora": True, "merge": False, "build": False}
    before = (out / "model" / "model.onnx").read_bytes()

    plan = project.json("run", "--dry-run", "--from", "merge")
    assert [one["cached"] for one in plan["passes"]] == [True, False, False]
    assert project("run", "--from", "merge").returncode == 0
    assert cached(project) == {"lora": True, "merge": False, "build": False}
    assert (out / "model" / "model.onnx").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--from", "lore"), "No pass is named `lore`; did you mean `lora`?"),
        (("--to", "lore"), "No pass is named `lore`; did you mean `lora`?"),
        (("--from", "build", "--to", "lora"), "`lora` comes before `build`"),
    ],
)
def test_a_pass_that_is_not_there_starts_nothing(project: Any, arguments: tuple[str, ...], said: str) -> None:
    done = project("run", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (Path(project.folder) / ".olivepress").exists()
