"""Whatever the text and whatever is typed: every request has an answer, and the texts stay the editor's."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from editor import GOOD, text_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from olive_schemas.positions import Lines, code_points, utf16
from olive_schemas.tree import parse
from olive_server.document import Settings
from olive_server.server import make_server
from olive_server.store import Store
from olive_server.text import Change, Place, Units, apply, lines_after, utf8

URI = "untitled:/olive-config.json"
"""A usual name: a text in which nothing of a config is left is looked at, too."""
CONFIGS = [
    text_of(GOOD),
    text_of(
        {
            "input_model": {
                "type": "PyTorchModel",
                "config": {"hf_config": {"model_name": "a/b", "task": "x"}},
            },
            "systems": {"local": {"type": "LocalSystem", "config": {"accelerators": ["gpu"]}}},
            "passes": {
                "l": {"type": "QLoRA", "config": {"lora_r": 8, "training_args": {"seed": 1}}},
                "m": {"type": "OnnxConversion", "host": "local"},
            },
            "engine": {"search_strategy": False, "target": "local", "output_dir": "o"},
        }
    ),
]
ASKED = [
    "completion",
    "hover",
    "definition",
    "references",
    "documentHighlight",
    "documentSymbol",
    "documentLink",
    "foldingRange",
    "selectionRange",
    "prepareRename",
    "rename",
    "formatting",
    "rangeFormatting",
    "inlayHint",
    "codeLens",
    "semanticTokens/full",
    "semanticTokens/range",
    "codeAction",
    "diagnostic",
]


class Talk:
    """The whole server without a process: messages go in, what it writes is kept; what it logs as an error fails."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.server = make_server()
        self.sent: list[dict[str, Any]] = []
        self.server.protocol.set_writer(self)  # type: ignore[arg-type]
        self.server.protocol.session.begin(loop, lambda: False)
        self.version = 0
        self.ask("initialize", {"capabilities": {}, "processId": None, "rootUri": None})

    def write(self, data: bytes) -> None:
        self.sent.append(json.loads(data.partition(b"\r\n\r\n")[2]))

    def tell(self, method: str, params: dict[str, Any]) -> None:
        self.server.protocol.receive({"method": method, "params": params}, cancelled=False)

    def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        self.server.protocol.receive({"id": 1, "method": method, "params": params}, cancelled=False)
        for _ in range(2000):
            found = [one for one in self.sent if one.get("id") == 1 and "method" not in one]
            if found:
                self.sent.clear()
                return found[0]
            self.loop.run_until_complete(asyncio.sleep(0.001))
        raise AssertionError(f"{method} was never answered")

    def open(self, text: str) -> None:
        self.version += 1
        item = {"uri": URI, "languageId": "json", "version": self.version, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": item})

    def everything(self, line: int, character: int) -> dict[str, dict[str, Any]]:
        """Each request once, at a place. An error is an answer where it is a refusal."""
        position = {"line": line, "character": character}
        where = {"start": {"line": 0, "character": 0}, "end": position}
        params = {
            "textDocument": {"uri": URI},
            "position": position,
            "positions": [position],
            "range": where,
            "newName": "other",
            "options": {"tabSize": 4, "insertSpaces": True},
            "context": {"diagnostics": [], "includeDeclaration": True, "triggerKind": 1},
        }
        answers = {name: self.ask(f"textDocument/{name}", params) for name in ASKED}
        for name, answer in answers.items():
            assert "result" in answer or answer["error"]["code"] == -32803, (name, answer)
        return answers


@pytest.fixture(scope="module")
def talk() -> Iterator[Talk]:
    loop = asyncio.new_event_loop()
    yield Talk(loop)
    loop.close()


@pytest.fixture(autouse=True)
def nothing_failed(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A feature that raises would answer with nothing and a line in the log: here that is a failure."""
    yield
    wrong = [one for one in caplog.get_records("call") if one.levelno >= logging.ERROR]
    assert not wrong, wrong[0].getMessage()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=[])), st.integers(0, 5), st.integers(0, 30))
def test_any_text_at_all(talk: Talk, text: str, line: int, character: int) -> None:
    for whole in (
        text,
        f'{{"passes": {{"a": {{"type": "LoRA", {text}',
        f'{{"input_model": {{"type": "{text}"}}, {text}',
    ):
        talk.open(whole)
        talk.everything(line, character)


@pytest.mark.parametrize("name", [name for name in ASKED if name not in ("formatting", "rangeFormatting")])
def test_each_request_has_something_to_say_of_a_whole_config(talk: Talk, name: str) -> None:
    """So that the tests beside this one are not satisfied with silence."""
    text = (
        CONFIGS[0]
        .replace('"type": "LoRA",', '"type": "LoRA",\n"alhpa": 1,')
        .replace('"model"', '"some/model"')
    )
    talk.open(text)
    lines = text.splitlines()
    line = next(at for at, text in enumerate(lines) if '"train_data_config"' in text)
    answer = talk.everything(line, lines[line].rindex("train") + 2)[name]
    assert answer["result"], name


@pytest.mark.parametrize("number", range(len(CONFIGS)))
def test_a_config_that_ends_at_any_offset(talk: Talk, number: int) -> None:
    config = CONFIGS[number]
    for end in range(len(config) + 1):
        text = config[:end]
        talk.open(text)
        talk.everything(text.count("\n"), len(text) - (text.rfind("\n") + 1))


@pytest.mark.parametrize(
    "text",
    [
        '{"passes": ' + "[" * 10_000,
        '{"passes": ' + '{"a": ' * 10_000 + "1" + "}" * 10_001,
        '{"passes": {"a": {"type": "LoRA", "type": "QLoRA"}, "a": {}}, "passes": {"a": 1}, "input_model": {}}',
        '{"passes": {"\ud800": {"type": "LoRA", "x\udfff": "\ud83d"}}, "input_model": {"type": "HfModel"}}',
        '\ufeff{"passes": {"a": {"type": "LoRA"}}, "input_model": {"type": "HfModel"}}\0\0',
        '{"passes": {"a": {"type": "LoRA", "r": 1' + "0" * 5000 + '}}, "input_model": {"type": "HfModel"}}',
        '{"passes": {"a": {"type": "LoRA"}}, "x": "' + "y" * 10_000_000 + '"}',
        CONFIGS[0].replace("\n", "\r"),
        CONFIGS[0].replace(" ", "\0", 40),
        CONFIGS[0][:-1] + ', "x": [' + "1, " * 100_000 + "1]}",
        CONFIGS[0][:-1] + ', "x": [' + '{"a": {"b": [1]}},\n' * 20_000 + "1]}",
        '{"input_model": {}, "passes": {' + '"p": {"type": "LoRA", "rr": 1},\n' * 3_000 + '"q": 1}}',
        CONFIGS[0].replace('"model"', f'"{"m" * 5000}"').replace('"train.json"', f'"./{"m" * 5000}"'),
    ],
    ids=[
        *["brackets", "depth", "duplicates", "surrogates", "bom", "number", "10 MB", "CR", "NUL"],
        *["numbers", "nested", "the same pass", "names"],
    ],
)
def test_texts_that_nobody_writes(talk: Talk, text: str) -> None:
    talk.open(text)
    talk.everything(0, 20)


def test_many_changes_of_the_layout_are_one(talk: Talk) -> None:
    text = CONFIGS[0][:-1] + ', "x": [' + "[ ],\n" * 5_000 + "1]}"
    talk.open(text)
    (edit,) = talk.everything(0, 0)["formatting"]["result"]
    start, end = (Place(at["line"], at["character"]) for at in edit["range"].values())
    after, _ = apply(text, Lines.of(text), Change(edit["newText"], start, end), utf16)
    assert json.loads(after) == json.loads(text)
    assert after.count("        [],\n") == 5_000


ALPHABET = st.sampled_from(
    [
        "a",
        "\n",
        "\r",
        "\r\n",
        "é",
        "\U0001f642",
        "\ud83d",
        "\ude00",
        "\ufeff",
        "{",
        '"',
        " ",
        "\u2028",
        "\x85",
    ]
)
TEXTS = st.lists(ALPHABET, max_size=12).map(
    lambda pieces: "".join(pieces).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
)
PLACES = st.builds(Place, st.integers(0, 5), st.integers(0, 8))


def in_utf16(text: str, change: Change) -> str:
    """The change done on UTF-16 units, as an editor does it."""
    raw = text.encode("utf-16-le", "surrogatepass")
    units = [raw[at : at + 2] for at in range(0, len(raw), 2)]
    ends = (b"\r\0", b"\n\0")
    starts = [0]
    for at, unit in enumerate(units):
        if unit in ends and not (unit == b"\r\0" and units[at + 1 : at + 2] == [b"\n\0"]):
            starts.append(at + 1)

    def offset(place: Place) -> int:
        if place.line >= len(starts):
            return len(units)
        end = starts[place.line]
        while end < len(units) and units[end] not in ends:
            end += 1
        return min(starts[place.line] + place.column, end)

    assert change.start is not None and change.end is not None
    first, last = sorted((offset(change.start), offset(change.end)))
    new = change.text.encode("utf-16-le", "surrogatepass")
    return (b"".join(units[:first]) + new + b"".join(units[last:])).decode("utf-16-le", "surrogatepass")


@settings(max_examples=500, deadline=None)
@given(TEXTS, TEXTS, PLACES, PLACES)
def test_a_change_does_what_it_does_in_the_editor(text: str, new: str, one: Place, other: Place) -> None:
    change = Change(new, *sorted((one, other)))
    after, _ = apply(text, Lines.of(text), change, utf16)
    assert after == in_utf16(text, change)
    for units in (utf8, utf16, code_points):
        after, splice = apply(text, Lines.of(text), change, units)
        assert (after[: splice.start], after[splice.new_end :]) == (
            text[: splice.start],
            text[splice.old_end :],
        )
        assert lines_after(Lines.of(text), after, splice) == Lines.of(after)
        goes_there_and_back(after, units)


def goes_there_and_back(text: str, units: Units) -> None:
    lines = Lines.of(text)
    for offset in range(len(text) + 1):
        if text[max(offset - 1, 0) : offset + 1] != "\r\n":
            assert lines.offset(*lines.position(offset, units), units) == offset


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(CONFIGS), st.lists(st.tuples(PLACES, PLACES, TEXTS), min_size=1, max_size=6))
def test_after_any_edits_the_tree_is_that_of_the_text(
    text: str, edits: list[tuple[Place, Place, str]]
) -> None:
    store = Store(lambda uri: Settings())
    document = store.open(URI, 1, text)
    assert document.tree.root.kind == "object"
    for number, (one, other, new) in enumerate(edits, 2):
        changed = store.change(URI, number, [Change(new, *sorted((one, other)))], utf16)
        assert changed is not None
        fresh = parse(changed.text)
        assert (repr(changed.tree.root), changed.tree.problems) == (repr(fresh.root), fresh.problems)
        assert changed.tree.lines == Lines.of(changed.text)
