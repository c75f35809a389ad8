"""Puts results into `output_dir`: `model`, `adapter`, and the summary last, which alone makes an output whole.

Big files are hard links into the cache (copied, and said, where the disk is another one); small ones are copies, so
that editing a `genai_config.json` does not damage the cache. A folder is made whole beside its place and swapped in.
Nothing that this program did not put there is deleted: it is carried over.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from olive_schemas.problems import Problem, Severity

from .errors import RunError
from .hashes import file_hash
from .runs.folder import patient, replace_json
from .runs.locks import locked
from .store import Entry
from .summary import NAME

SMALL = 1_000_000
"""Bytes below which a file is copied, not linked."""
_NAMES = ("model", "adapter")
_RECORD = "published.json"
Records = list[Mapping[str, Mapping[str, Any]]]
"""What may stand in a folder and is ours: file -> {"sha256", "mark"}, of the last publication and an interrupted one."""


@dataclass(frozen=True)
class Published:
    """A folder put in place. `files`: path within it -> SHA-256."""

    name: str
    path: Path
    size_bytes: int
    files: Mapping[str, str]
    copied_bytes: int = 0
    """Bytes of big files that had to be copied because the cache lies on another disk."""


def check(output_dir: Path, names: tuple[str, ...], pointer: str = "") -> list[Problem]:
    """What would keep `names` from being published, told before any work."""

    def problem(code: str, message: str) -> list[Problem]:
        return [Problem(code, Severity.ERROR, message, pointer)]

    there = output_dir
    while not there.exists() and there.parent != there:
        there = there.parent
    if not there.is_dir():
        return problem("output-not-a-folder", f"output_dir {output_dir}: {there} is a file, not a folder.")
    try:
        probe = there / f".olivepress-probe-{secrets.token_hex(4)}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        return problem(
            "output-not-writable",
            f"output_dir {output_dir} cannot be written: {error.strerror}. Name a folder that you may write to.",
        )
    for name in names:
        place = output_dir / name
        if not (place.exists() or place.is_symlink()) or (place.is_dir() and not any(place.iterdir())):
            continue
        # Looked at afterwards: another run that publishes now has noted the folder before it put it there.
        if name not in _record(output_dir):
            return problem(
                "output-not-ours",
                f"{place} exists and was not made by an earlier run: it would be replaced. Move it away, or name "
                "another output_dir.",
            )
    return []


def publish(
    entries: Mapping[str, Entry],
    output_dir: Path,
    *,
    run_id: str,
    say: Callable[[str], None],
) -> dict[str, Published]:
    """Puts each entry (name -> entry) in place. The old summary is removed first: until the new one is written the
    output is not whole. RunError or OSError leave the former folders, or whole new ones, never a mixture.

    The caller holds the folder's lock (`output_lock`).
    """
    own = output_dir / ".olivepress"
    own.mkdir(parents=True, exist_ok=True)
    ignore = own / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n")
    _remove_left_over(output_dir)
    record = _record(output_dir)
    todo = {
        name: entry
        for name, entry in entries.items()
        if not _is_there(output_dir / name, entry, record.get(name))
    }
    prepared: dict[str, tuple[Path, int]] = {}
    try:
        for name, entry in todo.items():
            fresh = output_dir / f".{name}.new-{secrets.token_hex(4)}"
            prepared[name] = (fresh, 0)
            prepared[name] = (fresh, _lay_out(entry, fresh))
        with contextlib.suppress(FileNotFoundError):
            (output_dir / NAME).unlink()
        for name, (fresh, _) in prepared.items():
            _put(name, fresh, entries[name], output_dir, run_id, say)
    finally:
        for fresh, _ in prepared.values():
            shutil.rmtree(fresh, ignore_errors=True)
    for name in sorted(set(record) - set(entries)):
        if (output_dir / name).exists():
            say(f"{output_dir / name} is of an earlier run ({record[name].get('run')}) and stays as it is.")
    published = {}
    for name, entry in entries.items():
        place, copied = output_dir / name, prepared[name][1] if name in prepared else 0
        size = sum(int(facts["size"]) for facts in entry.files.values())
        published[name] = Published(name, place, size, _hashes(entry), copied)
        if copied:
            say(
                f"{place} is on another disk than the cache: {copied / 1e6:,.0f} MB were copied and are stored twice. "
                "With cache_dir on the same disk they would be stored once."
            )
    return published


def _put(
    name: str, fresh: Path, entry: Entry, output_dir: Path, run_id: str, say: Callable[[str], None]
) -> None:
    """Swaps a prepared folder in and keeps the record true at each moment: what stands there is always on it."""
    record = _record(output_dir)
    former = record.get(name, {})
    files = {path: {"sha256": hash_, "mark": _mark(fresh / path)} for path, hash_ in _hashes(entry).items()}
    ours = [known for known in (former.get("files"), former.get("former")) if known]
    before: dict[str, Any] = {}
    for known in reversed(ours):
        before |= known
    record[name] = {"run": run_id, "key": "", "files": files, "former": before}
    replace_json(output_dir / ".olivepress" / _RECORD, record)
    _swap(fresh, output_dir / name, [*ours, files], say)
    record[name] = {"run": run_id, "key": entry.key, "files": files}
    replace_json(output_dir / ".olivepress" / _RECORD, record)


def _hashes(entry: Entry) -> dict[str, str]:
    return {path: str(facts["sha256"]) for path, facts in entry.files.items()}


def output_lock(output_dir: Path) -> AbstractContextManager[None]:
    """Two runs that end at once put their results one after the other. Makes the folder."""
    own = output_dir / ".olivepress"
    own.mkdir(parents=True, exist_ok=True)
    return locked(own / "output.lock", timeout=600)


def _is_there(place: Path, entry: Entry, recorded: Mapping[str, Any] | None) -> bool:
    """The very same result stands there already, whole; what the user has edited in it is left alone."""
    if not recorded or recorded.get("key") != entry.key or set(recorded.get("files", {})) != set(entry.files):
        return False
    for name, facts in entry.files.items():
        path = place / name
        if not path.is_file():
            return False
        source = entry.folder / name
        if int(facts["size"]) < SMALL:
            continue
        if not path.samefile(source) and file_hash(path) != facts["sha256"]:
            return False
    return True


def _lay_out(entry: Entry, fresh: Path) -> int:
    """Links or copies an entry's files into a new folder; bytes of big files that had to be copied."""
    copied = 0
    fresh.mkdir(parents=True)
    for name, facts in entry.files.items():
        source, target = entry.folder / name, fresh / name
        target.parent.mkdir(parents=True, exist_ok=True)
        size = int(facts["size"])
        if size < SMALL:
            shutil.copyfile(source, target)
            continue
        try:
            os.link(source, target)
        except OSError:
            shutil.copyfile(source, target)
            copied += size
    return copied


