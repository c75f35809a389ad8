"""Files and folders that the config names and that are not on this machine.

`not-found`: a path that leads nowhere from the config's folder. A warning only: the run's host may have it, or an
earlier step may make it. Names on the hub, addresses and what a run writes itself are not looked for.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace as with_fields
from pathlib import Path
from typing import TYPE_CHECKING

from olive_schemas.nearest import nearest, unmistakable
from olive_schemas.paths import is_remote, looks_like_path
from olive_schemas.problems import Problem, Related, Severity
from olive_schemas.report import Field
from olive_schemas.tree import join

from ..local_files import entries
from ..local_io import FAULTS
from ._told import replace, told

if TYPE_CHECKING:
    from ..document import Document
    from ..parts import DataPart

CODES = {"not-found": "there is no such file or folder on this machine"}
_REFS = frozenset(("file", "folder", "path"))
_WRITTEN = frozenset(
    (
        "output_dir",
        "cache_dir",
        "logging_dir",
        "sample_log_dir",
        "output_path",
        "test_model_path",
        "save_path",
        "log_dir",
    )
)
"""What a run makes."""
_BUILDERS = frozenset(
    ("json", "csv", "parquet", "text", "arrow", "pandas", "xml", "webdataset", "imagefolder", "audiofolder")
)
_DATA = frozenset(("data_files", "data_dir", "data_name"))


def check(document: Document) -> Iterable[Problem]:
    """A file that is missing is told once, at the first place that names it."""
    first: dict[str, Problem] = {}
    others: dict[str, list[Related]] = {}
    for problem in _missing(document):
        written = document.tree.find(problem.pointer)
        name = written.value if written is not None and written.kind == "string" else problem.pointer
        if first.setdefault(name, problem) is not problem:
            others.setdefault(name, []).append(Related(problem.pointer, "named here too"))
    for name, problem in first.items():
        more = others.get(name, ())
        yield with_fields(problem, related=tuple(more))


def _missing(document: Document) -> Iterator[Problem]:
    folder = document.folder
    if folder is None:
        return
    for place in document.view.places:
        node, shape = place.node, place.shape
        if node.kind != "string" or not node.value:
            continue
        ref = shape.prop.get("x-ref")
        if ref in _REFS:
            if shape.key in _WRITTEN or shape.key in _DATA or _inside_data_files(place.pointer):
                continue
            yield from _told(node.value, place.pointer, folder, shape.key)
        elif ref == "model" and looks_like_path(node.value):
            yield from _told(node.value, place.pointer, folder, shape.key)
    for part in document.parts.data_configs:
        yield from _data(part, document, folder)


def _inside_data_files(pointer: str) -> bool:
    return "/data_files/" in pointer


def _told(written: str, pointer: str, base: Path, key: str) -> Iterator[Problem]:
    path = _path(base, written)
    if path is None or _exists(path):
        return
    near = _near(path)
    hint = f"did you mean `{near}`?" if near else "another host or an earlier step may have it"
    looked = "" if Path(written).is_absolute() else f" (looked in {os.path.normpath(base)})"
    shown = f"`{key}`: there" if key else "there"
    head = written[: len(written) - len(path.name)] if written.endswith(path.name) else ""
    yield told(
        Severity.WARNING,
        "not-found",
        f"{shown} is no `{written}` here{looked}; {hint}",
        pointer,
        remedies=[replace(pointer, head + near)] if near else [],
    )


def _near(path: Path) -> str:
    """The neighbour that was most likely meant, where nothing else can be."""
    names = [entry.name for entry in entries(path.parent)[0]]
    near = nearest(path.name, names, 0.8)
    return near if near is not None and unmistakable(path.name, names) is not None else ""


def _path(base: Path, written: str) -> Path | None:
    """None for what is not a path of this machine."""
    if is_remote(written) or written.startswith(("azureml:", "$", "%", "<", "{")) or "\x00" in written:
        return None
    try:
        path = Path(written).expanduser()
        return path if path.is_absolute() else base / path
    except (*FAULTS, RuntimeError):
        return None


def _exists(path: Path) -> bool:
    try:
        path.stat()
    except (OSError, ValueError):
        return False
    return True


def _data(part: DataPart, document: Document, folder: Path) -> Iterator[Problem]:
    """`data_files` lie in `data_dir` where there is one; of a data set on the hub they are not here."""
    load = part.components["load_dataset"]
    name, files, directory = load.get("data_name"), load.get("data_files"), load.get("data_dir")
    builder = name is None or (isinstance(name.value, str) and name.value.lower() in _BUILDERS)
    base: Path | None = folder
    config = document.config if isinstance(document.config, dict) else {}
    root = config.get("data_root")
    if isinstance(root, str) and root:
        base = _path(folder, root)
    if base is None or (name is not None and not isinstance(name.value, str)):
        return
    if name is not None and not builder:
        if looks_like_path(name.value):
            yield from _told(name.value, name.pointer, base, "data_name")
        return
    if directory is not None and isinstance(directory.value, str) and directory.value:
        missing = list(_told(directory.value, directory.pointer, base, "data_dir"))
        yield from missing
        base = _path(base, directory.value)
        if missing or base is None:
            return
    if files is not None:
        for entry in _names(files):
            yield from _files(entry, base)


def _names(entry: Field) -> Iterator[Field]:
    if isinstance(entry.value, str):
        yield entry
    elif isinstance(entry.value, list):
        for index, value in enumerate(entry.value):
            yield from _names(Field(value, join(entry.pointer, index)))
    elif isinstance(entry.value, dict) and "type" not in entry.value:
        for split, value in entry.value.items():
            yield from _names(Field(value, join(entry.pointer, split)))


def _files(entry: Field, base: Path) -> Iterator[Problem]:
    written = entry.value
    if not written:
        return
    if not any(sign in written for sign in "*?["):
        yield from _told(written, entry.pointer, base, "data_files")
        return
    path = _path(base, written)
    if path is None or "**" in written or any(sign in str(path.parent) for sign in "*?["):
        return
    import fnmatch

    if not any(fnmatch.fnmatch(found.name, path.name) for found in entries(path.parent)[0]):
        yield told(
            Severity.WARNING,
            "not-found",
            f"`data_files`: nothing fits `{written}` here, looked in {path.parent}; another host may have it",
            entry.pointer,
        )
