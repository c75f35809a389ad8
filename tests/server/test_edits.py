"""Edits change what was meant and nothing else, in whatever layout the text has."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from json_texts import NAMES, OBJECTS, VALUES, layouts

from olive_schemas.tree import Tree, join, parse, to_python, walk
from olive_server.edits import (
    Edit,
    append,
    apply,
    insert,
    move,
    overlap,
    remove,
    rename_key,
    replace_value,
)
from olive_server.edits_shape import listed, reorder, unwrap


def edited(text: str, change: Any, *arguments: Any, **named: Any) -> str:
    return apply(text, change(parse(text), *arguments, **named))


SPREAD = """{
  "a": 1, // one
  "b": {"x": [1, 2], "y": null},
  "c": {
    "d": "e"
  }
}
"""


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ((rename_key, "/b", 'q"'), SPREAD.replace('"b"', '"q\\""')),
        ((replace_value, "/a", "x"), SPREAD.replace('"a": 1', '"a": "x"')),
        ((replace_value, "/a", [1, 2]), SPREAD.replace('"a": 1', '"a": [1, 2]')),
        ((replace_value, "/b/y", {"z": 1}), SPREAD.replace("null", '{"z": 1}')),
        ((replace_value, "/a", {"z": 1}), SPREAD.replace('"a": 1', '"a": {\n    "z": 1\n  }')),
        ((remove, "/a"), SPREAD.replace('  "a": 1, // one\n', "  // one\n")),
        ((remove, "/b"), SPREAD.replace('  "b": {"x": [1, 2], "y": null},\n', "")),
        ((remove, "/b/x"), SPREAD.replace('"x": [1, 2], ', "")),
        ((remove, "/b/y"), SPREAD.replace(', "y": null', "")),
        ((remove, "/b/x/0"), SPREAD.replace("[1, 2]", "[2]")),
        ((remove, "/c/d"), SPREAD.replace('{\n    "d": "e"\n  }', "{}")),
        ((remove, "/c"), SPREAD.replace(',\n  "c": {\n    "d": "e"\n  }', "")),
        ((insert, "/c", "f", 1), SPREAD.replace('"e"', '"e",\n    "f": 1')),
        ((insert, "", "f", [1]), SPREAD.replace("  }\n}", '  },\n  "f": [1]\n}')),
        ((insert, "/b", "f", {"g": 1}), SPREAD.replace("null}", 'null, "f": {"g": 1}}')),
        ((append, "/b/x", 3), SPREAD.replace("2]", "2, 3]")),
        (
            (move, "/b/x", "/c"),
            SPREAD.replace('"x": [1, 2], ', "").replace('"e"', '"e",\n    "x": [1, 2]'),
        ),
        (
            (move, "/c/d", ""),
            SPREAD.replace('{\n    "d": "e"\n  }', '{},\n  "d": "e"'),
        ),
    ],
)
def test_the_layout_stays(change: tuple[Any, ...], expected: str) -> None:
    assert edited(SPREAD, *change) == expected


def test_a_new_member_can_go_first_or_behind_another() -> None:
    assert edited('{\n\t"a": 1\n}', insert, "", "b", 2, first=True) == '{\n\t"b": 2,\n\t"a": 1\n}'
    assert edited('{"a": 1, "c": 2}', insert, "", "b", 2, after="a") == '{"a": 1, "b": 2, "c": 2}'
    assert (
        edited('{"a":1,"c":2}', insert, "", "b", {"x": [1, 2]}, first=True) == '{"b":{"x":[1,2]},"a":1,"c":2}'
    )


def test_an_empty_object_opens_as_the_text_is_indented() -> None:
    text = '{\r\n   "passes": {},\r\n   "x": { }\r\n}'
    assert edited(text, insert, "/passes", "a", {"type": "LoRA"}) == text.replace(
        "{},", '{\r\n      "a": {\r\n         "type": "LoRA"\r\n      }\r\n   },'
    )
    assert edited(text, insert, "/x", "a", 1) == text.replace("{ }", '{\r\n      "a": 1\r\n   }')
    assert edited("{}", insert, "", "a", 1) == '{"a": 1}'


def test_comments_stay_where_they_are() -> None:
    text = '{\n  "a": 1 // last, they say\n}'
    assert edited(text, insert, "", "b", 2) == '{\n  "a": 1, // last, they say\n  "b": 2\n}'
    text = '{\n  "a": 1, // kept\n  "b": 2\n}'
    assert edited(text, remove, "/b") == '{\n  "a": 1 // kept\n}'


def test_a_trailing_comma_is_no_hindrance() -> None:
    text = '{\n  "a": 1,\n  "b": [1, 2,],\n}'
    assert edited(text, insert, "", "c", 3) == '{\n  "a": 1,\n  "b": [1, 2,],\n  "c": 3\n}'
    assert edited(text, append, "/b", 3) == text.replace("2,", "2, 3")
    assert edited(text, remove, "/b") == '{\n  "a": 1,\n}'


def test_a_value_that_is_moved_keeps_its_text_and_gets_its_new_indentation() -> None:
    text = '{\n  "a": {\n    "b": {\n      "c": [1,2], // so\n      "d": {}\n    },\n    "e": 1\n  }\n}'
    assert edited(text, move, "/a/b", "") == (
        '{\n  "a": {\n    "e": 1\n  },\n  "b": {\n    "c": [1,2], // so\n    "d": {}\n  }\n}'
    )
    assert edited(text, move, "/a/e", "", name="f", first=True).startswith('{\n  "f": 1,\n  "a": {')


def test_a_list_spread_over_lines_stays_so() -> None:
    text = '{\n  "a": [\n    "x",\n    "y"\n  ]\n}'
    assert edited(text, replace_value, "/a", ["z", "w"]) == text.replace("x", "z").replace("y", "w")
    assert edited(text, append, "/a", {"k": 1}) == text.replace('"y"', '"y",\n    {\n      "k": 1\n    }')


@pytest.mark.parametrize(
    ("text", "change", "expected"),
    [
        ('{"a": }', (replace_value, "/a", 1), '{"a": 1}'),
        ('{"a"}', (replace_value, "/a", 1), '{"a": 1}'),
        ('{"a": 1, "b": {"c": 2', (insert, "/b", "d", 3), '{"a": 1, "b": {"c": 2, "d": 3'),
        ('{"a": 1 "b": 2}', (remove, "/a"), '{"b": 2}'),
        ('{"a": 1 "b": 2}', (remove, "/b"), '{"a": 1 }'),
        ("{'a': 1}", (rename_key, "/a", "b"), '{"b": 1}'),
        ('{"a": 1, "a": 2}', (remove, "/a"), '{"a": 1}'),
        ("", (replace_value, "", {}), "{}"),
        ("", (insert, "", "a", 1), ""),
        ('{"a": 1}', (insert, "/a", "b", 1), '{"a": 1}'),
        ('{"a": 1}', (remove, "/b"), '{"a": 1}'),
        ('{"a": 1}', (remove, ""), '{"a": 1}'),
        ('{"a": {"b": {}}}', (move, "/a", "/a/b"), '{"a": {"b": {}}}'),
        ('{"a": 1, "b": {"a": 2}}', (move, "/a", "/b"), '{"b": {"a": 1}}'),
        ('{"a": true}', (replace_value, "/a", True), '{"a": true}'),
        ('{"a": 1}', (replace_value, "/a", True), '{"a": true}'),
    ],
)
def test_half_typed_texts_and_pointers_that_lead_nowhere(
    text: str, change: tuple[Any, ...], expected: str
) -> None:
    assert edited(text, *change) == expected


def test_a_lone_surrogate_stays_writable() -> None:
    written = edited('{"a": 1}', replace_value, "/a", "\ud800é")
    assert written == '{"a": "\\ud800é"}'
    written.encode()


def test_overlapping_edits_are_refused() -> None:
    assert overlap([Edit(0, 2, ""), Edit(1, 3, "")])
    assert not overlap([Edit(0, 2, ""), Edit(2, 3, "")])
    with pytest.raises(ValueError, match="overlap"):
        apply("abcd", [Edit(0, 2, ""), Edit(1, 3, "")])


def comments(text: str) -> int:
    return len(re.findall(r"// note, }|/\* a, b \*/|# \{|/\* two", text))


def becomes(text: str, edits: list[Edit], expected: Any) -> None:
    """The edited text means `expected`, key order included; it is no worse JSON than before and keeps its comments."""
    after = parse(apply(text, edits))
    assert json.dumps(to_python(after.root)) == json.dumps(expected)
    allowed = {problem.code for problem in parse(text).problems}
    assert {problem.code for problem in after.problems} <= allowed
    assert comments(after.text) == comments(text)


@st.composite
def texts_with_a_member(draw: st.DrawFn) -> tuple[str, Any, str, str, str]:
    """(text, value, pointer of an object with members, one of its keys, its pointer)"""
    value = draw(OBJECTS.filter(bool))
    text = draw(layouts(value))
    tree = parse(text)
    objects = [pointer for pointer, node in walk(tree.root) if node.kind == "object" and node.members]
    parent = draw(st.sampled_from(objects))
    node = tree.find(parent)
    assert node is not None
    key = draw(st.sampled_from([member.name for member in node.members]))
    return text, value, parent, key, join(parent, key)


def at(value: Any, tree: Tree, pointer: str) -> Any:
    """The part of `value` at a pointer."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


