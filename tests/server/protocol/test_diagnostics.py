"""Findings as the client gets them: pushed or pulled, with their links and places, by its settings, by its disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from editor import GOOD, Editor, at, codes, text_of, write_inputs
from lsprotocol import types

from olive_server import links

pytestmark = pytest.mark.asyncio

NAME = "olive-config.json"
WRONG = text_of(GOOD).replace('"train_data_config": "train"', '"train_data_config": "trian"')


def pulls(capabilities: types.ClientCapabilities) -> None:
    assert capabilities.text_document is not None
    assert capabilities.workspace is not None
    capabilities.text_document.diagnostic = types.DiagnosticClientCapabilities()
    capabilities.workspace.diagnostics = types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)


async def pull(editor: Editor, name: str = NAME, previous: str | None = None) -> dict[str, Any]:
    params = {
        "textDocument": {"uri": editor.uri(name)},
        **({"previousResultId": previous} if previous else {}),
    }
    found: dict[str, Any] = await editor.ask("textDocument/diagnostic", params)
    return found


async def test_a_finding_says_what_where_and_where_to_read_more(editor: Editor) -> None:
    editor.open(NAME, WRONG)
    (problem,) = [one for one in await editor.problems(NAME) if one["code"] == "unknown-reference"]
    line, start, _, end = at(problem)
    assert WRONG.splitlines()[line][start:end] == '"trian"'
    assert problem["severity"] == 1
    assert problem["source"] == "olivepress"
    assert problem["codeDescription"]["href"] == links.of_code("unknown-reference")
    assert problem["data"]["pointer"] == "/passes/tune/train_data_config"


async def test_of_a_long_text_something_is_told_at_once_and_the_client_asks_again_for_the_rest(
    start: Any,
) -> None:
    editor: Editor = await start(announce=pulls)
    more = [{**GOOD["data_configs"][0], "name": f"more_{number}"} for number in range(500)]
    text = text_of({**GOOD, "data_configs": [*GOOD["data_configs"], *more]})
    text = text.replace('"train_data_config": "train"', '"train_data_config": "trian"')
    editor.open(NAME, text.replace('"r": 8', '"r": 8,'))
    first = await pull(editor)
    assert codes(first["items"]) == {"json-trailing-comma"}
    await editor.until(lambda one: one.get("method") == "workspace/diagnostic/refresh")
    assert {"json-trailing-comma", "unknown-reference"} <= codes((await pull(editor))["items"])
    editor.replace(NAME, '"r": 8,', '"r": 8, "rr": 8')
    moved = await pull(editor)
    assert "unknown-reference" in codes(moved["items"])
    assert "unknown-name" not in codes(moved["items"])
    await editor.until(lambda one: one.get("method") == "workspace/diagnostic/refresh")
    assert "unknown-name" in codes((await pull(editor, previous=moved["resultId"]))["items"])


async def test_both_places_of_a_name_that_is_given_twice(editor: Editor) -> None:
    editor.open(NAME, text_of(GOOD, data_configs=[*GOOD["data_configs"], *GOOD["data_configs"]]))
    related = [
        (at(one), at({"range": two["location"]["range"]}))
        for one in await editor.problems(NAME)
        for two in one.get("relatedInformation", ())
    ]
    assert any(here[0] != there[0] for here, there in related)


async def test_pulled_the_same_and_unchanged_until_something_changes(start: Any) -> None:
    editor: Editor = await start(announce=pulls)
    editor.open(NAME, WRONG)
    first = await pull(editor)
    assert first["kind"] == "full"
    assert "unknown-reference" in codes(first["items"])
    assert await pull(editor, previous=first["resultId"]) == {
        "kind": "unchanged",
        "resultId": first["resultId"],
    }
    editor.replace(NAME, "trian", "train")
    second = await pull(editor, previous=first["resultId"])
    assert second["kind"] == "full"
    assert "unknown-reference" not in codes(second["items"])


async def test_a_client_that_pulls_is_not_pushed_the_same_beside(start: Any) -> None:
    editor: Editor = await start(announce=pulls)
    editor.open(NAME, WRONG)
    for _ in range(3):
        await pull(editor)
        editor.replace(NAME, "{", "{ ")
    await pull(editor)
    assert [one["diagnostics"] for one in editor.pushed(NAME)][-1:] in ([], [[]])


async def test_one_that_announces_pulling_and_does_not_is_pushed_all_the_same(start: Any) -> None:
    editor: Editor = await start(announce=pulls)
    editor.open(NAME, WRONG)
    assert "unknown-reference" in codes(await editor.problems(NAME))
    await pull(editor)
    editor.replace(NAME, '"r": 8', '"r": 9')
    assert "unknown-reference" in codes(await editor.problems(NAME))


async def test_configs_that_are_not_open_are_pulled_for_the_whole_workspace(
    start: Any, project: Path
) -> None:
    (project / "deep").mkdir()
    (project / "deep" / "wrong.json").write_text(WRONG)
    (project / "package.json").write_text('{"name": "left-pad"}')
    editor: Editor = await start(announce=pulls)
    editor.open(NAME, WRONG)
    found = await editor.ask("workspace/diagnostic", {"previousResultIds": []})
    (report,) = found["items"]
    assert report["uri"] == (project / "deep" / "wrong.json").as_uri()
    assert "unknown-reference" in codes(report["items"])
    (project / "deep" / "wrong.json").write_text(text_of(GOOD))
    known = [{"uri": report["uri"], "value": report["resultId"]}]
    (report,) = (await editor.ask("workspace/diagnostic", {"previousResultIds": known}))["items"]
    assert "unknown-reference" not in codes(report["items"])


async def test_settings_change_without_a_restart(start: Any) -> None:
    editor: Editor = await start()
    editor.open(NAME, WRONG)
    assert "unknown-reference" in codes(await editor.problems(NAME))
    for settings, severity in (
        ({"checks": {"severity": {"unknown-reference": "hint"}}}, [4]),
        ({"checks": {"severity": {"unknown-reference": "off"}}}, []),
        ({}, [1]),
        ({"checks": {"enabled": False}}, []),
    ):
        editor.change_settings(settings)
        found = await editor.problems(NAME)
        assert [one["severity"] for one in found if one["code"] == "unknown-reference"] == severity
    editor.change_settings({"oliveVersion": "0.99", "checks": {"severity": {"x": "loud"}}})
    await editor.until(lambda one: "no release" in str(one.get("params")))
    await editor.until(lambda one: "loud" in str(one.get("params")))


async def test_the_release_that_is_asked_for_decides(start: Any) -> None:
    text = text_of(GOOD, passes={"tune": {"type": "LoRA", "lora_r": 8}})
    said = []
    for version in ("0.6", "0.13"):
        editor: Editor = await start(options={"oliveVersion": version})
        editor.open(NAME, text)
        said.append((await pull(editor))["resultId"])
    assert said[0] != said[1]


async def test_each_folder_has_its_own_settings(start: Any, tmp_path: Path) -> None:
    one, other = tmp_path / "one folder", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
    editor: Editor = await start(folders=(one, other))
    editor.client.set_configuration({"olivepress": {"checks": {"enabled": False}}}, scope_uri=other.as_uri())
    editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
    await editor.until(lambda message: message.get("method") == "workspace/configuration")
    await editor.until(lambda message: message.get("method") == "workspace/configuration")
    uris = [editor.open((folder / NAME).as_uri(), WRONG) for folder in (one, other)]
    await editor.settle()
    assert [len((await pull(editor, uri))["items"]) > 0 for uri in uris] == [True, False]


async def test_a_client_that_answers_no_questions_sends_its_settings_along(start: Any) -> None:
    def silent(capabilities: types.ClientCapabilities) -> None:
        assert capabilities.workspace is not None
        capabilities.workspace.configuration = False

    editor: Editor = await start(announce=silent, options={"settings": {"checks": {"enabled": False}}})
    editor.open(NAME, WRONG)
    assert await editor.problems(NAME) == []
    settings = {"olivepress": {"checks": {"enabled": True}}}
    editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings))
    assert "unknown-reference" in codes(await editor.problems(NAME))


async def test_a_file_that_the_config_names_appears_and_goes(editor: Editor) -> None:
    write_inputs(editor.folder)
    data = editor.folder / "train.json"
    content = data.read_text()
    data.unlink()
    editor.open(NAME, text_of(GOOD))
    assert "not-found" in codes(await editor.problems(NAME))
    # By the system's own events, once they are watched for.
    await _watched(editor)
    data.write_text(content)
    assert "not-found" not in codes(await editor.problems(NAME))
    # By the client's, at once.
    data.unlink()
    change = types.FileEvent(data.as_uri(), types.FileChangeType.Deleted)
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([change]))
    assert "not-found" in codes(await editor.problems(NAME))


async def _watched(editor: Editor) -> None:
    """Until the server has told the kernel which folders it wants to hear of."""
    import asyncio

    for _ in range(400):
        links = Path(f"/proc/{editor.pid}/fd").iterdir()
        if any("inotify" in str(link.readlink()) for link in links if link.is_symlink()):
            await asyncio.sleep(0.2)
            return
        await asyncio.sleep(0.02)
    raise AssertionError("nothing is watched")
