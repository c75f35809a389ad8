"""Counters, padding, the first sample, and what is told of the rest of the workflow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy

from olive_engine import data
from olive_schemas.problems import Severity
from olive_schemas.workflow import Component, PassStep, Workflow

from .conftest import FIXTURES, config_of, workflow_in

Put = Callable[[str, str | bytes], Path]


def test_counters_of_cut_rows(put: Put, workflow: Workflow, tokenizer: Any) -> None:
    put("data.json", '[{"text": "the cat got up"}, {"text": "the"}, {"text": ""}]')
    pre = {"strategy": "line-by-line", "max_seq_len": 2, "add_special_tokens": False}
    config = config_of({}, pre)
    tokens = data.tokenise(config, data.load(config, workflow), tokenizer)
    whole = len(tokenizer("the cat got up")["input_ids"])
    short = len(tokenizer("the")["input_ids"])
    kept = min(short, 2)
    assert tokens.counters() == {
        "rows": 3,
        "sequences": 2,
        "tokens": 2 + kept,
        "truncated": 1 + (short > 2),
        "cut_tokens": whole - 2 + short - kept,
        "dropped": 1,
        "padding": 2 - kept,
    }


def test_rows_beyond_max_samples_are_counted(put: Put, workflow: Workflow, tokenizer: Any) -> None:
    put("data.json", "[" + ", ".join(['{"text": "a"}'] * 50) + "]")
    pre = {"strategy": "line-by-line", "max_samples": 7, "processing_batch_size": 4, "max_seq_len": 9}
    config = config_of({}, pre)
    tokens = data.tokenise(config, data.load(config, workflow), tokenizer)
    assert (tokens.rows, tokens.sequences, tokens.dropped) == (50, 7, 43)


def test_padding_at_either_side_and_collating() -> None:
    ids = [numpy.asarray(one, dtype=numpy.int32) for one in ([5, 6], [7, 8, 9, 10])]
    masked = numpy.asarray([-100, 6], dtype=numpy.int32)
    tokens = data.Tokens(ids, [masked, None], [None, None], padded_to=4, padding_side="left")
    first, second = data.pad(tokens, 0)
    assert {name: values.tolist() for name, values in first.items()} == {
        "input_ids": [0, 0, 5, 6],
        "labels": [-100, -100, -100, 6],
        "attention_mask": [0, 0, 1, 1],
    }
    assert second["labels"].tolist() == [7, 8, 9, 10]
    unpadded = replace(tokens, padded_to=None, use_attention_mask=False)
    batch = data.collate(data.pad(unpadded, 0), 3)
    assert {name: values.tolist() for name, values in batch.items()} == {
        "input_ids": [[5, 6, 3, 3], [7, 8, 9, 10]],
        "labels": [[-100, 6, -100, -100], [7, 8, 9, 10]],
    }


def test_first_sample_shows_what_the_model_reads(tokenizer: Any) -> None:
    config = config_of({"data_files": "corpus.json"}, {"text_template": "{tone}: {phrase}"})
    sample = data.first_sample(config, data.load(config, workflow_in(FIXTURES)), tokenizer)
    assert sample.text == "<s> Joy: The ferry left without us and we laughed until the next one came. </s>"
    assert sample.row["tone"] == "Joy"
    assert "".join(sample.pieces) == sample.text
    assert (sample.ids[0], sample.ids[-1]) == (tokenizer.bos_token_id, tokenizer.eos_token_id)


def test_first_sample_of_a_pair(tokenizer: Any) -> None:
    pre = {"dataset_type": "pair", "pair_format": "self_instruct", "source_max_len": 50, "target_max_len": 50}
    config = config_of({"data_files": "pairs.jsonl"}, pre, era="classic")
    sample = data.first_sample(config, data.load(config, workflow_in(FIXTURES)), tokenizer)
    assert sample.text == "<s> Q: Name a river.\nA: The Oder. </s>"


def test_another_models_tokenizer_is_told(put: Put, workflow: Workflow, tmp_path: Path) -> None:
    put("data.json", '[{"text": "a"}]')
    (tmp_path / "other").mkdir()
    config = config_of({}, {"model_name": "other"})
    assert data.own_tokenizer(config, workflow) == str(tmp_path / "other")
    (problem,) = data.check(config, workflow)
    assert (problem.code, problem.severity) == ("data-tokenizer", Severity.WARNING)
    assert data.own_tokenizer(config_of({}, {"model_name": workflow.input_model.path}), workflow) is None
    assert data.own_tokenizer(config_of(), workflow) is None


def test_a_batch_size_of_the_dataloader_does_not_train(put: Put, workflow: Workflow) -> None:
    put("data.json", '[{"text": "a"}]')
    loader = Component(
        "default_dataloader",
        {"batch_size": 4},
        frozenset({"batch_size"}),
        "/x",
        {"batch_size": "/x/batch_size"},
    )
    config = replace(config_of(), dataloader=loader)
    assert data.check(config, workflow) == []
    training = replace(workflow, passes=(PassStep("a", "LoRA", {"train_data_config": "phrases"}),))
    (problem,) = data.check(config, training)
    assert (problem.code, problem.pointer) == ("data-unused", "/x/batch_size")
