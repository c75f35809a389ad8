"""When diagnostics are worked out and how they reach the client: pushed for each version, or given when pulled.

As soon as nothing else waits, each version is looked at. What takes long (a very long text, a slow disk) is done in a
thread, the newest version next, while everything else is answered; then a first answer says what is known already.

A client that pulls is told when the whole answer is there, if it understands that. It gets no pushes beside, for it
would show both; one that announces pulling and does not do so gets them all the same, a moment later.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .convert import Json
from .document import Document
from .reports import Report, Reports

if TYPE_CHECKING:
    from .session import Session

_QUICK = 0.06
"""Seconds of work: what takes longer is done in a thread."""
_LONG = 150_000
"""Characters of a text that is taken for slow before it was ever looked at."""
_BREATH = 0.001
"""Seconds after a key in which completion, asked for in the same breath, arrives and goes first."""
_FIRST = 0.03
"""The same on a slow text, whose first answer takes longer."""
_CALM = 0.25
"""Seconds without a key before the thread is set to work."""
_STARVED = 0.4
"""Seconds after which diagnostics no longer wait for the client's messages."""
_PULL_PATIENCE = 0.5
"""Seconds that a client which pulls has for it, before it is pushed what changed."""


@dataclass
class _State:
    """Of one document: what was told of it."""

    document: Document | None = None
    """The version that `report` belongs to."""
    report: Report | None = None
    cost: float = 0.0
    timer: asyncio.Handle | None = None
    since: float = 0.0
    working: bool = False
    """Whether a thread is at it."""
    pushed: str = ""
    """The id of what was pushed last."""
    pulled: Document | None = None


