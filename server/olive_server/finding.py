"""JSON files in folders that may be configs, and the workflows among them; each is read again only after it changed.

Hidden folders, environments, caches and packages of others are not entered. Nothing is parsed that does not mention a
part of a config.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from .document import Document, Settings
from .recognising import is_workflow
from .store import uri_of

_SKIPPED: Final = frozenset(("node_modules", "__pycache__", "site-packages", "venv", "env"))
_LARGEST: Final = 1_000_000
"""Bytes: larger files that a search comes by are data."""
_MOST_FOLDERS: Final = 5000
_MOST_FILES: Final = 5000
"""A workspace may be a whole disk: the search ends somewhere."""


def json_files(root: Path) -> Iterator[Path]:
    """In the order of the names, at most `_MOST_FILES`."""
    found = 0
    for entered, (folder, folders, files) in enumerate(os.walk(root)):
        folders[:] = sorted(
            name for name in folders if entered < _MOST_FOLDERS and not passed_over(folder, name)
        )
        for name in sorted(files):
            if name.lower().endswith((".json", ".jsonc")) and not name.startswith("."):
                found += 1
                if found > _MOST_FILES:
                    return
                yield Path(folder, name)


def passed_over(folder: str, name: str) -> bool:
    """Folders that hold no configs of the user's."""
    return (
        name.startswith(".")
        or name in _SKIPPED
        or name.endswith((".egg-info", ".dist-info"))
        or Path(folder, name, "pyvenv.cfg").exists()
        or Path(folder, name, "CACHEDIR.TAG").exists()
    )


class Workspace:
    """The workflows of some folders as they lie on the disk. For one thread at a time."""

    def __init__(self, settings_for: Callable[[str], Settings]) -> None:
        self._settings_for = settings_for
        self._read: dict[Path, tuple[tuple[int, int], Document | None]] = {}

    def workflows(self, folders: Iterable[Path]) -> list[Document]:
        """Each file once. A document is the same object as long as its file and its settings are the same."""
        kept: dict[Path, tuple[tuple[int, int], Document | None]] = {}
        for folder in folders:
            for path in json_files(folder):
                if path not in kept:
                    kept[path] = self._look(path)
        self._read = kept
        return [document for _, document in kept.values() if document is not None]

    def _look(self, path: Path) -> tuple[tuple[int, int], Document | None]:
        try:
            found = path.stat()
        except OSError:
            return (0, 0), None
        stamp = (found.st_mtime_ns, found.st_size)
        uri = uri_of(path)
        settings = self._settings_for(uri)
        before = self._read.get(path)
        if (
            before is not None
            and before[0] == stamp
            and (before[1] is None or before[1].settings == settings)
        ):
            return before
        if not stat.S_ISREG(found.st_mode) or not 0 < found.st_size <= _LARGEST:
            return stamp, None
        try:
            text = path.read_bytes().decode("utf-8")
        except (OSError, ValueError):
            return stamp, None
        document = Document(uri, text, None, path, settings)
        return stamp, document if is_workflow(document) else None
