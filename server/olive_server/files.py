"""Which open documents a change on the disk concerns, and their findings worked out anew.

Watching begins a moment after a text was looked at, so that it costs no key; the paths are asked for in a thread, since
a dead network mount answers late.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from .document import Document
from .watching import Watcher, named_paths, touches

if TYPE_CHECKING:
    from .session import Session

_CALM = 0.8
"""Seconds without a new version before the watched paths are gone through."""
_GATHER = 0.1
"""Seconds in which several changes on the disk count as one."""


class Files:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._watcher: Watcher | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._changed: set[Path] = set()
        self._paths: frozenset[Path] = frozenset()

    def follow(self) -> None:
        """The open documents may name other files than before."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._session.loop.call_later(_CALM, self._calm)

    def changed(self, paths: Iterable[Path]) -> None:
        """Files appeared, changed or went."""
        if not self._changed:
            self._session.loop.call_later(_GATHER, self._tell)
        self._changed.update(paths)

    def _tell(self) -> None:
        changed, self._changed = self._changed, set()
        concerned = [
            one for one in self._session.store if self._looked_at(one) and touches(changed, named_paths(one))
        ]
        for document in concerned:
            self._session.store.refresh(document)
            self._session.diagnostics.changed(document.uri)
        if concerned:
            self._session.diagnostics.ask_to_pull()

    def _looked_at(self, document: Document) -> bool:
        return self._session.workflow(document.uri) is document

    def _calm(self) -> None:
        found: set[Path] = set()
        for document in self._session.store:
            if self._looked_at(document):
                found |= named_paths(document)
        paths = frozenset(found)
        if paths != self._paths:
            self._paths = paths
            self._session.background(self._watch(paths), "watching files")

    async def _watch(self, paths: frozenset[Path]) -> None:
        if self._watcher is None:
            loop = self._session.loop
            self._watcher = Watcher(lambda changed: _from_thread(loop, self, changed))
            self._session.on_stop.append(self._watcher.stop)
        await self._session.loop.run_in_executor(None, self._watcher.watch, paths)


def _from_thread(loop: asyncio.AbstractEventLoop, files: Files, changed: set[Path]) -> None:
    try:
        loop.call_soon_threadsafe(files.changed, changed)
    except RuntimeError:
        pass  # the server has ended
