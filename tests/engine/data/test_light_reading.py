"""Rows read without the `datasets` library are the rows that it would give, or they are left to it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from olive_engine import data
from olive_engine.data.reading import Fault, light_rows
from olive_schemas.workflow import Workflow

from .conftest import FIXTURES, config_of, workflow_in

Put = Callable[[str, str | bytes], Path]

# name -> (file, content, whether it is read here)
CONTENTS: dict[str, tuple[str, str | bytes, bool]] = {
    "plain objects": ("json", '[{"a": "x", "b": "y"}, {"a": "z", "b": "w"}]', True),
    "lines": ("json", '{"a": "x", "n": 1}\n{"a": "z", "n": 2}\n', True),
    "lines with blank ones and CRLF": ("json", '{"a": "x"}\r\n\r\n{"a": "z"}\r\n', True),
    "a byte order mark": ("json", b'\xef\xbb\xbf{"a": "x"}\n{"a": "z"}\n', True),
    "a byte order mark before a list": ("json", b'\xef\xbb\xbf[{"a": "x"}]', True),
    "one object in one line": ("json", '{"a": "x"}', True),
    "keys missing here and there": ("json", '[{"a": "x"}, {"b": "y"}, {"a": "z", "c": null}]', True),
    "nulls": ("json", '[{"a": null, "b": "y"}, {"a": "x", "b": null}]', True),
    "nothing but nulls": ("json", '[{"a": null, "b": "y"}, {"b": "z"}]', True),
    "truth values": ("json", '[{"a": true}, {"a": null}, {"a": false}]', True),
    "whole numbers": ("json", '[{"a": 0}, {"a": -12345678901}]', True),
    "fractions": ("json", '[{"a": 0.1}, {"a": 1e-12}, {"a": 2}]', False),
    "big numbers": ("json", '[{"a": 9007199254740993}]', False),
    "dates": ("json", '[{"a": "2024-02-29"}, {"a": "2024-03-01"}]', False),
    "a date among texts": ("json", '{"a": "2024-02-29"}\n{"a": "soon"}\n', False),
    "numbers and texts": ("json", '[{"a": 1}, {"a": "x"}]', False),
    "messages": (
        "json",
        '[{"m": [{"role": "user", "content": "q"}]}, {"m": [{"role": "a", "content": "r"}, {"role": "b", "content": ""}]}]',
        True,
    ),
    "messages of unequal shape": (
        "json",
        '[{"m": [{"role": "user", "content": "q"}]}, {"m": [{"role": "a", "content": "r", "name": "n"}]}]',
        False,
    ),
    "messages with keys in another order": (
        "json",
        '[{"m": [{"role": "u", "content": "q"}]}, {"m": [{"content": "r", "role": "a"}]}]',
        False,
    ),
    "lists of texts": ("json", '[{"a": ["x", "y"]}, {"a": []}, {"a": null}]', True),
    "empty lists": ("json", '[{"a": []}, {"a": []}]', False),
    "objects": ("json", '[{"a": {"k": "v", "l": "w"}}, {"a": {"k": "x", "l": "y"}}]', True),
    "objects of unequal shape": ("json", '[{"a": {"k": "v"}}, {"a": {"l": "w"}}]', False),
    "rows without columns": ("json", "{}\n", False),
    "empty objects": ("json", '[{"a": {}, "b": "x"}]', False),
    "a list of texts": ("json", '["first", "second"]', True),
    "escapes": ("json", '[{"a": "\\u00e9 \\ud83d\\ude00 \\/ \\n \\t \\\\"}]', True),
    "letters of many scripts": ("json", '[{"a": "日本 ñ 😀"}]', True),
    "line separators in a text": ("json", '[{"a": "x\\u2028y"}, {"a": "p\u2028q\u0085r"}]', True),
    "a column named text": ("json", '[{"text": "x", "b": "1"}]', True),
    "space before the list": ("json", ' [{"a": "x"}]', False),
    "an object over several lines": ("json", '{\n "a": "x"\n}', False),
    "csv": ("csv", "a,b\nx,y\nz,w\n", True),
    "csv with quotes and line breaks": ("csv", 'a,b\n"x, y","say ""no"""\n"two\nlines",w\n', True),
    "csv with numbers": ("csv", "a,n\nx,1\ny,-20\nz,0\n", True),
    "csv with leading zeros": ("csv", "a,n\nx,007\ny,1\n", False),
    "csv with fractions": ("csv", "a,n\nx,1.5\ny,2\n", False),
    "csv with numbers and texts": ("csv", "a,n\nx,1\ny,two\n", False),
    "csv with empty cells": ("csv", "a,b\nx,\ny,z\n", False),
    "csv with NA": ("csv", "a,b\nx,NA\ny,z\n", False),
    "csv with truth values": ("csv", "a,b\nx,True\ny,False\n", False),
    "csv with blank lines": ("csv", "a,b\n\nx,y\n\nz,w\n", True),
    "csv with short rows": ("csv", "a,b\nx\ny,z\n", False),
    "csv with spaces": ("csv", "a,b\n x , y \nz,w\n", True),
    "csv with a blank cell": ("csv", "a\n \nx\n", False),
    "csv with dates": ("csv", "a,b\nx,2024-01-02\nz,2024-01-03\n", False),
    "csv with a byte order mark": ("csv", b"\xef\xbb\xbfa,b\nx,y\n", True),
    "csv with CRLF": ("csv", "a,b\r\nx,y\r\nz,w\r\n", True),
    "csv with a column twice": ("csv", "a,a\nx,y\n", False),
    "csv with a quote inside a cell": ("csv", 'a,b\nx "q" y,z\n', True),
    "csv with text after a quote": ("csv", 'a,b\n"x"y,z\n', False),
    "csv with infinity": ("csv", "a\ninf\n-inf\n", False),
    "text": ("text", "one\n\n  two  \nthree", True),
    "text with CRLF": ("text", "one\r\ntwo\r\n", True),
    "text with dates and form feeds": ("text", "2024-01-01\nx\x0cy\x1cz\n", True),
    "text that ends in blank lines": ("text", "one\n\n\n", True),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_same_rows_as_the_library(name: str, put: Put, tmp_path: Path) -> None:
    builder, content, here = CONTENTS[name]
    path = put("data.any", content)
    rows = light_rows(builder, [path])
    assert (rows is not None) == here
    if rows is None:
        return
    import datasets

    theirs = datasets.load_dataset(
        builder, data_files=str(path), split="train", cache_dir=str(tmp_path / "c"), keep_in_memory=True
    )
    assert list(rows) == list(theirs)
    assert rows.column_names == theirs.column_names


