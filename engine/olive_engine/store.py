"""The cache: results of passes under the key of what they were made from, at `<cache_dir>/olivepress/`.

    entries/<key>/manifest.json + artifact/...   whole entries only: written in tmp/, then renamed
    tmp/<key>.<random>/                          being written; its writer holds locks/<key>.lock
    leases/<run id>                              keys that a living run relies on; locked as long as it lives
    hashes.json                                  hashes of input files

An entry is checked against its manifest, every file's SHA-256, each time it is used. Two runs that want the same
entry at once do the work once. Nothing here ever deletes an entry that a living run relies on.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import RunError
from .hashes import HashMemory, hash_files
from .runs.folder import patient, replace_json
from .runs.locks import FileLock, is_held
from .runs.model import now

FORMAT = 1
Warn = Callable[[str], None]


@dataclass(frozen=True)
class Entry:
    """One whole, checked result. `files`: path relative to `folder` -> {"sha256", "size"}."""

    key: str
    folder: Path
    files: Mapping[str, Mapping[str, Any]]
    artifact: Mapping[str, Any]
    extra: Mapping[str, Any]


class Store:
    """The cache as one run uses it. RunError if it cannot be written. `close()` gives the lease back."""

    def __init__(
        self, cache_dir: Path, user: str, *, pointer: str = "", warn: Warn = lambda text: None
    ) -> None:
        self.root = cache_dir / "olivepress"
        self.user = user
        self._warn = warn
        self._keys: list[str] = []
        self._lease = FileLock(self.root / "leases" / user)
        try:
            for name in ("entries", "tmp", "locks", "leases"):
                (self.root / name).mkdir(parents=True, exist_ok=True)
            ignore = self.root / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n")
            self._lease.acquire()
            probe = self.root / "tmp" / f".probe.{secrets.token_hex(4)}"
            probe.write_bytes(b"x")
            probe.unlink()
        except OSError as error:
            raise _cannot_write(cache_dir, error, pointer) from error
        self.hashes = HashMemory(self.root / "hashes.json")
        self._remove_stale()

    def lock(self, key: str) -> FileLock:
        """Whoever makes or checks the entry holds this."""
        return FileLock(self.root / "locks" / f"{key}.lock")

    def has(self, key: str) -> bool:
        """Whether there is an entry, not yet checked. Cheap."""
        return (self.root / "entries" / key / "manifest.json").is_file()

    def lookup(self, key: str) -> Entry | None:
        """The entry if it is there and every file is as it was written; a damaged one is removed, with a warning.

        The caller holds the key's lock.
        """
        self._rely_on(key)
        place = self.root / "entries" / key
        if not place.exists():
            return None
        entry, damage = _read_entry(place, key)
        if entry is not None:
            damage = _damage(entry)
        if damage is None:
            return entry
        self._warn(f"The cache entry {key[:12]} is damaged ({damage}): it is removed and made anew.")
        self._discard(place)
        return None

    def peek(self, key: str) -> Entry | None:
        """The entry without checking its files' content: for plans."""
        return _read_entry(self.root / "entries" / key, key)[0]

    def temporary(self, key: str) -> Path:
        """A new empty folder to make an entry in. The caller holds the key's lock."""
        folder = self.root / "tmp" / f"{key}.{secrets.token_hex(4)}"
        (folder / "artifact").mkdir(parents=True)
        return folder

    def commit(
        self, temporary: Path, key: str, artifact: Mapping[str, Any], extra: Mapping[str, Any]
    ) -> Entry:
        """Makes what lies in `temporary/artifact` the entry of `key`, in one step. The caller holds the key's lock."""
        self._rely_on(key)
        inside = temporary / "artifact"
        names = sorted(path.relative_to(inside).as_posix() for path in inside.rglob("*") if path.is_file())
        hashes = hash_files(inside / name for name in names)
        files = {
            name: {"sha256": hash_, "size": (inside / name).stat().st_size}
            for name, hash_ in zip(names, hashes, strict=True)
        }
        manifest = {
            "format": FORMAT,
            "key": key,
            "made": now(),
            "files": files,
            "artifact": artifact,
            "extra": extra,
        }
        replace_json(temporary / "manifest.json", manifest)
        place = self.root / "entries" / key
        if place.exists():
            self._discard(place)
        _move(temporary, place)
        return Entry(key, place / "artifact", files, artifact, extra)

    def discard(self, temporary: Path) -> None:
        shutil.rmtree(temporary, ignore_errors=True)

    def note_output(self, key: str, output_dir: Path) -> None:
        """Remembers that files of the entry stand in `output_dir`, so that cleaning keeps it as long as they do."""
        path = self.root / "entries" / key / "outputs.json"
        outputs = {*_outputs(path), str(output_dir)}
        with contextlib.suppress(OSError):
            replace_json(path, {"outputs": sorted(outputs)})

    def others_rely_on(self, key: str) -> bool:
        """Whether another living run has taken the entry, or wants to."""
        return key in _leased(self.root, but=self.user)

    def close(self) -> None:
        self._lease.remove()

    def _rely_on(self, key: str) -> None:
        if key not in self._keys:
            self._keys.append(key)
            with contextlib.suppress(OSError):
                self._lease.write("\n".join(self._keys) + "\n")

    def _discard(self, place: Path) -> None:
        gone = self.root / "tmp" / f"{place.name}.{secrets.token_hex(4)}"
        try:
            _move(place, gone)
        except OSError as error:
            raise RunError(
                f"The cache entry {place} cannot be removed: {error.strerror}.",
                code="cache-not-writable",
                hint="Close whatever has its files open, or take another cache_dir.",
            ) from error
        shutil.rmtree(gone, ignore_errors=True)

    def _remove_stale(self) -> None:
        """What a crash left half-made: nobody holds the key's lock."""
        for folder in (self.root / "tmp").iterdir():
            lock = self.lock(folder.name.split(".")[0])
            if folder.is_dir() and lock.acquire():
                shutil.rmtree(folder, ignore_errors=True)
                lock.remove()


