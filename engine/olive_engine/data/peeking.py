"""The columns of a data config's files, from their first bytes: for checks and for completion in an editor.

Knows JSON, JSON Lines, CSV, text, Parquet (if pyarrow is there) and folders of `save_to_disk`; never imports `datasets`.
"""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from olive_schemas.workflow import DataConfig, Workflow

from ..errors import RunError
from .loading import HUGGING_FACE
from .sources import FETCHING, Source, find_source, one_format

HEAD = 1 << 20
"""Bytes that are looked at of each file."""
_ROWS = 100


def columns(config: DataConfig, workflow: Workflow) -> list[str] | None:
    """Column names in order of appearance; None where they cannot be told without loading the data."""
    if config.load.type.lower() != HUGGING_FACE:
        return None
    try:
        return columns_of(find_source(config, workflow))
    except (RunError, OSError):
        return None


def first_row(config: DataConfig, workflow: Workflow) -> Mapping[str, Any] | None:
    """The first row of local JSON, CSV or text, for a preview; None where it takes `datasets` to see it.

    Not for training: cells of a CSV stay text, and the split's slice is not looked at.
    """
    if config.load.type.lower() != HUGGING_FACE:
        return None
    try:
        source = find_source(config, workflow)
        paths = source.paths()
        if source.kind != "builder" or not source.plain or not paths:
            return None
        text = _head(paths[0], "utf-8-sig")
    except (RunError, OSError):
        return None
    if not text:
        return None
    if source.name == "json":
        row = next(_first_objects(text), None)
        return {"text": row} if isinstance(row, str) else row if isinstance(row, dict) else None
    if source.name == "csv":
        return next(csv.DictReader(io.StringIO(text)), None)
    return {"text": text.splitlines()[0]} if source.name == "text" else None


def columns_of(source: Source) -> list[str] | None:
    """As `columns`, for a source that was found. OSError, or RunError without a pointer: a file cannot be read."""
    if source.kind == "saved":
        return _saved(Path(source.name))
    if not set(source.options) <= FETCHING | {"sep", "delimiter", "encoding"}:
        return None
    paths = source.paths()
    builder = (
        source.name if source.kind == "builder" else one_format(paths) if source.kind == "folder" else None
    )
    if builder is None or not paths:
        return None
    paths = [path for path in paths if path.name.lower() != "readme.md"]
    if builder == "parquet":
        return _parquet(paths[0])
    if builder == "text":
        return ["text"]
    text = _head(paths[0], str(source.options.get("encoding") or "utf-8-sig"))
    if text is None or not text.strip():
        return None
    if builder == "csv":
        separator = source.options.get("sep") or source.options.get("delimiter") or ","
        return next(iter(csv.reader(io.StringIO(text), delimiter=str(separator)[:1])), None)
    return _json(text) if builder == "json" else None


def _head(path: Path, encoding: str) -> str | None:
    with path.open("rb") as file:
        start = file.read(HEAD)
    if start[:2] == b"\x1f\x8b":
        try:
            with gzip.open(path) as unpacked:
                start = unpacked.read(HEAD)
        except (OSError, EOFError):
            return None
    try:
        # A cut may fall inside a character: what is left of it at the end does not matter.
        return start.decode(encoding, errors="ignore" if len(start) == HEAD else "strict")
    except (UnicodeDecodeError, LookupError):
        return None


def _json(text: str) -> list[str] | None:
    names: dict[str, None] = {}
    for row in itertools.islice(_first_objects(text), _ROWS):
        if not isinstance(row, Mapping):
            return ["text"] if isinstance(row, str) and not names else None
        names.update(dict.fromkeys(row))
    return list(names) or None


def _first_objects(text: str) -> Any:
    """The values of an array or of JSON Lines, one after another, up to the first that is not whole."""
    decoder = json.JSONDecoder()
    at = 1 if text.lstrip().startswith("[") else 0
    at += len(text) - len(text.lstrip())
    while at < len(text):
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        try:
            value, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError:
            return
        yield value


def _parquet(path: Path) -> list[str] | None:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        return None
    try:
        return list(parquet.read_schema(path).names)
    except pyarrow.ArrowException as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise RunError(f"{path.name} cannot be read as parquet: {reason}", code="data-unreadable") from None


def _saved(folder: Path) -> list[str] | None:
    """Feature names of a folder written by `save_to_disk`."""
    for info in (folder / "dataset_info.json", *sorted(folder.glob("*/dataset_info.json"))):
        try:
            features = json.loads(info.read_text(encoding="utf-8")).get("features")
        except (OSError, ValueError):
            continue
        if isinstance(features, dict):
            return list(features)
    return None
