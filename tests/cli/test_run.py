"""A whole run, LoRA to int4, as it is seen from outside; and what comes from the cache afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from olive_engine.planning import make_plan
from olivepress.plan_text import plan_text

PASSES = ["lora", "merge", "build"]


def test_what_was_promised_is_there(finished: Any) -> None:
    assert (finished.output / "model" / "genai_config.json").is_file()
    assert (finished.output / "adapter" / "adapter_model.safetensors").is_file()
    summary = json.loads((finished.output / "run-summary.json").read_text())
    assert [one["name"] for one in summary["passes"]] == PASSES


def test_the_plain_output_has_a_line_for_each_pass_and_a_table(finished: Any) -> None:
    lines = finished.said.stdout.splitlines()
    assert lines[0].startswith(f"run {finished.run_id} of olive-config.json")
    assert [line for line in lines if line.startswith("[")] == [
        "[1/3] lora (LoRA)",
        "[2/3] merge (MergeAdapterWeights)",
        "[3/3] build (ModelBuilder)",
    ]
    assert any(line.startswith("  lora: done in ") and "peak memory" in line for line in lines)
    head = next(
        number
        for number, line in enumerate(lines)
        if line.split() == ["pass", "type", "time", "peak", "memory"]
    )
    assert [line.split()[:2] for line in lines[head + 1 : head + 4]] == [
        ["lora", "LoRA"],
        ["merge", "MergeAdapterWeights"],
        ["build", "ModelBuilder"],
    ]
    assert "output: out   (model, adapter, run-summary.json)" in lines
    assert "ask it: olivepress generate --model out/model" in lines
    assert "\x1b" not in finished.said.stdout


def test_a_second_run_comes_from_the_cache_and_says_so(finished: Any) -> None:
    done = finished.cli("run", "--json")
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[0]["type"] == "launched"
    assert events[1]["type"] == "run_started"
    assert all({"type", "data"} <= set(event) for event in events)
    seqs = [event["seq"] for event in events[1:]]
    assert seqs == sorted(set(seqs))
    ended = {event["pass_name"]: event["data"] for event in events if event["type"] == "pass_finished"}
    assert list(ended) == PASSES
    assert all(data["cached"] for data in ended.values())
    assert events[-1]["type"] == "run_finished"
    assert events[-1]["data"]["state"] == "succeeded"


def test_the_plan_after_the_run_is_all_cached(finished: Any) -> None:
    before = sorted(
        str(path) for path in finished.cli.folder.rglob("*") if ".olivepress/runs" not in str(path)
    )
    done = finished.cli("run", "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    assert [(one["name"], one["cached"]) for one in plan["passes"]] == [(name, True) for name in PASSES]
    after = sorted(
        str(path) for path in finished.cli.folder.rglob("*") if ".olivepress/runs" not in str(path)
    )
    assert after == before


def test_the_plan_before_a_run(project: Any) -> None:
    done = project("run", "--dry-run", "--json")
    assert done.returncode == 0, done.stderr + done.stdout
    plan = json.loads(done.stdout)
    assert plan["ok"]
    assert [(one["name"], one["cached"]) for one in plan["passes"]] == [(name, False) for name in PASSES]
    lora = plan["passes"][0]
    assert lora["parameters"]["r"] == 4
    assert "r" in lora["given"]
    assert "lora_dropout" in lora["parameters"]
    # Rank 4 on q_proj (64 -> 64) and v_proj (64 -> 32), in two layers.
    assert lora["estimate"]["trainable_parameters"] == 2 * 4 * ((64 + 64) + (64 + 32))
    assert lora["estimate"]["data"]["sequences"] == 12
    assert lora["estimate"]["data"]["tokens"] > 12 * 10
    assert lora["estimate"]["data"]["steps"] == 4
    assert plan["outputs"]["model"] == str(project.folder / "out" / "model")
    assert plan["peak_memory_bytes"] > 0
    assert plan["disk_bytes"] > 0
    assert not any(note.startswith("cannot") for one in plan["passes"] for note in one["estimate"]["notes"])
    left = {path.name for path in project.folder.iterdir()}
    assert left == {"olive-config.json", "phrases.json"}


def test_the_plan_as_text_marks_what_the_config_writes(project: Any) -> None:
    plan = make_plan(project.folder / "olive-config.json", (project.folder / "olive-config.json").read_text())
    lines = plan_text(plan, colour=False).splitlines()
    assert "1. lora (LoRA), fresh" in lines
    assert "     *r = 4" in lines
    assert any(line.startswith("      lora_dropout = ") for line in lines)
    assert any(line.startswith("   trains 1,792 parameters of ") for line in lines)
    assert any("12 sequences" in line and "4 steps" in line for line in lines)
    assert any(line.startswith("memory:") for line in lines)
    assert f"model:         {project.folder}/out/model" in lines
    cached = replace(plan, passes=tuple(replace(each, cached=True) for each in plan.passes))
    assert "everything is cached: a run only puts it in place" in plan_text(cached, colour=False)


def test_a_plan_runs_no_code_of_the_model(project: Any) -> None:
    """Even where the config trusts it: that is for the run."""
    config = json.loads((project.folder / "olive-config.json").read_text())
    source = Path(config["input_model"]["model_path"])
    model = project.folder / "with-code"
    model.mkdir()
    for path in source.iterdir():
        (model / path.name).write_bytes(path.read_bytes())
    settings = json.loads((model / "tokenizer_config.json").read_text())
    settings |= {"tokenizer_class": "Mine", "auto_map": {"AutoTokenizer": ["mine.Mine", None]}}
    (model / "tokenizer_config.json").write_text(json.dumps(settings))
    (model / "mine.py").write_text(f"open({str(project.folder / 'was-run')!r}, 'w')\n")
    trusting = {"type": "HfModel", "model_path": "with-code", "load_kwargs": {"trust_remote_code": True}}
    path = project.write(config | {"input_model": trusting})
    plan = make_plan(path, path.read_text())
    assert not (project.folder / "was-run").exists()
    assert plan.ok, plan.problems
    assert "which only a run executes" in plan.passes[0].estimate.notes[0]


def test_a_data_error_is_in_the_plan_and_at_its_line_after_a_run(project: Any) -> None:
    text = (project.folder / "olive-config.json").read_text().replace("{phrase}", "{phrse}")
    (project.folder / "olive-config.json").write_text(text)
    planned = project("run", "--dry-run")
    assert planned.returncode == 2
    assert "phrse" in planned.stderr
    done = project("run")
    assert done.returncode in (1, 2)
    said = done.stdout + done.stderr
    assert "phrse" in said
    assert "Traceback" not in said
    line = next(number for number, each in enumerate(text.splitlines(), 1) if "phrse" in each)
    assert f"olive-config.json:{line}:" in said
    assert not (project.folder / "out" / "run-summary.json").exists()


def test_a_failed_run_says_where_why_and_what_next(project: Any) -> None:
    """The weights are of a type that does not exist: only the run itself can notice."""
    broken = project.folder / "broken"
    config = json.loads((project.folder / "olive-config.json").read_text())
    source = Path(config["input_model"]["model_path"])
    broken.mkdir()
    for path in source.iterdir():
        content = path.read_bytes()
        (broken / path.name).write_bytes(
            content.replace(b'"F32"', b'"Z32"') if path.suffix == ".safetensors" else content
        )
    project.write(config | {"input_model": {"type": "HfModel", "model_path": "broken"}})
    done = project("run")
    assert done.returncode == 1
    assert "error:" in done.stdout
    assert "worker.log" in done.stdout
    run = project.json("runs")[-1]
    assert run["state"] == "failed"
    assert f"olivepress runs resume {run['id']}" in done.stdout
    shown = project("runs", "show")
    assert run["error"]["message"].splitlines()[0] in shown.stdout


def test_a_missing_artifact_is_a_failure_whatever_the_run_says(tmp_path: Path) -> None:
    from olivepress.follow import missing_artifacts
    from olivepress.view import RunView

    view = RunView(
        output_dir=str(tmp_path), artifacts=[{"path": str(tmp_path / "model")}, {"path": "/elsewhere"}]
    )
    assert missing_artifacts(view) == [str(tmp_path / "model")]
    (tmp_path / "model").mkdir()
    assert missing_artifacts(view) == []


def test_another_interpreter_does_the_whole_work(project: Any) -> None:
    """A second path to this very interpreter, with our packages: the call is handed over to it."""
    other = project.folder / "other-python"
    other.write_text(f'#!/bin/sh\necho "$@" >> {project.folder}/calls\nexec {sys.executable} "$@"\n')
    other.chmod(0o755)
    (project.folder / "olive-config.json").write_text('{"pases": {}}')
    done = project("run", "--json", "--python", str(other))
    assert done.returncode == 2, done.stderr
    assert json.loads(done.stdout.splitlines()[0])["type"] == "problem"
    assert "-m olivepress run --json\n" in (project.folder / "calls").read_text()


def test_an_interpreter_without_our_packages_is_refused(project: Any, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(bare)], check=True)
    python = bare / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    done = project("run", "--python", str(python))
    assert done.returncode == 2
    assert "is not installed there" in done.stderr
    assert "pip install 'olivepress[engine]'" in done.stderr
