"""What a pass takes and gives.

Three kinds: `hf_model` (a transformers folder or hub name), `adapter` (a PEFT folder and the model it belongs to)
and `onnx_model` (a folder that onnxruntime-genai loads as it is). A merged model may be *deferred*: `path` is None
and `base` and `adapter_path` say what it will be made of, weight by weight, by whoever needs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Kind = Literal["hf_model", "adapter", "onnx_model"]


@dataclass(frozen=True)
class Artifact:
    kind: Kind
    fingerprint: str
    """Content address: equal fingerprints are equal artifacts."""
    path: str | None = None
    """hf_model: folder or hub name. adapter: the PEFT folder. onnx_model: the folder. None: deferred."""
    base: Artifact | None = None
    """adapter and deferred merge: the hf_model underneath."""
    adapter_path: str | None = None
    """Deferred merge only: the PEFT folder to fold into `base`."""
    load_kwargs: Mapping[str, Any] = field(default_factory=dict)
    """hf_model: keyword arguments for `from_pretrained`."""
    notes: Mapping[str, Any] = field(default_factory=dict)
    """What later passes and the summary want to know, e.g. {"quantization": "nf4"} on a QLoRA adapter."""

    @property
    def deferred(self) -> bool:
        return self.kind == "hf_model" and self.path is None

    @property
    def folder(self) -> Path:
        """The artifact's folder on disk; ValueError while it is deferred."""
        if self.path is None:
            raise ValueError("a deferred merge has no folder yet")
        return Path(self.path)
