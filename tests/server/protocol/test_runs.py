"""Runs from the editor: started, followed, stopped, found again; their errors in the text. The worker is a fake."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from editor import GOOD, Editor, at, codes, text_of, write_inputs

from olive_engine import runs

pytestmark = pytest.mark.asyncio

NAME = "olive-config.json"
WORKER = Path(__file__).with_name("fake_worker.py")


class Stage:
    """The folder of a config that the fake worker runs."""

    def __init__(self, folder: Path, start: Callable[..., Any], python: Path) -> None:
        self.folder, self._start, self.python = folder, start, str(python)
        write_inputs(folder)
        self.text = text_of(GOOD)
        (folder / NAME).write_text(self.text)
        self.play()

    def play(self, **how: Any) -> None:
        (self.folder / "play.json").write_text(json.dumps(how))

    async def editor(self, **options: Any) -> Editor:
        options.setdefault("settings", {"python": self.python})
        editor: Editor = await self._start(**options)
        editor.open(NAME, self.text)
        await editor.settle()
        return editor

    def launch(self) -> runs.Run:
        return runs.launch(self.folder / NAME, python=self.python)


@pytest.fixture
def stage(project: Path, tmp_path: Path, start: Callable[..., Any]) -> Stage:
    python = tmp_path / "python-with-a-fake-worker"
    python.write_text(
        f'#!/bin/sh\nif [ "$2" = olive_engine.worker ]; then exec "{sys.executable}" "{WORKER}" "$3"; fi\n'
        f'exec "{sys.executable}" "$@"\n'
    )
    python.chmod(0o755)
    return Stage(project, start, python)


async def ended(editor: Editor, run_id: str, state: str) -> None:
    await editor.until(
        lambda one: (
            one.get("method") == "olivepress/runState"
            and one["params"]["run_id"] == run_id
            and one["params"]["state"] == state
        )
    )


def events(editor: Editor, run_id: str) -> list[dict[str, Any]]:
    return [one["event"] for one in editor.told("olivepress/runEvent") if one["run_id"] == run_id]


async def last_event(editor: Editor, run_id: str, kind: str = "run_finished") -> None:
    await editor.until(
        lambda one: (
            one.get("method") == "olivepress/runEvent"
            and one["params"]["run_id"] == run_id
            and one["params"]["event"]["type"] == kind
        )
    )


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
    assert [one["seq"] for one in missed] == list(range(1, last + 2 + len(seen)))


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
