"""Following a run to its end: Ctrl-C belongs to the run, a reader that goes away ends only the following.

The run is another process in a session of its own; nothing that happens here can stop it but a request to do so.
"""

from __future__ import annotations

import contextlib
import errno
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from . import exits
from .terminal import close_stdout, interactive
from .view import Event, RunView

if TYPE_CHECKING:
    from olive_engine.runs import Run


class Shown(Protocol):
    def __enter__(self) -> Shown: ...
    def __exit__(self, *error: object) -> None: ...
    def event(self, event: Event) -> None: ...
    def tick(self) -> None: ...
    def line(self, text: str) -> None: ...
    def note(self, text: str) -> None: ...


class _Leave(Exception):
    pass


_GONE = (errno.EPIPE, errno.EIO, errno.EBADF)
"""What writing to a closed pipe or to a terminal that is gone ends with."""


@contextlib.contextmanager
def interrupts() -> Iterator[list[int]]:
    """Over this block Ctrl-C only makes the list grow that it gives; `follow` acts on it.

    Where interrupts are ignored (nohup, a background job) they stay so.
    """
    pressed: list[int] = []
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        yield pressed
        return
    signal.signal(signal.SIGINT, lambda number, frame: pressed.append(number))
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)


def follow(run: Run, *, as_json: bool, after: int = 0, pressed: list[int] | None = None) -> int:
    """Shows the run until it has ended and returns the exit code.

    `after`: the `seq` after which to begin. `pressed`: of `interrupts()`, then Ctrl-C belongs to the run; without it
    Ctrl-C ends the following and not the run.
    """
    view = RunView()
    for entry in run.passes:
        view.of(str(entry.get("name"))).type = str(entry.get("type") or "")
    shown = _shown(view, as_json)
    try:
        with shown:
            _watch(run, view, shown, after, [] if pressed is None else pressed)
        return finish(run, view, as_json=as_json)
    except OSError as error:
        if error.errno not in _GONE:
            raise
        close_stdout()
        return exits.READER_GONE
    except (_Leave, KeyboardInterrupt):
        with contextlib.suppress(OSError):
            print(f"\nThe run goes on: olivepress runs follow {run.id}", file=sys.stderr)
        return exits.CANCELLED


def finish(run: Run, view: RunView, *, as_json: bool) -> int:
    """The last word about a run that has ended, and its exit code."""
    from olive_engine import runs

    run = runs.refresh(run)
    code = exits.OF_STATE.get(run.state, exits.FAILED)
    lacking = missing_artifacts(view) if code == exits.OK else []
    if not as_json:
        from .ending import show_ending

        show_ending(run, view, lacking)
    elif lacking:
        print(f"olivepress: missing after the run: {', '.join(lacking)}", file=sys.stderr)
    return exits.FAILED if lacking else code


def missing_artifacts(view: RunView) -> list[str]:
    """Paths that the run told of inside its output folder, and the folder, as far as they do not exist."""
    promised = [view.output_dir] if view.output_dir else []
    for artifact in view.artifacts:
        path = artifact.get("path")
        if path and view.output_dir and Path(str(path)).is_relative_to(view.output_dir):
            promised.append(str(path))
    return [path for path in dict.fromkeys(promised) if not Path(path).exists()]


def _watch(run: Run, view: RunView, shown: Shown, after: int, pressed: list[int]) -> None:
    from olive_engine import runs

    killers: list[threading.Thread] = []
    told = 0

    def looked() -> bool:
        nonlocal told
        while told < len(pressed):
            told += 1
            _told(run, shown, told, killers)
        shown.tick()
        return False

    for event in runs.follow(run, 0, stop=looked):
        view.apply(event)
        if event_seq(event) > after:
            shown.event(event)
        looked()
    for killer in killers:
        # Between the worker's end and the record of it the run looks lost.
        killer.join(timeout=30)


def event_seq(event: Event) -> int:
    return int(getattr(event, "seq", 0))


def _told(run: Run, shown: Shown, count: int, killers: list[threading.Thread]) -> None:
    from olive_engine import runs
    from olive_engine.errors import RunError

    if count == 1:
        shown.note("Stopping at the next step. Ctrl-C once more kills the run at once.")
        try:
            runs.request_cancel(run)
        except RunError as error:
            shown.note(error.message)
    elif count == 2:
        shown.note("Killing the run.")
        killers.append(threading.Thread(target=_kill, args=(run,), daemon=True))
        killers[-1].start()
    else:
        raise _Leave


def _kill(run: Run) -> None:
    from olive_engine import runs
    from olive_engine.errors import RunError

    with contextlib.suppress(RunError, OSError):
        runs.cancel(run, grace=0.0)


def _shown(view: RunView, as_json: bool) -> Shown:
    if as_json:
        from .show_json import JsonView

        return JsonView()
    if interactive(sys.stdout):
        from .show_live import LiveView

        return LiveView(view)
    from .show_plain import PlainView

    return PlainView(view)
