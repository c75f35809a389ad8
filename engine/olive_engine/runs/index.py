"""A pointer to each run of this user on this host, so that a run is found from any folder.

The run directories are the truth; a pointer whose directory is gone is dropped when it is read.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from .folder import replace_json
from .model import Run


def state_folder() -> Path:
    """XDG_STATE_HOME where set, else the system's usual place for such files."""
    if os.environ.get("XDG_STATE_HOME"):
        return Path(os.environ["XDG_STATE_HOME"]) / "olivepress"
    if sys.platform == "win32":
        return (
            Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "olivepress" / "state"
        )
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "olivepress"
    return Path.home() / ".local" / "state" / "olivepress"


def add(run: Run) -> str | None:
    """Notes the run. A home that cannot be written costs only the view from other folders: the reason is returned."""
    place = state_folder() / "runs"
    try:
        place.mkdir(parents=True, exist_ok=True)
        replace_json(
            place / f"{run.id}.json",
            {"folder": str(run.folder), "config": run.config, "created": run.created},
        )
    except OSError as error:
        return f"{place} cannot be written ({error.strerror}): the run is found only from its own folder."
    return None


def remove(run_id: str) -> None:
    try:
        (state_folder() / "runs" / f"{run_id}.json").unlink(missing_ok=True)
    except OSError:
        pass


def folders() -> Iterator[Path]:
    """Run directories of this user, those that exist; pointers to others are removed."""
    place = state_folder() / "runs"
    try:
        pointers = sorted(place.glob("*.json"))
    except OSError:
        return
    for pointer in pointers:
        try:
            folder = Path(str(json.loads(pointer.read_bytes())["folder"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if folder.is_dir():
            yield folder
        elif folder.parents[2].is_dir():
            # The config's folder is there and the run is not: removed. Else it may be a disk not mounted now.
            remove(pointer.stem)
