"""A config with mistakes: everything is told, nothing is started, exit code 2."""

from __future__ import annotations

import json
from typing import Any

import pytest


def with_mistakes(config: dict[str, Any]) -> dict[str, Any]:
    config["passes"]["lora"]["target_moduls"] = config["passes"]["lora"].pop("target_modules")
    config["passes"]["lora"]["train_data_config"] = "phrasse"
    return config


def test_all_problems_are_shown_at_their_lines(project: Any, config: Any) -> None:
    project.write(with_mistakes(config()))
    done = project("run")
    assert done.returncode == 2
    assert done.stdout == ""
    for code, written in (("unknown-name", '"target_moduls"'), ("unknown-reference", '"phrasse"')):
        lines = done.stderr.splitlines()
        at = next(number for number, line in enumerate(lines) if line.endswith(f"[{code}]"))
        place, column = lines[at].split(": ")[0].split(":")[1:]
        source = (project.folder / "olive-config.json").read_text().splitlines()[int(place) - 1]
        assert source[int(column) - 1 :].startswith(written)
        caret = lines[at + 2].index("^")
        assert lines[at + 1][caret:].startswith(written)
        assert lines[at + 2].count("^") == len(written)
    assert "2 errors: nothing was started" in done.stderr
    assert not (project.folder / ".olivepress").exists()
    assert not (project.folder / "out").exists()


@pytest.mark.parametrize("verb", [["run"], ["run", "--detach"]])
def test_as_json_each_problem_is_a_line(project: Any, config: Any, verb: list[str]) -> None:
    project.write(with_mistakes(config()))
    done = project(*verb, "--json")
    assert done.returncode == 2
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert {line["type"] for line in lines} == {"problem"}
    found = {line["data"]["code"]: line["data"] for line in lines}
    assert found["unknown-name"]["pointer"] == "/passes/lora/target_moduls"
    assert found["unknown-name"]["severity"] == "error"
    assert found["unknown-name"]["path"] == str(project.folder / "olive-config.json")
    assert found["unknown-reference"]["line"] > 0


def test_lenient_goes_on_with_a_warning(project: Any, config: Any) -> None:
    mistaken = config()
    mistaken["passes"]["lora"]["shoe_size"] = 43
    project.write(mistaken)
    assert project("check").returncode == 1
    done = project("check", "--lenient")
    assert done.returncode == 0
    assert "warning:" in done.stdout
    assert "shoe_size" in done.stdout


def test_a_broken_file_is_told_with_its_place(cli: Any) -> None:
    (cli.folder / "olive-config.json").write_text('{"passes": {"a": \n')
    done = cli("run")
    assert done.returncode == 2
    assert "olive-config.json:" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_user_script_needs_to_be_trusted(project: Any, config: Any) -> None:
    (project.folder / "mine.py").write_text("raise SystemExit('it was executed')")
    scripted = config()
    scripted["data_configs"][0]["user_script"] = "mine.py"
    project.write(scripted)
    done = project("run", "--dry-run")
    assert done.returncode == 2
    assert "--trust-user-script" in done.stderr
    assert "it was executed" not in done.stderr


def test_a_check_that_asks_for_this_machine_says_what_a_run_here_needs(project: Any, config: Any) -> None:
    scripted = config()
    scripted["data_configs"][0]["user_script"] = "mine.py"
    (project.folder / "mine.py").write_text("raise SystemExit('it was executed')")
    project.write(scripted)
    assert project("check").returncode == 0
    done = project("check", "--here")
    assert done.returncode == 1
    assert "--trust-user-script" in done.stdout
    assert "it was executed" not in done.stdout + done.stderr


def test_a_plan_of_a_config_with_mistakes_tells_them(project: Any, config: Any) -> None:
    project.write(with_mistakes(config()))
    done = project("run", "--dry-run", "--json")
    plan = json.loads(done.stdout)
    assert done.returncode == 2
    assert not plan["ok"]
    assert {problem["code"] for problem in plan["problems"]} == {"unknown-name", "unknown-reference"}
    assert plan["passes"] == []


def test_check_of_a_good_config(project: Any) -> None:
    done = project("check")
    assert done.returncode == 0, done.stderr
    assert "nothing is wrong" in done.stdout
