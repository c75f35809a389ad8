"""For every recorded case: the sequences, labels and masks that Olive 0.6.2 and 0.13.0 feed their LoRA trainer.

The recordings are made by `record_olive.py` beside this file, which says how.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy
import pytest

from olive_engine import data
from olive_engine.errors import RunError
from olive_schemas.workflow import DataConfig

from .conftest import FIXTURES, config_of, tokenizer_named, workflow_in

ERAS = {"classic": "olive-0.6.2.json", "current": "olive-0.13.0.json"}
CASES = {case["name"]: case for case in json.loads((FIXTURES / "cases.json").read_text("utf-8"))}
RECORDED = {era: json.loads((FIXTURES / name).read_text("utf-8"))["cases"] for era, name in ERAS.items()}

# What Olive refuses, or takes and then has nothing to train on: ours says so with this code.
REFUSED = {
    "split that does not exist": "data-split",
    "join of too few tokens": "data-no-sequences",
    "chat, a tokenizer without template": "data-chat-template",
}
# What one release cannot do, for a slip in it, works here: the era whose recording is then the measure.
MEASURED_BY_THE_OTHER = {
    ("current", "a formatting function"),
    ("current", "join, joiner null"),
    ("classic", "two files"),
}


def recorded(era: str, fine: bool) -> list[Any]:
    return [
        pytest.param(era, name, id=f"{era}: {name}")
        for name, result in RECORDED[era].items()
        if bool(result.get("rows")) is fine
    ]


def config_for(name: str, era: str) -> DataConfig:
    case = CASES[name]
    return config_of(case["load"], case["pre"], era=era, user_script=case.get("user_script"))


def tokens_of(name: str, era: str, folder: Path = FIXTURES) -> data.Tokens:
    config, workflow = config_for(name, era), workflow_in(folder)
    rows = data.load(config, workflow, trust_user_script=True)
    tokenizer = tokenizer_named(CASES[name]["tokenizer"])
    return data.tokenise(config, rows, tokenizer, workflow=workflow, trust_user_script=True)


def expanded(rows: list[Any]) -> list[dict[str, list[int]]]:
    """A recorded row written out: labels and mask where the recording leaves them to be understood."""
    full = []
    for ids, labels, mask in rows:
        row = {"input_ids": ids, "labels": ids if labels is None else labels}
        if mask != "none":
            row["attention_mask"] = [1] * len(ids) if mask is None else mask
        full.append(row)
    return full


def listed(rows: list[dict[str, Any]]) -> list[dict[str, list[int]]]:
    return [{name: values.tolist() for name, values in row.items()} for row in rows]


def pad_id(name: str) -> int:
    tokenizer = tokenizer_named(CASES[name]["tokenizer"])
    return int(tokenizer.eos_token_id if tokenizer.pad_token_id is None else tokenizer.pad_token_id)


@pytest.mark.parametrize(("era", "name"), recorded("classic", True) + recorded("current", True))
def test_padded_rows_and_the_first_batch_are_olives(era: str, name: str) -> None:
    expected = RECORDED[era][name]
    tokens = tokens_of(name, era)
    if "held_out" in expected:
        case = CASES[name]
        tokens, held_out = data.split_for_eval(
            tokens, case["eval_dataset_size"], seed=case.get("data_seed", 42)
        )
        assert listed(data.pad(held_out, pad_id(name))) == expanded(expected["held_out"])
    padded = data.pad(tokens, pad_id(name))
    if name == "rows that are token ids already":
        batch_labels = [row[1] or row[0] for row in expected["batch"]]
        assert data.collate(padded[:2], pad_id(name))["labels"].tolist() == batch_labels
    assert listed(padded) == expanded(expected["rows"])
    batch = data.collate(padded[:2], pad_id(name))
    assert {name: values.tolist() for name, values in batch.items()} == {
        column: [row[column] for row in expanded(expected["batch"])] for column in batch
    }


@pytest.mark.parametrize(("era", "name"), recorded("classic", True) + recorded("current", True))
def test_no_sequence_carries_padding(era: str, name: str) -> None:
    tokens = tokens_of(name, era)
    if CASES[name]["tokenizer"] == "plain":
        plain_pad = tokenizer_named("plain").pad_token_id
        assert not any(numpy.any(ids == plain_pad) for ids in tokens.ids)
    if tokens.padded_to is not None:
        assert tokens.padding == sum(tokens.padded_to - len(ids) for ids in tokens.ids)
        assert all(len(ids) <= tokens.padded_to for ids in tokens.ids)


@pytest.mark.parametrize(("era", "name"), recorded("classic", False) + recorded("current", False))
def test_what_olive_cannot_do(era: str, name: str) -> None:
    if name in REFUSED:
        with pytest.raises(RunError) as refusal:
            tokens_of(name, era)
        assert refusal.value.code == REFUSED[name]
        assert refusal.value.pointer.startswith("/data_configs/0/")
        assert refusal.value.hint
    elif (era, name) in MEASURED_BY_THE_OTHER:
        other = "classic" if era == "current" else "current"
        expected = [row["input_ids"] for row in expanded(RECORDED[other][name]["rows"])]
        assert [row["input_ids"] for row in listed(data.pad(tokens_of(name, era), pad_id(name)))] == expected
    else:
        assert (era, name) == ("classic", "line-by-line without a padding token")
        tokens = tokens_of(name, era)
        assert any("no padding token" in note for note in tokens.notes)
        assert {mask is None for mask in tokens.attention} == {True}


def test_every_strategy_of_both_eras_is_recorded() -> None:
    for era, results in RECORDED.items():
        used = {CASES[name]["pre"].get("strategy") for name, result in results.items() if result.get("rows")}
        assert used >= {
            "line-by-line",
            "line-by-line-random",
            "join",
            "join-random",
            "join-sliding-window",
        }, era
    formats = {CASES[name]["pre"].get("pair_format") for name in RECORDED["classic"]}
    assert formats >= {"default", "alpaca", "chip2", "self_instruct", "custom"}
