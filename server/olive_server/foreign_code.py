"""Code of the workspace or of the model that a run of a config executes: found in the text, never run or imported here.

Whoever asks the user whether it may run shows the list, and remembers the digest: it changes with the config's place,
with what the config names, and with the content of those files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from olive_schemas.tree import Node, join

from .document import Document

SCRIPTS = ("user_script", "model_script")
FOLDERS = ("script_dir",)
TRUST = "trust_remote_code"
_MOST_FILES = 2000


@dataclass(frozen=True)
class Foreign:
    kind: str
    """script: a Python file, or a folder of such, that the config names. model: code that comes with the model."""
    pointer: str
    name: str
    """As the config writes it."""
    path: Path | None
    """Where it lies on this machine; None for a model of a hub."""


def found(document: Document) -> list[Foreign]:
    """In the order of the text."""
    return list(_in(document, document.tree.root, ""))


def digest(document: Document, code: list[Foreign]) -> str:
    """Empty where there is no such code."""
    if not code:
        return ""
    import hashlib

    hashed = hashlib.sha256(str(document.path).encode())
    for one in code:
        hashed.update(f"\n{one.kind} {one.name} {one.path}".encode("utf-8", "replace"))
        for file in _files(one.path):
            hashed.update(f"\n{file} ".encode("utf-8", "replace"))
            try:
                hashed.update(hashlib.sha256(file.read_bytes()).digest())
            except OSError:
                hashed.update(b"cannot be read")
    return hashed.hexdigest()


def _in(document: Document, node: Node, pointer: str) -> Iterator[Foreign]:
    for member in node.members:
        place = join(pointer, member.name)
        value = member.value.value
        if member.name in (*SCRIPTS, *FOLDERS) and isinstance(value, str) and value:
            yield Foreign("script", place, value, _path(document, value))
        elif member.name == TRUST and (value is True or str(value).lower() in ("true", "1")):
            name = _model(document)
            path = _path(document, name)
            yield Foreign("model", place, name, path if path is not None and path.exists() else None)
        yield from _in(document, member.value, place)
    for index, item in enumerate(node.items):
        yield from _in(document, item, join(pointer, index))


def _model(document: Document) -> str:
    """The input model as the config names it."""
    config: Any = document.config
    model = config.get("input_model") if isinstance(config, dict) else None
    for part in (model, model.get("config") if isinstance(model, dict) else None):
        if isinstance(part, dict):
            written = part.get("model_path")
            hf = part.get("hf_config")
            name = hf.get("model_name") if isinstance(hf, dict) else None
            for text in (written, name):
                if isinstance(text, str) and text:
                    return text
    return ""


def _path(document: Document, written: str) -> Path | None:
    try:
        path = Path(written).expanduser()
    except RuntimeError:
        return None
    if path.is_absolute():
        return path
    return None if document.folder is None else document.folder / path


def _files(path: Path | None) -> list[Path]:
    if path is None:
        return []
    try:
        if path.is_dir():
            return sorted(path.rglob("*.py"))[:_MOST_FILES]
        return [path] if path.is_file() else []
    except OSError:
        return []
