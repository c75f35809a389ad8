"""Which weights a transformers folder holds, from the safetensors headers alone.

Standard library only, so that a plan can be made without torch. A `pytorch_model.bin` checkpoint has no header that
can be read safely; its entries are found by `reader`.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

from ..errors import RunError

ITEM_SIZE = {
    "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1,
    "F8_E4M3": 1, "F8_E5M2": 1, "U16": 2, "U32": 4, "U64": 8,
}  # fmt: skip
SINGLE = "model.safetensors"
INDEX = "model.safetensors.index.json"
BIN_SINGLE = "pytorch_model.bin"
BIN_INDEX = "pytorch_model.bin.index.json"
_LARGEST_HEADER = 100_000_000


@dataclass(frozen=True)
class Entry:
    """One weight: safetensors' type name, shape, and where its bytes lie (`offset`, `length` in bytes of `file`).

    In a `.bin` checkpoint `offset` is -1: torch alone knows where they are.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    file: Path
    offset: int
    length: int

    @property
    def elements(self) -> int:
        return prod(self.shape)


def damaged(file: Path, what: str) -> RunError:
    return RunError(
        f"{file} is not a whole safetensors file: {what}. Download or copy the model again.",
        code="weights-damaged",
    )


def read_header(file: Path) -> dict[str, Entry]:
    """Entries of one safetensors file, in the file's order. RunError where the file is cut short or no safetensors."""
    try:
        size = file.stat().st_size
        with file.open("rb") as stream:
            start = stream.read(8)
            if len(start) < 8:
                raise damaged(file, f"it has {size} bytes")
            (length,) = struct.unpack("<Q", start)
            if length > min(size - 8, _LARGEST_HEADER):
                raise damaged(file, f"its header says {length} bytes, the file has {size}")
            header = json.loads(stream.read(length))
    except OSError as error:
        raise RunError(f"{file} cannot be read: {error.strerror}.", code="weights-unreadable") from error
    except ValueError as error:
        raise damaged(file, "its header is no JSON") from error
    entries: dict[str, Entry] = {}
    begin = 8 + length
    for name, fields in header.items():
        if name == "__metadata__":
            continue
        first, last = fields["data_offsets"]
        if begin + last > size:
            raise damaged(file, f"{name} ends at byte {begin + last}, the file has {size}")
        entries[name] = Entry(
            name, fields["dtype"], tuple(fields["shape"]), file, begin + first, last - first
        )
    return dict(sorted(entries.items(), key=lambda item: item[1].offset))


def weight_files(folder: Path) -> tuple[list[Path], bool]:
    """The weight files that transformers would load from `folder`, and whether they are safetensors."""
    for single, index, safe in ((SINGLE, INDEX, True), (BIN_SINGLE, BIN_INDEX, False)):
        if (folder / single).is_file():
            return [folder / single], safe
        if (folder / index).is_file():
            try:
                names = sorted(set(json.loads((folder / index).read_text("utf-8"))["weight_map"].values()))
            except (ValueError, KeyError, AttributeError) as error:
                raise RunError(f"{folder / index} is no index of weights.", code="weights-damaged") from error
            missing = [name for name in names if not (folder / name).is_file()]
            if missing:
                raise RunError(
                    f"{folder} lacks {', '.join(missing)}, which {index} names. Download or copy the model again.",
                    code="weights-missing",
                )
            return [folder / name for name in names], safe
    raise RunError(
        f"{folder} holds no weights: neither {SINGLE}, {INDEX} nor {BIN_SINGLE} is there.",
        code="weights-missing",
    )


def checkpoint(folder: Path) -> dict[str, Entry]:
    """Entries of a safetensors checkpoint, sharded or not; empty for a `.bin` one."""
    files, safe = weight_files(folder)
    entries: dict[str, Entry] = {}
    if safe:
        for file in files:
            entries.update(read_header(file))
    return entries


def total_bytes(entries: Iterable[Entry] | Mapping[str, Entry]) -> int:
    values = entries.values() if isinstance(entries, Mapping) else entries
    return sum(entry.length for entry in values)
