"""Configs from templates, through a client: models and data that are here, and the text that comes of the answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from findings import told

from olive_server.new_config import TEMPLATES, Choice, suggested_template, text

pytestmark = pytest.mark.asyncio

ROWS = [{"phrase": "all is well", "tone": "joy"}, {"phrase": "who is there?", "tone": "fear"}]


@pytest.fixture
def rows(project: Path) -> Path:
    path = project / "data" / "phrases.jsonl"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(json.dumps(row) for row in ROWS))
    return path


async def test_a_data_file_shows_its_columns_its_rows_and_a_text_for_them(
    start: Callable[..., Any], rows: Path
) -> None:
    editor = await start()
    found = await editor.command("olivepress.dataset", path=str(rows))
    assert found == {
        "format": "json",
        "columns": ["phrase", "tone"],
        "rows": ROWS,
        "total": 2,
        "suggested": "### Phrase: {phrase}\n### Tone:\n{tone}",
    }


async def test_models_of_the_hubs_cache_and_of_the_folder_are_offered(
    start: Callable[..., Any], project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    (tmp_path / "hub" / "models--owner--small" / "snapshots" / "1").mkdir(parents=True)
    model = project / "models" / "mine"
    model.mkdir(parents=True)
    for name in ("config.json", "model.safetensors"):
        (model / name).write_text("{}")
    editor = await start()
    assert await editor.command("olivepress.models") == {"hub": ["owner/small"], "folders": [str(model)]}


async def test_paths_in_the_folder_are_written_as_seen_from_there(
    start: Callable[..., Any], project: Path, rows: Path
) -> None:
    editor = await start()
    made = await editor.command(
        "olivepress.newConfig",
        template="lora",
        folder=str(project),
        model=str(project / "models" / "mine"),
        dataFile=str(rows),
        textTemplate="{phrase} {tone}",
    )
    config = json.loads(made["text"])
    assert config["input_model"]["model_path"] == "models/mine"
    assert config["data_configs"][0]["load_dataset_config"]["data_files"] == "data/phrases.jsonl"
    assert list(config["passes"]) == ["lora", "merge", "int4"]


async def test_the_example_brings_its_data(start: Callable[..., Any]) -> None:
    editor = await start()
    made = await editor.command("olivepress.newConfig", template="example")
    (file,) = made["files"]
    data = json.loads(made["text"])["data_configs"][0]["load_dataset_config"]["data_files"]
    assert file["path"] == data
    assert json.loads(file["text"])[0].keys() == {"phrase", "tone"}


@pytest.mark.parametrize(
    ("command", "argument", "says"),
    [
        ("olivepress.dataset", {"path": "relative.json"}, "absolute path"),
        ("olivepress.dataset", {"path": "/nowhere/rows.csv"}, "cannot be read"),
        ("olivepress.dataset", {"path": "/nowhere/rows.bin"}, "ending"),
        ("olivepress.newConfig", {"template": "gguf"}, "no template"),
        ("olivepress.newConfig", {"template": "int4", "folder": "/x"}, "Which model"),
        ("olivepress.newConfig", {"template": "lora", "folder": "/x", "model": "a/b"}, "Which data"),
    ],
)
async def test_what_is_lacking_is_said(
    start: Callable[..., Any], command: str, argument: dict[str, Any], says: str
) -> None:
    editor = await start()
    with pytest.raises(LookupError, match=says):
        await editor.command(command, **argument)


@pytest.mark.parametrize("release", ["auto", "0.9.3", "0.13", "main"])
@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("device", ["cpu", "gpu"])
async def test_a_new_config_has_nothing_wrong(template: Any, device: Any, release: str) -> None:
    choice = Choice(
        template, "owner/small", "rows.csv", "csv", suggested_template(["a", "b"], "c"), device=device
    )
    assert told(text(choice), release) == []
