"""Paths as a config writes them: relative to the config's own folder, never to wherever someone stands."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

_REMOTE = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://")
_DRIVE = re.compile(r"^[A-Za-z]:[\\/]")
_FILE_ENDINGS = (
    ".onnx",
    ".pt",
    ".pth",
    ".bin",
    ".safetensors",
    ".gguf",
    ".json",
    ".jsonl",
    ".csv",
    ".parquet",
    ".txt",
    ".py",
    ".zip",
)


def is_remote(text: str) -> bool:
    """`https://...`, `hf://...` and the like."""
    return _REMOTE.match(text) is not None


def absolute(text: str, base: Path) -> str:
    """The path as an absolute one; `~` is the home folder; remote addresses stay. Symbolic links are left alone."""
    if is_remote(text):
        return text
    path = Path(
        text.replace("\\", "/") if "\\" in text and not _DRIVE.match(text) and "/" not in text else text
    )
    try:
        path = path.expanduser()
    except RuntimeError:
        pass
    if not path.is_absolute():
        path = base / path
    return str(Path(*_collapse(path.parts)))


def is_there(path: str) -> bool:
    """Whether there is a file or folder; nothing raises, however long the name or whatever is in it."""
    return os.path.exists(path)  # noqa: PTH110 - `Path.exists` raises where a name is too long


def is_folder(path: str) -> bool:
    """The same for a folder."""
    return os.path.isdir(path)  # noqa: PTH112


def _collapse(parts: tuple[str, ...]) -> list[str]:
    """Takes `..` and `.` out of absolute parts, as a reader of the config would."""
    result: list[str] = []
    for part in parts:
        if part == ".." and len(result) > 1:
            result.pop()
        elif part not in (".", ".."):
            result.append(part)
    return result


def looks_like_path(text: str) -> bool:
    """Whether a model's name can only be a path: `org/name` and `name` can be a hub's."""
    if text.startswith((".", "~", "/", "\\")) or "\\" in text or _DRIVE.match(text):
        return True
    return text.count("/") > 1 or text.endswith("/") or text.lower().endswith(_FILE_ENDINGS)


def absolute_files(value: Any, base: Path) -> Any:
    """`data_files`: a string, a list of them, or an object of splits; globs stay globs, text that is no path too."""
    if isinstance(value, str):
        return absolute(value, base) if value else value
    if isinstance(value, list):
        return [absolute_files(entry, base) for entry in value]
    if isinstance(value, dict):
        return {key: absolute_files(entry, base) for key, entry in value.items()}
    return value
