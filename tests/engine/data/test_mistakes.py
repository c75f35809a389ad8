"""Each mistake in a data config or its files: what is said of it, before the run and in the run, and where it points."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from olive_engine import data
from olive_engine.errors import RunError
from olive_schemas.problems import Problem, Severity
from olive_schemas.workflow import Workflow

from .conftest import config_of

Put = Callable[[str, str | bytes], Path]
GOOD = '[{"phrase": "one", "tone": "Joy"}, {"phrase": "two", "tone": "Sad"}]'
TEMPLATE = {"text_template": "{phrase}: {tone}", "strategy": "line-by-line"}
LOAD, PRE = "/data_configs/0/load_dataset_config", "/data_configs/0/pre_process_data_config"

# name -> (files, load parameters, pre-process parameters, code, where, what the message and the remedy say)
MISTAKES: dict[str, tuple[Mapping[str, str | bytes], dict[str, Any], dict[str, Any], str, str, list[str]]] = {
    "unknown column in a template": (
        {"data.json": GOOD},
        {},
        {"text_template": "{phrase}: {tones}"},
        "data-unknown-column",
        f"{PRE}/params/text_template",
        [
            "text_template names the column `tones`",
            "did you mean `tone`?",
            "its columns are `phrase` or `tone`",
        ],
    ),
    "unknown column in text_cols": (
        {"data.csv": "phrase,tone\na,b\n"},
        {"data_name": "csv", "data_files": "data.csv"},
        {"text_cols": ["phrase", "Tone"]},
        "data-unknown-column",
        f"{PRE}/params/text_cols",
        ["the column `Tone`", "did you mean `tone`?"],
    ),
    "no messages for a chat template": (
        {"data.json": GOOD},
        {},
        {"chat_template": True},
        "data-unknown-column",
        f"{PRE}/params/chat_template",
        ["message_col names the column `messages`"],
    ),
    "unclosed brace": (
        {"data.json": GOOD},
        {},
        {"text_template": "### {phrase}\n{tone"},
        "data-template",
        f"{PRE}/params/text_template",
        ["text_template, character 14", "never closed", "{{"],
    ),
    "brace closed twice": (
        {"data.json": GOOD},
        {},
        {"text_template": "{phrase}}"},
        "data-template",
        f"{PRE}/params/text_template",
        ["character 9", "without its"],
    ),
    "braces without a name": (
        {"data.json": GOOD},
        {},
        {"text_template": "a {} b"},
        "data-template",
        f"{PRE}/params/text_template",
        ["character 3", "names no column"],
    ),
    "a format that does not fit": (
        {"data.json": GOOD},
        {},
        {"text_template": "{phrase:.2f}"},
        "data-template",
        f"{PRE}/params/text_template",
        ["cannot be filled in row 1", "'f'"],
    ),
    "a null where text is needed": (
        {"data.json": '[{"phrase": "a"}, {"phrase": null}]'},
        {},
        {"text_cols": ["phrase"]},
        "data-not-text",
        f"{PRE}/params/text_cols",
        ["column `phrase` is null in row 2"],
    ),
    "a row that is no object": (
        {"data.json": '[{"phrase": "a"}, "b"]'},
        {},
        TEMPLATE,
        "data-not-object",
        f"{LOAD}/params/data_files",
        ["data.json, row 2: a string where an object", '{"text": "..."}'],
    ),
    "a line that is no object": (
        {"data.json": '{"phrase": "a"}\n3\n'},
        {},
        TEMPLATE,
        "data-not-object",
        f"{LOAD}/params/data_files",
        ["data.json, line 2: a number"],
    ),
    "a bad line": (
        {"data.jsonl": '{"phrase": "a", "tone": "b"}\n\n{"phrase": "c" "tone": "d"}\n'},
        {"data_files": "data.jsonl"},
        TEMPLATE,
        "data-json-line",
        f"{LOAD}/params/data_files",
        ["data.jsonl, line 3", "column 16", "expecting ',' delimiter", "mend or remove that line"],
    ),
    "bad JSON": (
        {"data.json": '[\n {"phrase": "a"},\n {"phrase": "b"\n]'},
        {},
        TEMPLATE,
        "data-json",
        f"{LOAD}/params/data_files",
        ["data.json is not valid JSON: line 4"],
    ),
    "no JSON at all": (
        {"data.json": "phrase,tone\na,b\n"},
        {},
        TEMPLATE,
        "data-json",
        f"{LOAD}/params/data_files",
        ["neither a JSON array of objects nor one JSON object a line"],
    ),
    "an empty file": (
        {"data.json": ""},
        {},
        TEMPLATE,
        "data-empty",
        f"{LOAD}/params/data_files",
        ["data.json is empty"],
    ),
    "a file of blanks": (
        {"data.json": " \n"},
        {},
        TEMPLATE,
        "data-empty",
        f"{LOAD}/params/data_files",
        ["is empty"],
    ),
    "an empty list": (
        {"data.json": "[]"},
        {},
        TEMPLATE,
        "data-empty",
        f"{LOAD}/params/data_files",
        ["an empty list"],
    ),
    "a header alone": (
        {"data.csv": "phrase,tone\n"},
        {"data_name": "csv", "data_files": "data.csv"},
        TEMPLATE,
        "data-empty",
        f"{LOAD}/params/data_files",
        ["data.csv has a header but no rows"],
    ),
    "too many cells": (
        {"data.csv": "phrase,tone\na,b\nc, d,e\n"},
        {"data_name": "csv", "data_files": "data.csv"},
        TEMPLATE,
        "data-csv",
        f"{LOAD}/params/data_files",
        ["data.csv, row 2: 3 cells, but the header names 2 columns"],
    ),
    "another separator": (
        {"data.csv": "phrase;tone\na;b\n"},
        {"data_name": "csv", "data_files": "data.csv"},
        {"text_template": "{phrase}"},
        "data-unknown-column",
        f"{PRE}/params/text_template",
        ["names the column `", "its only column is `phrase;tone`", '"sep": ";"'],
    ),
    "a quote never closed": (
        {"data.csv": 'phrase,tone\na,"b\nc,d\n'},
        {"data_name": "csv", "data_files": "data.csv"},
        TEMPLATE,
        "data-csv",
        f"{LOAD}/params/data_files",
        ["data.csv: a double quote is opened and never closed"],
    ),
    "no parquet": (
        {"data.parquet": "PK"},
        {"data_name": "parquet", "data_files": "data.parquet"},
        TEMPLATE,
        "data-unreadable",
        f"{LOAD}/params/data_files",
        ["data.parquet cannot be read as parquet"],
    ),
    "not UTF-8": (
        {"data.json": '[{"phrase": "a",\n "tone": "é"}]'.encode("latin-1")},
        {},
        TEMPLATE,
        "data-encoding",
        f"{LOAD}/params/data_files",
        ["data.json is not valid UTF-8: byte 0xe9 in line 2", "save it as UTF-8"],
    ),
    "a file that is not there": (
        {"data.json": GOOD},
        {"data_files": "date.json"},
        TEMPLATE,
        "data-missing-file",
        f"{LOAD}/params/data_files",
        ["date.json, which does not exist", "did you mean data.json?"],
    ),
    "a folder that is not there": (
        {"data.json": GOOD},
        {"data_files": "sets/data.json"},
        TEMPLATE,
        "data-missing-file",
        f"{LOAD}/params/data_files",
        ["there is no folder sets in"],
    ),
    "one of several files is not there": (
        {"data.json": GOOD},
        {"data_files": {"train": "data.json", "test": "test.json"}},
        TEMPLATE,
        "data-missing-file",
        f"{LOAD}/params/data_files",
        ["test.json, which does not exist"],
    ),
    "a pattern without a match": (
        {"data.json": GOOD},
        {"data_files": "*.jsonl"},
        TEMPLATE,
        "data-files",
        f"{LOAD}/params/data_files",
        ["the pattern *.jsonl in data_files matches no file", "data.json"],
    ),
    "a folder as a file": (
        {"sets/data.json": GOOD},
        {"data_files": "sets"},
        TEMPLATE,
        "data-files",
        f"{LOAD}/params/data_files",
        ["data_files names the folder sets", "sets/*.json"],
    ),
    "files forgotten": (
        {},
        {"data_files": None},
        TEMPLATE,
        "data-files",
        f"{LOAD}/params/data_name",
        ["data_name is `json`, but data_files is missing"],
    ),
    "nothing named": (
        {},
        {"data_name": None},
        TEMPLATE,
        "data-name",
        f"{LOAD}/params/data_name",
        ["data_name is missing"],
    ),
    "a format that is none": (
        {"data.json": GOOD},
        {"data_name": "jsonl"},
        TEMPLATE,
        "data-name",
        f"{LOAD}/params/data_name",
        ["`jsonl` is no format", "did you mean `json`?"],
    ),
    "an empty folder": (
        {"sets/.hidden": "x"},
        {"data_name": "sets", "data_files": None},
        TEMPLATE,
        "data-empty",
        f"{LOAD}/params/data_name",
        ["which holds no files"],
    ),
    "a path that is not there": (
        {},
        {"data_name": "./sets", "data_files": None},
        TEMPLATE,
        "data-missing-file",
        f"{LOAD}/params/data_name",
        ["sets, which does not exist"],
    ),
    "a split that is not there": (
        {"data.json": GOOD},
        {"split": "validation"},
        TEMPLATE,
        "data-split",
        f"{LOAD}/params/split",
        ["there is no split `validation`, only `train`", 'write "split": "train"'],
    ),
    "a slice that is none": (
        {"data.json": GOOD},
        {"split": "train[80%]"},
        TEMPLATE,
        "data-split",
        f"{LOAD}/params/split",
        ["`train[80%]` is no split", "train[:80%]"],
    ),
    "a slice beyond the whole": (
        {"data.json": GOOD},
        {"split": "train[:120%]"},
        TEMPLATE,
        "data-split",
        f"{LOAD}/params/split",
        ["beyond 100%"],
    ),
    "a slice without rows": (
        {"data.json": GOOD},
        {"split": "train[5:]"},
        TEMPLATE,
        "data-empty",
        f"{LOAD}/params/split",
        ["no rows"],
    ),
    "streaming": (
        {"data.json": GOOD},
        {"streaming": True},
        TEMPLATE,
        "data-streaming",
        f"{LOAD}/params/streaming",
        ["no length", "take streaming out"],
    ),
    "a pair without its columns": (
        {"data.json": '[{"question": "a", "output": "b"}]'},
        {},
        {"dataset_type": "pair", "source_max_len": 8, "target_max_len": 8},
        "data-unknown-column",
        f"{PRE}/params/dataset_type",
        ["pair_format names the column `input`", "its columns are `question` or `output`"],
    ),
    "chip2 without the bot": (
        {"data.json": '[{"text": "<human>: hello"}]'},
        {},
        {"dataset_type": "pair", "pair_format": "chip2", "source_max_len": 8, "target_max_len": 8},
        "data-pair-format",
        f"{PRE}/params/pair_format",
        ["row 1 is not in the chip2 format"],
    ),
    "other pre-processing": (
        {"data.json": GOOD},
        {},
        {"type": "huggingface_pre_process"},
        "data-pre-process",
        PRE,
        ["`huggingface_pre_process`, which gives no token sequences", "text-generation"],
    ),
    "a loader that is none": (
        {"data.json": GOOD},
        {"type": "default_load_dataset"},
        TEMPLATE,
        "data-load-type",
        LOAD,
        ["`default_load_dataset`, which loads nothing here", "huggingface_dataset"],
    ),
}


def errors(problems: list[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.severity is Severity.ERROR]


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake(name: str, put: Put, workflow: Workflow, tokenizer: Any, no_network: None) -> None:
    files, load, pre, code, pointer, says = MISTAKES[name]
    for file, content in files.items():
        put(file, content)
    config = config_of(load, pre)

    (problem,) = errors(data.check(config, workflow))
    assert (problem.code, problem.pointer) == (code, pointer)
    assert [text for text in says if text not in problem.message] == []

    with pytest.raises(RunError) as failure:
        data.tokenise(config, data.load(config, workflow), tokenizer, workflow=workflow)
    assert failure.value.code in (code, "data-template")
    assert failure.value.pointer == pointer


def test_all_unknown_columns_are_told_at_once(put: Put, workflow: Workflow) -> None:
    put("data.json", GOOD)
    found = errors(data.check(config_of({}, {"text_template": "{frase} {ton}"}), workflow))
    assert [problem.code for problem in found] == ["data-unknown-column"] * 2


def test_a_file_and_a_template_are_told_at_once(put: Put, workflow: Workflow) -> None:
    put("data.json", "[")
    found = errors(data.check(config_of({}, {"text_template": "{phrase"}), workflow))
    assert sorted(problem.code for problem in found) == ["data-json", "data-template"]


def test_a_split_left_to_its_default(put: Put, workflow: Workflow) -> None:
    put("data.json", GOOD)
    config = config_of({"split": "validation"}, TEMPLATE)
    unsaid = type(config.load)(
        config.load.type, config.load.params, config.load.given - {"split"}, config.load.pointer, {}
    )
    from dataclasses import replace

    (problem,) = errors(data.check(replace(config, load=unsaid), workflow))
    assert 'split is not written, and \'validation\' is taken then: write "split": "train"' in problem.message


def test_join_of_too_few_tokens_says_both_numbers(put: Put, workflow: Workflow, tokenizer: Any) -> None:
    put("data.json", "[" + ", ".join(['{"phrase": "the cat got up", "tone": "Joy"}'] * 160) + "]")
    pre = {"text_template": "{phrase}", "strategy": "join", "max_seq_len": 2048, "joiner": None}
    config = config_of({}, pre, era="classic")
    rows = data.load(config, workflow)
    total = sum(
        len(tokenizer(f"<s> {row['phrase']} </s>", add_special_tokens=False)["input_ids"]) for row in rows
    )
    assert 1000 < total < 2048
    with pytest.raises(RunError) as failure:
        data.tokenise(config, rows, tokenizer)
    assert (
        failure.value.message
        == f"join gives 0 sequences: {total:,} tokens joined are fewer than source_max_len 2,048"
    )
    assert f"set source_max_len below {total:,}" in failure.value.hint
    assert "line-by-line" in failure.value.hint
    assert failure.value.pointer == f"{PRE}/params/max_seq_len"


def test_join_that_fits_exactly_gives_nothing_and_says_why(
    put: Put, workflow: Workflow, tokenizer: Any
) -> None:
    put("data.json", '[{"text": "the cat"}]')
    pre = {"strategy": "join", "joiner": "", "add_special_tokens": False, "max_seq_len": 2}
    rows = data.load(config_of({}, pre), workflow)
    length = len(tokenizer("the cat")["input_ids"])
    with pytest.raises(RunError, match=f"{length} tokens joined are not more than max_seq_len {length}"):
        data.tokenise(config_of({}, {**pre, "max_seq_len": length}), rows, tokenizer)


def test_short_sequences_all_dropped(put: Put, workflow: Workflow, tokenizer: Any) -> None:
    put("data.json", GOOD)
    config = config_of(
        {}, {**TEMPLATE, "pad_to_max_len": False, "drop_short_sequences": True, "max_seq_len": 99}
    )
    with pytest.raises(RunError, match="leaves out every row, for none has 99 tokens"):
        data.tokenise(config, data.load(config, workflow), tokenizer)


def test_filters_that_leave_nothing(put: Put, workflow: Workflow) -> None:
    put("data.json", '[{"n": 1}, {"n": 2}]')
    with pytest.raises(RunError, match="leave none of the 2 rows"):
        data.load(config_of({"col_filters": {"n": "1"}}), workflow)
    with pytest.raises(RunError, match=r"col_filters names the column `m`"):
        data.load(config_of({"col_filters": {"m": 1}}), workflow)


def test_a_data_set_on_the_hub_that_is_a_script(workflow: Workflow, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    def refused(**arguments: Any) -> Any:
        raise RuntimeError("Dataset scripts are no longer supported, but found ptb_text_only.py")

    monkeypatch.setattr(datasets, "load_dataset", refused)
    with pytest.raises(RunError) as failure:
        data.load(config_of({"data_name": "ptb_text_only", "data_files": None}), workflow)
    assert '"revision": "refs/convert/parquet"' in failure.value.hint


def test_a_name_on_the_hub_without_network(workflow: Workflow, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    def offline(**arguments: Any) -> Any:
        raise ConnectionError("no route to the hub") from TimeoutError("timed out")

    monkeypatch.setattr(datasets, "load_dataset", offline)
    config = config_of({"data_name": "somebody/phrases", "data_files": None})
    assert errors(data.check(config, workflow)) == []
    with pytest.raises(
        RunError, match="`somebody/phrases` cannot be loaded from the Hugging Face hub: timed out"
    ):
        data.load(config, workflow)


def test_what_is_no_text_is_said(put: Put, workflow: Workflow, tokenizer: Any) -> None:
    put("data.json", '[{"p": "a", "n": 1, "z": null}, {"p": "b", "n": 2, "z": "x"}]')
    config = config_of({}, {"text_template": "{p} {n} {z}", "strategy": "line-by-line"})
    found = {(problem.severity, problem.message) for problem in data.check(config, workflow)}
    assert found == {
        (
            Severity.INFORMATION,
            "column `n` holds numbers instead of text in 2 rows: they are written as Python prints them",
        ),
        (Severity.WARNING, "column `z` holds null instead of text in 1 row: the word None stands there"),
    }
    assert set(data.tokenise(config, data.load(config, workflow), tokenizer).notes) == {
        message for _, message in found
    }


@pytest.mark.parametrize(
    ("pre", "code", "says"),
    [
        (
            {"text_template": "{phrase}", "text_cols": ["tone"]},
            "data-unused",
            "text_cols has no effect: text_template",
        ),
        ({"strategy": "join-random", "max_samples": 2}, "data-seed", "the seed is 0"),
        (
            {"strategy": "join-sliding-window", "stride": 50, "max_seq_len": 40},
            "data-stride",
            "stride 50 is longer than max_seq_len 40",
        ),
        (
            {"text_template": "{phrase}", "add_special_tokens": False},
            "data-empty-text",
            "1 of 3 rows give an empty text",
        ),
    ],
)
def test_worth_knowing(pre: dict[str, Any], code: str, says: str, put: Put, workflow: Workflow) -> None:
    put(
        "data.json",
        '[{"phrase": "a", "tone": "b", "text": "c"}, {"phrase": "", "tone": "d", "text": "e"}, {"phrase": "f", "tone": "g", "text": "h"}]',
    )
    (problem,) = data.check(config_of({}, pre), workflow)
    assert (problem.code, problem.severity) == (code, Severity.INFORMATION)
    assert says in problem.message


def test_a_seed_left_out_still_repeats(put: Put, workflow: Workflow, tokenizer: Any) -> None:
    put("data.json", "[" + ", ".join(f'{{"text": "row number {n}"}}' for n in range(30)) + "]")
    config = config_of({}, {"strategy": "line-by-line-random", "max_samples": 5, "pad_to_max_len": False})
    rows = data.load(config, workflow)
    first, second = (data.tokenise(config, rows, tokenizer) for _ in range(2))
    assert [ids.tolist() for ids in first.ids] == [ids.tolist() for ids in second.ids]


def test_a_tokenizer_without_bos_token_is_warned_of(put: Put, workflow: Workflow) -> None:
    from .conftest import tokenizer_named

    put("data.json", GOOD)
    config = config_of({}, TEMPLATE)
    tokens = data.tokenise(config, data.load(config, workflow), tokenizer_named("no_bos_truncates_left"))
    assert [note for note in tokens.notes if "has no bos_token" in note and "the word None" in note]


@pytest.mark.parametrize(
    ("third", "code", "says"),
    [
        ('{"phrase": "c" "tone": "d"}', "data-json-line", "data.jsonl, line 3: not valid JSON at column 16"),
        ('["c", "d"]', "data-not-object", "data.jsonl, line 3: a list"),
    ],
)
def test_a_bad_line_in_a_file_too_big_to_be_read_whole(
    third: str, code: str, says: str, put: Put, workflow: Workflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    from olive_engine.data import reading

    monkeypatch.setattr(reading, "LIGHT_LIMIT", 10)
    good = '{"phrase": "a", "tone": "b"}\n'
    put("data.jsonl", good * 2 + third + "\n" + good)
    with pytest.raises(RunError) as failure:
        data.load(config_of({"data_files": "data.jsonl"}), workflow)
    assert failure.value.code == code
    assert failure.value.message.startswith(says)


def test_pairs_all_dropped(put: Put, workflow: Workflow, tokenizer: Any) -> None:
    put("data.json", '[{"input": "a", "output": "b"}]')
    pre = {"dataset_type": "pair", "source_max_len": 9, "target_max_len": 9, "pad_to_max_len": False}
    config = config_of({}, {**pre, "drop_short_sequences": True}, era="classic")
    with pytest.raises(RunError, match=r"the pair format gives 0 sequences: .* none has 18 tokens"):
        data.tokenise(config, data.load(config, workflow), tokenizer)


@pytest.mark.parametrize("era", ["classic", "current"])
def test_nothing_but_empty_texts(era: str, put: Put, workflow: Workflow, tokenizer: Any) -> None:
    put("data.json", '[{"text": ""}, {"text": ""}]')
    pre = {
        "text_cols": ["text"],
        "add_special_tokens": False,
        "source_max_len": 8,
        "strategy": "line-by-line",
    }
    config = config_of({}, pre, era=era)
    with pytest.raises(RunError, match="all 2 rows of data config `phrases` give an empty text"):
        data.tokenise(config, data.load(config, workflow), tokenizer)


def test_a_column_that_no_file_of_a_folder_has(put: Put, workflow: Workflow) -> None:
    put("set/train.jsonl", '{"phrase": "a"}\n')
    put("set/README.md", "about")
    config = config_of({"data_name": "set", "data_files": None}, {"text_cols": ["frase"]})
    (problem,) = errors(data.check(config, workflow))
    assert "did you mean `phrase`?" in problem.message
