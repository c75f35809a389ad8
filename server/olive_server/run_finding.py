"""Which runs there are: those of the open folders, or all of the user's on this host. For threads: run directories may
lie on a network drive."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from olive_engine import runs as engine
from olive_engine.errors import RunError
from olive_engine.runs import Run
from olive_engine.runs.folder import runs_of
from olive_engine.runs.index import state_folder

_MAY_REVIVE = 20


def names(folders: Iterable[Path]) -> set[str]:
    """Ids of all runs that may concern somebody: two kinds of folders listed, nothing read."""
    places = [state_folder() / "runs", *(runs_of(folder) for folder in folders)]
    return {Path(name).stem for place in places for name in _names(place)}


def read(folders: Sequence[Path], *, but: frozenset[str] = frozenset()) -> list[Run]:
    """The runs of this host's user and of the folders, oldest first, without those in `but`."""
    if not names(folders) - but:
        return []
    found: dict[str, Run] = {}
    for number, folder in enumerate(folders or [Path.home()]):
        for run in engine.list_runs(folder, everywhere=number == 0):
            # One without a config is being made in this moment, or is damaged.
            if run.id not in but and run.config:
                found[run.id] = run
    return [found[name] for name in sorted(found)]


def one(run_id: str, folders: Iterable[Path]) -> Run:
    """RunError where there is none."""
    for folder in folders:
        try:
            return engine.find(run_id, folder)
        except RunError:
            continue
    return engine.find(run_id)


def concerns(run: Run, folders: Iterable[Path]) -> bool:
    """Whether its config lies in one of the folders."""
    config = Path(run.config)
    return any(folder in config.parents for folder in folders)


def revived(known: Iterable[Run]) -> list[Run]:
    """Of the newest that had not succeeded: those that go on again, resumed by someone else."""
    may = [run for run in known if run.final and run.state != "succeeded"][-_MAY_REVIVE:]
    found = []
    for run in may:
        try:
            now = engine.refresh(run)
        except RunError:
            continue
        if not now.final:
            found.append(now)
    return found


def gone(known: Iterable[Run]) -> list[Run]:
    """Those whose directory was removed, by whomever."""
    return [run for run in known if not run.folder.is_dir()]


def _names(place: Path) -> list[str]:
    try:
        return [name for name in os.listdir(place) if not name.startswith(".")]  # noqa: PTH208 - names alone
    except OSError:
        return []
