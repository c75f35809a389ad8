"""`olivepress runs`: a run that was started and left alone, found again, stopped, gone on with, cleaned up."""

from __future__ import annotations

import json
import re
from typing import Any


def test_detached_then_found_cancelled_resumed_and_followed(cli: Any, config: Any) -> None:
    rows = [{"phrase": f"phrase {number}", "tone": "Joy"} for number in range(12)]
    (cli.folder / "phrases.json").write_text(json.dumps(rows))
    cli.write(config(steps=60, passes=("lora",)))

    done = cli("run", "--detach", "--json")
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    run_id = json.loads(line)["run_id"]
    assert cli.json("runs")[0]["id"] == run_id
    assert cli.json("runs", "show", run_id)["state"] in ("queued", "running")

    cli.trains()
    cancelled = cli("runs", "cancel", run_id, "--json")
    assert cancelled.returncode == 0, cancelled.stderr
    assert json.loads(cancelled.stdout)["state"] == "cancelled"
    assert not (cli.folder / "out" / "run-summary.json").exists()
    again = cli("runs", "cancel", run_id)
    assert f"{run_id} has already ended: cancelled" in again.stdout
    assert cli("runs", "follow", run_id).returncode == 130
    seen = cli.events("runs", "follow", run_id)
    assert seen[-1]["data"]["state"] == "cancelled"

    resumed = cli("runs", "resume", run_id, "--json")
    assert resumed.returncode == 0, resumed.stderr
    events = [json.loads(line) for line in resumed.stdout.splitlines()]
    assert events[0]["seq"] == seen[-1]["seq"] + 1
    assert events[-1]["data"]["state"] == "succeeded"
    steps = [event["data"]["step"] for event in events if event["type"] == "metric"]
    assert steps[0] > 1
    assert steps[-1] == 60
    assert (cli.folder / "out" / "adapter" / "adapter_model.safetensors").is_file()

    refused = cli("runs", "resume", run_id)
    assert refused.returncode == 1
    assert "nothing is left to resume" in refused.stderr


def test_list_and_show_for_people(finished: Any) -> None:
    listed = finished.cli("runs").stdout.splitlines()
    assert listed[0].split() == ["id", "state", "passes", "started", "took", "config"]
    row = next(line for line in listed if line.startswith(finished.run_id))
    assert "succeeded" in row
    assert "3/3" in row
    assert row.endswith("olive-config.json")
    shown = finished.cli("runs", "show", finished.run_id).stdout
    assert "state:         succeeded" in shown
    assert "worker.log" in shown
    assert "MergeAdapterWeights" in shown


def test_an_id_may_be_shortened_and_the_newest_left_out(finished: Any) -> None:
    first = finished.cli.json("runs")[0]["id"]
    assert finished.cli.json("runs", "show", first[:-1])["id"] == first
    assert finished.cli.json("runs", "show")["id"] == finished.cli.json("runs")[-1]["id"]


def test_following_a_run_that_has_ended_shows_it_again_with_its_exit_code(finished: Any) -> None:
    done = finished.cli("runs", "follow", finished.run_id)
    assert done.returncode == 0
    assert "[1/3] lora (LoRA)" in done.stdout
    assert "output: out" in done.stdout
    last = finished.cli.events("runs", "follow", finished.run_id)[-1]["seq"]
    rest = finished.cli.events("runs", "follow", finished.run_id, "--after", str(last - 1))
    assert [event["type"] for event in rest] == ["run_finished"]


def test_on_a_terminal_the_passes_are_drawn_and_the_cursor_comes_back(finished: Any) -> None:
    seen = re.sub(r"\x1b\[[0-9;]*m", "", finished.cli.on_terminal("runs", "follow", finished.run_id))
    assert "✓ build ModelBuilder" in seen
    assert seen.count("\x1b[?25l") == seen.count("\x1b[?25h") == 1
    assert seen.rstrip().endswith("ask it: olivepress generate --model out/model")


def test_from_another_folder_runs_are_found_with_all_and_by_id(finished: Any, tmp_path: Any) -> None:
    from dataclasses import replace

    elsewhere = replace(finished.cli, folder=tmp_path)
    assert elsewhere.json("runs") == []
    assert finished.run_id in [run["id"] for run in elsewhere.json("runs", "--all")]
    assert elsewhere.json("runs", "show", finished.run_id)["state"] == "succeeded"


def test_clean_removes_records_and_keeps_outputs(cli: Any, config: Any) -> None:
    cli.write(config(passes=("build",)))
    done = cli("run")
    assert done.returncode == 0, done.stdout + done.stderr
    # One pass alone: a model, and no adapter.
    assert (cli.folder / "out" / "model" / "genai_config.json").is_file()
    assert not (cli.folder / "out" / "adapter").exists()
    assert cli("run").returncode == 0
    first, second = (run["id"] for run in cli.json("runs"))
    assert cli.json("runs", "clean", "--older-than", "1h")["runs"] == []
    assert cli("runs", "clean", "--keep", "1", "--dry-run").stdout == f"would remove {first} (succeeded)\n"
    assert cli.json("runs", "clean", "--keep", "1")["runs"] == [first]
    assert [run["id"] for run in cli.json("runs")] == [second]
    emptied = cli.json("runs", "clean", "--cache")
    assert emptied["runs"] == [second]
    # The output still holds what the cache holds.
    assert [cache["entries"] for cache in emptied["caches"]] == [0]
    assert (cli.folder / "out" / "model" / "genai_config.json").is_file()
    assert cli("runs", "clean").stdout == "nothing to remove\n"
