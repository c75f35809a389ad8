"""What strings of a config lead to: local files and folders that exist, models and data sets on the hub.

Nothing is fetched; whether a hub name exists there is not asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from olive_schemas.paths import absolute, is_remote, looks_like_path
from olive_schemas.tree import to_python

from ..document import Document
from ..local_io import FAULTS
from ..local_models import model_folder
from ..local_sources import Source, source_of
from .spans import Span, content

HUB = "https://huggingface.co/"
_PATHS = frozenset(("file", "folder", "path", "module", "model"))
_NAME = r"[A-Za-z0-9][\w.-]{0,95}"
_HUB_MODEL = re.compile(f"{_NAME}/{_NAME}")
_HUB_DATA = re.compile(f"{_NAME}(/{_NAME})?")
_PLAIN_LOADERS = frozenset(
    ("json", "csv", "text", "parquet", "arrow", "imagefolder", "audiofolder", "webdataset")
)
"""Values of `data_name` that name a way to read files and no data set."""
_MOST = 500
"""Strings of one config that are looked up: each costs a question to the file system."""


@dataclass(frozen=True)
class Link:
    span: Span
    target: str
    """An address: file: or https:."""
    tooltip: str


def links(document: Document) -> tuple[Link, ...]:
    """In the order of the text."""
    return tuple(_links(document))


def _links(document: Document) -> Iterator[Link]:
    asked = 0
    below = ""
    kind = ""
    for place in document.view.places:
        ref = str(place.shape.prop.get("x-ref", ""))
        if place.node.kind == "array" or (place.node.kind == "object" and ref != "model"):
            below, kind = (place.pointer + "/", ref) if ref in _PATHS else (below, kind)
        if place.node.kind != "string" or not place.node.value or asked >= _MOST:
            continue
        if ref not in _PATHS and below and place.pointer.startswith(below):
            ref = kind
        key = place.shape.key
        if ref not in _PATHS and key != "data_name":
            continue
        asked += 1
        link = _link(document, content(document.text, place.node), place.node.value, ref, key)
        if link is not None:
            yield link


def _link(document: Document, span: Span, written: str, ref: str, key: str) -> Link | None:
    path = local_path(document, written)
    if path is not None and (ref or "/" in written):
        return Link(span, path.as_uri(), "Open the folder" if path.is_dir() else "Open the file")
    if ref == "model" and _HUB_MODEL.fullmatch(written) and not looks_like_path(written):
        return Link(span, HUB + written, f"{written} on the Hugging Face hub{_cached(written)}")
    if key == "data_name" and _HUB_DATA.fullmatch(written) and written.lower() not in _PLAIN_LOADERS:
        return Link(span, f"{HUB}datasets/{written}", f"{written} on the Hugging Face hub")
    return None


def _cached(name: str) -> str:
    return " (in the local cache)" if model_folder(name, None) else ""


def local_path(document: Document, written: str) -> Path | None:
    """The file or folder that a string of the config names, where it exists."""
    if is_remote(written) or "\0" in written:
        return None
    if document.folder is None and not Path(written).is_absolute():
        return None
    try:
        path = Path(absolute(written, document.folder or Path("/")))
        return path if path.exists() else None
    except (*FAULTS, RuntimeError):
        return None


def data_source(document: Document, pointer: str) -> Source | None:
    """The local file with the rows of the data config that a place belongs to."""
    enclosing = enclosing_data_config(document, pointer)
    if enclosing is None:
        return None
    root = document.config.get("data_root") if isinstance(document.config, dict) else None
    return source_of(enclosing, document.folder, root if isinstance(root, str) else "")


def enclosing_data_config(document: Document, pointer: str) -> Any:
    """The data config, as plain data, that a place belongs to; None outside of one."""
    while pointer:
        if document.view.shape(pointer).kind == "data_config":
            node = document.tree.find(pointer)
            return to_python(node) if node is not None and node.kind == "object" else None
        pointer = pointer.rpartition("/")[0]
    return None
