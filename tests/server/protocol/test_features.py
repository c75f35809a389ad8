"""Each feature once through the whole way: a real client, positions in UTF-16, edits that the client applies."""

from __future__ import annotations

from typing import Any

import pytest
from editor import GOOD, Editor, at, text_of, write_inputs
from lsprotocol import types

pytestmark = pytest.mark.asyncio

NAME = "olive-config.json"
TEXT = text_of(GOOD).replace('"passes": {', '"passes": {\n        "\U0001f642": {"type": "LoRA", "r": 4}, ')
"""An astral character before what is asked about, on the line of the pass `tune`."""


class At:
    """A place in a text, marked by what stands there."""

    def __init__(self, text: str, marked: str, inside: int = 1) -> None:
        offset = text.index(marked) + inside
        before = text[:offset]
        self.line = before.count("\n")
        column = before[before.rfind("\n") + 1 :]
        self.position = {"line": self.line, "character": len(column.encode("utf-16-le")) // 2}


async def ask(editor: Editor, method: str, place: At | None = None, name: str = NAME, **more: Any) -> Any:
    params: dict[str, Any] = {"textDocument": {"uri": editor.uri(name)}, **more}
    if place is not None:
        params["position"] = place.position
    return await editor.ask(f"textDocument/{method}", params)


def applied(text: str, edits: list[dict[str, Any]]) -> str:
    """As a client applies edits: positions in UTF-16 of the text before."""
    lines = text.splitlines(keepends=True)

    def offset(place: dict[str, int]) -> int:
        before = "".join(lines[: place["line"]])
        line = lines[place["line"]] if place["line"] < len(lines) else ""
        return len(before) + len(line.encode("utf-16-le")[: place["character"] * 2].decode("utf-16-le"))

    for edit in sorted(edits, key=lambda one: offset(one["range"]["start"]), reverse=True):
        start, end = offset(edit["range"]["start"]), offset(edit["range"]["end"])
        text = text[:start] + edit["newText"] + text[end:]
    return text


def of_workspace_edit(edit: dict[str, Any], uri: str) -> list[dict[str, Any]]:
    if "changes" in edit:
        return list(edit["changes"][uri])
    (change,) = edit["documentChanges"]
    assert change["textDocument"]["uri"] == uri
    return list(change["edits"])


async def test_completion_and_its_details(editor: Editor) -> None:
    text = TEXT.replace('"train_data_config": "train"', '"train_data_config": "tr"')
    editor.open(NAME, text)
    found = await ask(editor, "completion", At(text, '"tr"', 3))
    (item,) = [one for one in found["items"] if one["label"] == "train"]
    assert applied(text, [item["textEdit"]]) == TEXT
    keys = await ask(editor, "completion", At(text, '"r": 8', 2))
    item = next(one for one in keys["items"] if one["label"] == "r")
    details = await editor.ask("completionItem/resolve", item)
    assert details["label"] == "r"
    assert details["documentation"]["value"]


async def test_completion_can_be_turned_off(start: Any) -> None:
    editor: Editor = await start(options={"completion": {"enabled": False}, "hover": {"enabled": False}})
    editor.open(NAME, TEXT)
    assert await ask(editor, "completion", At(TEXT, '"r": 8', 2)) is None
    assert await ask(editor, "hover", At(TEXT, '"r": 8', 2)) is None


async def test_a_client_without_snippets_gets_plain_texts(start: Any) -> None:
    def plain(capabilities: types.ClientCapabilities) -> None:
        assert capabilities.text_document is not None and capabilities.text_document.completion is not None
        capabilities.text_document.completion.completion_item = None

    editor: Editor = await start(announce=plain)
    text = TEXT.replace('"r": 8', '"r": 8, ""')
    editor.open(NAME, text)
    found = await ask(editor, "completion", At(text, '8, ""', 4))
    assert found["items"]
    assert all(
        "insertTextFormat" not in one and "${" not in one["textEdit"]["newText"] for one in found["items"]
    )


async def test_hover(editor: Editor) -> None:
    editor.open(NAME, TEXT)
    found = await ask(editor, "hover", At(TEXT, '"r": 4', 1))
    assert found["contents"]["kind"] == "markdown"
    line, start, _, end = at(found)
    units = TEXT.splitlines()[line].encode("utf-16-le")
    assert units[start * 2 : end * 2].decode("utf-16-le") == '"r"'


async def test_definition_references_highlights(editor: Editor) -> None:
    editor.open(NAME, TEXT)
    place = At(TEXT, '_config": "train"', 12)
    (target,) = await ask(editor, "definition", place)
    where = target.get("targetSelectionRange", target.get("range"))
    assert TEXT.splitlines()[where["start"]["line"]].strip() == '"name": "train",'
    found = await ask(editor, "references", place, context={"includeDeclaration": True})
    marked = await ask(editor, "documentHighlight", place)
    assert len(found) == len(marked) == 2
    assert {one["kind"] for one in marked} == {2, 3}


async def test_rename(editor: Editor) -> None:
    uri = editor.open(NAME, TEXT)
    place = At(TEXT, '_config": "train"', 12)
    assert (await ask(editor, "prepareRename", place))["placeholder"] == "train"
    edit = await ask(editor, "rename", place, newName="phrases")
    after = applied(TEXT, of_workspace_edit(edit, uri))
    assert after == TEXT.replace('"name": "train"', '"name": "phrases"').replace(
        '_config": "train"', '_config": "phrases"'
    )
    with pytest.raises(LookupError, match="letters, digits and underscores"):
        await ask(editor, "rename", place, newName="two words")
    with pytest.raises(LookupError, match="only the names"):
        await ask(editor, "prepareRename", At(TEXT, '"r": 8'))


async def test_symbols_of_a_text_and_of_the_workspace(editor: Editor) -> None:
    (editor.folder / "other.json").write_text(text_of(GOOD, passes={"elsewhere": {"type": "LoRA"}}))
    editor.open(NAME, TEXT)
    outline = await ask(editor, "documentSymbol")
    passes = next(one for one in outline if one["name"] == "passes")
    assert [one["name"] for one in passes["children"]] == ["\U0001f642", "tune"]
    found = await editor.ask("workspace/symbol", {"query": "elsewh"})
    assert [one["location"]["uri"] for one in found] == [editor.uri("other.json")]


async def test_links_folding_selection(editor: Editor) -> None:
    write_inputs(editor.folder)
    editor.open(NAME, TEXT)
    links = await ask(editor, "documentLink")
    assert (editor.folder / "train.json").as_uri() in [one["target"] for one in links]
    assert {"startLine": 0, "endLine": TEXT.count("\n") - 1, "kind": "region"} in await ask(
        editor, "foldingRange"
    )
    (chain,) = await ask(editor, "selectionRange", positions=[At(TEXT, '"train.json"', 3).position])
    sizes = []
    while chain:
        sizes.append(at(chain))
        chain = chain.get("parent")
    assert len(sizes) > 5
    assert sizes[-1][:2] == (0, 0)


async def test_formatting(editor: Editor) -> None:
    text = TEXT.replace("    ", "  ").replace('"r": 8', '"r":8')
    editor.open(NAME, text)
    options = {"tabSize": 4, "insertSpaces": True}
    edits = await ask(editor, "formatting", options=options)
    assert '"r": 8' in applied(text, edits)
    line = {"line": At(text, '"r":8').line, "character": 0}
    some = await ask(editor, "rangeFormatting", options=options, range={"start": line, "end": line})
    assert applied(text, some) == text.replace('"r":8', '"r": 8')


async def test_a_fix_and_all_of_them(editor: Editor) -> None:
    text = TEXT.replace('"r": 8', '"lora_dropuot": 0.1').replace('"search_strategy"', '"x"')
    uri = editor.open(NAME, text)
    problems = await editor.problems(NAME)
    (problem,) = [one for one in problems if "lora_dropuot" in one["message"]]
    context = {"diagnostics": [problem]}
    actions = await ask(editor, "codeAction", range=problem["range"], context=context)
    fix = next(one for one in actions if one["kind"] == "quickfix" and "lora_dropout" in one["title"])
    assert '"lora_dropout": 0.1' in applied(text, of_workspace_edit(fix["edit"], uri))
    assert [one["code"] for one in fix["diagnostics"]] == [problem["code"]]
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": text.count("\n"), "character": 1}}
    (all_,) = await ask(
        editor, "codeAction", range=whole, context={"diagnostics": [], "only": ["source.fixAll"]}
    )
    resolved = all_ if "edit" in all_ else await editor.ask("codeAction/resolve", all_)
    assert '"lora_dropout": 0.1' in applied(text, of_workspace_edit(resolved["edit"], uri))


async def test_an_action_of_an_earlier_text_is_refused(editor: Editor) -> None:
    editor.open(NAME, TEXT)
    data = {"uri": editor.uri(NAME), "version": 0, "key": "fix-all"}
    with pytest.raises(LookupError, match="has changed"):
        await editor.ask("codeAction/resolve", {"title": "x", "data": data})


async def test_hints_lenses_colours(editor: Editor) -> None:
    uri = editor.open(NAME, TEXT)
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": TEXT.count("\n"), "character": 1}}
    assert await ask(editor, "inlayHint", range=whole)
    lenses = await ask(editor, "codeLens")
    assert ("olivepress.run", [uri]) in [
        (one["command"]["command"], one["command"]["arguments"]) for one in lenses
    ]
    data = (await ask(editor, "semanticTokens/full"))["data"]
    assert data and len(data) % 5 == 0
    assert (await ask(editor, "semanticTokens/range", range=whole))["data"] == data


async def test_migration_is_done_by_the_client_and_says_what_it_costs(editor: Editor) -> None:
    text = text_of(
        {
            "input_model": {"type": "PyTorchModel", "config": {"hf_config": {"model_name": "a/b"}}},
            "passes": {"tune": {"type": "LoRA", "config": {"lora_r": 8}}},
        }
    )
    uri = editor.open(NAME, text)
    found = await editor.command("olivepress.migrate", uri=uri, to="0.13", apply=False)
    after = applied(text, of_workspace_edit(found["edit"], uri))
    assert (found["target"], found["applied"]) == ("0.13.0", False)
    assert '"HfModel"' in after and "lora_r" not in after
    assert all({"kind", "message", "pointer"} <= note.keys() for note in found["notes"])
    start = {"line": 0, "character": 0}
    offered = await ask(
        editor, "codeAction", range={"start": start, "end": start}, context={"diagnostics": []}
    )
    (action,) = [each for each in offered if each["title"].startswith("Migrate")]
    await editor.ask("codeAction/resolve", action)
    shown = (await editor.until(lambda message: message.get("method") == "window/showMessage"))["params"]
    assert shown["message"].startswith("Migrated from Olive 0.6.2 to 0.13.0: ")
    logged = (await editor.until(lambda message: message.get("method") == "window/logMessage"))["params"]
    assert "line 14, exact: `lora_r` is called `r` since 0.8.0" in logged["message"].splitlines()
    with pytest.raises(LookupError, match="no release"):
        await editor.command("olivepress.migrate", uri=uri, to="0.99")


async def test_what_a_report_of_a_defect_needs(editor: Editor) -> None:
    editor.open(NAME, TEXT)
    told = await editor.command("olivepress.information")
    assert [(one["workflow"], one["version"]) for one in told["documents"]] == [(True, 1)]
    assert "phrase" not in str(told)
