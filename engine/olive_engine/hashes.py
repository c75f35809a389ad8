"""SHA-256 of files and of values, with a memory on disk so that an unchanged model is read once and not each run.

A file counts as unchanged while its path, size, modification and change time, device and inode are the same.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, is_dataclass
from pathlib import Path, PurePath
from typing import Any

from .runs.folder import replace_json

_CHUNK = 4 << 20


def file_hash(path: Path) -> str:
    """Hex SHA-256 of a file's content."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def hash_files(paths: Iterable[Path]) -> list[str]:
    """Hashes in the order of `paths`, several files at once (hashing lets other threads run)."""
    listed = list(paths)
    if len(listed) < 2:
        return [file_hash(path) for path in listed]
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1, len(listed))) as pool:
        return list(pool.map(file_hash, listed))


class HashMemory:
    """Hashes of files that were hashed before, kept in one small JSON file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def known(self, paths: Iterable[Path]) -> dict[Path, str] | None:
        """The hashes if every file's is known and the file unchanged, else None. Reads no content."""
        memory, found = self._read(), {}
        for path in paths:
            entry = memory.get(str(path))
            if not isinstance(entry, list) or len(entry) != 2 or entry[0] != _identity(path):
                return None
            found[path] = str(entry[1])
        return found

    def hashes(self, paths: Iterable[Path]) -> dict[Path, str]:
        """The hashes, those that are not known computed and remembered."""
        listed = list(paths)
        memory, found = self._read(), {}
        for path in listed:
            entry = memory.get(str(path))
            if isinstance(entry, list) and len(entry) == 2 and entry[0] == _identity(path):
                found[path] = str(entry[1])
        missing = [path for path in listed if path not in found]
        before = {path: _identity(path) for path in missing}
        found |= dict(zip(missing, hash_files(missing), strict=True))
        fresh = {}
        for path in missing:
            # A file written a moment ago could change again within the clock's grain: not remembered yet.
            settled = time.time() - path.stat().st_mtime > 1.0
            if settled and _identity(path) == before[path]:
                fresh[str(path)] = [before[path], found[path]]
        if fresh:
            kept = {name: entry for name, entry in self._read().items() if Path(name).exists()}
            with contextlib.suppress(OSError):
                replace_json(self._path, {**kept, **fresh})
        return found

    def _read(self) -> dict[str, Any]:
        try:
            raw = json.loads(self._path.read_bytes())
        except (OSError, ValueError):
            return {}
        return raw if isinstance(raw, dict) else {}


def _identity(path: Path) -> list[int]:
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_dev, stat.st_ino]


def digest(value: Any) -> str:
    """Hex SHA-256 of a JSON-like value; equal values, whatever their mappings' order, have equal digests."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def canonical(value: Any) -> str:
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def plain(value: Any) -> Any:
    """Mappings, sequences, sets, paths and dataclasses as what JSON has."""
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(inner) for inner in value), key=str)
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, PurePath):
        return str(value)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return str(value)
