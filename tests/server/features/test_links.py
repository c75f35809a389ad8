"""Links of a config: local paths that exist, and names of the hub."""

from __future__ import annotations

from pathlib import Path

import pytest
from texts import CONFIG, document, mark

from olive_server.features.links import links


def shown(text: str, path: Path | None = None) -> list[str]:
    return [
        f"{text[link.span.start : link.span.end]} -> {link.target.replace(path.parent.as_uri(), '.') if path else link.target}"
        for link in links(document(text, path))
    ]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    for name in ("data/a b.jsonl", "data/b.jsonl", "script.py"):
        (tmp_path / name).touch()
    (tmp_path / "model").mkdir()
    return tmp_path / "olive-config.json"


@pytest.mark.parametrize(
    ("text", "expect"),
    [
        (
            '{"input_model": {"type": "HfModel", "model_path": "org/name"}}',
            ["org/name -> https://huggingface.co/org/name"],
        ),
        (
            '{"input_model": {"type": "PyTorchModel", "config": {"hf_config": {"model_name": "org/name"}}}}',
            ["org/name -> https://huggingface.co/org/name"],
        ),
        ('{"input_model": {"type": "HfModel", "model_path": "./model"}}', ["./model -> ./model"]),
        ('{"input_model": {"type": "HfModel", "model_path": "model"}}', ["model -> ./model"]),
        ('{"input_model": {"type": "HfModel", "model_path": "./missing/one"}}', []),
        ('{"input_model": {"type": "HfModel", "model_path": "https://example.org/x"}}', []),
        (
            '{"data_configs": [{"type": "HuggingfaceContainer", "load_dataset_config": {"data_name": "json", "data_files": "data/b.jsonl"}}]}',
            ["data/b.jsonl -> ./data/b.jsonl"],
        ),
        (
            '{"data_configs": [{"type": "HuggingfaceContainer", "load_dataset_config": {"data_name": "org/rows", "data_files": ["data/a b.jsonl", "data/no.jsonl"]}}]}',
            ["org/rows -> https://huggingface.co/datasets/org/rows", "data/a b.jsonl -> ./data/a%20b.jsonl"],
        ),
        (
            '{"data_configs": [{"type": "HuggingfaceContainer", "user_script": "script.py", "load_dataset_config": {"params": {"data_files": {"train": "data/b.jsonl"}}}}]}',
            ["script.py -> ./script.py", "data/b.jsonl -> ./data/b.jsonl"],
        ),
        ('{"output_dir": "data", "cache_dir": "nowhere"}', ["data -> ./data"]),
        ('{"output_dir": "data', ["data -> ./data"]),
        ('{"output_dir": "a\\u0000b", "cache_dir": "\\ud800"}', []),
        ("", []),
    ],
)
def test_links(text: str, expect: list[str], config: Path) -> None:
    assert shown(text, config) == expect


def test_a_text_that_lies_nowhere_has_only_links_to_the_hub() -> None:
    assert shown(CONFIG.replace('"r": 16', '"output_dir": "/tmp"')) == [
        "org/name -> https://huggingface.co/org/name"
    ]


def test_a_path_says_what_it_opens(config: Path) -> None:
    [folder] = links(document('{"output_dir": "data"}', config))
    assert folder.tooltip == "Open the folder"
    assert (
        mark('{"output_dir": "data"}', [(folder.span.start, folder.span.end)]) == '{"output_dir": "«data»"}'
    )
