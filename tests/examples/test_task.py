"""From rows to prompts: the text of training up to the answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from olive_engine.errors import RunError
from olive_engine.evaluation.task import PromptForm, cut_template, prompt_form, read_rows, read_task
from olive_schemas.workflow import Component, DataConfig

ROW = {"phrase": "We won!", "tone": "Joy"}


def data_config(**params: Any) -> DataConfig:
    pre = Component(
        "text_generation_huggingface_pre_process", {"max_seq_len": 64, **params}, frozenset(params)
    )
    other = Component("")
    return DataConfig("train", "HuggingfaceContainer", other, pre, other, other, era="classic")


def test_a_template_is_cut_before_the_answer() -> None:
    config = data_config(text_template="### Text: {phrase}\n### The tone is:\n{tone}")
    form = prompt_form(config, "tone", "<s>")
    assert form.prompt(ROW) == "<s> ### Text: We won!\n### The tone is:\n"


def test_no_first_token_where_training_had_none() -> None:
    config = data_config(text_template="{phrase}: {tone}", add_special_tokens=False)
    assert prompt_form(config, "tone", "<s>").prompt(ROW) == "We won!:"


def test_columns_are_taken_up_to_the_answer() -> None:
    config = data_config(text_cols=["phrase", "tone"], add_special_tokens=False)
    assert prompt_form(config, "tone", "<s>").prompt(ROW) == "We won!"


def test_braces_that_are_text_stay_text() -> None:
    assert cut_template("{{ {phrase} }} {tone}", "tone").prompt(ROW) == "{ We won! }"


def test_what_stands_behind_the_answer_is_left_out() -> None:
    assert cut_template("{phrase} -> {tone} because {why}", "tone").prompt(ROW) == "We won! ->"


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"text_template": "{tone}: {phrase}"}, "names no column before {tone}"),
        ({"text_template": "{phrase: {tone}"}, "is wrong at character"),
        ({"text_cols": ["tone", "phrase"]}, "no column stands before 'tone'"),
        ({"dataset_type": "pair", "pair_format": "default"}, "the pair format"),
        ({"chat_template": True}, "a chat template"),
    ],
)
def test_a_form_without_a_place_for_the_answer_is_refused(params: dict[str, Any], said: str) -> None:
    with pytest.raises(RunError) as caught:
        prompt_form(data_config(**params), "tone", "<s>")
    assert said in caught.value.message


def write(folder: Path, text: str) -> Path:
    file = folder / "rows.json"
    file.write_text(text, "utf-8")
    return file


def test_an_array_and_lines_are_read_alike(tmp_path: Path) -> None:
    array = read_rows(write(tmp_path, json.dumps([ROW, ROW])))
    lines = read_rows(write(tmp_path, f"{json.dumps(ROW)}\n\n{json.dumps(ROW)}\n"))
    assert array == lines == [ROW, ROW]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no rows"),
        ("{", "is no JSON"),
        ("[]", "holds no rows"),
        ("[1]", "Row 1"),
        ('{"a": 1}\n{"a": \n', "line 2"),
        ('[{"phrase": "x", "tone": "Joy"}, {"phrase": "y"}]', "Row 2"),
        ('[{"phrase": "x", "tone": "Joy"}, {"phrase": "y", "tone": 3}]', "holds 3"),
        ('[{"phrase": "x", "tone": "Joy"}]', "nothing to tell apart"),
        ('[{"phrases": "x", "tone": "Joy"}]', "did you mean `phrases`"),
    ],
)
def test_a_file_that_cannot_serve_is_refused(tmp_path: Path, text: str, said: str) -> None:
    form = PromptForm(template="{phrase}")
    with pytest.raises(RunError) as caught:
        read_task(write(tmp_path, text), "tone", form)
    assert said in caught.value.message


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="cannot be read"):
        read_rows(tmp_path / "none.json")


def test_labels_are_all_answers_of_the_file(tmp_path: Path) -> None:
    rows = [{"phrase": str(n), "tone": tone} for n, tone in enumerate(["Sad", "Joy", "Sad"])]
    task = read_task(write(tmp_path, json.dumps(rows)), "tone", PromptForm(template="{phrase} is "))
    assert task.labels == ("Joy", "Sad")
    assert task.prompts == ("0 is", "1 is", "2 is")
    assert task.expected == ("Sad", "Joy", "Sad")
