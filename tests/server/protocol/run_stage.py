"""The folder of a config that a fake worker runs, and what a client has heard of its runs."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from editor import GOOD, Editor, text_of, write_inputs

from olive_engine import runs

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


async def ended(editor: Editor, run_id: str, state: str) -> None:
    await editor.until(
        lambda one: (
            one.get("method") == "olivepress/runState"
            and one["params"]["run_id"] == run_id
            and one["params"]["state"] == state
        )
    )


def batches(editor: Editor, run_id: str) -> list[list[dict[str, Any]]]:
    return [one["events"] for one in editor.told("olivepress/runEvents") if one["run_id"] == run_id]


def events(editor: Editor, run_id: str) -> list[dict[str, Any]]:
    return [event for batch in batches(editor, run_id) for event in batch]


async def last_event(editor: Editor, run_id: str, kind: str = "run_finished") -> None:
    await eventually(lambda: any(one["type"] == kind for one in events(editor, run_id)))


async def eventually(met: Callable[[], Any], seconds: float = 15) -> Any:
    """What `met` gives once it gives something true."""
    end = time.monotonic() + seconds
    while not (found := met()):
        assert time.monotonic() < end, "it did not come about"
        await asyncio.sleep(0.01)
    return found
