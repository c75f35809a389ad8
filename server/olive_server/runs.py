"""Runs as the client sees them: started, found again, followed by reading their events, stopped. They are processes of
their own: nothing that happens to this server or its client reaches them.

Sent on, as `olive_schemas/messages.json` has them: `olivepress/runEvents`, a run's events in order, each once, some
hundred a message; `olivepress/runState` when a run begins, is found, or changes its state; `olivepress/runRemoved`. Runs
that others start are found too. A client that does not read is waited for: what it has not taken stays in the run's file.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from olive_engine import runs as engine
from olive_engine.runs import Run

from . import run_finding, run_showing
from .document import Document
from .run_failures import Failure, config_of, failures_by_config
from .run_following import Followed, Look, batches, event_json, page

if TYPE_CHECKING:
    from .session import Session

T = TypeVar("T")

_POLL = 0.2
_LOOK_AROUND = 3.0
"""Seconds between two looks for runs that others started."""


class Runs:
    """What is known of the runs of the open folders, or of this host if the client wants all of them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._followed: dict[str, Followed] = {}
        self._known: dict[str, Run] = {}
        self._others: set[str] = set()
        """Runs that are not of the open folders: looked at once."""
        self._failures: dict[str, tuple[Failure, ...]] = {}
        self._began = False
        self._wake = asyncio.Event()
        self._everywhere = session.at_start.get("allRuns") is True
        seen = session.at_start.get("runs")
        self._seen = (
            {str(key): value for key, value in seen.items() if isinstance(value, int)}
            if isinstance(seen, dict)
            else {}
        )

    # What others ask

    def failures(self, document: Document) -> tuple[Failure, ...]:
        return self._failures.get(config_of(document), ())

    async def all(self, *, everywhere: bool) -> list[Run]:
        """The runs of the open folders (or of this host) as they are now, oldest first."""
        folders = self._folders()
        found = await self._thread(lambda: run_finding.read(folders))
        wanted = [run for run in found if everywhere or run_finding.concerns(run, folders)]
        for run in wanted:
            # Those that begin in this moment are noticed as such when they are looked for.
            if run.id in self._known or run.final:
                self._known[run.id] = run
        return wanted

    async def find(self, run_id: str) -> Run:
        """RunError where there is none."""
        known = self._known.get(run_id)
        if known is not None:
            return await self._thread(lambda: engine.refresh(known))
        folders = self._folders()
        return await self._thread(lambda: run_finding.one(run_id, folders))

    async def events(self, run: Run, after: int, offset: int) -> dict[str, Any]:
        """A page of the events of a run with a greater `seq`: what a client lacks that was away."""
        return await self._thread(lambda: page(run.events, after, offset))

    async def last_data(self, run: Run, *types: str) -> list[tuple[str, dict[str, Any]]]:
        """(type, data) of the events of some types."""
        found, _ = await self._thread(lambda: engine.read_events(run.events))
        return [(event.type, dict(event.data)) for event in found if event.type in types]

    async def launch(self, config: Path, text: str, *, python: str | None, **options: Any) -> Run:
        """Starts a run and follows it; `options` and RunError as `runs.launch`."""
        content = text.encode("utf-8", "replace").decode()
        run = await self._thread(
            lambda: engine.launch(config, text=content, python=python or sys.executable, **options)
        )
        self.follow(run, 0)
        return run

    async def resume(self, run: Run, *, python: str | None) -> Run:
        """Goes on with a run; its earlier events are not sent again. RunError as `runs.resume`."""
        before = await self._thread(lambda: _last_seq(run))
        resumed = await self._thread(lambda: engine.resume(run, python=python))
        self.follow(resumed, before)
        return resumed

    async def cancel(self, run: Run, *, now: bool) -> None:
        """Asks it to stop at its next step, or ends it. Returns when it was asked, not when it has stopped. A lost one is
        marked as cancelled."""
        if now or run.state == "lost":
            self._session.background(self._thread(lambda: engine.cancel(run, grace=0.0)), "cancelling a run")
        else:
            await self._thread(lambda: engine.request_cancel(run))

    async def remove(self, run: Run) -> None:
        """RunError as `runs.remove`."""
        await self._thread(lambda: engine.remove(run))
        self._removed(run)

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
        if already is not None:
            run_showing.end(self._session, already)
        self._known[run.id] = run
        self._followed[run.id] = Followed(run, max(after, self._seen.get(run.id, 0)))
        self._tell_state(run)
        showing = run_showing.begin(self._session, self._followed[run.id])
        self._session.background(showing, "progress of a run")
        self._wake.set()

    async def _work(self) -> None:
        around = 0.0
        while not self._session.stopped.done():
            if time.monotonic() >= around:
                await self._look_around()
                around = time.monotonic() + _LOOK_AROUND
            more = False
            for followed in list(self._followed.values()):
                more = await self._step(followed) or more
            if more:
                continue
            self._wake.clear()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _POLL if self._followed else _LOOK_AROUND)

    async def _look_around(self) -> None:
        """Runs that are new since the last look: those that go on are followed. And those that are gone."""
        folders, but = self._folders(), frozenset(self._known) | self._others
        for run in await self._thread(lambda: run_finding.read(folders, but=but)):
            here = run_finding.concerns(run, folders)
            if run.id in self._known:
                continue
            if not here and not self._everywhere:
                self._others.add(run.id)
                continue
            self._known[run.id] = run
            if not run.final:
                self.follow(run, 0)
            elif here:
                self._tell_state(run)
        known = [run for run in self._known.values() if run.id not in self._followed]
        for run, seq in await self._thread(
            lambda: [(one, _last_seq(one)) for one in run_finding.revived(known)]
        ):
            self.follow(run, seq)
        for run in await self._thread(lambda: run_finding.gone(known)):
            self._removed(run)
        self._judge()

    async def _step(self, followed: Followed) -> bool:
        """Sends what is new of a run; whether there is more at once."""
        look: Look = await self._thread(followed.look)
        run = look.run
        for event in look.events:
            followed.progress.take(event)
        new = [event for event in look.events if event.seq > followed.after]
        for batch in batches(new):
            followed.after = batch[-1].seq
            told = [event_json(event) for event in batch]
            more = look.more or batch[-1] is not new[-1]
            self._session.notify("olivepress/runEvents", {"run_id": run.id, "events": told, "more": more})
            # The client's own messages get their turn.
            await asyncio.sleep(0)
        if self._followed.get(run.id) is not followed:
            return False  # it was deleted, or resumed, meanwhile
        changed = run.state != followed.run.state
        followed.run = self._known[run.id] = run
        if changed:
            self._tell_state(run)
            self._judge()
        run_showing.report(self._session, followed)
        if look.over:
            self._followed.pop(run.id, None)
            run_showing.end(self._session, followed)
            self._judge()
        return look.more

    def _judge(self) -> None:
        """What failed, from the runs as they are known; the documents that it concerns are told of anew."""
        folders = self._folders()
        here = [run for run in self._known.values() if run_finding.concerns(run, folders)]
        before, self._failures = self._failures, failures_by_config(here)
        for document in self._session.store:
            config = config_of(document)
            if config and before.get(config) != self._failures.get(config):
                self._session.diagnostics.outdated(document.uri)

    def _tell_state(self, run: Run) -> None:
        params = {"run_id": run.id, "state": run.state, "run": run.to_json()}
        self._session.notify("olivepress/runState", params)

    def _removed(self, run: Run) -> None:
        followed = self._followed.pop(run.id, None)
        if followed is not None:
            run_showing.end(self._session, followed)
        if self._known.pop(run.id, None) is not None:
            self._session.notify("olivepress/runRemoved", {"run_id": run.id})
            self._judge()

    # Finding

    def _folders(self) -> list[Path]:
        """Where run directories may lie: the open folders, and those of open documents."""
        paths = [document.path.parent for document in self._session.store if document.path is not None]
        return list(dict.fromkeys([*self._session.folders.values(), *paths]))

    def folders_changed(self) -> None:
        self._others.clear()
        self._wake.set()

    async def _thread(self, work: Callable[[], T]) -> T:
        return await self._session.loop.run_in_executor(None, work)


def _last_seq(run: Run) -> int:
    """Of the newest event that is written; 0 for none. For a thread."""
    events, _ = engine.read_events(run.events)
    return events[-1].seq if events else 0
