"""Half-typed text: accepted items bring the quotes, commas and colons that are missing, and never double one."""

from __future__ import annotations

import pytest
from completing import mistakes

from olive_schemas.tree import parse
from olive_server.edits import Edit, apply
from olive_server.features.completion_cursor import slot_at
from olive_server.features.completion_items import Offer, key_item, value_item
from olive_server.layout import Style


def write(marked: str) -> str | None:
    """The text after "new" was accepted at the cursor, as a key (with the value 1) or as a value."""
    offset = marked.index("|")
    text = marked[:offset] + marked[offset + 1 :]
    slot = slot_at(parse(text), offset)
    if slot is None:
        return None
    make, value = (key_item, 1) if slot.role == "key" else (value_item, "new")
    item = make(slot, text, Style(), Offer("new", value), 0)
    assert item.edit.start <= offset <= item.edit.end
    assert "\n" not in text[item.edit.start : item.edit.end]
    return apply(text, [item.edit, *item.additional_edits])


@pytest.mark.parametrize(
    ("marked", "gives"),
    [
        ("|", '"new"'),
        ("ol|", '"new"'),
        ("{|}", '{"new": 1}'),
        ("{ | }", '{ "new": 1 }'),
        ('{"|"}', '{"new": 1}'),
        ('{"a|"}', '{"new": 1}'),
        ('{"a"|}', '{"new": 1}'),
        ('{"a|}', '{"new": 1}'),
        ('{"ab|c"0.5}', '{"new":0.5}'),
        ("{ab|}", '{"new": 1}'),
        ('{"a|b": 5}', '{"new": 5}'),
        ('{"a|b" : 5}', '{"new" : 5}'),
        ('{"a|b": }', '{"new": 1 }'),
        ('{"a|b" 5}', '{"new": 5}'),
        ("{ab|: 5}", '{"new": 5}'),
        ("{'a|': 5}", '{"new": 5}'),
        ('{"t|: "LoRA"}', '{"new": "LoRA"}'),
        ('{|"a": 5}', '{"new": 1, "a": 5}'),
        ('{"a": 5, |}', '{"a": 5, "new": 1}'),
        ('{"a": 5 |}', '{"a": 5, "new": 1}'),
        ('{"a": {}|}', '{"a": {}, "new": 1}'),
        ('{"a": {} |}', '{"a": {}, "new": 1}'),
        ('{"a": 5,| "b": 6}', '{"a": 5,"new": 1, "b": 6}'),
        ('{"a": 5 |, "b": 6}', '{"a": 5, "new": 1, "b": 6}'),
        ('{"a": 5 | "b": 6}', '{"a": 5, "new": 1, "b": 6}'),
        ('{"a": 5 ne| "b": 6}', '{"a": 5, "new": 1, "b": 6}'),
        ('{"a": 5, "|" "b": 6}', '{"a": 5, "new": 1, "b": 6}'),
        ('{\n  "a": 5\n  |\n}', '{\n  "a": 5,\n  "new": 1\n}'),
        ('{\n  "a": 5\n  ne|\n  "b": 6\n}', '{\n  "a": 5,\n  "new": 1,\n  "b": 6\n}'),
        ('{\n  "a": 5,\n  "|\n  "b": 6\n}', '{\n  "a": 5,\n  "new": 1,\n  "b": 6\n}'),
        ('{\n  "ne|"\n  "b": 6\n}', '{\n  "new": 1,\n  "b": 6\n}'),
    ],
)
def test_keys(marked: str, gives: str) -> None:
    assert write(marked) == gives
    assert mistakes(gives) == 0


