"""The content address of a data config: equal fingerprints give equal tokens (for the same tokenizer).

Bytes of the files count, never their dates or the folder they lie in. For a name on the hub, the revision that the
local hub cache holds counts, if it holds one. Scripts count with their text.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from olive_schemas.workflow import Component, DataConfig, Workflow

from .loading import HUGGING_FACE
from .settings import own_tokenizer
from .sources import FETCHING, IGNORED_PARAMETERS, Source, find_source

_NO_PART = FETCHING - {"revision"}
"""Secrets among them: never part of a key."""

_PLACES = {"data_name", "data_dir", "data_files", "user_script", "script_dir", "model_name"}


def fingerprint(config: DataConfig, workflow: Workflow) -> str:
    """Hex digest. RunError where a file that the config names is not there."""
    parts: dict[str, Any] = {
        "era": config.era,
        "load": _decisive(config.load),
        "pre_process": _decisive(config.pre_process),
        "scripts": _scripts(config, workflow),
        "tokenizer": _tokenizer(config, workflow),
    }
    if config.load.type.lower() == HUGGING_FACE:
        parts["source"] = _source(find_source(config, workflow))
    else:
        parts["written"] = {
            name: config.load.params[name] for name in sorted(_PLACES & set(config.load.params))
        }
    written = json.dumps(parts, sort_keys=True, default=repr, ensure_ascii=True)
    return hashlib.sha256(written.encode()).hexdigest()


def _decisive(component: Component) -> Mapping[str, Any]:
    """What of a component's parameters can change the tokens; places are told by their content instead."""
    params = {
        name: _plain(value)
        for name, value in component.params.items()
        if name not in _PLACES | IGNORED_PARAMETERS | _NO_PART
    }
    return {"type": component.type.lower(), "params": params}


def _kept(options: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in options.items() if name not in _NO_PART}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return (
        value
        if isinstance(value, (str, int, float, bool, type(None)))
        else getattr(value, "value", str(value))
    )


def _source(source: Source) -> Mapping[str, Any]:
    told: dict[str, Any] = {"kind": source.kind, "options": _plain(_kept(source.options))}
    if source.kind in ("builder", "hub"):
        told["name"] = source.name
    if source.kind == "hub":
        told["revision"] = hub_revision(source.name, str(source.options.get("revision") or "main"))
    if source.remote_files is not None:
        told["files"] = _plain(source.remote_files)
    elif source.files:
        told["files"] = {
            split: [[path.name, file_digest(path)] for path in paths] for split, paths in source.files.items()
        }
    elif source.folder is not None:
        told["files"] = [
            [path.relative_to(source.folder).as_posix(), file_digest(path)] for path in source.paths()
        ]
    return told


def hub_revision(name: str, revision: str) -> str:
    """The commit that the hub cache of this machine holds for a data set; the revision as written where it holds none."""
    home = os.environ.get("HF_HOME") or str(Path.home() / ".cache" / "huggingface")
    cache = Path(os.environ.get("HF_HUB_CACHE") or Path(home) / "hub")
    reference = cache / f"datasets--{name.replace('/', '--')}" / "refs" / revision
    try:
        return reference.read_text(encoding="utf-8").strip()
    except OSError:
        return revision


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, computed once for each (path, size, time, inode) in a process. OSError as usual."""
    at = path.stat()
    return _digest(str(path), at.st_size, at.st_mtime_ns, at.st_ino)


@lru_cache(maxsize=65536)
def _digest(path: str, size: int, changed: int, inode: int) -> str:
    del size, changed, inode
    digest = hashlib.sha256()
    with Path(path).open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _tokenizer(config: DataConfig, workflow: Workflow) -> Any:
    """Another model's tokenizer: its name, or its files where it is a folder. None: the input model's own."""
    name = own_tokenizer(config, workflow)
    if name is None or not Path(name).is_dir():
        return name
    files = sorted(
        path for pattern in ("*token*", "*vocab*", "*merges*", "*.model") for path in Path(name).glob(pattern)
    )
    return [[path.name, file_digest(path)] for path in dict.fromkeys(files) if path.is_file()]


def _scripts(config: DataConfig, workflow: Workflow) -> list[list[str]]:
    """Name and digest of the user script and of the Python files in its script_dir."""
    params = config.pre_process.params
    found: list[Path] = []
    for written in (config.user_script, params.get("user_script")):
        if written:
            found.append(workflow.base_dir / str(written))
    for written in (config.script_dir, params.get("script_dir")):
        if written:
            found += sorted((workflow.base_dir / str(written)).rglob("*.py"))
    return [[path.name, file_digest(path) if path.is_file() else "missing"] for path in found]
