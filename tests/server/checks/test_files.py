"""Files and folders that are not on this machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from findings import findings, mended, told
from mistake_kit import CLASSIC, CURRENT, Change, drop, planted, put

LOAD = "data_configs/0/load_dataset_config"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "words.jsonl").write_text('{"phrase": "a", "tone": "b"}\n', encoding="utf-8")
    (tmp_path / "prepare.py").write_text("", encoding="utf-8")
    return tmp_path


def missing(folder: Path | None, *changes: Change, base: Any = CURRENT, release: str = "0.13") -> list[str]:
    return told(planted(base, *changes), release, folder, only="not-found")


@pytest.mark.parametrize("release", ["auto", "0.13"])
@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("input_model/model_path", "./models", ""),
        ("input_model/model_path", "acme/model", ""),
        ("input_model/model_path", "./modles", "input_model/model_path"),
        ("input_model/model_path", "https://example.com/model", ""),
        ("input_model/adapter_path", "./adapter", "input_model/adapter_path"),
        (f"{LOAD}/data_files", "data/words.jsonl", ""),
        (f"{LOAD}/data_files", "data/*.jsonl", ""),
        (f"{LOAD}/data_files", "data/words.json", f"{LOAD}/data_files"),
        (f"{LOAD}/data_files", ["data/words.jsonl", "data/more.jsonl"], f"{LOAD}/data_files/1"),
        (f"{LOAD}/data_files", {"train": "data/more.jsonl"}, f"{LOAD}/data_files/train"),
        (f"{LOAD}/data_files", "data/*.csv", f"{LOAD}/data_files"),
        ("data_configs/0/user_script", "prepare.py", ""),
        ("data_configs/0/user_script", "prepaer.py", "data_configs/0/user_script"),
        ("output_dir", "made/by/the/run", ""),
        ("cache_dir", "made/too", ""),
    ],
)
def test_paths(path: str, value: Any, expected: str, release: str, folder: Path) -> None:
    files = (put(f"{LOAD}/data_name", "json"),) if "data_files" in path else ()
    found = missing(folder, *files, put(path, value), release=release)
    assert found == ([f"not-found warning /{expected}"] if expected else [])


def test_files_lie_in_data_dir_where_there_is_one(folder: Path) -> None:
    local = (put(f"{LOAD}/data_name", "json"), put(f"{LOAD}/data_dir", "data"))
    assert missing(folder, *local, put(f"{LOAD}/data_files", "words.jsonl")) == []
    assert missing(folder, *local, put(f"{LOAD}/data_files", "w.jsonl")) == [
        f"not-found warning /{LOAD}/data_files"
    ]
    gone = (
        put(f"{LOAD}/data_name", "json"),
        put(f"{LOAD}/data_dir", "dta"),
        put(f"{LOAD}/data_files", "w.jsonl"),
    )
    assert missing(folder, *gone) == [f"not-found warning /{LOAD}/data_dir"]


def test_files_of_a_data_set_on_the_hub_are_there(folder: Path) -> None:
    assert missing(folder, put(f"{LOAD}/data_files", "data/train.json")) == []


def test_the_classic_dialect_has_a_data_root(folder: Path) -> None:
    params = "data_configs/0/load_dataset_config/params"
    files = (put(f"{params}/data_name", "json"), put(f"{params}/data_files", "words.jsonl"))
    assert missing(folder, *files, base=CLASSIC, release="0.6.2") == [
        f"not-found warning /{params}/data_files"
    ]
    assert missing(folder, *files, put("data_root", "data"), base=CLASSIC, release="0.6.2") == []


def test_nothing_can_be_said_of_an_unsaved_text() -> None:
    assert missing(None, put("input_model/model_path", "./modles")) == []


def test_the_nearest_name_is_offered(folder: Path) -> None:
    wrong = planted(CURRENT, put("input_model/model_path", "./modles"))
    problem = next(problem for problem in findings(wrong, "0.13", folder) if problem.code == "not-found")
    assert "did you mean `models`?" in problem.message
    fixed = planted(CURRENT, put("input_model/model_path", "./models"))
    assert json.loads(mended(wrong, "0.13", folder, code="not-found")) == fixed


def test_an_onnx_model_is_looked_for_as_well(folder: Path) -> None:
    onnx = (put("input_model", {"type": "ONNXModel", "model_path": "model.onnx"}), drop("passes/qlora"))
    assert missing(folder, *onnx) == ["not-found warning /input_model/model_path"]


def test_a_file_that_is_missing_is_told_once_with_every_place_that_names_it(folder: Path) -> None:
    script = [put(f"data_configs/{index}/user_script", "gone.py") for index in (0, 1)]
    assert missing(folder, *script) == ["not-found warning /data_configs/0/user_script"]
    (problem,) = (p for p in findings(planted(CURRENT, *script), "0.13", folder) if p.code == "not-found")
    assert [related.pointer for related in problem.related] == ["/data_configs/1/user_script"]
    assert problem.message == (
        f"`user_script`: there is no `gone.py` here (looked in {folder}); "
        "another host or an earlier step may have it"
    )
