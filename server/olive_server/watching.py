"""Files that configs name, watched: by the system's own events on local folders, by looking again elsewhere.

Network file systems send no events for what another host does, and GPU hosts use them: there each named path is looked
at every few seconds. Nothing is read, only asked whether it is there and when it changed. Knows no protocol.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from olive_schemas.tree import Node

from .document import Document

LOG = logging.getLogger(__name__)

Changed = Callable[[set[Path]], None]
POLL_SECONDS = 2.0
_MOST_PATHS = 500
_MOST_FOLDERS = 64
_NETWORK = (
    "nfs",
    "cifs",
    "smb",
    "fuse",
    "9p",
    "afs",
    "ceph",
    "lustre",
    "gpfs",
    "gluster",
    "beegfs",
    "virtiofs",
    "vboxsf",
    "drvfs",
    "pvfs",
    "ncp",
)
_TELLING = frozenset(("created", "deleted", "moved", "modified", "closed"))
"""Events that say something changed; reading a file sends some, too."""


def named_paths(document: Document) -> frozenset[Path]:
    """Where every string of the config would lead if it were a path: what is none is never there, and costs little."""
    if document.path is None:
        return frozenset()
    base = document.path.parent
    found: set[Path] = set()
    waiting: list[Node] = [document.tree.root]
    while waiting and len(found) < _MOST_PATHS:
        node = waiting.pop()
        waiting.extend(member.value for member in node.members)
        waiting.extend(node.items)
        if node.kind == "string" and _may_be_path(node.value):
            found.add(Path(os.path.abspath(base / os.path.expanduser(node.value))))  # noqa: PTH100, PTH111
    return frozenset(found)


def _may_be_path(text: str) -> bool:
    if not 0 < len(text) < 1000 or "://" in text or "{" in text:
        return False
    return text.isprintable() and any(sign in text for sign in "./\\")


def touches(changed: Iterable[Path], named: frozenset[Path]) -> bool:
    """Whether a change concerns a named path: itself, a folder that holds it, or something inside it."""
    above = {parent for path in named for parent in path.parents}
    return any(
        path in named or path in above or any(parent in named for parent in path.parents) for path in changed
    )


class Watcher:
    """Tells of changes near the paths it was given. `tell` is called from another thread."""

    def __init__(self, tell: Changed) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._observer: Any = None
        self._watches: dict[Path, Any] = {}
        self._polled: dict[Path, tuple[Any, ...]] = {}
        self._poller: threading.Thread | None = None
        self._ended = threading.Event()

    def watch(self, paths: Iterable[Path]) -> None:
        """These and no others from now on. Cheap where nothing changed; asks the file system otherwise."""
        folders: dict[Path, None] = {}
        polled: list[Path] = []
        for path in paths:
            folder = _existing_folder(path)
            if folder is None:
                continue
            if is_network(folder) or len(folders) >= _MOST_FOLDERS:
                polled.append(path)
            else:
                folders[folder] = None
        for folder in [folder for folder in self._watches if folder not in folders]:
            self._forget(folder)
        for folder in folders:
            if folder not in self._watches and not self._observe(folder):
                polled += [path for path in paths if _existing_folder(path) == folder]
        with self._lock:
            self._polled = {path: self._polled.get(path) or _seen(path) for path in polled}
        if polled and self._poller is None:
            self._poller = threading.Thread(target=self._poll, name="named files", daemon=True)
            self._poller.start()

    def stop(self) -> None:
        self._ended.set()
        if self._observer is not None:
            self._observer.stop()

    def _observe(self, folder: Path) -> bool:
        try:
            if self._observer is None:
                from watchdog.observers import Observer

                self._observer = Observer()
                self._observer.daemon = True
                self._observer.start()
            self._watches[folder] = self._observer.schedule(
                _Handler(self._tell), str(folder), recursive=False
            )
        except Exception as error:  # noqa: BLE001 - each system fails in its own way; then it is polled
            LOG.info("%s is looked at every %s seconds: %s", folder, POLL_SECONDS, error)
            return False
        return True

    def _forget(self, folder: Path) -> None:
        watch = self._watches.pop(folder)
        try:
            self._observer.unschedule(watch)
        except (KeyError, OSError):
            pass  # the folder is gone, and its watch with it

    def _poll(self) -> None:
        while not self._ended.wait(POLL_SECONDS):
            with self._lock:
                before = dict(self._polled)
            now = {path: _seen(path) for path in before}
            changed = {path for path, seen in now.items() if seen != before[path]}
            if changed:
                with self._lock:
                    self._polled.update({path: now[path] for path in changed if path in self._polled})
                self._tell(changed)


class _Handler:
    """What watchdog calls; of its events, those that say that something is other than before."""

    def __init__(self, tell: Changed) -> None:
        self._tell = tell

    def dispatch(self, event: Any) -> None:
        if event.event_type not in _TELLING or (event.is_directory and event.event_type == "modified"):
            return
        names = (event.src_path, getattr(event, "dest_path", ""))
        self._tell({Path(os.fsdecode(name)) for name in names if name})


def _existing_folder(path: Path) -> Path | None:
    """The folder where a change of the path would be seen: the nearest one that exists."""
    try:
        return next((parent for parent in path.parents if parent.is_dir()), None)
    except (OSError, ValueError):
        return None


def _seen(path: Path) -> tuple[Any, ...]:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return ("missing",)
    return (found.st_mtime_ns, found.st_size, found.st_ino)


def is_network(folder: Path) -> bool:
    """Whether the folder lies on a file system whose changes the kernel may not tell of."""
    if sys.platform == "win32":
        return str(folder).startswith("\\\\")
    kind = ""
    longest = -1
    for mount, system in _mounts():
        if (folder == mount or mount in folder.parents) and len(mount.parts) > longest:
            kind, longest = system, len(mount.parts)
    return kind.startswith(_NETWORK)


def _mounts() -> list[tuple[Path, str]]:
    """(mount point, file system), as Linux tells; nothing elsewhere."""
    try:
        lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        before, _, after = line.partition(" - ")
        fields = before.split()
        if len(fields) > 4 and after:
            point = fields[4].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
            found.append((Path(point), after.split()[0]))
    return found
