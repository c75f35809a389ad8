"""Writes a merged model as a transformers folder, shard by shard, a weight at a time."""

from __future__ import annotations

import errno
import json
import shutil
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..artifact import Artifact
from ..errors import RunError
from .headers import INDEX, SINGLE, Entry, total_bytes
from .merged import Merged, open_merged

SHARD_BYTES = 5_000_000_000
Log = Callable[[str], None]
Progress = Callable[[int, int], None]
_WEIGHT_ENDINGS = (
    ".safetensors",
    ".bin",
    ".pt",
    ".pth",
    ".h5",
    ".msgpack",
    ".onnx",
    ".gguf",
    ".index.json",
    ".data",
)


def say_nothing(message: str) -> None:
    del message


def count_nothing(done: int, total: int) -> None:
    del done, total


def no_space(folder: Path, needed: int, error: OSError) -> RunError:
    """A full disk, said with numbers; any other OSError with its own text."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return RunError(f"{folder} cannot be written: {error.strerror or error}.", code="output-unwritable")
    try:
        free = f"{shutil.disk_usage(folder).free:,} bytes are free"
    except OSError:
        free = "the free space is not known"
    return RunError(
        f"The disk is full: {needed:,} bytes are needed in {folder}, {free}.",
        code="disk-full",
        hint="Free some space, or set cache_dir and output_dir to a larger disk.",
    )


def materialise(
    artifact: Artifact,
    folder: Path,
    log: Log = say_nothing,
    progress: Progress = count_nothing,
    *,
    shard_bytes: int = SHARD_BYTES,
) -> Path:
    """Writes an hf_model artifact, merging its adapter weight by weight, and gives `folder`.

    Peak memory is a few weights; the result is what peft's `merge_and_unload` and `save_pretrained` would give,
    bit for bit in every weight. An adapter that only peft can merge is merged by peft, in memory, and `log` says so.
    progress(done, total): bytes written. RunError when the disk is full.
    """
    merged = open_merged(artifact)
    folder.mkdir(parents=True, exist_ok=True)
    if merged.needs_peft:
        log(f"The adapter is merged by peft with the whole model in memory: {merged.needs_peft}.")
        merge_in_memory(artifact, merged.folder, folder)
    else:
        try:
            _write_weights(merged, folder, progress, shard_bytes)
        except OSError as error:
            raise no_space(folder, total_bytes(merged.entries), error) from error
    copy_companions(merged.folder, folder, code=bool(_load_kwargs(artifact).get("trust_remote_code")))
    _write_config(merged, folder, keep=bool(merged.needs_peft))
    return folder


def _load_kwargs(artifact: Artifact) -> Mapping[str, Any]:
    return artifact.load_kwargs or (artifact.base.load_kwargs if artifact.base else {})


def shards(entries: Mapping[str, Entry], limit: int = SHARD_BYTES) -> list[list[Entry]]:
    """Weights in order, parted so that no file exceeds `limit` unless one weight does."""
    parts: list[list[Entry]] = [[]]
    size = 0
    for entry in entries.values():
        if parts[-1] and size + entry.length > limit:
            parts.append([])
            size = 0
        parts[-1].append(entry)
        size += entry.length
    return parts


def _write_weights(merged: Merged, folder: Path, progress: Progress, shard_bytes: int) -> None:
    parts = shards(merged.entries, shard_bytes)
    total = total_bytes(merged.entries)
    done = 0
    index: dict[str, str] = {}
    for number, part in enumerate(parts, 1):
        name = SINGLE if len(parts) == 1 else f"model-{number:05d}-of-{len(parts):05d}.safetensors"
        with (folder / name).open("wb") as stream:
            stream.write(_header(part))
            for entry in part:
                stream.write(to_bytes(merged.read(entry.name)))
                index[entry.name] = name
                done += entry.length
                progress(done, total)
    if len(parts) > 1:
        text = json.dumps({"metadata": {"total_size": total}, "weight_map": index}, indent=2)
        (folder / INDEX).write_text(text + "\n", "utf-8")


def to_bytes(tensor: Any) -> memoryview:
    """A CPU tensor's values as bytes, without a copy where it is contiguous."""
    import torch

    return memoryview(tensor.contiguous().view(torch.uint8).reshape(-1).numpy())


def _header(part: list[Entry]) -> bytes:
    fields: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    at = 0
    for entry in part:
        fields[entry.name] = {
            "dtype": entry.dtype,
            "shape": list(entry.shape),
            "data_offsets": [at, at + entry.length],
        }
        at += entry.length
    text = json.dumps(fields, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text


def copy_companions(source: Path, target: Path, *, code: bool) -> None:
    """Everything beside the weights that belongs to a model: tokenizer, generation settings, templates, custom code.

    `code`: whether Python files are taken along (only where the config trusts them).
    """
    for file in sorted(source.iterdir()):
        if not file.is_file() or file.name.startswith(".") or file.name == "config.json":
            continue
        if file.name.endswith(_WEIGHT_ENDINGS) or (file.suffix == ".py" and not code):
            continue
        if (
            file.suffix in (".json", ".txt", ".model", ".jinja", ".tiktoken", ".py")
            or "tokenizer" in file.name
        ):
            shutil.copyfile(file, target / file.name)


def _write_config(merged: Merged, folder: Path, *, keep: bool) -> None:
    """config.json with the type of the written weights; `keep` leaves the one that peft's model wrote."""
    if keep:
        return
    config = dict(merged.config)
    kinds = {entry.dtype for entry in merged.entries.values()}
    names = {"F32": "float32", "F16": "float16", "BF16": "bfloat16", "F64": "float64"}
    floats = sorted(names[kind] for kind in kinds if kind in names)
    if len(floats) == 1:
        config["torch_dtype" if "torch_dtype" in config and "dtype" not in config else "dtype"] = floats[0]
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", "utf-8")


def merge_in_memory(artifact: Artifact, base: Path, folder: Path) -> None:
    """peft's own merge of a deferred artifact over the model in `base`, written to `folder`."""
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    options = {
        k: v for k, v in _load_kwargs(artifact).items() if k in ("trust_remote_code", "torch_dtype", "dtype")
    }
    options.setdefault("dtype", options.pop("torch_dtype", None) or "auto")
    try:
        model = AutoModelForCausalLM.from_pretrained(str(base), **options)
        merged = PeftModel.from_pretrained(model, str(artifact.adapter_path)).merge_and_unload()
        merged.save_pretrained(str(folder))
    except OSError as error:
        raise no_space(folder, 0, error) from error
    except MemoryError as error:
        raise RunError(
            "This adapter can only be merged with the whole model in memory, and there is not enough of it.",
            code="out-of-memory",
        ) from error
