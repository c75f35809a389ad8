"""The phrases: as many as promised, of every tone alike, each its own."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from pathlib import Path

import pytest

DATASET = Path(__file__).resolve().parents[2] / "examples" / "phrase-tone" / "dataset"
TONES = {"Sad", "Joy", "Fear", "Surprise"}
FILES = {"dataset-classification.json": 400, "held-out.json": 100}

Row = dict[str, str]


def rows(name: str) -> list[Row]:
    loaded: list[Row] = json.loads((DATASET / name).read_text("utf-8"))
    return loaded


def every_phrase() -> list[str]:
    return [row["phrase"] for name in FILES for row in rows(name)]


def words(phrase: str) -> list[str]:
    return re.findall(r"[\w']+", phrase.lower())


@pytest.mark.parametrize(("name", "at_least"), FILES.items())
def test_there_are_enough_and_every_tone_alike(name: str, at_least: int) -> None:
    found = rows(name)
    counts = Counter(row["tone"] for row in found)
    assert len(found) >= at_least
    assert set(counts) == TONES
    assert len(set(counts.values())) == 1


def test_a_hundred_are_held_out() -> None:
    assert len(rows("held-out.json")) == 100


@pytest.mark.parametrize("name", FILES)
def test_rows_hold_a_phrase_and_its_tone_and_nothing_else(name: str) -> None:
    for row in rows(name):
        assert set(row) == {"phrase", "tone"}
        assert row["phrase"] == row["phrase"].strip()
        assert "\n" not in row["phrase"]


def test_tones_are_mixed_through_the_file() -> None:
    for start in range(0, len(rows("dataset-classification.json")) - 40, 40):
        part = rows("dataset-classification.json")[start : start + 40]
        assert set(Counter(row["tone"] for row in part).values()) == {10}


def test_no_phrase_comes_twice_or_nearly() -> None:
    sets = [(phrase, frozenset(words(phrase))) for phrase in every_phrase()]
    alike = [
        (one, other)
        for (one, a), (other, b) in itertools.combinations(sets, 2)
        if len(a & b) / len(a | b) >= 0.6
    ]
    assert alike == []


def test_phrases_begin_in_many_ways() -> None:
    starts = Counter(tuple(words(phrase)[:3]) for phrase in every_phrase())
    assert [start for start, count in starts.items() if count > 3] == []
    assert len({words(phrase)[0] for phrase in every_phrase()}) > 150


def test_phrases_are_short_and_long() -> None:
    lengths = [len(phrase.split()) for phrase in every_phrase()]
    assert min(lengths) >= 4
    assert max(lengths) <= 35
    assert sum(length <= 7 for length in lengths) > 50
    assert sum(length >= 20 for length in lengths) > 50


def test_few_phrases_name_their_tone() -> None:
    stems = {"Sad": "sad", "Joy": "joy", "Fear": "fear", "Surprise": "surpris"}
    telling = [row for name in FILES for row in rows(name) if stems[row["tone"]] in row["phrase"].lower()]
    assert len(telling) <= 10
