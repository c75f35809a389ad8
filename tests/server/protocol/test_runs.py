"""Runs from the editor: started, followed, stopped, found again; their errors in the text. The worker is a fake."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from editor import GOOD, at, codes, text_of
from run_stage import NAME, Stage, batches, ended, events, eventually, last_event

from olive_engine import runs

pytestmark = pytest.mark.asyncio


async def test_a_run_is_followed_from_its_first_event_to_its_output(stage: Stage) -> None:
    editor = await stage.editor()
    started = await editor.command("olivepress.run", uri=editor.uri(NAME))
    await ended(editor, started["run_id"], "succeeded")
    await last_event(editor, started["run_id"])
    seen = events(editor, started["run_id"])
    assert [one["seq"] for one in seen] == list(range(1, len(seen) + 1))
    assert {"run_started", "pass_started", "metric", "progress", "pass_finished"} <= {
        one["type"] for one in seen
    }
    output = await editor.command("olivepress.output", run_id=started["run_id"])
    assert output["exists"] is True
    assert output["summary"] == {"seconds": 1}
    assert [one["kind"] for one in output["artifacts"]] == ["model"]
    (listed,) = await editor.command("olivepress.runs")
    assert (listed["id"], listed["state"]) == (started["run_id"], "succeeded")


async def test_what_is_in_the_editor_is_run_and_not_what_lies_on_the_disk(stage: Stage) -> None:
    editor = await stage.editor()
    editor.replace(NAME, '"r": 8', '"r": 16')
    started = await editor.command("olivepress.run", uri=editor.uri(NAME))
    assert json.loads((Path(started["folder"]) / "config.json").read_text())["passes"]["tune"]["r"] == 16


async def test_the_progress_of_a_run_can_be_cancelled(stage: Stage) -> None:
    stage.play(steps=1000, delay=0.02)
    editor = await stage.editor()
    started = await editor.command("olivepress.run", uri=editor.uri(NAME))
    begun = await editor.until(
        lambda one: one.get("method") == "$/progress" and one["params"]["value"]["kind"] == "begin"
    )
    assert begun["params"]["value"]["cancellable"] is True
    told = await editor.until(
        lambda one: one.get("method") == "$/progress" and "loss" in one["params"]["value"].get("message", "")
    )
    assert 0 <= told["params"]["value"]["percentage"] <= 100
    token = begun["params"]["token"]
    editor.send({"jsonrpc": "2.0", "method": "window/workDoneProgress/cancel", "params": {"token": token}})
    await ended(editor, started["run_id"], "cancelled")
    await editor.until(
        lambda one: one.get("method") == "$/progress" and one["params"]["value"]["kind"] == "end"
    )


async def test_two_runs_at_once_and_one_is_cancelled_by_name(stage: Stage) -> None:
    stage.play(steps=1000, delay=0.02)
    editor = await stage.editor()
    first = await editor.command("olivepress.run", uri=editor.uri(NAME))
    stage.play(steps=2)
    second = await editor.command("olivepress.run", uri=editor.uri(NAME))
    await ended(editor, second["run_id"], "succeeded")
    assert (await editor.command("olivepress.cancel", run_id=first["run_id"]))["run_id"] == first["run_id"]
    await ended(editor, first["run_id"], "cancelled")


async def test_a_run_goes_on_without_the_server_and_is_found_again(stage: Stage) -> None:
    stage.play(steps=60, delay=0.05)
    editor = await stage.editor()
    started = await editor.command("olivepress.run", uri=editor.uri(NAME))
    await last_event(editor, started["run_id"], "progress")
    last = events(editor, started["run_id"])[-1]["seq"]
    await editor.kill()
    again = await stage.editor(options={"runs": {started["run_id"]: last}})
    await last_event(again, started["run_id"])
    seen = [one["seq"] for one in events(again, started["run_id"])]
    assert seen == list(range(last + 1, last + 1 + len(seen)))
    missed = await again.command("olivepress.events", run_id=started["run_id"], after=0)
    assert missed["more"] is False
    assert [one["seq"] for one in missed["events"]] == list(range(1, last + 1 + len(seen)))


async def test_a_run_that_was_started_elsewhere_is_shown(stage: Stage) -> None:
    editor = await stage.editor()
    await asyncio.sleep(1)
    run = stage.launch()
    await ended(editor, run.id, "succeeded")


async def test_an_error_of_a_run_stands_where_it_came_from_until_the_text_there_changes(stage: Stage) -> None:
    stage.play(
        fail={
            "code": "no-modules",
            "message": "nothing matches",
            "pointer": "/passes/tune/r",
            "hint": "Try 4.",
        }
    )
    editor = await stage.editor()
    started = await editor.command("olivepress.run", uri=editor.uri(NAME))
    shown = await editor.until(
        lambda one: (
            one.get("method") == "textDocument/publishDiagnostics"
            and "no-modules" in codes(one["params"]["diagnostics"])
        )
    )
    (problem,) = [one for one in shown["params"]["diagnostics"] if one["code"] == "no-modules"]
    line, start, _, end = at(problem)
    assert stage.text.splitlines()[line][start:end] == "8"
    assert started["run_id"] in problem["message"]
    assert "Try 4." in problem["message"]
    # Typing elsewhere keeps it, at its place.
    editor.replace(NAME, '"input_model"', '\n"input_model"')
    (problem,) = [one for one in await editor.problems(NAME) if one["code"] == "no-modules"]
    assert at(problem)[0] == line + 1
    editor.replace(NAME, '"r": 8', '"r": 4')
    assert "no-modules" not in codes(await editor.problems(NAME))
    editor.replace(NAME, '"r": 4', '"r": 8')
    assert "no-modules" in codes(await editor.problems(NAME))
    stage.play()
    await editor.command("olivepress.run", uri=editor.uri(NAME))
    assert "no-modules" not in codes(await editor.problems(NAME))


async def test_a_run_that_was_lost_is_told_at_its_pass_also_by_the_next_server(stage: Stage) -> None:
    stage.play(steps=100, delay=0.02, die_at=40)
    run = stage.launch()
    while not runs.refresh(run).final:
        await asyncio.sleep(0.05)
    editor = await stage.editor()
    shown = await editor.until(
        lambda one: (
            one.get("method") == "textDocument/publishDiagnostics"
            and any(run.id in each["message"] for each in one["params"]["diagnostics"])
        )
    )
    (problem,) = [one for one in shown["params"]["diagnostics"] if run.id in one["message"]]
    assert stage.text.splitlines()[at(problem)[0]].strip().startswith('"tune"')
    stage.play()
    resumed = await editor.command("olivepress.resume", run_id=run.id)
    assert resumed["run_id"] == run.id
    await ended(editor, run.id, "succeeded")


async def test_a_config_with_errors_is_not_started(stage: Stage) -> None:
    editor = await stage.editor()
    editor.replace(NAME, '"train_data_config": "train"', '"train_data_config": "trian"')
    with pytest.raises(LookupError, match="trian"):
        await editor.command("olivepress.run", uri=editor.uri(NAME))
    assert await editor.command("olivepress.runs") == []


async def test_nothing_runs_in_a_workspace_that_is_not_trusted(stage: Stage) -> None:
    editor = await stage.editor(settings={"python": stage.python, "trusted": False})
    for command in ("olivepress.run", "olivepress.plan"):
        with pytest.raises(LookupError, match="not trusted"):
            await editor.command(command, uri=editor.uri(NAME))
    editor.change_settings({"python": stage.python, "trusted": True})
    await editor.until(lambda one: one.get("method") == "workspace/configuration")
    await asyncio.sleep(0.3)
    assert (await editor.command("olivepress.run", uri=editor.uri(NAME)))["run_id"]


@pytest.mark.parametrize(
    ("command", "argument", "says"),
    [
        ("olivepress.run", {"uri": "untitled:Untitled-1"}, "Save the config first"),
        ("olivepress.run", {}, "needs its uri"),
        ("olivepress.cancel", {"run_id": "20200101-000000-none"}, "There is no run"),
        ("olivepress.output", {}, "needs its run_id"),
    ],
)
async def test_what_cannot_be_done_is_refused_with_a_reason(
    stage: Stage, command: str, argument: dict[str, Any], says: str
) -> None:
    editor = await stage.editor()
    with pytest.raises(LookupError, match=says):
        await editor.command(command, **argument)


async def test_an_interpreter_without_olive_press_is_told_with_the_remedy(
    stage: Stage, tmp_path: Path
) -> None:
    bare = tmp_path / "bare-python"
    bare.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "$@"\n')
    bare.chmod(0o755)
    editor = await stage.editor(settings={"python": str(bare)})
    for command in ("olivepress.run", "olivepress.plan"):
        with pytest.raises(LookupError, match="pip install 'olivepress"):
            await editor.command(command, uri=editor.uri(NAME))


async def test_the_plan_is_that_of_the_text_in_the_editor(stage: Stage) -> None:
    editor = await stage.editor()
    editor.replace(NAME, '"tune"', '"tuned"')
    plan = await editor.command("olivepress.plan", uri=editor.uri(NAME))
    assert "tuned" in json.dumps(plan)


async def test_ten_thousand_lines_a_second_come_in_order_each_once_and_not_one_by_one(stage: Stage) -> None:
    stage.play(steps=1, lines=20_000)
    editor = await stage.editor()
    started = await editor.command("olivepress.run", uri=editor.uri(NAME))
    await eventually(lambda: events(editor, started["run_id"]), 30)
    # The server answers while it sends.
    assert (await editor.command("olivepress.runs"))[-1]["id"] == started["run_id"]
    await eventually(lambda: events(editor, started["run_id"])[-1]["type"] == "run_finished", 60)
    sent = batches(editor, started["run_id"])
    seen = events(editor, started["run_id"])
    assert [one["seq"] for one in seen] == list(range(1, len(seen) + 1))
    assert sum(one["type"] == "log" for one in seen) == 20_000
    assert max(len(batch) for batch in sent) <= 250
    assert len(sent) < 300


async def test_the_events_of_a_run_can_be_read_page_by_page(stage: Stage) -> None:
    stage.play(steps=1, lines=20_000)
    run = runs.wait(stage.launch(), timeout=60)
    editor = await stage.editor()
    pages, offset, more = [], 0, True
    while more:
        page = await editor.command("olivepress.events", run_id=run.id, after=3, offset=offset)
        pages.append(page["events"])
        offset, more = page["offset"], page["more"]
    seen = [event["seq"] for page in pages for event in page]
    assert seen == list(range(4, 4 + len(seen)))
    assert len(seen) > 20_000
    assert len(pages) > 3


async def test_a_loss_that_is_no_number_still_makes_a_message(stage: Stage) -> None:
    stage.play(steps=2, loss="nan")
    editor = await stage.editor()
    started = await editor.command("olivepress.run", uri=editor.uri(NAME))
    await last_event(editor, started["run_id"])
    losses = [one["data"]["loss"] for one in events(editor, started["run_id"]) if one["type"] == "metric"]
    assert losses == ["NaN", "NaN"]


async def test_a_run_that_has_ended_can_be_deleted_and_every_client_hears_of_it(stage: Stage) -> None:
    stage.play(steps=1000, delay=0.02)
    first, second = await stage.editor(), await stage.editor()
    started = await first.command("olivepress.run", uri=first.uri(NAME))
    await ended(second, started["run_id"], "running")
    with pytest.raises(LookupError, match="still going on"):
        await first.command("olivepress.delete", run_id=started["run_id"])
    await first.command("olivepress.cancel", run_id=started["run_id"])
    await ended(first, started["run_id"], "cancelled")
    await last_event(first, started["run_id"])
    await first.command("olivepress.delete", run_id=started["run_id"])
    assert not Path(started["folder"]).exists()
    for editor in (first, second):
        gone = await editor.until(lambda one: one.get("method") == "olivepress/runRemoved")
        assert gone["params"] == {"run_id": started["run_id"]}
        assert await editor.command("olivepress.runs") == []


async def test_runs_of_other_folders_are_told_to_a_client_that_asks_for_all(
    stage: Stage, tmp_path: Path
) -> None:
    stage.play(steps=1000, delay=0.02)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    host = await stage.editor(folders=(elsewhere,), options={"allRuns": True})
    host.close(NAME)
    run = stage.launch()
    await ended(host, run.id, "running")
    await eventually(lambda: events(host, run.id))
    assert [one["id"] for one in await host.command("olivepress.runs", everywhere=True)] == [run.id]
    assert await host.command("olivepress.runs") == []
    await host.command("olivepress.cancel", run_id=run.id)
    await ended(host, run.id, "cancelled")


async def test_a_run_up_to_a_pass_and_from_one(stage: Stage) -> None:
    stage.text = text_of(GOOD, passes={**GOOD["passes"], "merge": {"type": "MergeAdapterWeights"}})
    editor = await stage.editor()
    started = await editor.command("olivepress.run", uri=editor.uri(NAME), to="tune", **{"from": "tune"})
    await ended(editor, started["run_id"], "succeeded")
    (run,) = await editor.command("olivepress.runs")
    assert (run["options"]["from_pass"], run["options"]["to_pass"]) == ("tune", "tune")
    snapshot = json.loads((Path(started["folder"]) / "config.json").read_text())
    assert list(snapshot["passes"]) == ["tune"]
    with pytest.raises(LookupError, match="No pass is named `tine`; did you mean `tune`"):
        await editor.command("olivepress.run", uri=editor.uri(NAME), to="tine")


async def test_code_that_a_run_would_execute_is_listed_and_known_again(stage: Stage) -> None:
    script = stage.folder / "prepare.py"
    script.write_text("def rows(): ...")
    model = {**GOOD["input_model"], "load_kwargs": {"trust_remote_code": True}}
    data = [{**GOOD["data_configs"][0], "user_script": "prepare.py"}]
    stage.text = text_of(GOOD, input_model=model, data_configs=data)
    editor = await stage.editor()
    told = await editor.command("olivepress.code", uri=editor.uri(NAME))
    assert [(one["kind"], one["name"], one["path"]) for one in told["code"]] == [
        ("model", "model", str(stage.folder / "model")),
        ("script", "prepare.py", str(script)),
    ]
    place = told["code"][1]
    assert "prepare.py" in stage.text.splitlines()[place["line"] - 1][place["column"] - 1 :]
    editor.replace(NAME, '"r": 8', '"r": 4')
    assert (await editor.command("olivepress.code", uri=editor.uri(NAME)))["digest"] == told["digest"]
    script.write_text("import os; os.abort()")
    assert (await editor.command("olivepress.code", uri=editor.uri(NAME)))["digest"] != told["digest"]
    editor.type(NAME, text_of(GOOD))
    assert await editor.command("olivepress.code", uri=editor.uri(NAME)) == {"code": [], "digest": ""}
