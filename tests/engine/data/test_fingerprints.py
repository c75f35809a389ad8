"""The fingerprint follows what decides the tokens: content and parameters, neither dates nor places."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from olive_engine import data
from olive_engine.data import fingerprints
from olive_schemas.workflow import Workflow

from .conftest import config_of, workflow_in

Put = Callable[[str, str | bytes], Path]


def test_dates_and_places_do_not_count(put: Put, workflow: Workflow, tmp_path: Path) -> None:
    path = put("here/data.json", '[{"text": "a"}]')
    first = data.fingerprint(config_of(), workflow_in(tmp_path / "here"))
    os.utime(path, (1, 1))
    assert data.fingerprint(config_of(), workflow_in(tmp_path / "here")) == first
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    assert data.fingerprint(config_of(), workflow_in(tmp_path / "there")) == first
    assert data.fingerprint(config_of({"data_files": str(path)}), workflow) == first


def test_another_models_tokenizer_counts(put: Put, workflow: Workflow) -> None:
    put("data.json", '[{"text": "a"}]')
    own = data.fingerprint(config_of(), workflow)
    assert data.fingerprint(config_of({}, {"model_name": workflow.input_model.path}), workflow) == own
    prints = {own, data.fingerprint(config_of({}, {"model_name": "some/model"}), workflow)}
    for content in ("{}", "{ }"):
        put("other/tokenizer.json", content)
        prints.add(data.fingerprint(config_of({}, {"model_name": "other"}), workflow))
    assert len(prints) == 4


def test_one_byte_of_equal_length_counts(put: Put, workflow: Workflow) -> None:
    prints = set()
    for letter in "ab":
        put("data.json", f'[{{"text": "{letter}"}}]')
        prints.add(data.fingerprint(config_of(), workflow))
    assert len(prints) == 2


@pytest.mark.parametrize(
    ("load", "pre"),
    [
        ({"split": "train[:1]"}, {}),
        ({"data_files": ["data.json", "more.json"]}, {}),
        ({"data_files": {"test": "data.json"}, "split": "test"}, {}),
        ({"col_filters": {"text": "a"}}, {}),
        ({"data_name": "csv"}, {}),
        ({}, {"max_seq_len": 9}),
        ({}, {"joiner": None}),
        ({}, {"processing_batch_size": 2}),
        ({}, {"text_template": "{text}"}),
    ],
)
def test_what_decides_the_tokens_counts(
    load: dict[str, Any], pre: dict[str, Any], put: Put, workflow: Workflow
) -> None:
    put("data.json", '[{"text": "a"}]')
    put("more.json", '[{"text": "b"}]')
    assert data.fingerprint(config_of(load, pre), workflow) != data.fingerprint(config_of(), workflow)


def test_the_era_counts(put: Put, workflow: Workflow) -> None:
    put("data.json", '[{"text": "a"}]')
    assert data.fingerprint(config_of(era="classic"), workflow) != data.fingerprint(config_of(), workflow)


def test_files_of_a_folder_and_scripts_count(put: Put, workflow: Workflow) -> None:
    put("set/a.json", '[{"text": "a"}]')
    put("mine.py", "def f(row):\n    return 'x'\n")
    config = config_of(
        {"data_name": "set", "data_files": None}, {"text_formatting_func": "f"}, user_script="mine.py"
    )
    first = data.fingerprint(config, workflow)
    put("set/b.json", '[{"text": "b"}]')
    second = data.fingerprint(config, workflow)
    put("mine.py", "def f(row):\n    return 'y'\n")
    assert len({first, second, data.fingerprint(config, workflow)}) == 3


def test_a_token_of_the_hub_is_no_part(put: Put, workflow: Workflow) -> None:
    put("data.json", '[{"text": "a"}]')
    assert data.fingerprint(config_of({"token": "hf_secret"}), workflow) == data.fingerprint(
        config_of(), workflow
    )


def test_the_revision_in_the_hub_cache_counts(
    workflow: Workflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    config = config_of({"data_name": "some/set", "data_files": None})
    unknown = data.fingerprint(config, workflow)
    reference = tmp_path / "hub" / "datasets--some--set" / "refs" / "main"
    reference.parent.mkdir(parents=True)
    prints = []
    for commit in ("1111", "2222"):
        reference.write_text(commit)
        prints.append(data.fingerprint(config, workflow))
    assert len({unknown, *prints}) == 3


def test_a_file_is_read_once_while_it_stays_the_same(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put("data.json", "x" * 10)
    reads = []
    opened = Path.open
    monkeypatch.setattr(Path, "open", lambda self, *a, **k: reads.append(self) or opened(self, *a, **k))
    assert fingerprints.file_digest(path) == fingerprints.file_digest(path)
    assert reads == [path]
    path.write_bytes(b"y" * 11)
    fingerprints.file_digest(path)
    assert reads.count(path) >= 2
