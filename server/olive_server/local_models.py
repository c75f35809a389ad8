"""What a local model folder tells without loading the model: modules, size, architecture; models in the hub's cache.

Only headers and small JSON files are read, each up to a bound; weights never. None where nothing can be told.
"""

from __future__ import annotations

import json
import math
import os
import re
import struct
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from .local_io import FAULTS, Stamp, folder_stamp, part_of, stamp

_HEADER_LIMIT = 8 * 1024 * 1024
_JSON_LIMIT = 16 * 1024 * 1024
_MOST_SHARDS = 256
_INDEXES = ("model.safetensors.index.json", "pytorch_model.bin.index.json")
_NOT_LINEAR = re.compile(r"embed|^wte$|^wpe$|norm|^ln_|^ln\d*$|layernorm|rotary|router|^bias$", re.IGNORECASE)
_HEADS = frozenset(("lm_head", "embed_out", "output", "score", "classifier"))
_WEIGHTS = (".weight", ".qweight")

Shapes = Mapping[str, tuple[int, ...] | None]
"""Name of a tensor -> its shape, or None where only the name is known."""


class Linear(NamedTuple):
    """All linear layers of one name. `shape`: (outputs, inputs) of the first of them."""

    name: str
    layers: int
    shape: tuple[int, ...] | None


class ModelFacts(NamedTuple):
    """What config.json and the headers say; 0 or empty where they do not."""

    architecture: str
    kind: str
    """`model_type`."""
    parameters: int
    size: int
    """Bytes of the weights."""
    layers: int
    hidden: int
    heads: int
    vocabulary: int
    positions: int
    """Longest sequence that the model was made for."""
    dtype: str
    quantised: str
    """Method of a model that is quantised already."""


def tensors(folder: Path | str) -> Shapes | None:
    """Every tensor in the folder's safetensors files (or in a PyTorch index)."""
    files = _weight_files(str(folder))
    return _tensors(files) if files else None


def modules(folder: Path | str) -> tuple[str, ...] | None:
    """The full names of all modules that have weights: model.layers.0.self_attn.q_proj, ..."""
    found = tensors(folder)
    return _modules(_weight_files(str(folder))) if found else None


def linear_layers(folder: Path | str) -> tuple[Linear, ...] | None:
    """The linear layers by their last name, without the output head, in the order of the model."""
    files = _weight_files(str(folder))
    return _linear(files) if files else None


def facts(folder: Path | str) -> ModelFacts | None:
    """None where the folder has no config.json of a model."""
    config = stamp(Path(folder) / "config.json")
    return _facts(config, _weight_files(str(folder))) if config else None


def hub_folder() -> Path:
    """Where the Hugging Face hub's cache lies, as its library finds it."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if os.environ.get(name):
            return Path(os.environ[name]).expanduser()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface"
    return Path(os.environ.get("HF_HOME") or cache).expanduser() / "hub"


def hub_models() -> tuple[str, ...]:
    """Names of the models in the hub's cache."""
    return _hub_names("models")


def hub_datasets() -> tuple[str, ...]:
    """Names of the data sets in the hub's cache."""
    return _hub_names("datasets")


def hub_snapshot(name: str, kind: str = "models") -> Path | None:
    """The folder of a cached model: the revision that `main` points to, else any."""
    if not re.fullmatch(r"[\w.-]+(/[\w.-]+)?", name):
        return None
    folder = hub_folder() / f"{kind}--{name.replace('/', '--')}"
    if folder_stamp(folder) is None:
        return None
    try:
        reference = stamp(folder / "refs" / "main")
        if reference:
            revision = part_of(reference, 0, 100).decode("ascii").strip()
            if revision and "/" not in revision and folder_stamp(folder / "snapshots" / revision):
                return folder / "snapshots" / revision
        with os.scandir(folder / "snapshots") as entries:
            return next((Path(entry.path) for entry in entries if entry.is_dir()), None)
    except FAULTS:
        return None


def model_folder(written: str, base: Path | None) -> Path | None:
    """The local folder that a `model_path` or `model_name` means: beside the config, or in the hub's cache."""
    try:
        path = Path(written).expanduser()
        if base is not None or path.is_absolute():
            local = path if path.is_absolute() else base / path if base else path
            if folder_stamp(local):
                return local
    except (*FAULTS, RuntimeError):
        return None
    return hub_snapshot(written)


def _hub_names(kind: str) -> tuple[str, ...]:
    folder = folder_stamp(hub_folder())
    return _named(folder, kind) if folder else ()


@lru_cache(maxsize=4)
def _named(folder: Stamp, kind: str) -> tuple[str, ...]:
    names: list[str] = []
    try:
        with os.scandir(folder.path) as entries:
            for number, entry in enumerate(entries):
                if number > 5000:
                    break
                if entry.name.startswith(f"{kind}--"):
                    names.append(entry.name[len(kind) + 2 :].replace("--", "/", 1))
    except FAULTS:
        pass
    return tuple(sorted(names, key=str.lower))