@given(texts_with_a_member(), NAMES)
def test_rename(case: tuple[str, Any, str, str, str], name: str) -> None:
    text, value, parent, key, pointer = case
    tree = parse(text)
    inner = at(value, tree, parent)
    if name in inner:
        name = "a new name"
    renamed = {name if old == key else old: entry for old, entry in inner.items()}
    inner.clear()
    inner.update(renamed)
    becomes(text, rename_key(tree, pointer, name), value)


@given(texts_with_a_member(), VALUES)
def test_replace(case: tuple[str, Any, str, str, str], new: Any) -> None:
    text, value, parent, key, pointer = case
    tree = parse(text)
    inner = at(value, tree, parent)
    if comments(text) and isinstance(inner[key], (dict, list)):
        new = inner[key]
    inner[key] = new
    becomes(text, replace_value(tree, pointer, new), value)


@given(texts_with_a_member())
def test_remove(case: tuple[str, Any, str, str, str]) -> None:
    text, value, parent, key, pointer = case
    tree = parse(text)
    inner = at(value, tree, parent)
    if comments(text) and isinstance(inner[key], (dict, list)):
        return
    del inner[key]
    becomes(text, remove(tree, pointer), value)


@given(texts_with_a_member(), NAMES, VALUES, st.sampled_from(["first", "last", "after"]))
def test_insert(case: tuple[str, Any, str, str, str], name: str, new: Any, where: str) -> None:
    text, value, parent, key, _ = case
    tree = parse(text)
    inner = at(value, tree, parent)
    if name in inner:
        name = "a new name"
    entries = list(inner.items())
    index = {"first": 0, "last": len(entries), "after": list(inner).index(key) + 1}[where]
    entries.insert(index, (name, new))
    inner.clear()
    inner.update(entries)
    after = key if where == "after" else None
    becomes(text, insert(tree, parent, name, new, first=where == "first", after=after), value)