def _swap(fresh: Path, place: Path, ours: Records, say: Callable[[str], None]) -> None:
    old = place.with_name(f".{place.name}.old-{secrets.token_hex(4)}")
    if place.exists():
        _carry_over(place, fresh, ours, say)
        try:
            patient(lambda: place.rename(old))
        except OSError as error:
            raise RunError(
                f"{place} cannot be replaced: {error.strerror}.",
                code="output-in-use",
                hint="Close the program that has its files open and resume the run.",
            ) from error
    patient(lambda: fresh.rename(place))
    shutil.rmtree(old, ignore_errors=True)


def _carry_over(place: Path, fresh: Path, ours: Records, say: Callable[[str], None]) -> None:
    """Keeps what the user added to a folder or edited in it: links into the new one, under a name of its own if the
    new result has a file of that name."""
    for path in sorted(place.rglob("*")):
        name = path.relative_to(place).as_posix()
        if path.is_dir() and not path.is_symlink():
            continue
        recorded = [known[name] for known in ours if name in known]
        if any(_is_untouched(path, one) for one in recorded):
            continue
        target = fresh / name
        if target.exists():
            if not path.is_symlink() and file_hash(target) == file_hash(path):
                continue
            target = target.with_name(f"{target.name}.before-{secrets.token_hex(3)}")
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, target, follow_symlinks=False)
        except (OSError, NotImplementedError):
            shutil.copy2(path, target, follow_symlinks=False)
        say(f"{name} in {place} was {'edited' if recorded else 'added'} by hand: kept as {target.name}.")


def _mark(path: Path) -> list[int]:
    """Tells a file that nobody has touched since, without reading it."""
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns, stat.st_ino]


def _is_untouched(path: Path, recorded: Mapping[str, Any]) -> bool:
    if path.is_symlink():
        return False
    return _mark(path) == recorded.get("mark") or file_hash(path) == recorded.get("sha256")


def _record(output_dir: Path) -> dict[str, Any]:
    """What this program has put into the folder: name -> {"run", "key", "files"}."""
    try:
        raw = json.loads((output_dir / ".olivepress" / _RECORD).read_bytes())
    except (OSError, ValueError):
        return {}
    return {name: raw[name] for name in _NAMES if isinstance(raw, dict) and isinstance(raw.get(name), dict)}


def _remove_left_over(output_dir: Path) -> None:
    """What a crash left of a folder being prepared or replaced."""
    for name in _NAMES:
        for old in output_dir.glob(f".{name}.old-*"):
            # A crash between the two renames: the former one goes back, so that nothing of the user's is lost.
            if (output_dir / name).exists():
                shutil.rmtree(old, ignore_errors=True)
            else:
                old.rename(output_dir / name)
        for fresh in output_dir.glob(f".{name}.new-*"):
            shutil.rmtree(fresh, ignore_errors=True)
