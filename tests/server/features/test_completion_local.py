"""What this machine adds: paths, columns, placeholders, modules, models, functions."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
from completing import accept, at_cursor, check

ROWS = [{"phrase": "I won", "tone": "Joy"}]
DATA = (
    '{"data_configs": [{"name": "d", "type": "HuggingfaceContainer", "load_dataset_config": '
    '{"data_name": "json", "data_files": "data/rows.json"}, "pre_process_data_config": {%s}}]}'
)
LOAD = '{"data_configs": [{"name": "d", "type": "HuggingfaceContainer", "load_dataset_config": {%s}}]}'
TUNE = (
    '{"input_model": {"type": "HfModel", "model_path": "models/tiny"}, "passes": {"a": {"type": "LoRA", %s}}}'
)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of a config with data, a model and a script beside it, and a cache with one model."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    (tmp_path / "data" / "deeper").mkdir(parents=True)
    (tmp_path / "data" / "rows.json").write_text(json.dumps(ROWS))
    (tmp_path / "data" / "note.md").write_text("")
    (tmp_path / ".hidden").mkdir()
    tiny = tmp_path / "models" / "tiny"
    tiny.mkdir(parents=True)
    tensors = {
        "model.embed_tokens.weight": [9, 4],
        "model.layers.0.self_attn.q_proj.weight": [4, 4],
        "model.layers.0.mlp.up_proj.weight": [8, 4],
        "model.norm.weight": [4],
    }
    header = json.dumps({name: {"shape": shape} for name, shape in tensors.items()}).encode()
    (tiny / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header)
    (tmp_path / "script.py").write_text("import os\n\ndef load_rows(): ...\n\nclass Loader: ...\n")
    (tmp_path / "hub" / "models--org--small" / "snapshots" / "1").mkdir(parents=True)
    (tmp_path / "hub" / "models--org--small" / "snapshots" / "1" / "config.json").write_text(
        '{"model_type": "tiny"}'
    )
    return tmp_path / "olive-config.json"


def test_paths_folder_by_folder(config: Path) -> None:
    items = check(
        LOAD % '"data_files": "|"', offers=["data/", "models/", "script.py"], lacks=[".hidden/"], path=config
    )
    assert items[0].kind == "folder"
    accept(LOAD % '"data_files": "da|"', "data/", gives=LOAD % '"data_files": "data/"', path=config)
    accept(
        LOAD % '"data_files": "data/|"',
        "rows.json",
        gives=LOAD % '"data_files": "data/rows.json"',
        path=config,
    )
    check(LOAD % '"data_files": "data/|"', first="rows.json", offers=["deeper/", "note.md"], path=config)
    item = accept(LOAD % '"data_files": da|', "data/", gives=LOAD % '"data_files": "data/"', path=config)
    assert item.retrigger
    assert item.edit.new_text == '"data/$0"'


def test_the_part_between_two_slashes_is_replaced(config: Path) -> None:
    accept(
        LOAD % '"data_files": "mo|/rows.json"',
        "data/",
        gives=LOAD % '"data_files": "data/rows.json"',
        path=config,
    )
    accept(
        LOAD % '"data_files": "data/ro|}'.rstrip("}"),
        "rows.json",
        gives=LOAD % '"data_files": "data/rows.json"',
        path=config,
    )


def test_folders_only_where_a_folder_is_meant(config: Path) -> None:
    check('{"output_dir": "|"}', offers=["data/"], lacks=["script.py"], path=config)


def test_files_in_a_list_and_below_data_dir(config: Path) -> None:
    check(LOAD % '"data_files": ["data/|"]', offers=["rows.json"], path=config)
    check(LOAD % '"data_dir": "data", "data_files": "|"', offers=["rows.json"], path=config)
    check(LOAD % '"data_files": {"train": "data/|"}', offers=["rows.json"], path=config)


def test_no_paths_without_a_folder() -> None:
    assert not [
        item for item in at_cursor(LOAD % '"data_files": "|"').items if item.kind in ("file", "folder")
    ]


def test_columns_of_the_data_file(config: Path) -> None:
    items = check(DATA % '"text_cols": ["|"]', offers=["phrase", "tone"], first="phrase", path=config)
    assert items[0].detail == '"I won"'
    check(DATA % '"text_cols": ["phrase", "|"]', offers=["tone"], lacks=["phrase"], path=config)
    accept(DATA % '"text_cols": |', "tone", gives=DATA % '"text_cols": "tone"', path=config)


@pytest.mark.parametrize(
    ("written", "gives"),
    [
        ('"text_template": "x {ph|} y"', '"text_template": "x {tone} y"'),
        ('"text_template": "x {|} y"', '"text_template": "x {tone} y"'),
        ('"text_template": "x {ph|"', '"text_template": "x {tone}"'),
        ('"text_template": "x {ph| y"', '"text_template": "x {tone} y"'),
        ('"text_template": "x |"', '"text_template": "x {tone}"'),
        ('"text_template": "{{|"', '"text_template": "{{{tone}"'),
    ],
)
def test_placeholders(config: Path, written: str, gives: str) -> None:
    accept(DATA % written, "tone", gives=DATA % gives, path=config)


def test_placeholders_in_a_string_without_its_end(config: Path) -> None:
    text = DATA % '"text_template": "### {phrase} |,\n"max_seq_len": 3'
    accept(text, "tone", gives=text.replace("|", '{tone}"'), path=config)


def test_a_whole_template(config: Path) -> None:
    accept(
        DATA % '"text_template": |',
        "### {phrase} … {tone}",
        gives=DATA % '"text_template": "### phrase: {phrase}\\n### tone: {tone}"',
        path=config,
    )


def test_target_modules_from_the_weights(config: Path) -> None:
    check(
        TUNE % '"target_modules": ["|"]',
        offers=["q_proj", "up_proj"],
        lacks=["norm", "embed_tokens"],
        path=config,
    )
    check(TUNE % '"target_modules": ["q_proj", |]', lacks=["q_proj"], path=config)
    check(TUNE % '"target_modules": |', offers=["all-linear"], path=config)
    accept(
        TUNE % '"target_modules": |',
        "all of the model's linear layers",
        gives=TUNE % '"target_modules": ["q_proj", "up_proj"]',
        path=config,
    )
    check(TUNE % '"modules_to_save": ["|"]', first="embed_tokens", path=config)


def test_models_of_the_hub_cache(config: Path) -> None:
    model = '{"input_model": {"type": "HfModel", "model_path": %s}}'
    check(model % '"|"', offers=["org/small", "models/"], path=config)
    accept(model % '"or|g"', "org/small", gives=model % '"org/small"', path=config)


def test_functions_of_the_script(config: Path) -> None:
    loading = '{"data_configs": [{"name": "d", "user_script": "%s", "load_dataset_config": {"type": "|"}}]}'
    metric = (
        '{"evaluators": {"e": {"metrics": [{"name": "m", "type": "custom", "user_config": '
        '{"user_script": "script.py", "evaluate_func": "|"}}]}}}'
    )
    check(metric, offers=["load_rows", "Loader"], lacks=["os"], path=config)
    check(loading % "script.py", offers=["huggingface_dataset", "load_rows"], path=config)
    check(
        '{"data_configs": [{"name": "d", "user_script": "|"}]}',
        first="script.py",
        path=config,
        offers=["data/"],
    )


def test_readers_and_splits() -> None:
    check(LOAD % '"data_name": "|"', offers=["json", "csv", "parquet"])
    check(LOAD % '"split": "|"', offers=["train", "validation"])
