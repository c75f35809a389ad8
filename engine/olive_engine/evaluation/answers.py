"""From what a model wrote to the label it meant, and from many of those to an accuracy. Standard library only.

An answer is the first label that stands in the generated text as a word of its own, upper or lower case alike. A text
without any is unparsed, and counts as wrong: what comes out is reported, not what may have been meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


def answer_in(text: str, labels: Sequence[str]) -> str | None:
    """The label that the text names first; of several at one place the longest. None where it names none."""
    found = _pattern(labels).search(text)
    return None if found is None else _as_spelt(found.group(), labels)


def is_decided(text: str, labels: Sequence[str]) -> bool:
    """Whether no further token can change `answer_in(text, labels)`: the first label is there and has ended."""
    found = _pattern(labels).search(text)
    if found is None or found.end() == len(text):
        return False
    # "New" may still become "New York" where both are labels.
    rest = text[found.start() :].casefold()
    return not any(label.casefold().startswith(rest) and len(label) > len(rest) for label in labels)


def _pattern(labels: Sequence[str]) -> re.Pattern[str]:
    longest_first = sorted(labels, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)


def _as_spelt(found: str, labels: Sequence[str]) -> str:
    return next(
        (label for label in labels if label == found),
        next(label for label in labels if label.casefold() == found.casefold()),
    )


@dataclass(frozen=True)
class Score:
    """How one model answered `n` phrases."""

    n: int
    correct: int
    unparsed: int
    """Texts that name no label; among the wrong ones."""
    confusion: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Expected label -> label answered -> how many; `UNPARSED` stands for none."""
    seconds: float = 0.0
    """Answering alone, without loading."""
    load_seconds: float = 0.0
    peak_memory_bytes: int | None = None
    """The process at its peak while it loaded and answered."""
    wrong: tuple[Mapping[str, str | None], ...] = ()
    """`prompt`, `expected`, `answer` and `text` (as generated) of each that was wrong."""
    cached: bool = False

    @property
    def accuracy(self) -> float:
        """Between 0 and 1."""
        return self.correct / self.n if self.n else 0.0

    def to_json(self) -> dict[str, Any]:
        return {
            "accuracy": self.accuracy,
            "n": self.n,
            "correct": self.correct,
            "unparsed": self.unparsed,
            "seconds": self.seconds,
            "load_seconds": self.load_seconds,
            "peak_memory_bytes": self.peak_memory_bytes,
            "confusion": {expected: dict(row) for expected, row in self.confusion.items()},
            "wrong": [dict(one) for one in self.wrong],
            "cached": self.cached,
        }


UNPARSED = "(none)"


def score(
    prompts: Sequence[str],
    expected: Sequence[str],
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    seconds: float = 0.0,
    load_seconds: float = 0.0,
    peak_memory_bytes: int | None = None,
) -> Score:
    """Compares generated texts with what was expected. ValueError where the lengths differ."""
    if not len(prompts) == len(expected) == len(texts):
        raise ValueError(f"{len(prompts)} prompts, {len(expected)} expected answers, {len(texts)} texts")
    confusion = {label: dict.fromkeys([*labels, UNPARSED], 0) for label in labels}
    wrong: list[Mapping[str, str | None]] = []
    for prompt, right, text in zip(prompts, expected, texts, strict=True):
        answer = answer_in(text, labels)
        confusion[right][answer or UNPARSED] += 1
        if answer != right:
            wrong.append({"prompt": prompt, "expected": right, "answer": answer, "text": text})
    return Score(
        n=len(texts),
        correct=len(texts) - len(wrong),
        unparsed=sum(row[UNPARSED] for row in confusion.values()),
        confusion=confusion,
        seconds=seconds,
        load_seconds=load_seconds,
        peak_memory_bytes=peak_memory_bytes,
        wrong=tuple(wrong),
    )


def score_from_json(value: Mapping[str, Any], *, cached: bool) -> Score:
    """The inverse of `Score.to_json`. KeyError, TypeError or ValueError for anything else."""
    return Score(
        n=int(value["n"]),
        correct=int(value["correct"]),
        unparsed=int(value["unparsed"]),
        confusion={
            str(right): {str(k): int(v) for k, v in row.items()} for right, row in value["confusion"].items()
        },
        seconds=float(value["seconds"]),
        load_seconds=float(value["load_seconds"]),
        peak_memory_bytes=None if value["peak_memory_bytes"] is None else int(value["peak_memory_bytes"]),
        wrong=tuple(dict(one) for one in value["wrong"]),
        cached=cached,
    )
