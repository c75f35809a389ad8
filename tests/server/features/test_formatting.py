"""Formatting: what a text looks like afterwards, and that nothing but blanks changed."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from json_texts import OBJECTS, layouts
from texts import document, marked

from olive_schemas.lexer import pieces
from olive_schemas.tree import parse, to_python
from olive_server.edits import apply
from olive_server.features.formatting import format_document, format_range


def formatted(text: str) -> str:
    return apply(text, format_document(document(text)))


def check(text: str, expect: str) -> None:
    assert formatted(text) == expect
    assert formatted(expect) == expect


def test_one_entry_a_line_indented_by_four() -> None:
    check(
        '{"input_model":{"type":"HfModel",\n"model_path":"org/name"},"passes":{\n"lora":{"type":"LoRA"}}}',
        """{
    "input_model": {
        "type": "HfModel",
        "model_path": "org/name"
    },
    "passes": {
        "lora": {"type": "LoRA"}
    }
}
""",
    )


@pytest.mark.parametrize("unit", ["  ", "\t", "   "])
def test_the_indentation_of_the_file_is_kept(unit: str) -> None:
    check(f'{{\n{unit}"a": {{\n"b": 1}}\n}}\n', f'{{\n{unit}"a": {{\n{unit}{unit}"b": 1\n{unit}}}\n}}\n')


@pytest.mark.parametrize(
    ("text", "expect"),
    [
        ('["q_proj" ,"k_proj"]', '["q_proj", "k_proj"]'),
        ("[\n1,2]", "[\n        1,\n        2\n    ]"),
        ("[ ]", "[]"),
        ("{\n\n}", "{}"),
        ('{"a":1}', '{"a": 1}'),
        ('[{"device":"gpu"},{"device":"cpu"}]', '[{"device": "gpu"}, {"device": "cpu"}]'),
    ],
)
def test_what_stands_on_one_line_stays_there(text: str, expect: str) -> None:
    check(f'{{"x":{text}}}', f'{{\n    "x": {expect}\n}}\n')


def test_what_is_too_wide_for_one_line_is_spread() -> None:
    names = [f"module_{index}_proj" for index in range(12)]
    spread = ",\n".join(f'        "{name}"' for name in names)
    check(json.dumps({"x": names}), f'{{\n    "x": [\n{spread}\n    ]\n}}\n')


def test_brackets_have_inside_what_most_in_the_file_have() -> None:
    check(
        '{"a": [ 1 ], "b": [ 2 ], "c": [3], "d": {"e": 1}}',
        '{\n    "a": [ 1 ],\n    "b": [ 2 ],\n    "c": [ 3 ],\n    "d": {"e": 1}\n}\n',
    )


def test_numbers_strings_and_the_order_of_keys_stay_as_they_are_written() -> None:
    check(
        r'{"z": 1e-05,"a": 0.10, "z": -0, "s": "a  :  b,\u00e9"}',
        "{\n" + r'    "z": 1e-05,' + "\n" + r'    "a": 0.10,' + "\n    " + r'"z": -0,' + "\n"
        r'    "s": "a  :  b,\u00e9"' + "\n}\n",
    )  # fmt: skip


def test_comments_stay_where_they_belong() -> None:
    check(
        """{ // the file
"a":1,// behind
# before
"b": /* inside */ [1,// one
2],/* next */"c":3
/* last */}""",
        """{ // the file
    "a": 1, // behind
    # before
    "b": /* inside */ [
        1, // one
        2
    ],
    /* next */ "c": 3
    /* last */
}
""",
    )


def test_one_empty_line_between_entries_is_kept() -> None:
    check('{\n\n\n"a": 1,\n\n\n\n"b": 2\n\n}', '{\n    "a": 1,\n\n    "b": 2\n}\n')


def test_line_ends_and_byte_order_mark_stay() -> None:
    check('\ufeff{"a":1,\r\n"b":"😀"}', '\ufeff{\r\n    "a": 1,\r\n    "b": "😀"\r\n}\r\n')


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        '{"a": 1',
        '{"a": }',
        '{"a": "x}',
        '{"a" = 1}',
        '{"a": 1}}',
        "[1,,2]",
        "[] /* open",
        "[/]]",
        '{"a": [1}',
        "[" * 300,
        "3",
        "\ud800",
    ],
)
def test_a_text_where_something_is_missing_is_left_alone(text: str) -> None:
    assert format_document(document(text)) == []
    assert format_range(document(text), 0, len(text)) == []


@pytest.mark.parametrize(
    ("text", "expect"),
    [
        ('{"a":1,\n"b":2,}', '{\n    "a": 1,\n    "b": 2,\n}\n'),
        ("{'a':True}", "{\n    'a': True\n}\n"),
        ('{"a":1 "b":2}', '{\n    "a": 1\n    "b": 2\n}\n'),
        ("{a: some  words }", "{\n    a: some  words\n}\n"),
        ('{"a":\u00a01}', '{\n    "a": 1\n}\n'),
    ],
)
def test_slips_whose_meaning_is_clear_do_not_hinder(text: str, expect: str) -> None:
    check(text, expect)


@pytest.mark.parametrize(
    ("text", "expect"),
    [
        ('{\n"a":1,\n[["b"]]:2,\n"c":3\n}', '{\n"a":1,\n    "b": 2,\n"c":3\n}'),
        ('{\n  "a": {\n[["b":2,\n"c":3]]\n},\n"d":4}', '{\n  "a": {\n    "b": 2,\n    "c": 3\n},\n"d":4}'),
        ('{\n"a":1,\n"b":[[{"c":2\n}]]\n}', '{\n"a":1,\n    "b": {\n        "c": 2\n    }\n}'),
        ('{\r\n"a":1,\r\n[["b"]]:2\r\n}', '{\r\n"a":1,\r\n    "b": 2\r\n}'),
    ],
)
def test_of_a_range_only_its_lines_change(text: str, expect: str) -> None:
    plain, [(start, end)] = marked(text)
    assert apply(plain, format_range(document(plain), start, end)) == expect


@given(st.data(), OBJECTS)
def test_the_meaning_stays_and_a_second_time_changes_nothing(data: st.DataObject, value: object) -> None:
    text = data.draw(layouts(value))
    once = formatted(text)
    assert to_python(parse(once).root) == to_python(parse(text).root)
    assert written(once) == written(text)
    assert formatted(once) == once


def written(text: str) -> list[str]:
    return [text[piece.start : piece.end] for piece in pieces(text)]


@given(st.text(alphabet='{}[]:,"a1 \n\r/*#\\', max_size=30))
def test_of_any_text_only_blanks_change(text: str) -> None:
    once = formatted(text)
    assert re.sub(r"\s", "", once) == re.sub(r"\s", "", text)
    assert formatted(once) == once
