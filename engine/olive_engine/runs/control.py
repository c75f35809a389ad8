"""Finding, cancelling and cleaning up runs."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from ..errors import RunError
from . import folder as folders
from . import index, process
from .events import EventWriter
from .locks import FileLock, is_held
from .model import FINAL, Run, now, seconds_since

GRACE_SECONDS = 30.0
TERM_SECONDS = 5.0
"""Seconds from SIGTERM to SIGKILL for a worker that let the grace pass."""


def list_runs(folder: str | Path | None = None, *, everywhere: bool = False) -> list[Run]:
    """Runs of the configs in `folder` (by default the current one), oldest first; `everywhere`: the user's on this
    host, those of `folder` included."""
    found = {path.name: path for path in index.folders()} if everywhere else {}
    found |= {path.name: path for path in _here(folder)}
    runs = []
    for _, path in sorted(found.items()):
        with contextlib.suppress(FileNotFoundError):
            runs.append(folders.read(path))
    return runs


def find(run_id: str, folder: str | Path | None = None) -> Run:
    """The run with this id, or with an id that begins so if there is only one; a run directory's path works too.

    RunError if there is none or more than one.
    """
    if run_id and (Path(run_id) / "run.json").is_file():
        return folders.read(Path(run_id).absolute())
    found = {path.name: path for path in index.folders()}
    found |= {path.name: path for path in _here(folder)}
    matches = [run_id] if run_id in found else sorted(name for name in found if name.startswith(run_id))
    if not run_id or not matches:
        raise RunError(
            f"There is no run {run_id!r} on this machine.",
            code="run-not-found",
            hint="`olivepress runs list --everywhere` shows those that there are.",
        )
    if len(matches) > 1:
        raise RunError(
            f"{len(matches)} runs begin with {run_id!r}: {', '.join(matches[-5:])}.",
            code="run-id-ambiguous",
            hint="Write more of the id.",
        )
    return folders.read(found[matches[0]])


def refresh(run: Run) -> Run:
    """The run as it is now; RunError if its directory is gone."""
    try:
        return folders.read(run.folder)
    except FileNotFoundError:
        raise RunError(f"The directory of run {run.id} is gone.", code="run-not-found") from None


def wait(run: Run, *, timeout: float | None = None, poll: float = 0.1) -> Run:
    """The run once it has ended and its worker is gone, or as it is after `timeout` seconds."""
    until = None if timeout is None else time.monotonic() + timeout
    while True:
        run = refresh(run)
        if run.final and not is_held(run.folder / folders.LOCK):
            return run
        if until is not None and time.monotonic() >= until:
            return run
        time.sleep(poll)


def request_cancel(run: Run, *, grace: float = GRACE_SECONDS) -> None:
    """Asks the worker to stop at its next step and returns at once. After `grace` seconds the worker gives up by
    itself. A later request with a shorter grace counts."""
    try:
        folders.replace_json(run.folder / folders.CANCEL, {"time": now(), "grace": grace})
    except OSError as error:
        raise RunError(
            f"Run {run.id} cannot be cancelled: {run.folder} cannot be written ({error.strerror}).",
            code="run-folder-not-writable",
        ) from error


def cancel(run: Run, *, grace: float = GRACE_SECONDS) -> Run:
    """Stops a run and returns it as it then is; one that has ended stays as it ended, a lost one becomes cancelled.

    The worker stops at its next step. If it has not after `grace` seconds: SIGTERM, and SIGKILL a little later,
    only if the process really is that run's worker.
    """
    run = refresh(run)
    if run.state in FINAL:
        return run
    if run.state != "lost":
        request_cancel(run, grace=grace)
        run = wait(run, timeout=grace + 2.0)
        for now_at_once in (False, True):
            if run.state in FINAL and not is_held(run.folder / folders.LOCK):
                return run
            if run.state != "lost" and _is_our_worker(run):
                process.end(int(run.pid or 0), now=now_at_once)
                run = wait(run, timeout=TERM_SECONDS)
    return _mark_cancelled(run)


@contextlib.contextmanager
def cancel_on_interrupt(run: Run, told: Callable[[int], None] = lambda count: None) -> Iterator[None]:
    """Over this block Ctrl-C belongs to the run: once asks it to stop at the next step, twice stops it at once.

    `told(count)` is called with 1, 2, ... at each; the block goes on (following until the end). Main thread only.
    """
    count = 0

    def pressed(number: int, frame: FrameType | None) -> None:
        nonlocal count
        del number, frame
        count += 1
        # Outside the handler: what it interrupts may hold locks of its own.
        grace = GRACE_SECONDS if count == 1 else 0.0
        threading.Thread(
            target=lambda: _quietly(lambda: request_cancel(run, grace=grace)), daemon=True
        ).start()
        told(count)

    before = signal.signal(signal.SIGINT, pressed)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def clean(
    folder: str | Path | None = None,
    *,
    keep: int = 0,
    older_than: float | None = None,
    everywhere: bool = False,
    dry_run: bool = False,
) -> list[Run]:
    """Removes the directories of runs that have ended, all but the newest `keep`, only those that ended or began more
    than `older_than` seconds ago. Never one whose worker lives; never anything in an output_dir. Returns them."""
    ended = [run for run in list_runs(folder, everywhere=everywhere) if run.final]
    candidates = ended[: len(ended) - keep] if keep else ended
    removed = []
    for run in candidates:
        if older_than is not None and seconds_since(run.finished or run.created) < older_than:
            continue
        if dry_run or _remove(run):
            removed.append(run)
    if not dry_run:
        for left_over in {run.folder.parent for run in ended}:
            for path in left_over.glob(".*.removed"):
                shutil.rmtree(path, ignore_errors=True)
    return removed


def remove(run: Run) -> None:
    """Removes the directory of a run that has ended, with its checkpoints; outputs and the cache stay.

    RunError where it goes on, or where its directory cannot be removed.
    """
    try:
        run = refresh(run)
    except RunError:
        index.remove(run.id)
        return
    if not run.final:
        raise RunError(
            f"Run {run.id} is still going on.",
            code="run-still-running",
            hint="Cancel it first, then delete it.",
        )
    if not _remove(run):
        raise RunError(
            f"Run {run.id} cannot be deleted: {run.folder} is in use or cannot be written.",
            code="run-folder-not-writable",
        )


def _here(folder: str | Path | None) -> list[Path]:
    place = folders.runs_of(Path.cwd() if folder is None else Path(folder).absolute())
    try:
        return [path for path in place.iterdir() if path.is_dir() and not path.name.startswith(".")]
    except OSError:
        return []


def _is_our_worker(run: Run) -> bool:
    """The pid is only believed while the run's lock is held, on this host, by a process that began when it says."""
    return (
        run.host == process.host()
        and bool(is_held(run.folder / folders.LOCK))
        and process.is_process(run.pid, run.pid_started)
    )


