"""Reads one weight at a time into memory of its own.

Plain reads into a fresh buffer, not a memory map: mapped pages stay on the process's account for as long as the
kernel likes, and a model that is larger than memory would look, and be treated, as if it were all in there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import RunError
from .headers import Entry, read_header, weight_files


def torch_dtype(name: str) -> Any:
    """torch's type for a safetensors type name."""
    import torch

    return {
        "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16,
        "I64": torch.int64, "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8,
        "BOOL": torch.bool, "F8_E4M3": torch.float8_e4m3fn, "F8_E5M2": torch.float8_e5m2,
    }[name]  # fmt: skip


def safetensors_name(dtype: Any) -> str:
    """safetensors' type name for a torch type."""
    import torch

    return {
        torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16",
        torch.int64: "I64", torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8",
        torch.bool: "BOOL", torch.float8_e4m3fn: "F8_E4M3", torch.float8_e5m2: "F8_E5M2",
    }[dtype]  # fmt: skip


class Reader:
    """The weights of one folder by name. `entries` is known at once, values are read when asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        files, safe = weight_files(folder)
        self.entries: dict[str, Entry] = {}
        self._loaded: dict[str, Any] = {}
        for file in files:
            if safe:
                self.entries.update(read_header(file))
            else:
                self._map_bin(file)

    def _map_bin(self, file: Path) -> None:
        import torch

        try:
            tensors = torch.load(file, map_location="cpu", weights_only=True, mmap=True)
        except Exception as error:  # torch raises many kinds for a damaged pickle
            raise RunError(
                f"{file} cannot be read as a checkpoint of plain weights: {error}.", code="weights-damaged"
            ) from error
        for name, tensor in tensors.items():
            length = tensor.numel() * tensor.element_size()
            kind = safetensors_name(tensor.dtype)
            self.entries[name] = Entry(name, kind, tuple(tensor.shape), file, -1, length)
            self._loaded[name] = tensor

    def __contains__(self, name: str) -> bool:
        return name in self.entries

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def read(self, name: str) -> Any:
        """The weight as a torch tensor on the CPU, in the checkpoint's own type and shape; a copy of its own."""
        entry = self.entries[name]
        if entry.offset < 0:
            return self._loaded[name].clone()
        return read_entry(entry)


def read_entry(entry: Entry) -> Any:
    """The values of one safetensors entry as a torch tensor."""
    import torch

    buffer = torch.empty(entry.length, dtype=torch.uint8)
    if entry.length:
        view = memoryview(buffer.numpy())
        with entry.file.open("rb", buffering=0) as stream:
            stream.seek(entry.offset)
            done = 0
            while done < entry.length:
                got = stream.readinto(view[done:])
                if not got:
                    raise RunError(
                        f"{entry.file} ended in the middle of {entry.name}; did it change during the run?",
                        code="weights-damaged",
                    )
                done += got
    return buffer.view(torch_dtype(entry.dtype)).reshape(entry.shape)


def local_folder(path: str, load_kwargs: Any = None) -> Path:
    """The folder that holds a model: `path` itself, or the local copy of a hub name (fetched where it is missing).

    RunError when it is neither a folder nor a model that the cache or the hub has.
    """
    folder = Path(path)
    if folder.is_dir():
        return folder
    options = dict(load_kwargs or {})
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    where: dict[str, Any] = {
        "revision": options.get("revision"),
        "cache_dir": options.get("cache_dir"),
        "allow_patterns": [
            "*.json",
            "*.safetensors",
            "*.txt",
            "*.model",
            "*.py",
            "*.jinja",
            "tokenizer*",
            "*.tiktoken",
        ],
    }
    try:
        found = Path(snapshot_download(path, local_files_only=True, **where))
        weight_files(found)
        return found
    except (LocalEntryNotFoundError, RunError, OSError, HFValidationError):
        pass
    try:
        token = options.get("token") or os.environ.get("HF_TOKEN") or None
        return Path(snapshot_download(path, token=token, **where))
    except (HFValidationError, HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise RunError(
            f"{path} is neither a folder on this machine nor a model that the hub gave: {type(error).__name__}.",
            code="model-not-found",
            hint="Check the spelling, the network, and for gated models HF_TOKEN.",
        ) from error
