"""The process that does a run: `python -m olive_engine.worker RUN_FOLDER`, started by `runs.launch` and `runs.resume`.

The only writer of the run's directory. Holds `run.lock` from its first act to its last. What it says: `events.jsonl`;
what libraries print: `worker.log`. Exit code 0 succeeded, 1 failed, 130 cancelled, 3 the run has a worker already.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import failures, lean_imports, worker_log
from .errors import Cancelled, RunError
from .memory_watch import memory_used
from .passes import load as load_any_pass
from .preflight import ChecksFailed, LoadPass, refuse
from .runs import folder as folders
from .runs import process
from .runs.events import EventWriter, read_events
from .runs.locks import FileLock
from .runs.lost import HEARTBEAT_SECONDS
from .runs.model import Run, now
from .runs.scrub import scrubber

if TYPE_CHECKING:
    from olive_schemas import Reading

Read = Callable[..., "Reading"]
EXIT_CODES = {"succeeded": 0, "failed": 1, "cancelled": 130}


def main(folder: str | Path, *, load_pass: LoadPass = load_any_pass, read: Read | None = None) -> int:
    """Does the run in `folder` and returns the exit code. `load_pass` and `read` are there for tests."""
    where = Path(folder).absolute()
    lock = FileLock(where / folders.LOCK)
    # Readers look at the lock for a moment; only one that is held for long is another worker's.
    if not lock.acquire(timeout=5.0):
        print(f"{where} has a worker already.", file=sys.stderr)
        return 3
    process.offer_to_the_oom_killer()
    lean_imports.install()
    with contextlib.suppress(Exception):
        faulthandler.enable()
    try:
        return _Worker(where, load_pass, read).run()
    finally:
        lock.release()


class _Worker:
    """State of one attempt: the record, the events, the wish to stop."""

    def __init__(self, where: Path, load_pass: LoadPass, read: Read | None) -> None:
        self.where = where
        self._load_pass, self._read = load_pass, read
        self._record = folders.record(where)
        self._guard = threading.Lock()
        self._stop, self._over = threading.Event(), threading.Event()
        _on_signals(self._stop)
        begin = now()
        self._update(
            state="running",
            pid=os.getpid(),
            pid_started=process.started(os.getpid()),
            started=self._record.get("started") or begin,
            host=process.host(),
            boot=process.boot(),
            python=sys.executable,
        )
        self.run_before = Run.from_json(where, self._record)
        scrub = scrubber()
        self.earlier = _first_metrics(where)
        self.events = EventWriter(where / "events.jsonl", scrub)
        self._beat()
        worker_log.install(scrub, self._tell)
        self._current: str | None = None
        threading.Thread(target=self._look, name="run-watch", daemon=True).start()

    def run(self) -> int:
        """The whole attempt. Never raises: what goes wrong becomes the run's error."""
        reading: Reading | None = None
        state, error, summary, output = "failed", None, None, None
        try:
            reading = self._reading()
            outcome = self._execute(reading)
            state, summary, output = "succeeded", outcome.summary, str(outcome.output_dir)
        except Cancelled:
            state = "cancelled"
        except BaseException as problem:  # noqa: BLE001 - the last place where anything can still be told
            if not isinstance(problem, RunError) or problem.__cause__ is not None:
                traceback.print_exc()
            error = failures.describe(problem, self._places(reading))
            failures.locate(error, reading)
        self._finish(state, error, summary, output)
        return EXIT_CODES[state]

    def emit(self, type: str, pass_name: str | None, data: Mapping[str, Any]) -> None:
        """One event, and what it changes in `run.json`."""
        if self._over.is_set():
            return
        if type == "log" and not worker_log.note(pass_name, data):
            return
        self.events.emit(type, pass_name, data)
        if type == "pass_started":
            self._current = pass_name
            self._change_pass(pass_name, state="running", cached=bool(data.get("cached")))
        elif type == "pass_finished":
            self._current = None
            self._change_pass(
                pass_name,
                state=str(data.get("state")),
                cached=bool(data.get("cached")),
                seconds=data.get("seconds"),
                peak_memory_bytes=data.get("peak_memory_bytes"),
            )

    def _tell(self, level: str, message: str) -> None:
        """A library's warning; it stands in the log already."""
        if not self._over.is_set():
            self.events.emit("log", self._current, {"level": level, "message": message})

    def _reading(self) -> Reading:
        if self._read is None:
            from olive_schemas import read

            self._read = read
        # Bytes that are no UTF-8 are the reader's to complain of, with a place.
        text = (self.where / "config.json").read_bytes().decode("utf-8", "replace")
        lenient = bool(self.run_before.options.get("lenient"))
        return self._read(text, path=Path(self.run_before.config), lenient=lenient)

    def _execute(self, reading: Reading) -> Any:
        from .execute import Setting, execute

        workflow = reading.workflow
        self._started(workflow)
        problems = list(dict.fromkeys((*reading.problems, *reading.refusals())))
        if workflow is None:
            raise ChecksFailed(problems)
        refuse(problems)
        worker_log.set_level(workflow.engine.log_severity_level)
        setting = Setting(
            run_id=self.run_before.id,
            checkpoints=self.where / "checkpoints",
            emit=self.emit,
            stop_requested=self._stop.is_set,
            trust_user_script=bool(self.run_before.options.get("trust_user_script")),
            config=self.run_before.config,
            started=str(self._record["started"]),
            earlier=self.earlier,
            from_pass=self.run_before.options.get("from_pass"),
        )
        return execute(workflow, setting, load_pass=self._load_pass)

    def _started(self, workflow: Any) -> None:
        steps = workflow.passes if workflow is not None else ()
        passes = [
            {"name": step.name, "type": step.type, "state": "waiting", "cached": False} for step in steps
        ]
        output = workflow.engine.output_dir if workflow is not None else None
        self._update(passes=passes, output_dir=output)
        self.emit(
            "run_started",
            None,
            {
                "run_id": self.run_before.id,
                "config": self.run_before.config,
                "attempt": self.run_before.attempt,
                "resumed": self.run_before.attempt > 1,
                "passes": [{"name": step.name, "type": step.type} for step in steps],
                "output_dir": output,
                "pid": os.getpid(),
                "host": process.host(),
            },
        )

    def _finish(self, state: str, error: dict[str, Any] | None, summary: Any, output: str | None) -> None:
        """The last word: first the state, then the event that tells of it. Made once, by whoever comes first."""
        with self._guard:
            if self._over.is_set():
                time.sleep(60)  # the watch is ending the process at this moment
            self._over.set()
        ended = "cancelled" if state == "cancelled" else "failed"
        passes = [
            {**one, "state": ended} if one.get("state") == "running" else one
            for one in self._record.get("passes", [])
        ]
        output = output or self._record.get("output_dir")
        for attempt in (1, 2):
            try:
                self._update(state=state, finished=now(), error=error, passes=passes, output_dir=output)
                data = {"state": state, "output_dir": output, "summary": summary, "error": error}
                self.events.emit("run_finished", None, data)
            except OSError:
                # A full disk: the room that was set aside is for this.
                if attempt == 1 and self.events.release_reserve():
                    continue
                traceback.print_exc()
            break
        self.events.close()

    def _look(self) -> None:
        """Watches for the cancel file, and ends a pass that does not come to its next step within the grace."""
        path = self.where / folders.CANCEL
        asked: float | None = None
        beaten = time.monotonic()
        while not self._over.wait(0.1):
            if time.monotonic() - beaten >= HEARTBEAT_SECONDS:
                beaten = time.monotonic()
                self._beat()
            if not path.exists():
                continue
            self._stop.set()
            asked = asked or time.monotonic()
            if time.monotonic() - asked >= _grace(path):
                self._end_at_once()

    def _end_at_once(self) -> None:
        if self._guard.acquire(timeout=5.0):
            over = self._over.is_set()
            self._guard.release()
            if over:
                return
        print("Cancelled: the pass did not come to its next step in time and was ended.", file=sys.stderr)
        self._finish("cancelled", None, None, None)
        sys.stderr.flush()
        os._exit(EXIT_CODES["cancelled"])

    def _beat(self) -> None:
        """What is known of the last moment, for whoever has to guess why a worker is gone."""
        with contextlib.suppress(OSError):
            folders.replace_json(
                self.where / "heartbeat.json",
                {
                    "time": now(),
                    "memory_bytes": memory_used(),
                    "kills_for_memory": process.kills_for_memory(),
                },
                durable=False,
            )

    def _update(self, **values: Any) -> None:
        if self._over.is_set() and "finished" not in values:
            return  # a pass that was given up on may still be running for a moment
        with self._guard if not self._over.is_set() else contextlib.nullcontext():
            self._record = {**self._record, **values}
            folders.write(self.where, self._record)

    def _change_pass(self, name: str | None, **values: Any) -> None:
        passes = [
            {**one, **values} if one.get("name") == name else one for one in self._record.get("passes", [])
        ]
        self._update(passes=passes)

    def _places(self, reading: Reading | None) -> tuple[Path, ...]:
        engine = reading.workflow.engine if reading is not None and reading.workflow is not None else None
        return (self.where, *((Path(engine.cache_dir), Path(engine.output_dir)) if engine else ()))


def _on_signals(stop: threading.Event) -> None:
    """SIGTERM (a shutdown, a scheduler) is a wish to stop; a terminal's end is none of the run's business."""
    if threading.current_thread() is not threading.main_thread():
        return
    signal.signal(signal.SIGTERM, lambda number, frame: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _grace(path: Path) -> float:
    try:
        return float(json.loads(path.read_bytes())["grace"])
    except (OSError, ValueError, KeyError, TypeError):
        return 30.0


def _first_metrics(where: Path) -> dict[str, Mapping[str, Any]]:
    """Pass name -> its first metric of an earlier attempt."""
    found: dict[str, Mapping[str, Any]] = {}
    for event in read_events(where / "events.jsonl")[0]:
        if event.type == "metric" and event.pass_name is not None:
            found.setdefault(event.pass_name, event.data)
    return found


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print("usage: python -m olive_engine.worker RUN_FOLDER", file=sys.stderr)
        raise SystemExit(2)
    raise SystemExit(main(sys.argv[1]))
