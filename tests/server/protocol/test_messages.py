"""Whatever the server sends beyond the protocol's own messages is as `messages.json` describes it."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from editor import GOOD, Editor, text_of
from run_stage import NAME, Stage, ended, events, eventually, last_event

from olive_server.handlers_commands import COMMANDS

MESSAGES: dict[str, Any] = json.loads(files("olive_schemas").joinpath("messages.json").read_text())


def fits(value: Any, schema: dict[str, Any]) -> None:
    whole = {"$defs": MESSAGES["$defs"], **schema}
    jsonschema.Draft202012Validator(whole).validate(value)


async def told(editor: Editor, name: str, **argument: Any) -> Any:
    """The answer to a command, both looked at."""
    described = MESSAGES["x-commands"][name]
    fits(argument, described["argument"])
    answer = await editor.command(name, **argument)
    fits(answer, described["result"])
    return answer


def test_every_command_is_described() -> None:
    assert set(MESSAGES["x-commands"]) >= set(COMMANDS)


def test_a_message_that_is_not_as_described_is_noticed() -> None:
    with pytest.raises(jsonschema.ValidationError, match="'more' is a required property"):
        fits({"run_id": "x", "events": []}, {"$ref": "#/$defs/RunEvents"})
    with pytest.raises(jsonschema.ValidationError):
        fits({"seq": 1, "time": "", "pass_name": None, "type": "log", "data": {}}, {"$ref": "#/$defs/Event"})


@pytest.mark.asyncio
async def test_a_new_config(stage: Stage) -> None:
    rows = stage.folder / "tickets.csv"
    rows.write_text("id,question,answer\n1,why?,because\n")
    editor = await stage.editor()
    await told(editor, "olivepress.models")
    await told(editor, "olivepress.dataset", path=str(rows))
    chosen = {"columns": ["question", "answer"], "answer": ""}
    data = await told(editor, "olivepress.dataset", path=str(rows), **chosen)
    place = {"folder": str(stage.folder), "model": "owner/small", "device": "gpu"}
    given = {"dataFile": str(rows), "textTemplate": data["suggested"]}
    await told(editor, "olivepress.newConfig", template="lora", **place, **given)
    await told(editor, "olivepress.newConfig", template="example", folder=str(stage.folder))


@pytest.mark.asyncio
async def test_a_run_from_its_start_to_its_deletion(stage: Stage) -> None:
    stage.text = text_of(GOOD, data_configs=[{**GOOD["data_configs"][0], "user_script": "prepare.py"}])
    (stage.folder / "prepare.py").write_text("")
    editor = await stage.editor(options={"documents": True})
    uri = editor.uri(NAME)
    await told(editor, "olivepress.code", uri=uri)
    await told(editor, "olivepress.information")
    await told(editor, "olivepress.migrate", uri=uri, to="0.13", apply=False)
    stage.play(lines=3, steps=1000, delay=0.02, loss="nan")
    first = (await told(editor, "olivepress.run", uri=uri, trustUserScript=True, to="tune"))["run_id"]
    await eventually(lambda: len(events(editor, first)) > 8)
    await told(editor, "olivepress.cancel", run_id=first)
    await ended(editor, first, "cancelled")
    await last_event(editor, first)
    stage.play(lines=3)
    await told(editor, "olivepress.resume", run_id=first)
    await ended(editor, first, "succeeded")
    stage.play(fail={"code": "no-modules", "message": "none", "pointer": "/passes/tune/r", "hint": ""})
    second = (await told(editor, "olivepress.run", uri=uri))["run_id"]
    await ended(editor, second, "failed")
    await last_event(editor, second)
    stage.play(die_at=2)
    third = (await told(editor, "olivepress.run", uri=uri))["run_id"]
    await eventually(lambda: any(one["state"] == "lost" for one in editor.told("olivepress/runState")))
    for run_id in (first, second, third):
        await told(editor, "olivepress.events", run_id=run_id, after=1)
        await told(editor, "olivepress.output", run_id=run_id)
    assert len(await told(editor, "olivepress.runs", everywhere=True)) == 3
    await told(editor, "olivepress.delete", run_id=first)
    ours = [one for one in editor.received if str(one.get("method", "")).startswith("olivepress/")]
    for message in ours:
        fits(message["params"], MESSAGES["x-notifications"][message["method"]])
    assert {one["method"] for one in ours} >= {"olivepress/runEvents", "olivepress/runState"}


@pytest.mark.asyncio
@pytest.mark.parametrize("wrong", ["", "refused"])
async def test_a_plan_of_a_config_that_cannot_be_run_yet(stage: Stage, wrong: str) -> None:
    editor = await stage.editor()
    if wrong:
        editor.replace(NAME, '"r": 8', '"r": "many"')
    plan = await told(editor, "olivepress.plan", uri=editor.uri(NAME), **{"from": "tune"})
    assert plan["ok"] is False  # the model of the test is no model
