"""A model's weights as one mapping from name to value, with an adapter folded in on the way where there is one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..artifact import Artifact
from ..errors import RunError
from .adapter import Adapter, merge_into, open_adapter, reason_for_peft
from .headers import ITEM_SIZE, Entry
from .reader import Reader, local_folder, safetensors_name

_FLOATS = ("F64", "F32", "F16", "BF16")


@dataclass(frozen=True)
class Merged:
    """`entries`: names in the files' order, with the types and sizes that `read` gives (not those on disk)."""

    folder: Path
    config: Mapping[str, Any]
    reader: Reader
    entries: Mapping[str, Entry]
    adapter: Adapter | None = None
    needs_peft: str | None = field(default=None)
    """Why only peft can merge this adapter exactly; `read` then refuses."""

    def read(self, name: str) -> Any:
        """A torch tensor on the CPU that belongs to the caller."""
        import torch

        if self.needs_peft:
            raise ValueError(self.needs_peft)
        weight = self.reader.read(name)
        if weight.is_floating_point():
            weight = weight.to(_torch_type(self.entries[name].dtype))
        if self.adapter is None:
            return weight
        with torch.no_grad():
            return merge_into(self.adapter, name, weight, str(self.config.get("model_type", "")))


def _torch_type(name: str) -> Any:
    from .reader import torch_dtype

    return torch_dtype(name)


def read_model_config(folder: Path) -> dict[str, Any]:
    """config.json of a transformers folder; RunError where it is missing or broken."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
    except FileNotFoundError as error:
        raise RunError(f"{folder} is no model: config.json is missing.", code="model-not-found") from error
    except (OSError, ValueError) as error:
        raise RunError(
            f"{folder / 'config.json'} cannot be read as JSON: {error}.", code="model-damaged"
        ) from error
    if not isinstance(config, dict):
        raise RunError(f"{folder / 'config.json'} is no JSON object.", code="model-damaged")
    return config


def wanted_dtype(config: Mapping[str, Any], load_kwargs: Mapping[str, Any]) -> str | None:
    """The type (safetensors' name) that transformers would load floating weights in; None: as they are stored.

    `dtype` or `torch_dtype` of the load arguments, where that is unset or "auto" the one in config.json.
    """
    import torch

    given = load_kwargs.get("dtype") or load_kwargs.get("torch_dtype") or "auto"
    if given == "auto":
        given = config.get("dtype") or config.get("torch_dtype")
    if given is None:
        return None
    kind = getattr(torch, str(given).removeprefix("torch."), None)
    if not isinstance(kind, torch.dtype) or not kind.is_floating_point:
        raise RunError(
            f"{given!r} is no floating type of torch; use float32, float16 or bfloat16.", code="bad-dtype"
        )
    return safetensors_name(kind)


def open_merged(artifact: Artifact) -> Merged:
    """The weights of an hf_model artifact, deferred or not. Reads headers and the adapter, no weight of the model."""
    if artifact.kind != "hf_model":
        raise ValueError(f"an hf_model is needed, this is {artifact.kind}")
    base = artifact
    while base.path is None:
        if base.base is None:
            raise ValueError("a deferred merge without a base")
        base = base.base
    folder = local_folder(str(base.path), base.load_kwargs)
    config = read_model_config(folder)
    if config.get("quantization_config"):
        raise RunError(
            f"{folder} holds weights that are quantised already (quantization_config in config.json); "
            "merging and building need the unquantised model.",
            code="model-quantised",
        )
    reader = Reader(folder)
    wanted = wanted_dtype(config, base.load_kwargs)
    if wanted is None:
        wanted = next((entry.dtype for entry in reader.entries.values() if entry.dtype in _FLOATS), None)
    entries = {name: _as(entry, wanted) for name, entry in reader.entries.items()}
    if artifact.adapter_path is None:
        return Merged(folder, config, reader, entries)
    adapter = open_adapter(Path(artifact.adapter_path))
    return Merged(folder, config, reader, entries, adapter, reason_for_peft(adapter, entries, config))


def _as(entry: Entry, dtype: str | None) -> Entry:
    if dtype is None or entry.dtype not in _FLOATS:
        return entry
    return replace(entry, dtype=dtype, length=entry.elements * ITEM_SIZE[dtype])