class Diagnostics:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._reports = Reports(session)
        self._states: dict[str, _State] = {}

    # What changed

    def changed(self, uri: str) -> None:
        """There is a new version, or what its findings depend on is another."""
        state = self._states.setdefault(uri, _State())
        if state.timer is None:
            state.since = time.monotonic()
        else:
            state.timer.cancel()
        document = self._session.store.get(uri)
        slow = document is not None and self._is_slow(state, document)
        wait = _FIRST if slow else _BREATH if state.report is not None else 0.0
        state.timer = self._session.loop.call_later(wait, self._due, uri)

    def outdated(self, uri: str) -> None:
        """The same version, but what is known beside its text is another."""
        state = self._states.setdefault(uri, _State())
        state.document = state.pulled = None
        self.changed(uri)

    def closed(self, uri: str) -> None:
        state = self._states.pop(uri, None)
        if state is None:
            return
        if state.timer is not None:
            state.timer.cancel()
        if state.pushed:
            self._publish(uri, None, [])

    def refresh(self) -> None:
        """Something outside the texts changed: all open documents anew."""
        for document in self._session.store:
            self.changed(document.uri)
        self.ask_to_pull()

    def ask_to_pull(self) -> None:
        if self._session.can("workspace.diagnostics.refreshSupport"):
            self._session.request("workspace/diagnostic/refresh", None)

    # What others ask

    def problems(self, document: Document) -> Any:
        """The document's problems for whoever mends them; nothing yet where that would take long."""
        known = self._reports.known(document)
        state = self._states.setdefault(document.uri, _State())
        if known is None and self._is_slow(state, document):
            return ()
        return self._reports.problems(document)

    def of_file(self, document: Document) -> Report:
        """The report of a file that is not open; worked out once for each state of the file."""
        report: Report | None = document.__dict__.get("_report")
        if report is None:
            report = document.__dict__["_report"] = self._reports.of(document, document)
        return report

    def pull(self, uri: str, previous: str | None) -> Json | Awaitable[Json]:
        """What `textDocument/diagnostic` answers, now or later."""
        document = self._session.store.get(uri)
        if document is None:
            return {"kind": "full", "items": []}
        state = self._states.setdefault(uri, _State())
        if self._session.can("textDocument.diagnostic"):
            self._taken_back(state, document)
        if self._is_slow(state, document) and state.document is not document:
            if not self._session.can("workspace.diagnostics.refreshSupport"):
                return self._pull_later(uri, previous)
            self._wait(uri, state, _CALM, self._calm)
            return _answer(self._first(state, document), previous)
        return _answer(self._of(state, document), previous)

    async def _pull_later(self, uri: str, previous: str | None) -> Json:
        state = self._states[uri]
        while (document := self._session.store.get(uri)) is not None:
            report = await self._session.in_worker(self._worked_out, document)
            if self._session.store.get(uri) is document:
                state.document, state.report = document, report
                return _answer(report, previous)
        return {"kind": "full", "items": []}

    # Working out

    def _of(self, state: _State, document: Document) -> Report:
        if state.document is not document or state.report is None:
            began, first = time.thread_time(), state.report is None
            state.report = self._worked_out(document)
            state.document = document
            # The first time, schemas are read and modules are loaded.
            state.cost = 0.0 if first else time.thread_time() - began
            self._session.files.follow()
        return state.report

    def _worked_out(self, document: Document) -> Report:
        return self._reports.of(document, self._session.as_workflow(document))

    def _is_slow(self, state: _State, document: Document) -> bool:
        return state.cost > _QUICK or (state.report is None and len(document.text) > _LONG)

    # Pushing

    def _due(self, uri: str) -> None:
        """The time has come; but what the client has sent meanwhile goes first."""
        state, document = self._states.get(uri), self._session.store.get(uri)
        if state is None or document is None:
            return
        waited = time.monotonic() - state.since
        if self._session.busy and waited < _STARVED:
            state.timer = self._session.loop.call_soon(self._due, uri)
            return
        state.timer = None
        if state.pulled is document:
            return
        if state.pulled is not None and waited < _PULL_PATIENCE:
            state.timer = self._session.loop.call_later(_PULL_PATIENCE, self._due, uri)
        elif not self._is_slow(state, document):
            self._push(state, document, self._of(state, document))
        else:
            self._push_moved(state, document)
            self._wait(uri, state, _CALM, self._calm)

    def _wait(self, uri: str, state: _State, seconds: float, then: Callable[[str], None]) -> None:
        """Instead of what was waited for before."""
        if state.timer is not None:
            state.timer.cancel()
        state.timer = self._session.loop.call_later(seconds, then, uri)

    def _calm(self, uri: str) -> None:
        """Nothing was typed for a while: what is slow may begin."""
        state = self._states.get(uri)
        if state is not None:
            state.timer = None
            if not state.working:
                state.working = True
                self._session.background(self._work(uri, state), "diagnostics")

    async def _work(self, uri: str, state: _State) -> None:
        """In the thread, until the newest version was looked at."""
        try:
            while (document := self._session.store.get(uri)) is not None:
                began = time.perf_counter()
                report = await self._session.in_worker(self._worked_out, document)
                state.cost = time.perf_counter() - began
                newest = self._session.store.get(uri)
                if newest is document:
                    state.document, state.report = document, report
                    if state.pulled is document:
                        self.ask_to_pull()
                    else:
                        self._push(state, document, report)
                    self._session.files.follow()
                    return
                state.document, state.report = document, report
                if state.timer is not None:
                    return  # something was typed meanwhile: at the next calm
        finally:
            state.working = False

    def _first(self, state: _State, document: Document) -> Report:
        """What is known of a long text at once."""
        if self._session.as_workflow(document) is None:
            return self._worked_out(document)
        return self._reports.moved(document, state.document)

    def _push_moved(self, state: _State, document: Document) -> None:
        """A first answer, if there is an earlier version to take it from."""
        before = state.document
        if before is not None and before is not document and self._session.as_workflow(document) is not None:
            self._push(state, document, self._reports.moved(document, before))

    def _push(self, state: _State, document: Document, report: Report) -> None:
        if not report.items and not state.pushed and self._session.as_workflow(document) is None:
            return  # some other JSON: silence
        state.pushed = report.identity
        self._publish(document.uri, document, report.items)

    def _taken_back(self, state: _State, document: Document) -> None:
        """The client pulls: what it was pushed before would stand there twice."""
        state.pulled = document
        if state.pushed:
            state.pushed = ""
            self._publish(document.uri, document, [])

    def _publish(self, uri: str, document: Document | None, items: list[Json]) -> None:
        params: dict[str, Any] = {"uri": uri, "diagnostics": items}
        if document is not None and document.version is not None:
            params["version"] = document.version
        self._session.notify("textDocument/publishDiagnostics", params)


def _answer(report: Report, previous: str | None) -> Json:
    if previous == report.identity:
        return {"kind": "unchanged", "resultId": report.identity}
    return {"kind": "full", "resultId": report.identity, "items": report.items}
