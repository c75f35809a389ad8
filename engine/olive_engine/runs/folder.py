"""The run directory, `<config's folder>/.olivepress/runs/<id>/`: making it, reading it, replacing its state.

Whoever holds `run.lock` writes `run.json`, nobody else. Readers never write.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, TypeVar

from ..errors import RunError
from . import lost, process
from .model import FINAL, Run, now

PLACE = Path(".olivepress") / "runs"
LOCK = "run.lock"
CANCEL = "cancel"
T = TypeVar("T")


def runs_of(folder: Path) -> Path:
    """Where the runs of the configs in `folder` lie."""
    return folder / PLACE


def new_id() -> str:
    """Sorts by time and is short enough to type: `20260131-184502-k3f9`."""
    letters = "0123456789abcdefghjkmnpqrstvwxyz"
    tail = "".join(secrets.choice(letters) for _ in range(4))
    return f"{datetime.now(timezone.utc):%Y%m%d-%H%M%S}-{tail}"


def create(config: Path, text: bytes, options: Mapping[str, Any]) -> Run:
    """A new directory with the snapshot, state `queued`. RunError where nothing can be written."""
    base = config.parent / ".olivepress"
    try:
        (base / "runs").mkdir(parents=True, exist_ok=True)
        ignore = base / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")
        folder = _fresh(base / "runs")
        (folder / "checkpoints").mkdir()
        (folder / LOCK).touch()
        _write_private(folder / "config.json", text)
        values: dict[str, Any] = {
            "id": folder.name,
            "state": "queued",
            "pid": None,
            "config": str(config),
            "created": now(),
            "started": None,
            "finished": None,
            "output_dir": None,
            "passes": [],
            "error": None,
            "options": dict(options),
            "host": process.host(),
            "boot": process.boot(),
            "pid_started": None,
            "attempt": 1,
            "launcher": {"pid": os.getpid(), "started": process.started(os.getpid())},
        }
        write(folder, values)
    except OSError as error:
        raise _cannot_write(base, error) from error
    return read(folder)


def record(folder: Path) -> dict[str, Any]:
    """`run.json` as it stands. OSError or ValueError where it cannot be read."""
    raw = json.loads(patient(lambda: (folder / "run.json").read_bytes()))
    if not isinstance(raw, dict):
        raise ValueError("run.json holds no object")
    return raw


def write(folder: Path, values: Mapping[str, Any]) -> None:
    """Replaces `run.json` as one step: a reader sees the old one or the new one, a crash leaves one of them."""
    replace_json(folder / "run.json", values)


def update(folder: Path, **values: Any) -> None:
    """Changes some values of `run.json`. Only for the holder of the run's lock."""
    write(folder, {**record(folder), **values})


def replace_json(path: Path, values: Mapping[str, Any], *, durable: bool = True) -> None:
    """Writes JSON under another name, then renames. OSError where that fails; nothing is left over.

    `durable`: it is on the disk before it gets its name, so that it outlives a power cut too.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(values, file, indent=2, ensure_ascii=False, default=str)
            file.write("\n")
            file.flush()
            if durable:
                os.fsync(file.fileno())
        patient(lambda: temporary.replace(path))
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def patient(action: Callable[[], T]) -> T:
    """Does it. On Windows what somebody (a virus scanner) has open for a moment cannot be replaced, renamed or read:
    there it is tried for a second."""
    for _ in range(20 if sys.platform == "win32" else 0):
        try:
            return action()
        except PermissionError:
            time.sleep(0.05)
    return action()


def read(folder: Path) -> Run:
    """The run in `folder`, its state as it really is: `lost` if it should be running and nobody holds its lock.

    A directory whose `run.json` is damaged reads as a lost run that says so. FileNotFoundError if there is none.
    """
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    try:
        values = record(folder)
        run = Run.from_json(folder, values)
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{folder / 'run.json'} cannot be read: {error}"
        return Run(
            folder.name,
            folder,
            "lost",
            "",
            "",
            error={"code": "run-damaged", "message": message, "pointer": "", "hint": "Remove the folder."},
        )
    if run.state in FINAL:
        return run
    judged = lost.judge(run, values)
    if judged.state == "lost":
        # Its worker may have written its last word and gone since the file was read.
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            again = Run.from_json(folder, record(folder))
            return again if again.state in FINAL else judged
    return judged


def _fresh(runs: Path) -> Path:
    while True:
        folder = runs / new_id()
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder


def _write_private(path: Path, text: bytes) -> None:
    """A config may hold a token: the snapshot is for its owner alone."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _cannot_write(base: Path, error: OSError) -> RunError:
    if error.errno == errno.ENOSPC:
        return RunError(
            f"There is no room left on the disk for the run's directory {base}.",
            code="disk-full",
            hint="Free some space, or remove old runs with `olivepress runs clean`.",
        )
    return RunError(
        f"The run's directory {base} cannot be written: {error.strerror or error}.",
        code="run-folder-not-writable",
        hint="Runs are kept beside the config. Copy the config into a folder that you may write to, or change the "
        "folder's permissions.",
    )