def clean(cache_dir: Path, *, everything: bool = False, dry_run: bool = False) -> tuple[int, int]:
    """Removes entries whose files stand in no output any more (`everything`: those too), never those that a living
    run relies on. Returns how many, and their bytes. Files in an output_dir stay: they are links of their own.
    """
    root = cache_dir / "olivepress"
    count = size = 0
    if not (root / "entries").is_dir():
        return 0, 0
    for place in sorted((root / "entries").iterdir()):
        lock = FileLock(root / "locks" / f"{place.name}.lock")
        if not lock.acquire():
            continue
        try:
            if place.name in _leased(root) or (not everything and _in_use(place)):
                continue
            count += 1
            size += sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
            if not dry_run:
                gone = root / "tmp" / f"{place.name}.{secrets.token_hex(4)}"
                _move(place, gone)
                shutil.rmtree(gone, ignore_errors=True)
                lock.remove()
        finally:
            lock.release()
    return count, size


def _move(source: Path, target: Path) -> None:
    patient(lambda: source.rename(target))


def _leased(root: Path, but: str = "") -> set[str]:
    keys: set[str] = set()
    for lease in (root / "leases").iterdir():
        if lease.name == but:
            continue
        if is_held(lease) is False:
            lease.unlink(missing_ok=True)
        else:
            keys |= set(lease.read_text().split())
    return keys


def _in_use(place: Path) -> bool:
    """An output still holds this entry's files if its record of what was published names the key."""
    for output in _outputs(place / "outputs.json"):
        try:
            if place.name in (Path(output) / "run-summary.json").read_text(encoding="utf-8"):
                return True
        except OSError:
            continue
    return False


def _outputs(path: Path) -> list[str]:
    try:
        return [str(one) for one in json.loads(path.read_bytes())["outputs"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _read_entry(place: Path, key: str) -> tuple[Entry | None, str | None]:
    try:
        raw = json.loads((place / "manifest.json").read_bytes())
        if raw["format"] != FORMAT or raw["key"] != key:
            return None, "its manifest is of another kind"
        return Entry(key, place / "artifact", raw["files"], raw["artifact"], raw["extra"]), None
    except (OSError, ValueError, KeyError, TypeError):
        return None, "its manifest cannot be read"


def _damage(entry: Entry) -> str | None:
    """What is wrong with the files; None if they are all as they were written. Sizes first: they cost nothing."""
    there = {path.relative_to(entry.folder).as_posix() for path in entry.folder.rglob("*") if path.is_file()}
    for name, facts in entry.files.items():
        if name not in there:
            return f"{name} is missing"
        if (entry.folder / name).stat().st_size != facts["size"]:
            return f"{name} has changed its size"
    if extra := there - set(entry.files):
        return f"{min(extra)} was added"
    # The biggest first, so that the threads end at about the same time.
    names = sorted(entry.files, key=lambda name: -int(entry.files[name]["size"]))
    for name, hash_ in zip(names, hash_files(entry.folder / name for name in names), strict=True):
        if hash_ != entry.files[name]["sha256"]:
            return f"{name} has changed"
    return None


def _cannot_write(cache_dir: Path, error: OSError, pointer: str) -> RunError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return RunError(
            f"There is no room left on the disk of cache_dir {cache_dir}.", code="disk-full", pointer=pointer
        )
    return RunError(
        f"cache_dir {cache_dir} cannot be written: {os.strerror(error.errno) if error.errno else error}.",
        code="cache-not-writable",
        pointer=pointer,
        hint="Name a cache_dir that you may write to.",
    )
