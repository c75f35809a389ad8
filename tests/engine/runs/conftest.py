"""A folder with a small model and a config for it, and an interpreter whose worker has fake passes."""

from __future__ import annotations

import errno
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import olive_engine
from olive_engine import runs
from olive_engine.execute import Setting, execute
from olive_engine.runs import Event, Run

SCRIPT = Path(__file__).with_name("fake_worker.py")
TRAIN = {"name": "lora", "type": "Train", "steps": 4}
MERGE = {"name": "merge", "type": "Merge"}
BUILD = {"name": "build", "type": "Build"}


@dataclass
class Bench:
    """A folder with a config, and what a test does with it."""

    folder: Path
    python: str
    fakes: ModuleType

    @staticmethod
    def weights(text: str) -> str:
        """A text that is a whole safetensors file: the length of its header, an empty header, and the text as data."""
        return f"\x02{chr(0) * 7}{{}}{text}"

    @property
    def config(self) -> Path:
        return self.folder / "olive-config.json"

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def cache(self) -> Path:
        return self.folder / "cache" / "olivepress"

    def write(self, *passes: dict[str, Any], **more: Any) -> Path:
        chosen = list(passes) or [TRAIN, MERGE, BUILD]
        self.config.write_text(json.dumps({"passes": chosen, **more}))
        return self.config

    def launch(self, *passes: dict[str, Any], **more: Any) -> Run:
        return runs.launch(self.write(*passes, **more), python=self.python)

    def run(self, *passes: dict[str, Any], **more: Any) -> Run:
        """A whole run in a worker of its own, to its end."""
        return runs.wait(self.launch(*passes, **more), timeout=60)

    def here(
        self,
        *passes: dict[str, Any],
        run_id: str = "here",
        stop: Callable[[], bool] | None = None,
        from_pass: str | None = None,
        **more: Any,
    ):
        """The same in this process: (outcome, events)."""
        events: list[Event] = []
        reading = self.fakes.read(self.write(*passes, **more).read_text(), path=self.config)
        setting = Setting(
            run_id=run_id,
            checkpoints=self.folder / "checkpoints",
            emit=lambda type, name, data: events.append(Event(len(events) + 1, "", type, name, dict(data))),
            stop_requested=stop or (lambda: False),
            from_pass=from_pass,
        )
        return execute(reading.workflow, setting, load_pass=self.fakes.PASSES.__getitem__), events


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("fake_worker", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setitem(sys.modules, "olive_engine.data", module.DATA)
    monkeypatch.setattr(olive_engine, "data", module.DATA, raising=False)
    return module


@pytest.fixture(autouse=True)
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test touches the user's own list of runs."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


SMALL_DISK = 3_000_000


@pytest.fixture
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A disk of 3 MB of its own; where none can be mounted, one whose writes fail from there on."""
    folder = tmp_path / "small-disk"
    folder.mkdir()
    if mounted(folder, f"size={SMALL_DISK}"):
        yield folder
        subprocess.run(["umount", "-l", str(folder)], check=True)
        return
    monkeypatch.setenv("TEST_SMALL_DISK", f"{folder}:{SMALL_DISK}")
    left = SMALL_DISK
    write = os.write

    def limited(fd: int, data: bytes) -> int:
        nonlocal left
        if Path(f"/proc/self/fd/{fd}").resolve().is_relative_to(folder):
            left -= len(data)
            if left < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(fd, data)

    monkeypatch.setattr(os, "write", limited)
    yield folder


@pytest.fixture
def other_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on another disk than the tests' own: every Linux has one in memory."""
    assert Path("/dev/shm").stat().st_dev != tmp_path.stat().st_dev
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A folder that cannot be written to: a mounted one for root, whom permissions do not stop."""
    folder = tmp_path / "read-only"
    folder.mkdir()
    if mounted(folder, "ro"):
        yield folder
        subprocess.run(["umount", "-l", str(folder)], check=True)
    else:
        folder.chmod(0o555)
        yield folder
        folder.chmod(0o755)


def mounted(folder: Path, options: str) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    return os.geteuid() == 0 and subprocess.run(command, capture_output=True).returncode == 0


@pytest.fixture
def bench(tmp_path: Path, fakes: ModuleType) -> Iterator[Bench]:
    folder = tmp_path / "project"
    (folder / "input").mkdir(parents=True)
    (folder / "input" / "model.safetensors").write_text(Bench.weights("base weights"))
    (folder / "input" / "config.json").write_text("{}")
    python = tmp_path / "python-with-fakes"
    # As `launch` calls an interpreter: python -m olive_engine.worker FOLDER.
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{SCRIPT}" "$3"\n')
    python.chmod(0o755)
    bench = Bench(folder, str(python), fakes)
    yield bench
    for run in runs.list_runs(folder):
        if not run.final and run.pid:
            os.kill(run.pid, 9)
