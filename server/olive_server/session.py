"""What one connection holds: the open documents, the settings, what the client can do, and when it ends.

The handlers read it; it knows no protocol types, only the names of the few messages that it sends itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from olive_schemas.positions import utf16
from olive_schemas.problems import Problem

from .document import Document, Settings
from .files import Files
from .handlers_diagnostics import Diagnostics
from .settings import Options, merged, options_of
from .store import Store, path_of
from .text import UNITS, Units

if TYPE_CHECKING:
    from .finding import Workspace
    from .runs import Runs
    from .server import OliveServer

T = TypeVar("T")
LOG = logging.getLogger(__name__)

TOO_LONG = 3_000_000
"""Characters beyond which a text is not looked at: no config is that long, and the server stays quick."""


class Session:
    def __init__(self, server: OliveServer) -> None:
        self.server = server
        self.initialized = False
        self.told: Any = None
        """The parameters of the message that is being handled, as plain JSON."""
        self.client_name = ""
        self.store = Store(self.settings_for)
        self.units: Units = utf16
        self.client: Mapping[str, Any] = {}
        """The client's capabilities, as plain JSON."""
        self.folders: dict[str, Path] = {}
        """Workspace folders: uri -> path, those that lie on this machine."""
        self.at_start: Mapping[str, Any] = {}
        """`initializationOptions`: settings until the client sends others; `runs`, the last event seen of each; `documents`:
        true for a client that wants to be told which documents are workflows."""
        self._options: dict[str, tuple[Options, Settings]] = {}
        self._sections: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
        self._busy: Callable[[], bool] = lambda: False
        self.loop: asyncio.AbstractEventLoop
        self.stopped: asyncio.Future[int]
        self.on_stop: list[Callable[[], None]] = []
        self.diagnostics = Diagnostics(self)
        self.files = Files(self)
        self._runs: Runs | None = None
        self.workspace: Workspace | None = None
        """The configs of the folders that are not open; None until something asks about them."""
        self.searching = asyncio.Lock()
        self.settled = asyncio.Event()
        """The client's settings are there, or it has none: what they may forbid waits for it."""
        self._tasks: set[asyncio.Task[Any]] = set()
        self._worker: ThreadPoolExecutor | None = None
        self.kinds: dict[str, bool] = {}
        """What the client was told of open documents: whether they are workflows."""

    def begin(self, loop: asyncio.AbstractEventLoop, busy: Callable[[], bool]) -> None:
        self.loop = loop
        self.stopped = loop.create_future()
        self._busy = busy

    def stop(self, code: int) -> None:
        """Ends the connection; runs go on, they are processes of their own."""
        for action in self.on_stop:
            try:
                action()
            except Exception:
                LOG.exception("stopping failed")
        self.on_stop.clear()
        if not self.stopped.done():
            self.stopped.set_result(code)

    @property
    def busy(self) -> bool:
        """Whether messages of the client are waiting."""
        return self._busy()

    def background(self, work: Any, name: str) -> None:
        """Runs a coroutine beside the messages; what it raises is logged under its name."""

        async def guarded() -> None:
            try:
                await work
            except asyncio.CancelledError:
                raise
            except Exception:
                LOG.exception("%s failed", name)

        task = self.loop.create_task(guarded())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # What the client is

    def meet(
        self, name: str, capabilities: Mapping[str, Any], options: Any, encoding: str, folders: Iterable[str]
    ) -> None:
        """What `initialize` told."""
        self.client = capabilities
        self.units = UNITS.get(encoding, utf16)
        self.client_name = name
        self.at_start = options if isinstance(options, Mapping) else {}
        self.set_folders(folders)
        self.set_sections({}, {})
        self.initialized = True

    def can(self, name: str) -> bool:
        """A capability of the client by its dotted name, as the protocol spells it."""
        value = self.client_value(name)
        return value is not None and value is not False

    def client_value(self, name: str) -> Any:
        value: Any = self.client
        for step in name.split("."):
            value = value.get(step) if isinstance(value, Mapping) else None
        return value

    def set_folders(self, uris: Iterable[str]) -> None:
        found = ((uri, path_of(uri)) for uri in uris)
        self.folders = {uri: path for uri, path in found if path is not None}

    # Settings

    def set_sections(self, everywhere: Mapping[str, Any], by_folder: Mapping[str, Any]) -> bool:
        """The section `olivepress` as the client has it, for all and by folder; whether that changed anything."""
        sections = (dict(everywhere), dict(by_folder))
        if sections == self._sections and self._options:
            return False
        self._sections = sections
        base = merged(self._initial(), everywhere)
        chosen = {"": options_of(base)}
        for uri in self.folders:
            chosen[uri] = options_of(merged(base, by_folder.get(uri)))
        for complaint in dict.fromkeys(text for options in chosen.values() for text in options.complaints):
            self.say(complaint, warning=True)
        before = {uri: options for uri, (options, _) in self._options.items()}
        self._options = {uri: (options, options.for_document()) for uri, options in chosen.items()}
        return before != chosen

    def _initial(self) -> Mapping[str, Any]:
        inner = self.at_start.get("settings")
        return inner if isinstance(inner, Mapping) else self.at_start

    def options_for(self, uri: str) -> Options:
        return self._for(uri)[0]

    def settings_for(self, uri: str) -> Settings:
        return self._for(uri)[1]

    def _for(self, uri: str) -> tuple[Options, Settings]:
        path = path_of(uri) if self.folders else None
        inside = [
            (len(folder.parts), name)
            for name, folder in self.folders.items()
            if path and folder in (path, *path.parents)
        ]
        found = self._options.get(max(inside)[1]) if inside else None
        return found or self._options.get("") or (Options(), Settings())

    # Documents

    def workflow(self, uri: str) -> Document | None:
        """The open document, if it is a workflow that is looked at."""
        document = self.store.get(uri)
        return None if document is None else self.as_workflow(document)

    def as_workflow(self, document: Document) -> Document | None:
        """The document, if it is a workflow that is looked at."""
        from .checking import is_workflow

        if len(document.text) > TOO_LONG:
            self._tell_kind(document, False)
            return None
        known: bool | None = document.__dict__.get("_is_workflow")
        if known is None:
            known = document.__dict__["_is_workflow"] = is_workflow(document)
            self._tell_kind(document, known)
        return document if known else None

    def _tell_kind(self, document: Document, workflow: bool) -> None:
        """To a client that asked for it: whether an open document is a workflow, whenever that changes."""

        def tell() -> None:
            uri = document.uri
            if self.store.get(uri) is document and self.kinds.get(uri) is not workflow:
                self.kinds[uri] = workflow
                self.notify("olivepress/document", {"uri": uri, "workflow": workflow})

        if self.at_start.get("documents") is True:
            self.loop.call_soon_threadsafe(tell)

    def in_worker(self, work: Callable[..., T], *arguments: Any) -> asyncio.Future[T]:
        """For what takes long: done by a thread for such work. There are two, so that no request waits for diagnostics."""
        if self._worker is None:
            self._worker = ThreadPoolExecutor(2, "worker")
        return self.loop.run_in_executor(self._worker, work, *arguments)

    def run_problems(self, document: Document, found: Sequence[Problem]) -> tuple[Problem, ...]:
        """What runs of this config failed with, as far as its text is still the one that failed."""
        if self._runs is None:
            return ()
        from .run_failures import problems_of

        return tuple(problems_of(document, self._runs.failures(document), found))

    @property
    def runs(self) -> Runs:
        """Loaded when something first asks about runs: opening and typing do not need them."""
        if self._runs is None:
            from .runs import Runs

            self._runs = Runs(self)
        return self._runs

    # Messages

    def notify(self, method: str, params: Any) -> None:
        self.server.protocol.send(method, params)

    def request(self, method: str, params: Any) -> asyncio.Future[Any]:
        return self.server.protocol.ask(method, params)

    def say(self, text: str, *, warning: bool = False) -> None:
        """A message that the client shows."""
        self.notify("window/showMessage", {"type": 2 if warning else 3, "message": text})