@given(st.data())
def test_lists(data: st.DataObject) -> None:
    value = {"list": data.draw(st.lists(VALUES, max_size=4)), "z": 1}
    text = data.draw(layouts(value))
    tree = parse(text)
    if value["list"] and data.draw(st.booleans()):
        index = data.draw(st.integers(0, len(value["list"]) - 1))
        if not comments(text):
            del value["list"][index]
            becomes(text, remove(tree, f"/list/{index}"), value)
        return
    new = data.draw(VALUES)
    value["list"].append(new)
    becomes(text, append(tree, "/list", new), value)


@given(texts_with_a_member(), st.data())
def test_move(case: tuple[str, Any, str, str, str], data: st.DataObject) -> None:
    text, value, parent, key, pointer = case
    tree = parse(text)
    targets = [
        target
        for target, node in walk(tree.root)
        if node.kind == "object" and target != parent and not f"{target}/".startswith(f"{pointer}/")
    ]
    if not targets:
        return
    target = data.draw(st.sampled_from(targets))
    goal, inner = at(value, tree, target), at(value, tree, parent)
    first = data.draw(st.booleans())
    if key in goal:
        return
    moved = inner.pop(key)
    entries = [(key, moved), *goal.items()] if first else [*goal.items(), (key, moved)]
    goal.clear()
    goal.update(entries)
    becomes(text, move(tree, pointer, target, first=first), value)


