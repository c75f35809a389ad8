"""The folder that a pass keeps its checkpoints in, with a note of what they belong to: after a change of the data,
the model or the versions they are not gone on from, and that is said."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .hashes import digest
from .runs.folder import replace_json

NOTE = "made-of.json"


def prepare(folder: Path, parts: Mapping[str, Any]) -> str | None:
    """Makes `folder` ready for a pass made of `parts` (topic -> value); what was thrown away of it, in words."""
    now = {topic: digest(value) for topic, value in parts.items()}
    note = folder / NOTE
    said = None
    if folder.is_dir() and any(path.name != NOTE for path in folder.iterdir()):
        try:
            before = json.loads(note.read_bytes())
        except (OSError, ValueError):
            before = {}
        changed = sorted(topic for topic in now if before.get(topic) != now[topic])
        if changed:
            shutil.rmtree(folder)
            what = ", ".join(_WORDS.get(topic, topic) for topic in changed)
            said = f"The checkpoint of the earlier attempt is not used: {what} changed since. The pass begins anew."
    folder.mkdir(parents=True, exist_ok=True)
    replace_json(note, now)
    return said


def remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


_WORDS = {
    "engine": "olivepress's version",
    "input": "the input model",
    "data": "the data",
    "data settings": "the data's settings",
    "versions": "the installed packages",
    "system": "the system",
    "parameters": "the parameters",
}
