"""`events.jsonl`: written by the one worker, one whole line with one write each; read by any number of followers.

Reading never blocks the worker and never takes a line that is not whole yet.
"""

from __future__ import annotations

import contextlib
import errno
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from . import folder as folders
from .locks import is_held
from .model import FINAL, Event, Run, now

IMPORTANT = frozenset({"run_started", "pass_started", "pass_finished", "artifact", "run_finished"})
"""Types that are forced to the disk before the worker goes on."""
_RESERVE = 128 * 1024


class EventWriter:
    """Appends events. Only the holder of the run's lock may make one.

    What a crash left of a last line is cut off: no follower has taken it, for it has no newline. `seq` goes on.
    A little room is set aside, so that a run on a full disk can still tell that the disk is full.
    """

    def __init__(self, path: Path, scrub: Callable[[str], str] = lambda text: text) -> None:
        self._scrub = scrub
        self._lock = threading.Lock()
        self._reserve = path.with_name(".reserve")
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o644)
        self._seq = _mend(self._fd)
        with contextlib.suppress(OSError):
            self._reserve.write_bytes(os.urandom(_RESERVE))

    def emit(self, type: str, pass_name: str | None, data: Mapping[str, Any]) -> Event:
        """One line. OSError (ENOSPC) only if the disk is full beyond the room set aside. Thread-safe."""
        with self._lock:
            if self._fd < 0:
                raise ValueError("the event log is closed")
            event = Event(self._seq + 1, now(), type, pass_name, data)
            line = (self._scrub(event.to_line()) + "\n").encode("utf-8", "replace")
            try:
                _append(self._fd, line)
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT) or not self.release_reserve():
                    raise
                _append(self._fd, line)
            self._seq += 1
            if type in IMPORTANT:
                with contextlib.suppress(OSError):
                    os.fsync(self._fd)
            return event

    def release_reserve(self) -> bool:
        """Gives the room set aside back to the disk; False if it was given back before."""
        try:
            self._reserve.unlink()
        except OSError:
            return False
        return True

    def close(self) -> None:
        with self._lock:
            self.release_reserve()
            os.close(self._fd)
            self._fd = -1


def read_events(path: Path, offset: int = 0, limit: int | None = None) -> tuple[list[Event], int]:
    """The whole lines from a byte offset on, and the offset to go on from. A missing file holds none.

    `limit`: about so many bytes at most; what is left can be read from the new offset.
    """
    try:
        with path.open("rb") as file:
            file.seek(offset)
            if limit is None:
                text = file.read()
            else:
                text = file.read(limit) + file.readline()
    except FileNotFoundError:
        return [], offset
    end = text.rfind(b"\n") + 1
    events = (Event.from_line(line) for line in text[:end].split(b"\n") if line)
    return [event for event in events if event is not None], offset + end


def follow(
    run: Run | Path,
    after: int = 0,
    *,
    poll: float = 0.1,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Event]:
    """Events with `seq > after`, as they come, until the run has ended (or is lost, or `stop()` says so).

    After the last event `runs.refresh(run)` tells the state; a lost run ends without a `run_finished`. A run that was
    resumed goes on past its earlier `run_finished`. Reads only: a follower may be killed at any time.
    """
    where = run.folder if isinstance(run, Run) else run
    path = where / "events.jsonl"
    offset, last = 0, ""
    while True:
        # The state first, the events second: what is written before the end is never missed.
        ended = _ended(where, last)
        events, offset = read_events(path, offset)
        for event in events:
            last = event.type
            if event.seq > after:
                yield event
        if stop() or (ended and not events):
            return
        if not events:
            time.sleep(poll)


def _ended(where: Path, last: str) -> bool:
    """Nothing more will come. Between the final state and `run_finished` the worker still holds its lock."""
    try:
        state = folders.read(where).state
    except FileNotFoundError:
        return True
    if state == "lost":
        return True
    return state in FINAL and (last == "run_finished" or not is_held(where / folders.LOCK))


def _append(fd: int, line: bytes) -> None:
    before = os.fstat(fd).st_size
    written = os.write(fd, line)
    if written != len(line):
        os.ftruncate(fd, before)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _mend(fd: int) -> int:
    """Cuts off a torn last line and gives the highest `seq` in the file."""
    size = os.fstat(fd).st_size
    os.lseek(fd, 0, os.SEEK_SET)
    text = b""
    while len(text) < size:
        chunk = os.read(fd, size - len(text))
        if not chunk:
            break
        text += chunk
    end = text.rfind(b"\n") + 1
    if end != size:
        os.ftruncate(fd, end)
    events = (Event.from_line(line) for line in text[:end].split(b"\n") if line)
    return max((event.seq for event in events if event is not None), default=0)
