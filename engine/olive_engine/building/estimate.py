"""What merging and building will need, from weight headers alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..artifact import Artifact
from ..errors import RunError
from ..weights.adapter import adapter_entries
from ..weights.headers import Entry, checkpoint, total_bytes
from ..weights.merged import read_model_config
from .options import Request
from .support import cached_snapshot

INTERPRETER_BYTES = 700_000_000
"""Python with torch, transformers and genai's builder imported."""
_WIDTH = {"fp32": 4, "fp16": 2, "bf16": 2}


def folder_of(artifact: Artifact) -> Path | None:
    """The local folder of the model underneath, None where it is not on this machine yet."""
    base = artifact
    while base.path is None or base.kind == "adapter":
        if base.base is None:
            return None
        base = base.base
    folder = Path(base.path)
    return folder if folder.is_dir() else cached_snapshot(base.path)


def entries_of(artifact: Artifact) -> Mapping[str, Entry]:
    """Weight headers of the model underneath; empty where they cannot be told (hub model not fetched, .bin files)."""
    folder = folder_of(artifact)
    if folder is None:
        return {}
    try:
        return checkpoint(folder)
    except RunError:
        return {}


def adapter_bytes(artifact: Artifact) -> int:
    path = artifact.adapter_path or (artifact.path if artifact.kind == "adapter" else None)
    if path is None:
        return 0
    try:
        return total_bytes(adapter_entries(Path(path)))
    except RunError:
        return 0


def merge_memory(entries: Mapping[str, Entry], adapter: int) -> int:
    """Peak bytes of merging weight by weight: the largest weight, its float32 sum and product, and the adapter."""
    largest = max((entry.elements for entry in entries.values()), default=0)
    return INTERPRETER_BYTES + largest * 10 + adapter


def build_memory(entries: Mapping[str, Entry], adapter: int, request: Request) -> int:
    """Peak bytes of the build with weights read one at a time; about 1.3 times the model in memory otherwise."""
    largest = max((entry.elements for entry in entries.values()), default=0)
    needed = INTERPRETER_BYTES + largest * 3 + adapter
    return needed + largest * 8 if adapter else needed


def build_disk(entries: Mapping[str, Entry], config: Mapping[str, Any], request: Request) -> int:
    """Bytes of model.onnx.data, about: matrices quantised, the rest (embeddings, norms, biases) in the type that the
    model computes in."""
    width = _WIDTH.get(request.precision, 4 if request.provider == "cpu" else 2)
    if request.precision in _WIDTH:
        return sum(entry.elements for entry in entries.values()) * width
    bits = 4 if request.precision == "int4" else 8
    block = int(request.options.get("block_size") or 32)
    per_value = bits / 8 + width / block
    tied = bool(config.get("tie_word_embeddings"))
    total = 0.0
    for name, entry in entries.items():
        embedded = "embed" in name and not tied
        total += entry.elements * (per_value if len(entry.shape) > 1 and not embedded else width)
    return int(total)


def disk_needed(source: Artifact, request: Request | None = None) -> int:
    entries = entries_of(source)
    folder = folder_of(source)
    if not entries or folder is None:
        return 0
    return build_disk(entries, read_model_config(folder), request or Request("int4", "cpu"))
