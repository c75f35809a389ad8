"""What local files tell: columns, rows, modules, facts; bounded, kept until they change, never an exception."""

from __future__ import annotations

import gzip
import json
import os
import struct
from pathlib import Path
from typing import Any

import pytest

from olive_server import local_files as local
from olive_server.local_io import READ_LIMIT
from olive_server.local_sources import source_of

ROWS = [{"phrase": "a", "tone": "Joy"}, {"phrase": "b", "tone": "Sad", "more": 1}]


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def safetensors(path: Path, tensors: dict[str, list[int]]) -> Path:
    header = json.dumps(
        {name: {"dtype": "BF16", "shape": shape, "data_offsets": [0, 0]} for name, shape in tensors.items()}
    ).encode()
    return write(path, struct.pack("<Q", len(header)) + header)


LAYER = {
    "model.embed_tokens.weight": [100, 8],
    "model.layers.0.self_attn.q_proj.weight": [8, 8],
    "model.layers.0.self_attn.q_proj.bias": [8],
    "model.layers.0.input_layernorm.weight": [8],
    "model.layers.1.self_attn.q_proj.weight": [8, 8],
    "model.layers.1.mlp.down_proj.weight": [8, 32],
    "lm_head.weight": [100, 8],
}


@pytest.mark.parametrize(
    ("name", "content", "columns"),
    [
        ("a.json", json.dumps(ROWS), ("phrase", "tone", "more")),
        ("a.json", json.dumps(ROWS, indent=4), ("phrase", "tone", "more")),
        ("a.jsonl", "\n".join(map(json.dumps, ROWS)), ("phrase", "tone", "more")),
        ("a.ndjson", "\ufeff" + json.dumps(ROWS[0]), ("phrase", "tone")),
        ("a.json", '{"x": [1, 2], "y": ["a", "b"]}', ("x", "y")),
        ("a.json", '["one", "two"]', ("text",)),
        ("a.csv", 'phrase,"the tone"\r\na,b\r\n', ("phrase", "the tone")),
        ("a.tsv", "phrase\ttone\na\tb\n", ("phrase", "tone")),
        ("a.txt", "one\ntwo\n", ("text",)),
        ("a.csv.gz", gzip.compress(b"phrase,tone\na,b\n"), ("phrase", "tone")),
        ("a.json", "", None),
        ("a.json", "{", None),
        ("a.json", "[1, 2]", None),
        ("a.json", "[" * 100_000, None),
        ("a.csv", b"\xff\xfe\x00", None),
        ("a.csv.gz", b"\x1f\x8b broken", None),
        ("a.parquet", b"PAR1 no parquet PAR1", None),
        ("a.parquet", b"PAR1", None),
        ("a.bin", "phrase,tone\n", None),
    ],
)
def test_columns(tmp_path: Path, name: str, content: Any, columns: tuple[str, ...] | None) -> None:
    assert local.columns(write(tmp_path / name, content)) == columns


def test_what_is_no_file_has_no_columns(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    for path in (tmp_path / "no.json", tmp_path, tmp_path / "pipe.json", "\0.json", "\ud800.json"):
        assert local.columns(path) is None
        assert local.first_rows(path, 1) is None


def test_columns_and_row_count_of_a_parquet_file(tmp_path: Path) -> None:
    """A footer as parquet's specification has it: a root of two columns, the second of them nested."""

    def text(value: str) -> bytes:
        return bytes([len(value)]) + value.encode()

    def element(name: str, children: int | None, kind: int | None = None) -> bytes:
        body, last = b"", 0
        if kind is not None:
            body, last = bytes([0x15, kind << 1]), 1
        body += bytes([(4 - last) << 4 | 8]) + text(name)
        return body + (bytes([0x15, children << 1]) if children else b"") + b"\0"

    elements = [element("schema", 2), element("phrase", None, 6), element("meta", 1), element("id", None, 1)]
    elements_bytes = bytes([len(elements) << 4 | 12]) + b"".join(elements)
    footer = bytes([0x15, 4]) + bytes([0x19]) + elements_bytes + bytes([0x16, 14]) + b"\0"
    path = write(tmp_path / "a.parquet", b"PAR1" + footer + struct.pack("<I", len(footer)) + b"PAR1")
    assert local.columns(path) == ("phrase", "meta")
    table = local.table(path)
    assert table is not None
    assert table.total == 7
    assert local.first_rows(path, 1) == ()


def test_first_rows(tmp_path: Path) -> None:
    assert local.first_rows(write(tmp_path / "a.json", json.dumps(ROWS)), 1) == (ROWS[0],)
    assert local.first_rows(write(tmp_path / "a.csv", "x,y\n1,2\n3,4\n"), 5) == (
        {"x": "1", "y": "2"},
        {"x": "3", "y": "4"},
    )


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "x\n1\n")
    assert local.columns(path) == ("x",)
    write(path, "x,y\n1,2\n")
    assert local.columns(path) == ("x", "y")