@given(OBJECTS.flatmap(layouts), st.data())
def test_any_cut_off_text_is_edited_without_an_exception(text: str, data: st.DataObject) -> None:
    text = text[: data.draw(st.integers(0, len(text)))]
    tree = parse(text)
    pointers = [pointer for pointer, _ in walk(tree.root)]
    pointer, target = data.draw(st.sampled_from(pointers)), data.draw(st.sampled_from(pointers))
    for edits in (
        rename_key(tree, pointer, "n"),
        replace_value(tree, pointer, {"n": [1]}),
        remove(tree, pointer),
        insert(tree, pointer, "n", {}),
        insert(tree, pointer, "n", {}, first=True),
        append(tree, pointer, 1),
        move(tree, pointer, target),
    ):
        apply(text, edits)


@given(texts_with_a_member())
def test_unwrap(case: tuple[str, Any, str, str, str]) -> None:
    text, value, parent, key, pointer = case
    tree = parse(text)
    inner = at(value, tree, parent)
    if not isinstance(inner[key], dict) or set(inner[key]) & (set(inner) - {key}):
        return
    if not inner[key] and comments(text):
        return
    entries = [
        pair for name, entry in inner.items() for pair in (entry.items() if name == key else [(name, entry)])
    ]
    inner.clear()
    inner.update(entries)
    becomes(text, unwrap(tree, pointer), value)


@given(st.dictionaries(NAMES, VALUES, max_size=4), st.data())
def test_an_object_becomes_a_list(value: Any, data: st.DataObject) -> None:
    text = data.draw(layouts({"a": value, "b": 1}))
    becomes(text, listed(parse(text), "/a"), {"a": list(value.values()), "b": 1})


@given(OBJECTS, st.data())
def test_reorder(value: Any, data: st.DataObject) -> None:
    text = data.draw(layouts(value))
    names = data.draw(st.permutations(list(value)))[: data.draw(st.integers(0, len(value)))]
    order = [*names, *(name for name in value if name not in names)]
    becomes(text, reorder(parse(text), "", names), {name: value[name] for name in order})


def test_an_object_laid_flat_takes_the_layout_of_its_place() -> None:
    text = '{\n  "a": {\n    "type": "x",\n    "config": {\n      // one\n      "b": 1,\n      "c": {\n        "d": 2\n      }\n    }\n  }\n}'
    assert edited(text, unwrap, "/a/config") == (
        '{\n  "a": {\n    "type": "x",\n    // one\n    "b": 1,\n    "c": {\n      "d": 2\n    }\n  }\n}'
    )
    text = '{\n  "config": {"a": 1, "b": 2},\n  "c": 3\n}'
    assert edited(text, unwrap, "/config") == '{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}'
    assert edited('{"config": {}, "c": 3}', unwrap, "/config") == '{"c": 3}'