def _weight_files(folder: str) -> tuple[Stamp, ...]:
    """The files that tell the tensors: safetensors, else the index of a PyTorch model."""
    found: list[Stamp] = []
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for _, entry in zip(range(5000), entries, strict=False))
    except FAULTS:
        return ()
    index = next((name for name in _INDEXES if name in names), None)
    whole = [name for name in names if name.endswith(".safetensors") and not name.startswith("adapter_")]
    whole = ["model.safetensors"] if "model.safetensors" in whole else whole[:_MOST_SHARDS]
    for name in [*whole, *([index] if index else [])]:
        file = stamp(Path(folder) / name)
        if file is not None:
            found.append(file)
    return tuple(found)


@lru_cache(maxsize=8)
def _tensors(files: tuple[Stamp, ...]) -> Shapes | None:
    shapes: dict[str, tuple[int, ...] | None] = {}
    read = 0
    for file in files:
        content = _json_of(file) if file.path.endswith(".json") else None
        if content is not None:
            names = content.get("weight_map")
            shapes = {**dict.fromkeys(names if isinstance(names, dict) else ()), **shapes}
        elif file.path.endswith(".safetensors") and read < _JSON_LIMIT:
            header = _header(file)
            read += len(header) * 100
            shapes.update(header)
    return shapes or None


def _header(file: Stamp) -> dict[str, tuple[int, ...]]:
    try:
        length = struct.unpack("<Q", part_of(file, 0, 8))[0]
        if not 0 < length <= min(_HEADER_LIMIT, file.size):
            return {}
        content = json.loads(part_of(file, 8, length))
        return {
            name: tuple(int(size) for size in entry["shape"])
            for name, entry in content.items()
            if name != "__metadata__"
        }
    except (*FAULTS, struct.error, AttributeError, KeyError, TypeError):
        return {}


@lru_cache(maxsize=8)
def _json_of(file: Stamp) -> dict[str, Any] | None:
    try:
        content = json.loads(part_of(file, 0, _JSON_LIMIT)) if file.size <= _JSON_LIMIT else None
    except FAULTS:
        return None
    return content if isinstance(content, dict) else None


@lru_cache(maxsize=8)
def _modules(files: tuple[Stamp, ...]) -> tuple[str, ...]:
    names = (_module_of(tensor) for tensor in _tensors(files) or ())
    return tuple(dict.fromkeys(name for name in names if name))


def _module_of(tensor: str) -> str:
    """The module that a weight belongs to; empty for biases and the like."""
    return next((tensor[: -len(ending)] for ending in _WEIGHTS if tensor.endswith(ending)), "")


@lru_cache(maxsize=8)
def _linear(files: tuple[Stamp, ...]) -> tuple[Linear, ...]:
    found: dict[str, Linear] = {}
    for tensor, shape in (_tensors(files) or {}).items():
        module = _module_of(tensor)
        last = module.rpartition(".")[2]
        flat = shape is not None and len(shape) != 2
        if not last or flat or last.isdigit() or last in _HEADS or _NOT_LINEAR.search(last):
            continue
        before = found.get(last)
        found[last] = Linear(last, before.layers + 1, before.shape) if before else Linear(last, 1, shape)
    return tuple(found.values())


@lru_cache(maxsize=16)
def _facts(config: Stamp, files: tuple[Stamp, ...]) -> ModelFacts | None:
    content = _json_of(config)
    if content is None or not ("architectures" in content or "model_type" in content):
        return None
    text = content.get("text_config") if isinstance(content.get("text_config"), dict) else {}
    merged = {**(text or {}), **content}

    def number(*names: str) -> int:
        return next((int(merged[n]) for n in names if isinstance(merged.get(n), int)), 0)

    shapes = [shape for shape in (_tensors(files) or {}).values() if shape is not None]
    architectures = content.get("architectures")
    quantised = content.get("quantization_config")
    return ModelFacts(
        architecture=str(architectures[0]) if isinstance(architectures, list) and architectures else "",
        kind=str(content.get("model_type") or ""),
        parameters=0 if quantised else sum(math.prod(shape) for shape in shapes),
        size=sum(file.size for file in files if file.path.endswith(".safetensors")),
        layers=number("num_hidden_layers", "n_layer", "num_layers"),
        hidden=number("hidden_size", "n_embd", "d_model"),
        heads=number("num_attention_heads", "n_head", "num_heads"),
        vocabulary=number("vocab_size"),
        positions=number("max_position_embeddings", "n_positions", "n_ctx"),
        dtype=str(merged.get("torch_dtype") or merged.get("dtype") or ""),
        quantised=str(quantised.get("quant_method") or "yes") if isinstance(quantised, dict) else "",
    )
