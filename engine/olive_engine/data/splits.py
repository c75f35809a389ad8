"""Splits and slices of them: `train`, `train[:80%]`, `train[100:200]+test`, read as the `datasets` library does."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from olive_schemas.nearest import listing

_PART = re.compile(
    r"^(?P<name>\w+(\.\w+)*)"
    r"(\[((?P<start>-?[\d_]+)(?P<start_pct>%)?)?:((?P<stop>-?[\d_]+)(?P<stop_pct>%)?)?\])?"
    r"(\((?P<rounding>[^)]*)\))?$"
)


class SplitError(ValueError):
    """The split cannot be taken; the message says why, and `known` which splits there are."""

    def __init__(self, message: str, known: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.known = tuple(known)


@dataclass(frozen=True)
class Slice:
    """One part of a split instruction. Bounds count rows, or per cent where `percent` is set."""

    name: str
    start: int | None = None
    stop: int | None = None
    percent: bool = False
    rounding: str = "closest"

    def bounds(self, rows: int) -> tuple[int, int]:
        """First row and the row after the last, 0-based."""
        start = 0 if self.start is None else self._rows(self.start, rows)
        stop = rows if self.stop is None else self._rows(self.stop, rows)
        start = max(rows + start, 0) if start < 0 else start
        stop = max(rows + stop, 0) if stop < 0 else stop
        return min(start, rows), min(stop, rows)

    def _rows(self, bound: int, rows: int) -> int:
        if not self.percent:
            return bound
        if self.rounding == "pct1_dropremainder":
            if rows < 100:
                raise SplitError(
                    f"rounding pct1_dropremainder needs 100 rows, split `{self.name}` has {rows}"
                )
            return bound * math.trunc(rows / 100.0)
        return round(bound * rows / 100.0)


def parse_split(written: str) -> list[Slice]:
    """SplitError where this is no split instruction."""
    parts = []
    for text in re.split(r"\s*\+\s*", written.strip()):
        match = _PART.match(text)
        if not match:
            raise SplitError(
                f"`{text}` is no split; write a name and, if wanted, a slice: train, train[:80%], train[100:]"
            )
        percent = bool(match["start_pct"] or match["stop_pct"])
        rounding = match["rounding"] or "closest"
        if rounding not in ("closest", "pct1_dropremainder"):
            raise SplitError(f"rounding `{rounding}` is unknown; there are closest and pct1_dropremainder")
        bounds = [int(match[side]) if match[side] else None for side in ("start", "stop")]
        if percent and any(bound is not None and abs(bound) > 100 for bound in bounds):
            raise SplitError(f"`{text}` goes beyond 100%")
        parts.append(Slice(match["name"], bounds[0], bounds[1], percent, rounding))
    return parts


def no_such_split(name: str, known: Sequence[str]) -> str:
    return f"there is no split `{name}`, only {listing(known)}"


def taken(slices: Sequence[Slice], lengths: Mapping[str, int]) -> list[tuple[str, int, int]]:
    """(split, first row, row after the last) of each part. SplitError: a split that is not there."""
    ranges = []
    for one in slices:
        if one.name == "all" and "all" not in lengths:
            ranges += [
                (name, *Slice(name, one.start, one.stop, one.percent).bounds(n))
                for name, n in lengths.items()
            ]
            continue
        if one.name not in lengths:
            raise SplitError(no_such_split(one.name, tuple(lengths)), tuple(lengths))
        ranges.append((one.name, *one.bounds(lengths[one.name])))
    return ranges


def split_sizes(rows: int, eval_dataset_size: float) -> tuple[int, int]:
    """How many rows train and how many are held out; a size from 1 on is a count, below it a share (rounded up).

    SplitError: nothing, or everything, would be held out.
    """
    count = int(eval_dataset_size) if eval_dataset_size >= 1 else math.ceil(eval_dataset_size * rows)
    if eval_dataset_size <= 0 or count < 1:
        raise SplitError(f"eval_dataset_size {eval_dataset_size} is not above 0")
    if count >= rows:
        raise SplitError(
            f"eval_dataset_size {eval_dataset_size:g} would hold out {count:,} of {rows:,} sequences and leave none to train on"
        )
    return rows - count, count


def split_for_eval_indices(rows: int, eval_dataset_size: float, seed: int) -> tuple[list[int], list[int]]:
    """Row numbers (train, held out) as Olive 0.6.2 shuffles them with numpy's default generator."""
    import numpy

    training, held_out = split_sizes(rows, eval_dataset_size)
    order = numpy.random.default_rng(seed).permutation(rows)
    return [int(i) for i in order[held_out : held_out + training]], [int(i) for i in order[:held_out]]
