"""What was read out of Olive's releases: names of keys, types and values, release by release.

`recorded_sections.json` holds changes: a release has the names of the one before, with some added (`+`) and some gone
(`-`); null where it has nothing of the kind. Names that the schemas spell differently for a release are the release's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from olive_schemas.releases import RELEASES

_FILE = Path(__file__).parent / "recorded_sections.json"


def recorded() -> dict[str, dict[str, set[str]]]:
    """Label, such as "model HfModel" -> release -> the names that it knew."""
    changes: Mapping[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return {label: _unfolded(entry) for label, entry in changes.items()}


def _unfolded(entry: Mapping[str, Any]) -> dict[str, set[str]]:
    by_release: dict[str, set[str]] = {}
    names: set[str] | None = None
    for release in RELEASES:
        change = entry.get(release, {})
        if change is None:
            names = None
        elif "names" in change:
            names = set(change["names"])
        elif names is not None:
            names = (names | set(change.get("+", ()))) - set(change.get("-", ()))
        if names is not None:
            by_release[release] = names
    return by_release
