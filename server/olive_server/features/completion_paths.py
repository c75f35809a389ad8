"""Paths of this machine, folder by folder: only the part between two slashes is replaced, folders come first.

Relative paths start at the config's folder; those in data_files at data_dir, where one is written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from olive_schemas.paths import is_remote

from ..document import Document
from ..edits import Edit
from ..layout import quoted
from ..local_files import Entry, entries
from ..local_io import FAULTS
from .completion_items import Item, escaped
from .completion_slot import Slot
from .local_context import data_root

_SEPARATOR = re.compile(r"/|\\\\")
_DATA = (".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".parquet", ".arrow", ".txt", ".gz")
_MODELS = (".onnx", ".pt", ".pth", ".bin", ".safetensors")
_BY_READER = {
    "json": (".json", ".jsonl", ".ndjson"),
    "csv": (".csv", ".tsv"),
    "parquet": (".parquet",),
    "arrow": (".arrow",),
    "text": (".txt",),
}
_FOLDERS_OF = frozenset(("hfmodel", "distributedhfmodel"))
"""Models that are folders."""
_BY_KEY = {"data_files": _DATA, "data_name": _DATA, "model_path": _MODELS, "dockerfile": (), "model_name": ()}
_FOLDERS_ONLY = "folder"


class Segment(NamedTuple):
    """The part of a string that is completed: from `start` to `end`; `folder` is what stands before it."""

    start: int
    end: int
    folder: str
    typed: str


def segment(text: str, slot: Slot) -> Segment:
    """The part of the path between the slashes around the cursor."""
    opening = slot.start + (1 if slot.quote else 0)
    closing = slot.stop - (1 if slot.closed else 0)
    cursor = max(opening, min(slot.offset, closing))
    before = [match.end() for match in _SEPARATOR.finditer(text, opening, cursor)]
    start = before[-1] if before else opening
    following = _SEPARATOR.search(text, cursor, closing)
    end = following.start() if following else closing
    return Segment(start, end, _decoded(text[opening:start]), _decoded(text[start:cursor]))


def paths(document: Document, slot: Slot, kind: str) -> tuple[list[Item], bool]:
    """(items, whether that is all). `kind`: the x-ref: file, folder, path, model."""
    if slot.outside:
        return [], True
    here = segment(document.text, slot)
    folder = _folder(document, slot, here.folder)
    if folder is None:
        return [], True
    found, complete = entries(folder)
    wanted = _wanted(document, slot)
    models = _models(document, slot)
    shown = [entry for entry in found if _fits(entry, here, kind, folder, document.path)]
    items = [
        _item(document.text, slot, here, entry, order, _rank(entry, wanted, models, folder))
        for order, entry in enumerate(shown)
    ]
    return items, complete


def _decoded(raw: str) -> str:
    return raw.replace("\\\\", "\\").replace("\\/", "/")


def _folder(document: Document, slot: Slot, written: str) -> Path | None:
    if is_remote(written) or written.startswith("azureml:"):
        return None
    base = document.folder
    try:
        if base is not None and "data_files" in (slot.name, slot.holder.rpartition("/")[2]):
            base = base / data_root(document) / _beside(document, slot, "data_dir")
        path = Path(written.replace("\\", "/")).expanduser()
        return path if path.is_absolute() else base / path if base else None
    except (*FAULTS, RuntimeError):
        return None


def _beside(document: Document, slot: Slot, key: str) -> str:
    holder = slot.holder.partition("/data_files")[0]
    node = document.tree.find(holder)
    values = [member.value.value for member in (node.members if node else ()) if member.name == key]
    return values[-1] if values and isinstance(values[-1], str) else ""


def _wanted(document: Document, slot: Slot) -> Sequence[str]:
    """Endings of the files that fit best."""
    if slot.section.endswith("_script"):
        return (".py",)
    key = "data_files" if "/data_files" in slot.holder else slot.section
    if key == "data_files":
        reader = _beside(document, slot, "data_name")
        return _BY_READER.get(reader, _BY_KEY[key])
    return _BY_KEY.get(key, ())


def _models(document: Document, slot: Slot) -> bool:
    """Whether what is wanted is the folder of a transformers model."""
    if slot.section != "model_path":
        return slot.section == "model_name"
    return document.view.shape(slot.holder).type_name.lower() in _FOLDERS_OF


def _fits(entry: Entry, here: Segment, kind: str, folder: Path, own: Path | None) -> bool:
    if entry.name.startswith((".", "__pycache__")) and not here.typed.startswith("."):
        return False
    if own is not None and folder / entry.name == own:
        return False
    return entry.folder or kind != _FOLDERS_ONLY


def _rank(entry: Entry, wanted: Sequence[str], models: bool, folder: Path) -> int:
    if models:
        return 5 if not entry.folder else 3 if _is_model(folder / entry.name) else 4
    if entry.folder:
        return 4
    return 3 if wanted and entry.name.lower().endswith(tuple(wanted)) else 6 if wanted else 5


def _is_model(folder: Path) -> bool:
    try:
        return (folder / "config.json").is_file()
    except FAULTS:
        return False


def _item(text: str, slot: Slot, here: Segment, entry: Entry, order: int, rank: int) -> Item:
    """A folder ends with a slash, and completion goes on inside of it."""
    name = quoted(entry.name)[1:-1]
    slash = "/" if entry.folder and _SEPARATOR.match(text, here.end) is None else ""
    label = f"{entry.name}/" if entry.folder else entry.name
    inside = slot.quote == '"'
    whole = name + slash
    last = here.end == slot.stop - (1 if slot.closed else 0)
    elsewhere = slot.elsewhere
    snippet = False
    if inside and slot.closed:
        new_text = whole
        if slot.after:
            elsewhere = (*elsewhere, Edit(slot.stop, slot.stop, slot.after))
        edit = Edit(here.start, here.end, new_text)
        word = entry.name
    else:
        snippet = entry.folder
        stop = "$0" if snippet else ""
        body = (escaped(whole) if snippet else whole) + stop
        if inside and last:
            edit = Edit(here.start, here.end, f'{body}"{slot.after}')
            word = entry.name
        else:
            before = quoted(here.folder)[1:-1]
            before = escaped(before) if snippet else before
            edit = Edit(slot.start, slot.end, f'{slot.before}"{before}{body}"{slot.after}')
            word = f"{slot.quote}{here.folder}{entry.name}"
    return Item(
        label=label,
        kind="folder" if entry.folder else "file",
        edit=edit,
        sort_text=f"{rank}{order:04d}",
        filter_text=word,
        snippet=snippet,
        additional_edits=elsewhere,
        retrigger=entry.folder,
    )
