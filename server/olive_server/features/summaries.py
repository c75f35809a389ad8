"""One line on each thing that a config defines: what completion and hover say of a reference."""

from __future__ import annotations

from typing import Any

from ..checks.secrets import scrubbed
from ..document import Document
from ..parts import Part


def summary(document: Document, kind: str, name: str) -> str:
    """ "HuggingfaceContainer, json dataset/train.json" of a data config; empty for what is not defined."""
    parts = document.parts
    if kind == "data_config":
        data = parts.data_config(name)
        if data is None:
            return ""
        load = data.components.get("load_dataset")
        return _joined(data.type, _where(load) if load else "")
    if kind == "system":
        system = parts.systems.get(name)
        return _joined(system.type, devices(system)) if system else ""
    if kind == "evaluator":
        measured = [
            _joined(metric.name or metric.type) for metric in parts.metrics if metric.evaluator == name
        ]
        return ", ".join(measured)
    if kind == "pass":
        return " or ".join(part.type for part in parts.every_pass() if part.name == name and part.type)
    return ""


def devices(system: Part) -> str:
    """ "gpu CUDAExecutionProvider"."""
    accelerators = system.value("accelerators")
    words = [_device(entry) for entry in accelerators] if isinstance(accelerators, list) else []
    return ", ".join(word for word in words if word)


def _device(entry: Any) -> str:
    if isinstance(entry, str):
        return entry
    if not isinstance(entry, dict):
        return ""
    providers = entry.get("execution_providers")
    listed = providers if isinstance(providers, list) else [providers]
    words = [entry.get("device"), *listed]
    return " ".join(word for word in words if isinstance(word, str))


def _where(load: Part) -> str:
    """Where the rows come from: format and files, or the data set's name."""
    name = load.value("data_name")
    files = load.value("data_files")
    shown = (
        files if isinstance(files, str) else f"{len(files)} files" if isinstance(files, (list, dict)) else ""
    )
    split = load.value("split")
    words = [name, shown, load.value("subset"), f"[{split}]" if isinstance(split, str) else ""]
    return " ".join(word for word in words if isinstance(word, str) and word)


def _joined(*words: str) -> str:
    return scrubbed(", ".join(word for word in words if word))
