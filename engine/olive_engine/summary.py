"""`run-summary.json` of an output folder: what was run, on what, with which result. Replaced as one step, so that
it is always whole; an output without it is not."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .runs.folder import replace_json
from .runs.locks import locked

NAME = "run-summary.json"
_PACKAGES = (
    "torch",
    "transformers",
    "peft",
    "accelerate",
    "datasets",
    "safetensors",
    "bitsandbytes",
    "onnx",
    "onnx-ir",
    "onnxruntime",
    "onnxruntime-gpu",
    "onnxruntime-genai",
    "onnxruntime-genai-cuda",
    "onnxruntime-genai-directml",
    "onnxruntime-genai-winml",
)


def read(output_dir: Path) -> dict[str, Any] | None:
    """The summary in an output folder; None if there is none or it cannot be read."""
    try:
        raw = json.loads((output_dir / NAME).read_bytes())
    except (OSError, ValueError):
        return None
    return raw if isinstance(raw, dict) else None


def write(output_dir: Path, values: Mapping[str, Any]) -> Path:
    path = output_dir / NAME
    replace_json(path, values)
    return path


def update(output_dir: Path, values: Mapping[str, Any]) -> dict[str, Any]:
    """Merges `values` into the summary (mappings key by key, anything else replaced) and returns the whole.

    FileNotFoundError if there is no summary: then the output is not whole.
    """
    place = output_dir / ".olivepress"
    place.mkdir(exist_ok=True)
    with locked(place / "output.lock", timeout=30):
        before = read(output_dir)
        if before is None:
            raise FileNotFoundError(output_dir / NAME)
        after = _merged(before, values)
        write(output_dir, after)
    return after


def versions() -> dict[str, str]:
    """Python, the system, olivepress and what it stands on, as installed; nothing is imported."""
    found = {"python": platform.python_version(), "system": platform.platform()}
    for name in ("olivepress", *_PACKAGES):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


def _merged(before: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    after = dict(before)
    for name, value in values.items():
        old = after.get(name)
        after[name] = (
            _merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
        )
    return after
