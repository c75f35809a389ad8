"""Starting and resuming a run: a worker in its own session that nothing of the caller can stop or stall."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from ..errors import RunError
from . import folder as folders
from . import index, lost, process
from .locks import FileLock, is_held
from .model import FINAL, Run, now

START_SECONDS = 60.0


def launch(
    config: str | Path,
    *,
    text: str | None = None,
    python: str | None = None,
    trust_user_script: bool = False,
    lenient: bool = False,
    from_pass: str | None = None,
    to_pass: str | None = None,
    wait: float = START_SECONDS,
) -> Run:
    """Starts a run of `config` and returns once its worker holds the run's lock.

    `text`: run this instead of what the file holds (an unsaved editor); paths in it are still relative to the file.
    `python`: the interpreter of the worker, by default this one. `from_pass`: this pass and later ones are made anew,
    whatever the cache holds. `to_pass`: noted with the run; that later passes are not in `text` is the caller's to see to
    (`olive_schemas.subset`). RunError if the config cannot be read, its folder
    cannot be written, or the worker dies at once. Whether the config is right is the caller's to check before: the
    worker checks it again and fails the run.
    """
    path = Path(os.path.abspath(config))  # noqa: PTH100 - resolve() would follow links away from the config's folder
    content = _content(path) if text is None else text.encode()
    options = {
        "trust_user_script": trust_user_script,
        "lenient": lenient,
        "python": python,
        "from_pass": from_pass,
        "to_pass": to_pass,
    }
    run = folders.create(path, content, options)
    note = index.add(run)
    return _start(run, wait, note)


def resume(run: Run, *, python: str | None = None, wait: float = START_SECONDS) -> Run:
    """Goes on with a run that failed, was cancelled or lost: same id, same directory, the config as it was run.

    RunError if it is still running or already succeeded.
    """
    lock = FileLock(run.folder / folders.LOCK)
    if not lock.acquire(timeout=1.0):
        raise _still_running(run)
    try:
        values = folders.record(run.folder)
        if values["state"] == "queued" and lost.still_launching(Run.from_json(run.folder, values), values):
            raise _still_running(run)
        if values["state"] == "succeeded":
            raise RunError(
                f"Run {run.id} has succeeded: nothing is left to resume.",
                code="run-succeeded",
                hint="Start a new run of its config; passes that have not changed come from the cache.",
            )
        with contextlib.suppress(FileNotFoundError):
            (run.folder / folders.CANCEL).unlink()
        with contextlib.suppress(FileNotFoundError):
            (run.folder / "exit.json").unlink()
        options = {**values.get("options", {}), **({"python": python} if python else {})}
        launcher = {"pid": os.getpid(), "started": process.started(os.getpid()), "time": now()}
        values.update(
            state="queued",
            pid=None,
            pid_started=None,
            finished=None,
            error=None,
            options=options,
            host=process.host(),
            boot=process.boot(),
            launcher=launcher,
            attempt=int(values.get("attempt") or 1) + 1,
        )
        folders.write(run.folder, values)
    except OSError as error:
        raise RunError(
            f"The directory of run {run.id} cannot be written: {error}.", code="run-folder-not-writable"
        ) from error
    finally:
        lock.release()
    return _start(folders.read(run.folder), wait, index.add(run))


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise RunError(f"There is no config {path}.", code="config-not-found") from None
    except OSError as error:
        raise RunError(
            f"The config {path} cannot be read: {error.strerror}.", code="config-not-readable"
        ) from None


def _start(run: Run, wait: float, note: str | None) -> Run:
    """Spawns the worker and waits for its first sign of life, or its end."""
    python = run.options.get("python") or sys.executable
    command = [python, "-m", "olive_engine.worker", str(run.folder)]
    with run.log.open("ab") as log:
        if note:
            log.write(f"{note}\n".encode())
        begin = log.tell()
        try:
            child = _spawn(command, Path(run.config).parent, log.fileno())
        except OSError as error:
            _fail(run, f"The interpreter {python} cannot be started: {error.strerror or error}.")
            raise RunError(
                f"The interpreter {python} cannot be started: {error.strerror or error}.",
                code="worker-not-started",
                hint="Name a Python that has olivepress[engine] installed.",
            ) from error
    until = time.monotonic() + wait
    while child.poll() is None and time.monotonic() < until:
        now_run = folders.read(run.folder)
        if now_run.state != "queued" and now_run.pid is not None:
            break
        time.sleep(0.01)
    if child.poll() is not None:
        return _died(run, child, begin, python)
    _reap(child, run.folder)
    return folders.read(run.folder)


def _spawn(command: list[str], cwd: Path, log: int) -> subprocess.Popen[bytes]:
    """Own session, no terminal, no pipe: the end of the caller's session, terminal or group does not reach it."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
    options: dict[str, Any] = {
        "stdin": subprocess.DEVNULL,
        "stdout": log,
        "stderr": log,
        "close_fds": True,
        "cwd": cwd,
        "env": environment,
    }
    if sys.platform == "win32":
        flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
        try:
            # An editor may keep its children in a job that ends with it: leave the job where that is allowed.
            return subprocess.Popen(
                command, creationflags=flags | subprocess.CREATE_BREAKAWAY_FROM_JOB, **options
            )
        except PermissionError:
            return subprocess.Popen(command, creationflags=flags, **options)
    return subprocess.Popen(command, start_new_session=True, **options)


def _died(run: Run, child: subprocess.Popen[bytes], begin: int, python: str) -> Run:
    """The worker ended while we looked: a short run that is done, or one that never began."""
    after = folders.read(run.folder)
    if after.state in FINAL:
        return after
    if is_held(run.folder / folders.LOCK):
        raise _still_running(run)
    with run.log.open("rb") as log:
        log.seek(begin)
        lines = log.read().decode("utf-8", "replace").strip().splitlines()
    last = " | ".join(line.strip() for line in lines[-3:]) or f"exit code {child.returncode}"
    if "No module named" in last and "olive" in last:
        message = f"The interpreter {python} has no olivepress."
        hint = f"Install it there: {python} -m pip install 'olivepress[engine]'"
    else:
        message, hint = f"The worker ended before the run began: {last}", f"See {run.log}."
    _fail(run, message)
    raise RunError(message, code="worker-not-started", hint=hint)


def _fail(run: Run, message: str) -> None:
    """The run that never began is left as failed, not as lost."""
    lock = FileLock(run.folder / folders.LOCK)
    if lock.acquire(timeout=1.0):
        error = {"code": "worker-not-started", "message": message, "pointer": "", "hint": ""}
        with contextlib.suppress(OSError):
            folders.update(run.folder, state="failed", finished=now(), error=error)
        lock.release()


def _still_running(run: Run) -> RunError:
    return RunError(
        f"Run {run.id} is still running.",
        code="run-still-running",
        hint=f"Follow it with `olivepress runs follow {run.id}`, or stop it with `olivepress runs cancel {run.id}`.",
    )


def _reap(child: subprocess.Popen[bytes], where: Path) -> None:
    """Collects the worker's exit while this process lives, and leaves word of it if the worker could not."""

    def collect() -> None:
        code = child.wait()
        with contextlib.suppress(OSError, ValueError):
            if folders.record(where)["state"] not in FINAL:
                (where / "exit.json").write_text(json.dumps({"returncode": code}))

    threading.Thread(target=collect, name="worker-exit", daemon=True).start()
