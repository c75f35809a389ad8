"""What a real run writes, and its plan, is as `messages.json` describes it."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import jsonschema

MESSAGES: dict[str, Any] = json.loads(files("olive_schemas").joinpath("messages.json").read_text())


def fits(value: Any, name: str) -> None:
    schema = {"$defs": MESSAGES["$defs"], "$ref": f"#/$defs/{name}"}
    jsonschema.Draft202012Validator(schema).validate(value)


def test_the_events_of_a_real_run(finished: Any) -> None:
    (log,) = (finished.cli.folder / ".olivepress" / "runs").glob(f"{finished.run_id}/events.jsonl")
    events = [json.loads(line) for line in log.read_text().splitlines()]
    for event in events:
        fits(event, "Event")
    assert {event["type"] for event in events} == {
        "run_started", "pass_started", "progress", "metric", "log", "artifact", "pass_finished", "run_finished",
    }  # fmt: skip


def test_the_record_of_a_real_run(finished: Any) -> None:
    fits(finished.cli.json("runs", "show", finished.run_id), "Run")


def test_the_plan_of_a_config_that_runs(finished: Any) -> None:
    plan = finished.cli.json("run", "--dry-run")
    fits(plan, "Plan")
    assert plan["ok"] is True


def test_what_the_doctor_reports(finished: Any) -> None:
    fits(finished.cli.json("doctor", "--quick"), "EngineReport")
