"""Who may stop a run, and who cannot: Ctrl-C once and twice, a killed follower, a closed terminal, a gone reader."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from typing import Any

import pytest


@pytest.fixture
def long_run(cli: Any, config: Any) -> Any:
    return lengthy(cli, config)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, new_cli: Any, config: Any) -> Any:
    """A run that trains all the while; the tests come and go, it stays."""
    cli = lengthy(new_cli(tmp_path_factory.mktemp("watched")), config)
    assert cli("run", "--detach").returncode == 0
    cli.trains()
    yield cli
    assert cli.json("runs", "cancel", "--now")["state"] == "cancelled"


def lengthy(cli: Any, config: Any) -> Any:
    rows = [{"phrase": f"phrase {number}", "tone": "Joy"} for number in range(12)]
    (cli.folder / "phrases.json").write_text(json.dumps(rows))
    cli.write(config(steps=50_000))
    return cli


def still_runs(cli: Any) -> bool:
    """It trains on: more steps than a moment ago."""
    before = cli.events("runs", "show")[0]
    assert before["state"] == "running"
    path = next((cli.folder / ".olivepress" / "runs").glob("*/events.jsonl"))
    size = path.stat().st_size
    return bool(cli.until(lambda: path.stat().st_size > size))


def press(process: subprocess.Popen[str], number: signal.Signals = signal.SIGINT) -> None:
    """As the terminal does it: to the whole process group in the foreground."""
    os.killpg(process.pid, number)


def test_ctrl_c_once_stops_at_the_next_step(long_run: Any) -> None:
    process = long_run.start("run")
    run_id = long_run.trains()
    press(process)
    said, notes = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopping at the next step. Ctrl-C once more kills the run at once." in notes
    assert f"olivepress runs resume {run_id}" in said
    shown = long_run.json("runs", "show", run_id)
    assert shown["state"] == "cancelled"
    assert not (long_run.folder / "out" / "run-summary.json").exists()


def test_ctrl_c_twice_kills_a_run_that_does_not_come_to_its_next_step(long_run: Any) -> None:
    process = long_run.start("run")
    run_id = long_run.trains()
    worker = int(long_run.json("runs", "show", run_id)["pid"])
    os.kill(worker, signal.SIGSTOP)
    press(process)
    line = process.stderr.readline()
    while "Stopping at the next step" not in line:
        line = process.stderr.readline()
    press(process)
    said, notes = process.communicate(timeout=60)
    assert process.returncode == 130, said + notes
    assert "Killing the run." in notes
    assert long_run.json("runs", "show", run_id)["state"] == "cancelled"
    assert long_run.until(lambda: not alive(worker))


def test_killing_the_follower_does_not_stop_the_run(project: Any) -> None:
    process = project.start("run")
    run_id = project.trains()
    process.kill()
    process.communicate()
    project.until(lambda: project.json("runs", "show", run_id)["state"] == "succeeded")
    assert (project.folder / "out" / "model" / "genai_config.json").is_file()


def test_a_closed_terminal_does_not_stop_the_run(watched: Any) -> None:
    process = watched.start("runs", "follow")
    process.stdout.readline()
    press(process, signal.SIGHUP)
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGHUP
    assert still_runs(watched)


def test_a_reader_that_goes_away_does_not_stop_the_run(watched: Any) -> None:
    process = watched.start("runs", "follow", "--json")
    process.stdout.readline()
    process.stdout.close()
    process.wait(timeout=60)
    assert process.returncode == 141
    assert process.stderr.read() == ""
    assert still_runs(watched)


def test_ctrl_c_while_only_watching_leaves_the_run_alone(watched: Any) -> None:
    process = watched.start("runs", "follow")
    process.stdout.readline()
    press(process)
    _, notes = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "The run goes on: olivepress runs follow" in notes
    assert still_runs(watched)


def test_show_tells_where_a_run_stands(watched: Any) -> None:
    shown = watched("runs", "show").stdout
    now = next(line for line in shown.splitlines() if line.startswith("now:"))
    assert "lora: train " in now
    assert "/50,000 steps, loss " in now


def alive(pid: int) -> bool:
    """Not gone, and not a process that only waits to be collected."""
    from olive_engine.runs import process

    return process.started(pid) is not None
