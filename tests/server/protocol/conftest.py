"""A real client and the real server, over stdio; `editor.py` is found although the tests are no package."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

sys.path.insert(0, str(Path(__file__).parent))

from editor import Editor
from run_stage import WORKER, Stage


@pytest.fixture(autouse=True)
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test touches the user's own list of runs."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest_asyncio.fixture
async def start(project: Path) -> AsyncIterator[Callable[..., object]]:
    """`await start()` gives an `Editor` whose folder is `project`; several may run at once."""
    started: list[Editor] = []

    async def begin(**options: object) -> Editor:
        editor = await Editor.start(project, **options)  # type: ignore[arg-type]
        started.append(editor)
        return editor

    yield begin
    for editor in started:
        await editor.quit()


@pytest_asyncio.fixture
async def editor(start: Callable[..., object]) -> Editor:
    return await start()  # type: ignore[misc, no-any-return]


@pytest.fixture
def stage(project: Path, tmp_path: Path, start: Callable[..., Any]) -> Stage:
    python = tmp_path / "python-with-a-fake-worker"
    python.write_text(
        f'#!/bin/sh\nif [ "$2" = olive_engine.worker ]; then exec "{sys.executable}" "{WORKER}" "$3"; fi\n'
        f'exec "{sys.executable}" "$@"\n'
    )
    python.chmod(0o755)
    return Stage(project, start, python)