def test_what_is_not_read_here_is_read_by_the_library(put: Put, workflow: Workflow, no_network: None) -> None:
    put("data.json", '[{"a": "2024-02-29", "n": 0.5}, {"a": "2024-03-01", "n": 2}]')
    rows = data.load(config_of(), workflow)
    assert [(row["a"].year, row["n"]) for row in rows] == [(2024, 0.5), (2024, 2.0)]


def test_compressed_files(put: Put, workflow: Workflow, no_network: None) -> None:
    import gzip

    put("data.json", gzip.compress(b'{"a": "x"}\n{"a": "y"}\n'))
    assert [row["a"] for row in data.load(config_of(), workflow)] == ["x", "y"]
    assert data.columns(config_of(), workflow) == ["a"]


def test_options_of_the_loader_go_to_the_library(put: Put, workflow: Workflow, no_network: None) -> None:
    put("data.csv", "a;b\nx;1\n".encode("utf-16"))
    config = config_of({"data_name": "csv", "data_files": "data.csv", "sep": ";", "encoding": "utf-16"})
    assert list(data.load(config, workflow)) == [{"a": "x", "b": 1}]


def test_a_csv_without_header(put: Put, workflow: Workflow, no_network: None) -> None:
    put("data.csv", "x,y\nz,w\n")
    config = config_of(
        {"data_name": "csv", "data_files": "data.csv", "header": None, "column_names": ["a", "b"]}
    )
    assert list(data.load(config, workflow)) == [{"a": "x", "b": "y"}, {"a": "z", "b": "w"}]


def test_defaults_nobody_wrote_are_the_librarys_own(put: Put, workflow: Workflow) -> None:
    put("data.csv", "a,b\nx,y\n")
    config = config_of({"data_name": "csv", "data_files": "data.csv"})
    filled = replace(config.load, params={**config.load.params, "sep": ";", "encoding": "utf-16"})
    assert list(data.load(replace(config, load=filled), workflow)) == [{"a": "x", "b": "y"}]


@pytest.mark.parametrize(
    ("load", "texts"),
    [
        ({"data_files": ["b.json", "a.json"]}, ["b1", "a1", "a2"]),
        ({"data_files": "?.json"}, ["a1", "a2", "b1"]),
        ({"data_files": "**/*.jsonl"}, ["d1"]),
        ({"data_files": {"train": "a.json", "test": ["b.json"]}, "split": "test"}, ["b1"]),
        ({"data_files": {"train": "a.json", "test": "b.json"}, "split": "train[1:]+test"}, ["a2", "b1"]),
        ({"data_files": {"train": "a.json", "test": "b.json"}, "split": "all"}, ["a1", "a2", "b1"]),
        ({"data_dir": "deep", "data_files": "d.jsonl"}, ["d1"]),
        ({"data_dir": "deep", "data_files": None}, ["d1"]),
        ({"data_name": "deep", "data_files": None}, ["d1"]),
        ({"data_name": "a.json", "data_files": None}, ["a1", "a2"]),
        ({"data_name": "deep/d.jsonl", "data_files": None}, ["d1"]),
        ({"data_files": "a.json", "split": None}, ["a1", "a2"]),
        ({"data_files": "a.json", "col_filters": {"t": "a2"}}, ["a2"]),
    ],
)
def test_ways_to_name_files(
    load: dict[str, Any], texts: list[str], put: Put, workflow: Workflow, no_network: None
) -> None:
    put("a.json", '[{"t": "a1"}, {"t": "a2"}]')
    put("b.json", '[{"t": "b1"}]')
    put("deep/d.jsonl", '{"t": "d1"}\n')
    assert [row["t"] for row in data.load(config_of(load), workflow)] == texts