def test_a_long_file_is_read_only_at_its_beginning(tmp_path: Path) -> None:
    line = json.dumps({"text": "x" * 1000}) + "\n"
    path = write(tmp_path / "a.jsonl", line * (READ_LIMIT // len(line) + 10) + json.dumps({"late": 1}))
    table = local.table(path)
    assert table is not None
    assert (table.columns, table.whole, table.total) == (("text",), False, None)


def test_options_of_the_loader(tmp_path: Path) -> None:
    nested = write(tmp_path / "a.json", '{"version": 1, "data": [{"x": 1}]}')
    assert local.table(nested, "json", {"field": "data"}).columns == ("x",)  # type: ignore[union-attr]
    assert local.table(nested, "json", {"field": "none"}) is None
    semicolons = write(tmp_path / "a.csv", "1;2\n3;4\n")
    assert local.table(semicolons, None, {"sep": ";", "names": ["x", "y"]}).rows[0] == {"x": "1", "y": "2"}  # type: ignore[union-attr]
    assert local.table(semicolons, None, {"quotechar": "'"}) is None


def test_modules_of_a_model(tmp_path: Path) -> None:
    safetensors(tmp_path / "model.safetensors", LAYER)
    assert local.modules(tmp_path) == (
        "model.embed_tokens",
        "model.layers.0.self_attn.q_proj",
        "model.layers.0.input_layernorm",
        "model.layers.1.self_attn.q_proj",
        "model.layers.1.mlp.down_proj",
        "lm_head",
    )
    layers = local.linear_layers(tmp_path)
    assert layers == (local.Linear("q_proj", 2, (8, 8)), local.Linear("down_proj", 1, (8, 32)))


def test_modules_from_an_index_without_its_weights(tmp_path: Path) -> None:
    write(
        tmp_path / "model.safetensors.index.json",
        json.dumps({"weight_map": dict.fromkeys(LAYER, "model-00001-of-00002.safetensors")}),
    )
    assert [layer.name for layer in local.linear_layers(tmp_path) or ()] == ["q_proj", "down_proj"]


@pytest.mark.parametrize("content", [b"", b"\0" * 8, b"\xff" * 16, struct.pack("<Q", 4) + b"nope"])
def test_broken_weights_have_no_modules(tmp_path: Path, content: bytes) -> None:
    write(tmp_path / "model.safetensors", content)
    assert local.modules(tmp_path) is None
    assert not local.linear_layers(tmp_path)
    assert local.facts(tmp_path) is None


def test_facts_of_a_model(tmp_path: Path) -> None:
    safetensors(tmp_path / "model.safetensors", LAYER)
    config = {
        "architectures": ["TinyForCausalLM"],
        "model_type": "tiny",
        "num_hidden_layers": 2,
        "dtype": "bfloat16",
    }
    write(tmp_path / "config.json", json.dumps(config))
    facts = local.facts(tmp_path)
    assert facts is not None
    assert (facts.architecture, facts.kind, facts.layers) == ("TinyForCausalLM", "tiny", 2)
    assert facts.parameters == 800 + 64 + 8 + 8 + 64 + 256 + 800


def test_models_in_the_hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    snapshot = tmp_path / "models--org--tiny-model" / "snapshots" / "abc"
    write(snapshot / "config.json", '{"model_type": "tiny"}')
    write(tmp_path / "models--org--tiny-model" / "refs" / "main", "abc")
    (tmp_path / "datasets--org--rows").mkdir()
    assert local.hub_models() == ("org/tiny-model",)
    assert local.hub_datasets() == ("org/rows",)
    assert local.hub_snapshot("org/tiny-model") == snapshot
    assert local.model_folder("org/tiny-model", Path("/")) == snapshot
    assert local.model_folder("../../etc", None) is None


def test_entries_are_folders_first_and_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.txt", "")
    write(tmp_path / "z" / "b.txt", "")
    assert local.entries(tmp_path) == ((local.Entry("z", True), local.Entry("a.txt", False)), True)
    monkeypatch.setattr(local, "SCANNED", 1)
    found, complete = local.entries(tmp_path)
    assert (len(found), complete) == (1, False)
    assert local.entries(tmp_path / "no") == ((), True)


@pytest.mark.parametrize(
    "data_config",
    [
        {"load_dataset_config": {"params": {"data_name": "json", "data_files": "data/a.json"}}},
        {"load_dataset_config": {"data_name": "json", "data_files": ["data/a.json"], "split": "train[:5%]"}},
        {
            "load_dataset_config": {
                "data_name": "json",
                "data_files": {"test": "no.json", "train": "data/a.json"},
            }
        },
        {"load_dataset_config": {"data_name": "json", "data_dir": "data"}},
        {"load_dataset_config": {"data_name": "json", "data_files": "data/*.json"}},
        {"load_dataset_config": {"data_name": "data/a.json"}},
        {"load_dataset_config": {"data_name": "data"}},
        {"params_config": {"data_name": "json", "data_files": "data/a.json", "source_max_len": 5}},
        {
            "params_config": {
                "component_kwargs": {"load_dataset": {"data_name": "json", "data_files": "data/a.json"}}
            }
        },
        {"components": {"load_dataset": {"params": {"data_name": "json", "data_files": "data/a.json"}}}},
    ],
)
def test_the_file_of_a_data_config(tmp_path: Path, data_config: Any) -> None:
    path = write(tmp_path / "data" / "a.json", json.dumps(ROWS))
    source = source_of(data_config, tmp_path)
    assert source is not None
    assert source.path == path
    assert source.table().columns == ("phrase", "tone", "more")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "data_config",
    [
        None,
        [],
        {"load_dataset_config": 3},
        {"load_dataset_config": {"data_name": "json", "data_files": "https://host/a.json"}},
        {"load_dataset_config": {"data_name": "org/rows"}},
        {"load_dataset_config": {"data_name": "json", "data_files": {"type": 3}}},
        {"load_dataset_config": {"data_name": "json", "data_files": "\0"}},
    ],
)
def test_no_file_of_a_data_config(tmp_path: Path, data_config: Any) -> None:
    assert source_of(data_config, tmp_path) is None
    assert source_of(data_config, None) is None