def _mark_cancelled(run: Run) -> Run:
    lock = FileLock(run.folder / folders.LOCK)
    if not lock.acquire(timeout=2.0):
        raise RunError(
            f"Run {run.id} does not stop: its worker ({run.pid} on {run.host}) does not answer.",
            code="run-does-not-stop",
            hint=f"End process {run.pid} on {run.host} by hand.",
        )
    try:
        if folders.record(run.folder).get("state") not in FINAL:
            passes = [
                {**one, "state": "cancelled"} if one.get("state") == "running" else dict(one)
                for one in run.passes
            ]
            folders.update(run.folder, state="cancelled", finished=now(), error=None, passes=passes)
            writer = EventWriter(run.events)
            data = {"state": "cancelled", "output_dir": run.output_dir, "summary": None, "error": None}
            writer.emit("run_finished", None, data)
            writer.close()
    except (OSError, ValueError) as error:
        raise RunError(
            f"Run {run.id} cannot be marked as cancelled: {error}.", code="run-folder-not-writable"
        ) from error
    finally:
        lock.release()
    return refresh(run)


def _remove(run: Run) -> bool:
    lock = FileLock(run.folder / folders.LOCK)
    try:
        if not lock.acquire():
            return False
    except OSError:
        return False
    gone = run.folder.with_name(f".{run.id}.removed")
    if sys.platform == "win32":
        lock.release()  # a folder with an open file in it cannot be renamed there
    try:
        run.folder.rename(gone)
    except OSError:
        return False
    finally:
        lock.release()
    shutil.rmtree(gone, ignore_errors=True)
    index.remove(run.id)
    return True


def _quietly(action: Callable[[], None]) -> None:
    with contextlib.suppress(RunError, json.JSONDecodeError):
        action()
