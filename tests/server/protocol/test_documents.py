"""Which documents are looked at, and that the server's text is the editor's, whatever is typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from editor import GOOD, Editor, at, codes, text_of

pytestmark = pytest.mark.asyncio

WRONG = text_of(GOOD).replace('"train_data_config": "train"', '"train_data_config": "trian"')


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("olive-config.json", "json"),
        ("phi3.txt", "plaintext"),
        ("run.jsonc", "jsonc"),
        ("untitled:Untitled-1", "json"),
    ],
)
async def test_a_workflow_is_known_by_its_content(editor: Editor, name: str, language: str) -> None:
    editor.open(name, WRONG, language)
    found = await editor.problems(name)
    assert any(WRONG.splitlines()[at(one)[0]].strip().startswith('"train_data_config"') for one in found)


@pytest.mark.parametrize(
    "text",
    ['{"name": "left-pad", "dependencies": {"a": "^1.0.0",}}', "[1, 2", "", '{"passes": 3}', "plain words"],
)
async def test_other_texts_are_met_with_silence(editor: Editor, text: str) -> None:
    editor.open("package.json", text)
    await editor.settle()
    editor.type("package.json", (0, 0, 0, 0, " "))
    await editor.settle()
    assert editor.pushed("package.json") == []


async def test_a_client_that_asks_is_told_which_documents_are_workflows(start: object) -> None:
    editor: Editor = await start(options={"documents": True})  # type: ignore[operator]
    uri = editor.open("any-name.json", "{}")
    await editor.until(told(uri, workflow=False))
    editor.type("any-name.json", WRONG)
    await editor.until(told(uri, workflow=True))
    editor.type("any-name.json", WRONG + "\n")
    await editor.problems("any-name.json")
    assert editor.told("olivepress/document") == []
    editor.close("any-name.json")
    editor.open("any-name.json", WRONG)
    await editor.until(told(uri, workflow=True))


async def test_other_clients_are_not_told(editor: Editor) -> None:
    editor.open("olive-config.json", WRONG)
    await editor.problems("olive-config.json")
    await editor.settle()
    assert editor.told("olivepress/document") == []


def told(uri: str, *, workflow: bool) -> Callable[[dict[str, Any]], bool]:
    message = {"uri": uri, "workflow": workflow}
    return lambda one: one.get("method") == "olivepress/document" and one["params"] == message


async def test_typing_arrives_character_by_character(editor: Editor) -> None:
    editor.open("a.json", text_of(GOOD, passes={}))
    editor.replace("a.json", '"passes": {}', '"passes": {"tune": {"type": "LoRA", "q": 1}}')
    text = editor.texts[editor.uri("a.json")]
    found = await editor.problems("a.json")
    (unknown,) = [one for one in found if "`q`" in one["message"]]
    line, start, _, end = at(unknown)
    assert text.splitlines()[line][start:end] == '"q"'


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
async def test_positions_count_utf16_units_in_any_kind_of_lines(
    editor: Editor, newline: str, bom: str
) -> None:
    lines = ['{"input_model": {"type": "HfModel"},', '"passes": {"\U0001f642é": {"type": "LoRA", "rr": 1}}}']
    editor.open("a.json", bom + newline.join(lines))
    found = await editor.problems("a.json")
    column = len(lines[1][: lines[1].index('"rr"')].encode("utf-16-le")) // 2
    assert (1, column, 1, column + 4) in {at(one) for one in found}
    # Another astral character before it, put in by position: the place moves by two.
    editor.type("a.json", (1, 13, 1, 13, "\U0001f600"))
    assert (1, column + 2, 1, column + 6) in {at(one) for one in await editor.problems("a.json")}


async def test_several_changes_at_once_apply_one_after_the_other(editor: Editor) -> None:
    editor.open("a.json", "{}")
    editor.type(
        "a.json", (0, 1, 0, 1, '"passes": {"a": {"type": "LoRA"}}'), (0, 0, 0, 1, "{\n"), (1, 0, 1, 0, "\n")
    )
    assert {at(one)[0] for one in await editor.problems("a.json")} >= {2}


async def test_a_whole_text_may_be_sent_instead(editor: Editor) -> None:
    editor.open("a.json", WRONG)
    before = await editor.problems("a.json")
    editor.type("a.json", text_of(GOOD))
    after = await editor.problems("a.json")
    assert "unknown-reference" in codes(before)
    assert "unknown-reference" not in codes(after)


async def test_what_is_overtaken_by_typing_is_not_told(editor: Editor) -> None:
    editor.open("a.json", WRONG)
    for _ in range(30):
        editor.type("a.json", (0, 1, 0, 1, " "))
    await editor.problems("a.json")
    versions = [one["version"] for one in editor.pushed("a.json")]
    assert versions == sorted(set(versions))
    await editor.settle()
    assert editor.pushed("a.json")[len(versions) :] == []


async def test_closing_takes_the_findings_away(editor: Editor) -> None:
    editor.open("a.json", WRONG)
    assert await editor.problems("a.json")
    editor.close("a.json")
    await editor.settle()
    assert editor.pushed("a.json")[-1]["diagnostics"] == []


async def test_a_text_that_becomes_another_json_loses_its_findings(editor: Editor) -> None:
    editor.open("a.json", WRONG)
    assert await editor.problems("a.json")
    editor.type("a.json", '{"name": "left-pad"}')
    assert await editor.problems("a.json") == []


async def test_a_text_far_longer_than_a_config_is_left_alone(editor: Editor) -> None:
    editor.open("olive-config.json", '{"passes": {"a": {"type": "LoRA"}}, "x": "' + "y" * 10_000_000 + '"}')
    (only,) = await editor.problems("olive-config.json")
    assert only["code"] == "too-long"
    whole = text_of(GOOD)
    editor.open("mine.json", whole[:-1] + ', "x": "' + "y" * 4_000_000 + '"}')
    assert codes(await editor.problems("mine.json")) == {"too-long"}
