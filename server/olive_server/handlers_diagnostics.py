"""Diagnostics: worked out for each version as soon as nothing else waits, pushed, and given when pulled.

A client that pulls gets no pushes beside, for it would show both; one that announces pulling and does not do so gets
them all the same, a moment later. What took long is worked out less often while typing goes on.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from olive_schemas.problems import Problem

from .convert import Json, Places, diagnostic
from .document import Document

if TYPE_CHECKING:
    from .session import Session

LOG = logging.getLogger(__name__)
_CHEAP = 0.015
"""Seconds: what costs less is worked out at every key."""
_LONGEST_WAIT = 0.4
_PULL_PATIENCE = 0.5
"""Seconds that a client which pulls has for it, before it is pushed what changed."""


@dataclass
class _State:
    """Of one document: what was told of it."""

    document: Document | None = None
    report: tuple[str, list[Json]] | None = None
    cost: float = 0.0
    timer: asyncio.Handle | None = None
    since: float = 0.0
    pushed: str = ""
    """The id of what was pushed last."""
    pulled: Document | None = None


class Diagnostics:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._states: dict[str, _State] = {}

    def changed(self, uri: str) -> None:
        """There is a new version, or what its findings depend on is another."""
        state = self._states.setdefault(uri, _State())
        now = time.monotonic()
        if state.timer is None:
            state.since = now
        else:
            state.timer.cancel()
        wait = 0.0
        if state.cost > _CHEAP:
            wait = max(0.0, min(state.cost, _LONGEST_WAIT, state.since + 2 * _LONGEST_WAIT - now))
        state.timer = self._session.loop.call_later(wait, self._due, uri) if wait else self._soon(uri)

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

    def of(self, document: Document) -> tuple[str, list[Json]]:
        """(result id, diagnostics) of a document; the id is the same as long as they are."""
        state = self._states.setdefault(document.uri, _State())
        if state.document is not document or state.report is None:
            began = time.perf_counter()
            state.report = self._report(document, self._session.workflow(document.uri))
            state.document = document
            state.cost = time.perf_counter() - began
            self._session.files.follow()
        return state.report

    def problems(self, document: Document) -> tuple[Problem, ...]:
        """What is wrong with a workflow's text, worked out once; what was turned off is not among it."""
        from .checking import problems

        found: tuple[Problem, ...] | None = document.__dict__.get("_problems")
        if found is None:
            severity = self._session.options_for(document.uri).severity
            found = tuple(one for one in problems(document) if severity.get(one.code) != "off")
            document.__dict__["_problems"] = found
        return found

    def pull(self, uri: str, previous: str | None) -> Json:
        """What `textDocument/diagnostic` answers."""
        document = self._session.store.get(uri)
        if document is None:
            return {"kind": "full", "items": []}
        identity, items = self.of(document)
        if self._session.can("textDocument.diagnostic"):
            self._taken_back(self._states[uri], document)
        if previous == identity:
            return {"kind": "unchanged", "resultId": identity}
        return {"kind": "full", "resultId": identity, "items": items}

    def _taken_back(self, state: _State, document: Document) -> None:
        """The client pulls: what it was pushed before would stand there twice."""
        state.pulled = document
        if state.pushed:
            state.pushed = ""
            self._publish(document.uri, document, [])

    def of_file(self, document: Document) -> tuple[str, list[Json]]:
        """The same of a file that is not open; worked out once for each state of the file."""
        report: tuple[str, list[Json]] | None = document.__dict__.get("_report")
        if report is None:
            report = document.__dict__["_report"] = self._report(document, document)
        return report

    def _soon(self, uri: str) -> asyncio.Handle:
        return self._session.loop.call_soon(self._due, uri)

    def _due(self, uri: str) -> None:
        """The time has come; but what the client has sent meanwhile goes first."""
        state, document = self._states.get(uri), self._session.store.get(uri)
        if state is None or document is None:
            return
        if self._session.busy and time.monotonic() - state.since < _LONGEST_WAIT:
            state.timer = self._soon(uri)
            return
        if state.pulled is document:
            state.timer = None
        elif state.pulled is not None and time.monotonic() - state.since < _PULL_PATIENCE:
            state.timer = self._session.loop.call_later(_PULL_PATIENCE, self._due, uri)
        else:
            state.timer = None
            self._push(document)

    def _push(self, document: Document) -> None:
        identity, items = self.of(document)
        if self._session.store.get(document.uri) is not document:
            return
        state = self._states[document.uri]
        if not items and not state.pushed and self._session.workflow(document.uri) is None:
            return  # some other JSON: silence
        state.pushed = identity
        self._publish(document.uri, document, items)

    def _publish(self, uri: str, document: Document | None, items: list[Json]) -> None:
        params: dict[str, Any] = {"uri": uri, "diagnostics": items}
        if document is not None and document.version is not None:
            params["version"] = document.version
        self._session.notify(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, params)

    def _report(self, document: Document, workflow: Document | None) -> tuple[str, list[Json]]:
        items = self._items(document, workflow)
        said = json.dumps(items, sort_keys=True).encode()
        return hashlib.blake2b(said, digest_size=12).hexdigest(), items

    def _items(self, document: Document, workflow: Document | None) -> list[Json]:
        """`workflow`: the document, if it is one that is looked at."""
        from .session import TOO_LONG

        session = self._session
        options = session.options_for(document.uri)
        if not options.checks:
            return []
        if len(document.text) > TOO_LONG:
            return (
                [_too_long(document)] if document.path and document.path.name == "olive-config.json" else []
            )
        if workflow is None:
            return []
        places = Places.of(document, session.units)
        found = self.problems(document)
        return [
            diagnostic(problem, document.tree, places, document.uri, options.severity.get(problem.code))
            for problem in (*found, *session.run_problems(document, found))
            if options.severity.get(problem.code) != "off"
        ]


def _too_long(document: Document) -> Json:
    start = {"line": 0, "character": 0}
    return {
        "range": {"start": start, "end": start},
        "severity": 3,
        "code": "too-long",
        "source": "olivepress",
        "message": f"this file has {len(document.text):,} characters, far more than a config: it is not checked",
    }
