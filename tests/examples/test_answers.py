"""Labels read out of generated text, and what becomes of them."""

from __future__ import annotations

import pytest

from olive_engine.evaluation.answers import answer_in, is_decided, score, score_from_json

TONES = ("Fear", "Joy", "Sad", "Surprise")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Joy", "Joy"),
        ("Joy### Text: ", "Joy"),
        (" sad \n", "Sad"),
        ("SURPRISE!", "Surprise"),
        ("The tone is fear, not joy", "Fear"),
        ("Sadness", None),
        ("Enjoy", None),
        ("I do not know", None),
        ("", None),
    ],
)
def test_the_first_label_that_stands_alone_is_the_answer(text: str, answer: str | None) -> None:
    assert answer_in(text, TONES) == answer


def test_the_longer_of_two_labels_wins() -> None:
    assert answer_in("New York is", ("New", "New York")) == "New York"
    assert answer_in("New things", ("New", "New York")) == "New"


def test_labels_may_hold_signs_that_mean_something_in_a_pattern() -> None:
    assert answer_in("C++.", ("C", "C++")) == "C++"


def test_labels_that_differ_in_case_alone_are_told_apart_where_written_so() -> None:
    assert answer_in("us", ("US", "us")) == "us"


@pytest.mark.parametrize(
    ("text", "decided"),
    [
        ("Joy", False),
        ("Joy#", True),
        ("Joy ", True),
        ("Jo", False),
        ("Well, sad.", True),
        ("Sadness ", False),
    ],
)
def test_an_answer_is_decided_once_its_word_has_ended(text: str, decided: bool) -> None:
    assert is_decided(text, TONES) is decided


def test_an_answer_that_may_grow_into_a_longer_label_is_not_decided() -> None:
    assert not is_decided("New ", ("New", "New York"))
    assert is_decided("New things", ("New", "New York"))


def test_a_score_counts_right_wrong_and_unread() -> None:
    result = score(["a", "b", "c", "d"], ["Joy", "Joy", "Sad", "Fear"], ["Joy.", "Sad.", "sad", "?"], TONES)
    assert (result.n, result.correct, result.unparsed, result.accuracy) == (4, 2, 1, 0.5)
    assert result.confusion["Joy"] == {"Fear": 0, "Joy": 1, "Sad": 1, "Surprise": 0, "(none)": 0}
    assert result.confusion["Fear"]["(none)"] == 1
    assert result.confusion["Surprise"]["Surprise"] == 0
    assert [(one["prompt"], one["expected"], one["answer"], one["text"]) for one in result.wrong] == [
        ("b", "Joy", "Sad", "Sad."),
        ("d", "Fear", None, "?"),
    ]


def test_a_score_survives_its_json() -> None:
    before = score(["a"], ["Joy"], ["?"], TONES, seconds=1.5, load_seconds=0.5, peak_memory_bytes=7)
    assert score_from_json(before.to_json(), cached=False) == before
    assert score_from_json(before.to_json(), cached=True).cached


def test_lengths_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="2 prompts"):
        score(["a", "b"], ["Joy"], ["Joy"], TONES)