@pytest.mark.parametrize("split", ["train", "train[:50%]", "test[1:]", "train+test"])
def test_folders_of_save_to_disk(split: str, tmp_path: Path, workflow: Workflow, no_network: None) -> None:
    from datasets import Dataset, DatasetDict

    parts = {"train": ["a", "b", "c", "d"], "test": ["e", "f"]}
    DatasetDict({name: Dataset.from_dict({"t": texts}) for name, texts in parts.items()}).save_to_disk(
        str(tmp_path / "saved")
    )
    expected = {"train": "abcd", "train[:50%]": "ab", "test[1:]": "f", "train+test": "abcdef"}
    config = config_of({"data_name": "saved", "data_files": None, "split": split})
    assert "".join(row["t"] for row in data.load(config, workflow)) == expected[split]
    assert data.columns(config, workflow) == ["t"]


def test_nothing_is_left_behind(
    put: Put, workflow: Workflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    put("data.json", '[{"a": 0.5}]')
    assert list(data.load(config_of(), workflow)) == [{"a": 0.5}]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.json", "scratch"]
    assert list(scratch.iterdir()) == []


def test_plain_local_files_need_neither_the_library_nor_torch() -> None:
    program = (
        "import sys\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from conftest import FIXTURES, config_of, workflow_in\n"
        "from olive_engine import data\n"
        "config = config_of({'data_files': 'corpus.json'}, {'text_cols': ['phrase']})\n"
        "flow = workflow_in(FIXTURES)\n"
        "print(len(data.load(config, flow)), len(data.check(config, flow)), len(data.fingerprint(config, flow)))\n"
        "print([m for m in ('datasets', 'torch', 'numpy', 'pyarrow', 'pandas', 'transformers') if m in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(Path(__file__).parent)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["24 0 64", "[]"]


def test_columns_of_every_format() -> None:
    workflow = workflow_in(FIXTURES)

    def columns(name: str, file: str) -> Any:
        return data.columns(config_of({"data_name": name, "data_files": file}), workflow)

    assert columns("json", "corpus.json") == ["phrase", "tone", "stars"]
    assert columns("json", "chat.jsonl") == ["messages", "id"]
    assert columns("csv", "corpus.csv") == ["phrase", "tone", "stars"]
    assert columns("parquet", "corpus.parquet") == ["phrase", "tone", "stars"]
    assert columns("text", "lines.txt") == ["text"]
    assert columns("json", "nowhere.json") is None


def test_columns_of_a_file_that_is_cut_in_the_middle(put: Put, workflow: Workflow) -> None:
    rows = [{"a": "é" * 1000, "b": str(number)} for number in range(3000)]
    put("data.json", json.dumps(rows, ensure_ascii=False))
    assert data.columns(config_of(), workflow) == ["a", "b"]


def test_a_fault_is_told_apart_from_what_only_the_library_reads(put: Put) -> None:
    with pytest.raises(Fault):
        light_rows("json", [put("bad.json", '[{"a": 1},]')])
    assert light_rows("json", [put("nan.json", '[{"a": NaN}]')]) is None


def test_the_first_row_for_a_preview(put: Put, workflow: Workflow) -> None:
    put("data.json", '[{"a": "x", "n": 1}, {"a": "y"}]')
    put("data.csv", "a,n\nx,1\n")
    put("lines.txt", "one\ntwo\n")
    assert data.first_row(config_of(), workflow) == {"a": "x", "n": 1}
    assert data.first_row(config_of({"data_name": "csv", "data_files": "data.csv"}), workflow) == {
        "a": "x",
        "n": "1",
    }
    assert data.first_row(config_of({"data_name": "text", "data_files": "lines.txt"}), workflow) == {
        "text": "one"
    }
    assert data.first_row(config_of({"data_files": "gone.json"}), workflow) is None


def test_big_files_are_mapped_from_the_runs_cache(
    put: Put, workflow: Workflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_network: None
) -> None:
    from olive_engine.data import loading, reading

    monkeypatch.setattr(reading, "LIGHT_LIMIT", 1)
    monkeypatch.setattr(loading, "IN_MEMORY_LIMIT", 1)
    put("data.json", '[{"a": "x"}, {"a": "y"}]')
    rows = data.load(config_of(), workflow)
    assert list(rows) == [{"a": "x"}, {"a": "y"}]
    mapped = rows.cache_files  # type: ignore[attr-defined]
    assert mapped and all(
        Path(file["filename"]).is_relative_to(tmp_path / "cache" / "datasets") for file in mapped
    )
