"""An artifact as JSON for the cache's manifest: paths into the entry are kept relative, and what the pass took in is
kept as a reference, so that an entry is good wherever its cache and its input lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from .artifact import Artifact
from .hashes import digest, plain
from .store import Entry


def to_json(artifact: Artifact, output: Path, source: Artifact) -> dict[str, Any]:
    """`output`: the folder that the pass wrote into; `source`: what it was given."""
    base = artifact.base
    known = _known(source)
    reference = next((name for name, one in known.items() if base is not None and one == base), None)
    return {
        "kind": artifact.kind,
        "path": _path(artifact.path, output, known),
        "adapter_path": _path(artifact.adapter_path, output, known),
        "base": None if base is None else reference or to_json(base, output, source),
        "fingerprint": artifact.fingerprint,
        "load_kwargs": plain(artifact.load_kwargs),
        "notes": plain(artifact.notes),
    }


def from_entry(entry: Entry, source: Artifact) -> Artifact:
    """The artifact of a cache entry, made from `source`; its fingerprint is that of its files' content."""
    artifact = _from_json(entry.artifact, entry.folder, _known(source))
    below = artifact.base.fingerprint if artifact.base else None
    content = {name: facts["sha256"] for name, facts in entry.files.items()}
    fingerprint = digest(
        [
            artifact.kind,
            content or [source.fingerprint, entry.key],
            below,
            artifact.load_kwargs,
            artifact.notes,
        ]
    )
    return replace(artifact, fingerprint=fingerprint)


def _known(source: Artifact) -> dict[str, Artifact]:
    known, name, one = {}, "source", source
    while True:
        known[name] = one
        if one.base is None:
            return known
        name, one = f"{name}.base", one.base


def _path(path: str | None, output: Path, known: Mapping[str, Artifact]) -> Any:
    if path is None:
        return None
    if Path(path) == output or output in Path(path).parents:
        return {"in": Path(path).relative_to(output).as_posix()}
    for name, one in known.items():
        if path in (one.path, one.adapter_path):
            return {"of": name, "which": "path" if path == one.path else "adapter_path"}
    return {"at": path}


def _from_json(raw: Mapping[str, Any], folder: Path, known: Mapping[str, Artifact]) -> Artifact:
    base = raw["base"]
    return Artifact(
        kind=raw["kind"],
        fingerprint=raw["fingerprint"],
        path=_to_path(raw["path"], folder, known),
        base=None
        if base is None
        else known[base]
        if isinstance(base, str)
        else _from_json(base, folder, known),
        adapter_path=_to_path(raw["adapter_path"], folder, known),
        load_kwargs=raw["load_kwargs"],
        notes=raw["notes"],
    )


def _to_path(raw: Any, folder: Path, known: Mapping[str, Artifact]) -> str | None:
    if raw is None:
        return None
    if "in" in raw:
        return str(folder / raw["in"])
    if "of" in raw:
        found = getattr(known[raw["of"]], raw["which"])
        return None if found is None else str(found)
    return str(raw["at"])
