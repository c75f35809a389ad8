"""The tree after a change is the tree of the changed text, whatever was changed where."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading_configs import HERE, written

from olive_schemas.cursor import Cursor
from olive_schemas.lexer import Token
from olive_schemas.moved import python_after
from olive_schemas.reparse import Splice, reparse
from olive_schemas.tree import Tree, parse, to_python, walk

TEXTS = [
    (HERE / "classic.json").read_text(encoding="utf-8"),
    (HERE / "current.json").read_text(encoding="utf-8").replace("\n", "\r\n"),
    json.dumps(written("current")),
    '{"a": [1, 2, {"b": "c"}], "d": {"e": {}, "f": [[], [1]]}}',
    '{\n"a": {\n "x": 1,\n "y": [1,\n 2,\n 3]\n},\n"b": null,\n"c": "x"\n}',
]
_TYPED = [
    *[
        '"',
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\n",
        " ",
        "a",
        '"k"',
        '"k": 1',
        '"k": 1,',
        ', "k": 1',
        "1",
        "-",
        ".",
    ],
    *["true", "\\", "é", "\U0001f642", '"a": {},', "[1, 2],", "\r\n", "'", "=", "null", '"x": "y",\n'],
    *["//x\n", "#", "/*", "*/", "\ufffd", "NaN", "\ud83d", '"a": {', '"k": 0', ",5", 'f"x"'],
]
TYPED = st.sampled_from(_TYPED)
EDIT = st.tuples(st.floats(0, 1), st.sampled_from([0, 0, 0, 1, 1, 2, 5, 30]), st.lists(TYPED, max_size=2))


def same(tree: Tree, fresh: Tree) -> bool:
    # By its text: a NaN is not equal to itself.
    return (
        (repr(tree.root), tree.problems, tree.slanted) == (repr(fresh.root), fresh.problems, fresh.slanted)
    ) and tree.deepest >= fresh.deepest


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(TEXTS), st.lists(st.tuples(EDIT, st.booleans()), min_size=1, max_size=8))
def test_after_any_edits_it_is_what_a_fresh_parse_gives(
    text: str, edits: list[tuple[tuple[float, int, list[str]], bool]]
) -> None:
    tree = parse(text)
    for (where, removed, typed), undone in edits:
        start = round(where * len(text))
        end = min(len(text), start + removed)
        new = "".join(typed)
        steps = [(start, end, new)]
        if undone:
            steps.append((start, start + len(new), text[start:end]))
        for begin, old_end, put in steps:
            text = text[:begin] + put + text[old_end:]
            tree = reparse(tree, text, Splice(begin, old_end, begin + len(put)))
            assert same(tree, parse(text))


OPENED = st.sampled_from(["{", "[", "}", "]", '"', '"k": {', '"k": [', "{},", "},", '{"k": [', ",", ":"])


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(TEXTS),
    st.floats(0, 1),
    st.sampled_from('{}[],:"\n'),
    st.lists(OPENED, max_size=3),
    st.data(),
)
def test_while_brackets_and_quotes_are_open_it_is_what_a_fresh_parse_gives(
    text: str, where: float, beside: str, typed: list[str], data: st.DataObject
) -> None:
    """Key after key beside the structure, and back again, with something else changed in between."""
    at = max(text.find(beside, round(where * len(text))), 0) + data.draw(st.integers(0, 1))
    tree, keys = parse(text), "".join(typed)
    steps = [(at + index, at + index, key) for index, key in enumerate(keys)]
    elsewhere = data.draw(st.integers(at + len(keys), len(text) + len(keys)))
    steps += [(elsewhere, elsewhere, " "), (elsewhere, elsewhere + 1, "")]
    steps += [(at + index, at + index + 1, "") for index in reversed(range(len(keys)))]
    for start, end, put in steps:
        text = text[:start] + put + text[end:]
        tree = reparse(tree, text, Splice(start, end, start + len(put)))
        assert same(tree, parse(text))


@pytest.mark.parametrize("opened", ["{", '"k": {', '"k": [', '"k": {"l": 1'])
def test_what_follows_an_opened_bracket_is_taken_over(opened: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = json.dumps(
        json.loads(TEXTS[1]) | {"more": [{"a": {"b": number}} for number in range(99)]}, indent=4
    )
    at = text.index('"passes": {') + len('"passes": {')
    read: list[Token] = []
    take = Cursor.take

    def noted(self: Cursor) -> Token:
        read.append(self.token)
        return take(self)

    monkeypatch.setattr(Cursor, "take", noted)
    tree = parse(text)
    whole = len(read)
    for start, end, put in ((at, at, opened), (at, at + len(opened), "")):
        text = text[:start] + put + text[end:]
        read.clear()
        tree = reparse(tree, text, Splice(start, end, start + len(put)))
        assert len(read) < whole / 2
        assert same(tree, parse(text))


def test_a_quote_that_swallows_a_bracket_changes_which_one_looks_left_open() -> None:
    text = '{"":[{\n   ""{"""": "mrpc" }\n}]'
    start, end, new = text.index('": "m'), text.index("}\n}]"), '"a": 1,'
    after = text[:start] + new + text[end:]
    assert same(reparse(parse(text), after, Splice(start, end, start + len(new))), parse(after))


def test_a_bracket_in_what_is_skipped_is_not_taken_for_that_of_the_config() -> None:
    text = '{\n"b": null,\n"c"="a": {: "x"\n}'
    at = text.rindex("{")
    after = f'{text[:at]}"{text[at:]}'
    assert same(reparse(parse(text), after, Splice(at, at, at + 1)), parse(after))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(TEXTS), st.lists(EDIT, min_size=1, max_size=6))
def test_plain_values_after_edits_are_those_of_the_whole_tree(
    text: str, edits: list[tuple[float, int, list[str]]]
) -> None:
    tree = parse(text)
    for where, removed, typed in edits:
        start = round(where * len(text))
        end, new = min(len(text), start + removed), "".join(typed)
        text = text[:start] + new + text[end:]
        after = reparse(tree, text, Splice(start, end, start + len(new)))
        found = python_after(after.root, tree.root, to_python(tree.root))
        assert repr(found) == repr(to_python(after.root))
        tree = after


def test_what_only_moved_keeps_its_plain_value() -> None:
    text = TEXTS[0]
    at = text.index('"passes"')
    before = parse(text)
    after = reparse(before, f'{text[:at]}"é": 0,{text[at:]}', Splice(at, at, at + len('"é": 0,')))
    known = to_python(before.root)
    assert python_after(after.root, before.root, known)["passes"] is known["passes"]


def test_each_character_of_a_config_typed_one_after_the_other() -> None:
    tree, text = parse(""), ""
    for character in TEXTS[1]:
        text += character
        tree = reparse(tree, text, Splice(len(text) - 1, len(text) - 1, len(text)))
        assert same(tree, parse(text))


def test_values_behind_a_change_move_and_are_otherwise_the_same() -> None:
    text = TEXTS[0]
    at = text.index('"passes"')
    longer = text[:at] + '"é": [0],\n' + text[at:]
    before = parse(text)
    after = reparse(before, longer, Splice(at, at, at + len('"é": [0],\n')))
    moved = dict(walk(after.root))
    for pointer, node in walk(before.root):
        if pointer:
            assert longer[moved[pointer].start : moved[pointer].end] == text[node.start : node.end]
    assert after.at(longer.index('"lora_alpha"'))[0] == before.at(text.index('"lora_alpha"'))[0]
