"""Configs from templates, through a client: models and data that are here, and the text that comes of the answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from findings import told

from olive_server.new_config import PLAIN_CHAT, TEMPLATES, Choice, suggested_template, text

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
        "inputs": ["phrase"],
        "answer": "tone",
        "messages": "",
        "suggested": "### Phrase: {phrase}\n### Tone:\n{tone}",
    }


@pytest.mark.parametrize(
    ("header", "inputs", "answer"),
    [
        ("id,question,answer,lang", ["question"], "answer"),
        ("instruction,input,output", ["instruction", "input"], "output"),
        ("a,b", ["a"], "b"),
        ("text", ["text"], ""),
        ("id", ["id"], ""),
        ("a,b,c,d", ["a", "b", "c", "d"], ""),
        ("a{b},with space,a.b", ["with space"], ""),
    ],
)
async def test_columns_that_texts_are_made_of_are_suggested(
    start: Callable[..., Any], project: Path, header: str, inputs: list[str], answer: str
) -> None:
    (project / "rows.csv").write_text(f"{header}\n{','.join('x' for _ in header.split(','))}\n")
    editor = await start()
    found = await editor.command("olivepress.dataset", path=str(project / "rows.csv"))
    assert (found["inputs"], found["answer"]) == (inputs, answer)


async def test_columns_and_an_answer_that_were_chosen_make_the_text(
    start: Callable[..., Any], rows: Path
) -> None:
    editor = await start()
    for answer, suggested in (("", "{tone}"), ("tone", "### Tone:\n{tone}")):
        found = await editor.command("olivepress.dataset", path=str(rows), columns=["tone"], answer=answer)
        assert found["suggested"] == suggested


@pytest.mark.parametrize(
    ("name", "content", "load", "text"),
    [
        ("rows.tsv", "a\tb\n1\t2\n", {"data_name": "csv", "sep": "\t"}, {"text_template": "{a}"}),
        (
            "rows.json",
            '{"version": 1, "data": [{"a": 1}]}',
            {"data_name": "json", "field": "data"},
            {"text_template": "{a}"},
        ),
        (
            "rows.json",
            '{"rows": [{"a": 1}, {"a": 2}]}',
            {"data_name": "json", "field": "rows"},
            {"text_template": "{a}"},
        ),
        (
            "chat.jsonl",
            '{"talk": [{"role": "user", "content": "hi"}]}\n' * 2,
            {"data_name": "json"},
            {"chat_template": True, "message_col": "talk"},
        ),
    ],
)
async def test_data_that_its_loader_has_to_be_told_more_of(
    start: Callable[..., Any], project: Path, name: str, content: str, load: Any, text: Any
) -> None:
    (project / name).write_text(content)
    editor = await start()
    found = await editor.command("olivepress.dataset", path=str(project / name))
    made = await editor.command(
        "olivepress.newConfig",
        template="lora",
        folder=str(project),
        model="owner/small",
        dataFile=str(project / name),
        messages=found["messages"],
        textTemplate="{a}",
    )
    (data,) = json.loads(made["text"])["data_configs"]
    assert data["load_dataset_config"].items() >= load.items()
    assert data["pre_process_data_config"].items() >= text.items()
    assert told(made["text"]) == []


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


async def test_conversations_for_a_model_without_a_chat_template(
    start: Callable[..., Any], project: Path
) -> None:
    (project / "chat.jsonl").write_text('{"talk": [{"role": "user", "content": "hi"}]}\n' * 2)
    model = project / "mine"
    model.mkdir()
    editor = await start()
    written = []
    for settings in ("{}", '{"chat_template": "{{ messages }}"}'):
        (model / "tokenizer_config.json").write_text(settings)
        made = await editor.command(
            "olivepress.newConfig",
            template="lora",
            folder=str(project),
            model=str(model),
            dataFile=str(project / "chat.jsonl"),
            messages="talk",
        )
        (data,) = json.loads(made["text"])["data_configs"]
        written.append(data["pre_process_data_config"]["chat_template"])
    assert written == [PLAIN_CHAT, True]


async def test_the_example_brings_its_data(start: Callable[..., Any]) -> None:
    editor = await start()
    made = await editor.command("olivepress.newConfig", template="example")
    (file,) = made["files"]
    data = json.loads(made["text"])["data_configs"][0]["load_dataset_config"]["data_files"]
    assert file["path"] == data
    assert json.loads(file["text"])[0].keys() == {"phrase", "tone"}


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.jsonl", "", "a.jsonl is empty"),
        ("a.json", '{"a": [1, 2', "cannot be read as JSON"),
        ("a.parquet", "nothing", "cannot be read as parquet"),
        ("a.csv", "a,b\n", "no rows to train on"),
    ],
)
async def test_a_data_file_without_rows_says_so(
    start: Callable[..., Any], project: Path, name: str, content: str, says: str
) -> None:
    (project / name).write_text(content)
    editor = await start()
    with pytest.raises(LookupError, match=says):
        await editor.command("olivepress.dataset", path=str(project / name))


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
        template,
        "owner/small",
        "rows.csv",
        "csv",
        text_template=suggested_template(["a"], "c"),
        device=device,
    )
    assert told(text(choice), release) == []