@pytest.mark.parametrize(
    ("marked", "gives"),
    [
        ('{"a": |}', '{"a": "new"}'),
        ('{"a":|}', '{"a": "new"}'),
        ('{"a" |}', '{"a" : "new"}'),
        ('{"a": "|"}', '{"a": "new"}'),
        ('{"a": "Lo|"}', '{"a": "new"}'),
        ('{"a": "L|oRA"}', '{"a": "new"}'),
        ('{"a": |"LoRA"}', '{"a": "new"}'),
        ('{"a": "LoRA"|}', '{"a": "new"}'),
        ('{"a" "Lo|RA"}', '{"a": "new"}'),
        ('{"a": "Lo|}', '{"a": "new"}'),
        ('{"a": "Lo|, "b": 6}', '{"a": "new", "b": 6}'),
        ('{"a": Lo|}', '{"a": "new"}'),
        ('{"a": Lo|, "b": 6}', '{"a": "new", "b": 6}'),
        ("{\"a\": 'Lo|'}", '{"a": "new"}'),
        ('{"a": tr|ue}', '{"a": "new"}'),
        ('{"a": 16|}', '{"a": "new"}'),
        ('{"a": "L|" "b": 6}', '{"a": "new", "b": 6}'),
        ('{\n  "a":|\n  "b": 6\n}', '{\n  "a": "new",\n  "b": 6\n}'),
        ('{\n  "a": "x|\n  "b": 6\n}', '{\n  "a": "new",\n  "b": 6\n}'),
        ('{\n  "a": "x y |\n  "b": 6\n}', '{\n  "a": "new",\n  "b": 6\n}'),
        ('{\n  "a": "x {y} |,\n  "b": 6\n}', '{\n  "a": "new",\n  "b": 6\n}'),
        ('["a |]', '["new"]'),
        ("[|]", '["new"]'),
        ('["|"]', '["new"]'),
        ('[ |"a"]', '[ "new", "a"]'),
        ('["a", |]', '["a", "new"]'),
        ('["a" |]', '["a", "new"]'),
        ('["a" "|"]', '["a", "new"]'),
        ('["a", |"b"]', '["a", "new", "b"]'),
        ('["a|" "b"]', '["new", "b"]'),
        ("[a|]", '["new"]'),
        ('["a|]', '["new"]'),
        ('[\n  "a"\n  |\n]', '[\n  "a",\n  "new"\n]'),
    ],
)
def test_values(marked: str, gives: str) -> None:
    assert write(marked) == gives
    assert mistakes(gives) == 0


@pytest.mark.parametrize(
    ("marked", "gives"),
    [
        ('{"a": {"b": |', '{"a": {"b": "new"'),
        ('{"a": {"b": "|', '{"a": {"b": "new"'),
        ('{"a": {"b": 1, |', '{"a": {"b": 1, "new": 1'),
        ('{"a": [1, | }', '{"a": [1, "new" }'),
        ('{"a": {"b": "x", "|}}', '{"a": {"b": "x", "new": 1}}'),
    ],
)
def test_nothing_is_closed_that_was_open(marked: str, gives: str) -> None:
    assert write(marked) == gives


@pytest.mark.parametrize(
    "marked",
    [
        " | {}",
        "{} |",
        '{"a": |{}}',
        '{"a": |[1]}',
        '{"a": 1, // comm|ent\n "b": 2}',
        '{"a": 1, /* comm|ent */ "b": 2}',
        '{"a": # comm|ent\n 2}',
    ],
)
def test_no_place_for_anything(marked: str) -> None:
    assert write(marked) is None


def test_clients_filter_by_the_word_alone() -> None:
    """The edit starts at the word where quotes stand already, so that `Lo` is compared with `LoRA`, not `"Lo`."""
    text = '{"a": "Lo"}'
    slot = slot_at(parse(text), 9)
    assert slot is not None
    item = value_item(slot, text, Style(), Offer("LoRA", "LoRA"), 0)
    assert item.edit == Edit(7, 9, "LoRA")
    assert item.filter_text == "LoRA"
    number = value_item(slot, text, Style(), Offer("16", 16), 0)
    assert number.edit == Edit(6, 10, "16")
    assert number.filter_text == '"16'
