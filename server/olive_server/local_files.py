"""What checks and features may ask of the local disk: columns and first rows of data, modules and facts of models,
the entries of a folder. Every answer is bounded in bytes and entries, kept until the file changes, and never raises.
"""

from __future__ import annotations

import os
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
    """(what lies in the folder, folders first, by name; whether that is all)."""
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
