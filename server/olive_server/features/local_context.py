"""Which local things a place of a config is about: the data file of its data config, the folder of the input model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from olive_schemas.tree import to_python

from ..document import Document
from ..local_files import model_folder
from ..local_sources import Source, source_of

SCRIPTS = ("user_script", "model_script")


def data_pointer(document: Document, pointer: str) -> str | None:
    """The data config that a place is in."""
    while pointer:
        if document.view.shape(pointer).kind == "data_config":
            return pointer
        pointer = pointer.rpartition("/")[0]
    return None


def source_at(document: Document, pointer: str) -> Source | None:
    """The local file whose rows the data config around a place takes."""
    found = data_pointer(document, pointer)
    node = document.tree.find(found) if found else None
    if node is None:
        return None
    return source_of(to_python(node), document.folder, data_root(document))


def data_root(document: Document) -> str:
    written = document.config.get("data_root") if isinstance(document.config, dict) else None
    return written if isinstance(written, str) else ""


def input_model(document: Document) -> str:
    """The path or name of the input model, in either dialect; empty where it is no string."""
    model = document.parts.model
    if model is None:
        return ""
    path = model.value("model_path")
    hub: Any = model.value("hf_config")
    name = hub.get("model_name") if isinstance(hub, dict) else None
    written = path if isinstance(path, str) and path else name or model.value("model_name")
    return written if isinstance(written, str) else ""


def input_model_folder(document: Document) -> Path | None:
    """Where the input model lies on this machine: beside the config, or in the hub's cache."""
    written = input_model(document)
    return model_folder(written, document.folder) if written else None


def script_at(document: Document, pointer: str) -> str:
    """The Python file that names of functions at a place mean: the nearest `user_script` or `model_script` around."""
    while True:
        node = document.tree.find(pointer)
        for member in node.members if node is not None else ():
            if member.name in SCRIPTS and isinstance(member.value.value, str):
                return str(member.value.value)
        if not pointer:
            return ""
        pointer = pointer.rpartition("/")[0]
