"""Runs as the client sees them: started, found again, followed by reading their events, stopped. They are processes of
their own: nothing that happens to this server or its client reaches them.

Sent on: `olivepress/runEvent` {run_id, event} for each event, in order, each once; `olivepress/runState` {run_id, state,
run} when a run begins, is found, or changes its state. Runs that others start are found too. All reading of run
directories is done in threads: they may lie on a network drive.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from olive_engine import runs as engine
from olive_engine.errors import RunError
from olive_engine.runs import Run
from olive_engine.runs.folder import runs_of
from olive_engine.runs.index import state_folder

from .document import Document
from .run_failures import Failure, config_of, failures_by_config
from .run_following import Followed, event_json

if TYPE_CHECKING:
    from .session import Session

T = TypeVar("T")

_POLL = 0.2
_LOOK_AROUND = 3.0
"""Seconds between two looks for runs that others started."""
_AT_ONCE = 200
"""Events that are sent before the client's own messages get their turn."""
_MAY_REVIVE = 20
_REPORT = 0.3
"""Seconds between two reports of progress."""


class Runs:
    """What is known of the runs of the open folders."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._followed: dict[str, Followed] = {}
        self._known: dict[str, Run] = {}
        self._others: set[str] = set()
        """Runs that are not of the open folders: looked at once."""
        self._failures: dict[str, tuple[Failure, ...]] = {}
        self._began = False
        self._wake = asyncio.Event()
        seen = session.at_start.get("runs")
        self._seen = (
            {str(key): value for key, value in seen.items() if isinstance(value, int)}
            if isinstance(seen, dict)
            else {}
        )

    # What others ask

    def failures(self, document: Document) -> tuple[Failure, ...]:
        return self._failures.get(config_of(document), ())

    async def all(self) -> list[Run]:
        """The runs of the open folders as they are now, oldest first."""
        found = await self._thread(self._all)
        for run in found:
            self._known[run.id] = run
        return found

    async def find(self, run_id: str) -> Run:
        """RunError where there is none."""
        known = self._known.get(run_id)
        if known is not None:
            return await self._thread(lambda: engine.refresh(known))
        folders = self._folders()

        def search() -> Run:
            for folder in folders:
                with contextlib.suppress(RunError):
                    return engine.find(run_id, folder)
            return engine.find(run_id)

        return await self._thread(search)

    async def events(self, run: Run, after: int) -> list[dict[str, Any]]:
        """The events of a run with a greater `seq`: what a client lacks that was away."""
        found, _ = await self._thread(lambda: engine.read_events(run.events))
        return [event_json(event) for event in found if event.seq > after]

    async def launch(
        self, config: Path, text: str, *, python: str | None, trust_user_script: bool, lenient: bool
    ) -> Run:
        """Starts a run and follows it. RunError as `runs.launch`."""
        run = await self._thread(
            lambda: engine.launch(
                config,
                text=text.encode("utf-8", "replace").decode(),
                python=python or sys.executable,
                trust_user_script=trust_user_script,
                lenient=lenient,
            )
        )
        self.follow(run, 0)
        return run

    async def resume(self, run: Run, *, python: str | None) -> Run:
        """Goes on with a run; its earlier events are not sent again. RunError as `runs.resume`."""
        earlier, _ = await self._thread(lambda: engine.read_events(run.events))
        resumed = await self._thread(lambda: engine.resume(run, python=python))
        self.follow(resumed, earlier[-1].seq if earlier else 0)
        return resumed

    async def cancel(self, run: Run, *, now: bool) -> None:
        """Asks it to stop at its next step, or ends it. Returns when it was asked, not when it has stopped."""
        if now:
            self._session.background(self._thread(lambda: engine.cancel(run, grace=0.0)), "cancelling a run")
        else:
            await self._thread(lambda: engine.request_cancel(run))

    def cancelled_by(self, token: Any) -> None:
        """The client's button in the progress of a run."""
        for followed in self._followed.values():
            if followed.token and followed.token == token:
                self._session.background(self.cancel(followed.run, now=False), "cancelling a run")

    # Following

    def begin(self) -> None:
        """Looks for runs from now on, those that went on while no server was there first."""
        if not self._began:
            self._began = True
            self._session.background(self._work(), "following runs")

    def follow(self, run: Run, after: int) -> None:
        self.begin()
        already = self._followed.get(run.id)
        if already is not None and already.run.attempt == run.attempt:
            return  # it was found while it was being started
        self._known[run.id] = run
        self._followed[run.id] = Followed(run, max(after, self._seen.get(run.id, 0)))
        self._tell_state(run)
        self._session.background(self._show(self._followed[run.id]), "progress of a run")
        self._wake.set()

    async def _work(self) -> None:
        around = 0.0
        while not self._session.stopped.done():
            if time.monotonic() >= around:
                await self._look_around()
                around = time.monotonic() + _LOOK_AROUND
            for followed in list(self._followed.values()):
                await self._step(followed)
            self._wake.clear()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _POLL if self._followed else _LOOK_AROUND)

    async def _look_around(self) -> None:
        """Runs that are new since the last look: those that go on are followed."""
        known = frozenset(self._known)
        for run in await self._thread(lambda: self._all(known | self._others)):
            if run.id in self._known:
                continue
            self._known[run.id] = run
            if run.final:
                self._tell_state(run)
            else:
                self.follow(run, 0)
        for run in await self._thread(self._revived):
            events = await self.events(run, 0)
            self.follow(run, events[-1]["seq"] if events else 0)
        self._judge()

    def _revived(self) -> list[Run]:
        """Runs that had ended and go on, resumed by someone else; of the newest that may, for a thread."""
        may = [run for run in self._known.values() if run.final and run.state != "succeeded"][-_MAY_REVIVE:]
        found = []
        for run in may:
            with contextlib.suppress(RunError):
                now = engine.refresh(run)
                if not now.final and run.id not in self._followed:
                    found.append(now)
        return found

    async def _step(self, followed: Followed) -> None:
        events, run, over = await self._thread(followed.look)
        for number, event in enumerate(events):
            if number % _AT_ONCE == _AT_ONCE - 1:
                await asyncio.sleep(0)
            followed.progress.take(event)
            if event.seq > followed.after:
                followed.after = event.seq
                self._session.notify("olivepress/runEvent", {"run_id": run.id, "event": event_json(event)})
        changed = run.state != followed.run.state
        followed.run = self._known[run.id] = run
        if changed:
            self._tell_state(run)
            self._judge()
        self._report(followed)
        if over:
            self._followed.pop(run.id, None)
            self._end(followed)
            self._judge()

    def _judge(self) -> None:
        """What failed, from the runs as they are known; the documents that it concerns are told of anew."""
        before, self._failures = self._failures, failures_by_config(self._known.values())
        for document in self._session.store:
            config = config_of(document)
            if config and before.get(config) != self._failures.get(config):
                self._session.diagnostics.outdated(document.uri)

    def _tell_state(self, run: Run) -> None:
        params = {"run_id": run.id, "state": run.state, "run": run.to_json()}
        self._session.notify("olivepress/runState", params)

    # Progress in the client

    async def _show(self, followed: Followed) -> None:
        if not self._session.can("window.workDoneProgress"):
            return
        token = f"olivepress-{followed.run.id}-{followed.run.attempt}"
        await asyncio.wait_for(self._session.request("window/workDoneProgress/create", {"token": token}), 30)
        if self._followed.get(followed.run.id) is not followed:
            return
        followed.token = token
        title = f"Olive Press: {Path(followed.run.config).name}"
        self._progress(followed, {"kind": "begin", "title": title, "cancellable": True, "percentage": 0})

    def _report(self, followed: Followed) -> None:
        if followed.token and time.monotonic() - followed.reported >= _REPORT:
            followed.reported = time.monotonic()
            percent = int(followed.progress.share * 100)
            value = {
                "kind": "report",
                "message": followed.progress.text,
                "percentage": percent,
                "cancellable": True,
            }
            self._progress(followed, value)

    def _end(self, followed: Followed) -> None:
        if followed.token:
            self._progress(followed, {"kind": "end", "message": followed.run.state})
            followed.token = ""

    def _progress(self, followed: Followed, value: dict[str, Any]) -> None:
        self._session.notify("$/progress", {"token": followed.token, "value": value})

    # Finding

    def _folders(self) -> list[Path]:
        """Where run directories may lie: the open folders, and those of open documents."""
        paths = [document.path.parent for document in self._session.store if document.path is not None]
        return list(dict.fromkeys([*self._session.folders.values(), *paths]))

    def _all(self, but: frozenset[str] = frozenset()) -> list[Run]:
        """Runs of configs in the open folders, oldest first, without those in `but`; for a thread."""
        folders = self._folders()
        places = [state_folder() / "runs", *(runs_of(folder) for folder in folders)]
        names = {Path(name).stem for place in places for name in _names(place)}
        if not folders or not names - but:
            return []
        found: dict[str, Run] = {}
        for number, folder in enumerate(folders):
            for run in engine.list_runs(folder, everywhere=number == 0):
                if run.id not in but and _concerns(run, folders):
                    found[run.id] = run
        self._others |= names - found.keys() - self._known.keys()
        return [found[name] for name in sorted(found)]

    def folders_changed(self) -> None:
        self._others.clear()
        self._wake.set()

    async def _thread(self, work: Callable[[], T]) -> T:
        return await self._session.loop.run_in_executor(None, work)


def _names(place: Path) -> list[str]:
    try:
        return [name for name in os.listdir(place) if not name.startswith(".")]  # noqa: PTH208 - names alone
    except OSError:
        return []


def _concerns(run: Run, folders: Iterable[Path]) -> bool:
    config = Path(run.config)
    return any(folder in config.parents for folder in folders)
