"""What checks and features may ask of the local disk: columns and first rows of data, modules and facts of models,
the entries of a folder. Every answer is bounded in bytes and entries, kept until the file changes, and never raises.
"""

from __future__ import annotations

import os
import time
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from .local_data import Table, columns, first_rows, format_of, table
from .local_io import FAULTS
from .local_models import (
    Linear,
    ModelFacts,
    facts,
    hub_datasets,
    hub_folder,
    hub_models,
    hub_snapshot,
    linear_layers,
    model_folder,
    modules,
    tensors,
)

__all__ = [
    "Entry",
    "Linear",
    "ModelFacts",
    "Table",
    "columns",
    "entries",
    "facts",
    "first_rows",
    "format_of",
    "hub_datasets",
    "hub_folder",
    "hub_models",
    "hub_snapshot",
    "linear_layers",
    "model_folder",
    "modules",
    "table",
    "tensors",
]

SCANNED = 2000
"""Entries of a folder that are looked at: a folder of a million files is not walked."""


class Entry(NamedTuple):
    name: str
    folder: bool


def entries(folder: Path | str) -> tuple[tuple[Entry, ...], bool]:
    """(what lies in the folder, folders first, by name; whether that is all). Kept until the folder changes."""
    try:
        changed = Path(folder).stat().st_mtime_ns
    except FAULTS:
        return (), True
    # What changed just now may change again within the same tick of the file system's clock.
    settled = time.time_ns() - changed > 2_000_000_000
    return _kept(os.fspath(folder), changed) if settled else _listed(os.fspath(folder))


@lru_cache(maxsize=64)
def _kept(folder: str, changed: int) -> tuple[tuple[Entry, ...], bool]:
    del changed  # part of the key
    return _listed(folder)


def _listed(folder: str) -> tuple[tuple[Entry, ...], bool]:
    found: list[Entry] = []
    complete = True
    try:
        with os.scandir(folder) as listing:
            for entry in listing:
                if len(found) >= SCANNED:
                    complete = False
                    break
                try:
                    found.append(Entry(entry.name, entry.is_dir()))
                except OSError:
                    found.append(Entry(entry.name, False))
    except FAULTS:
        return (), True
    return tuple(sorted(found, key=lambda entry: (not entry.folder, entry.name.lower()))), complete
