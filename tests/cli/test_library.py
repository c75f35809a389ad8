"""The engine as a library: the same as the command line, with mistakes as values."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import olive_engine
from olive_engine import runs


@pytest.fixture(autouse=True)
def own_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def test_importing_it_imports_nothing() -> None:
    code = "import sys, olive_engine; print(sorted(name for name in sys.modules if name.startswith('olive')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['olive_engine']\n"


def test_a_missing_file_is_a_problem_and_no_exception(tmp_path: Path) -> None:
    result = olive_engine.run(tmp_path / "nothing.json")
    assert not result.ok
    assert result.state == "refused"
    assert [problem.code for problem in result.problems] == ["config-not-found"]
    plan = olive_engine.plan(tmp_path / "nothing.json")
    assert [problem.code for problem in plan.problems] == ["config-not-found"]
    assert not plan.ok


def test_mistakes_in_a_dict_are_located_in_its_text(config: Any, tmp_path: Path) -> None:
    mistaken = config()
    mistaken["passes"]["lora"]["target_moduls"] = []
    for result in (
        olive_engine.run(mistaken, base_dir=tmp_path),
        olive_engine.plan(mistaken, base_dir=tmp_path),
    ):
        assert not result.ok
        found = {problem.pointer: problem for problem in result.problems}
        assert found["/passes/lora/target_moduls"].line > 0
    assert list(tmp_path.iterdir()) == []


def test_a_dict_is_run_with_paths_relative_to_its_base(config: Any, tmp_path: Path) -> None:
    seen: list[str] = []
    wanted = config(passes=("build",))
    del wanted["data_configs"]
    result = olive_engine.run(wanted, base_dir=tmp_path, on_event=lambda event: seen.append(event.type))
    assert result.ok, result
    assert result.output_dir == tmp_path / "out"
    assert (tmp_path / "out" / "model" / "genai_config.json").is_file()
    assert [one["name"] for one in result.summary["passes"]] == ["build"]
    assert seen[0] == "run_started"
    assert seen[-1] == "run_finished"
    assert not (tmp_path / "olive-config.json").exists()
    planned = olive_engine.plan(wanted, base_dir=tmp_path)
    assert [one.cached for one in planned.passes] == [True]

    again = olive_engine.run(wanted, base_dir=tmp_path, follow=False)
    assert again.run_id is not None
    assert again.state in ("queued", "running", "succeeded")
    ended = runs.wait(runs.find(again.run_id), timeout=60)
    assert ended.state == "succeeded"
    assert ended.passes[0]["cached"]
