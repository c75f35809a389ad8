"""The tolerant parser: any text gives nodes with places, and says what is wrong where a person would look."""

from __future__ import annotations

import json
from typing import Any

import pytest

from olive_schemas.positions import Lines, code_points, utf16
from olive_schemas.tree import MISSING, Node, Tree, parse, to_python, walk

NESTED = json.dumps(
    {
        "input_model": {
            "type": "HfModel",
            "model_path": "models/phi",
            "load_kwargs": {"trust_remote_code": True},
        },
        "data_configs": [
            {"name": "train", "load_dataset_config": {"data_files": ["a.json", "b.json"], "n": -1.5e3}}
        ],
        "passes": {"lora": {"type": "LoRA", "target_modules": ["q_proj", 'ü\n\t"x"'], "r": 64, "x": None}},
    },
    indent=2,
)


def check(text: str, means: Any, *says: str) -> None:
    """`text` means `means` and gives exactly these problems, each "line:column code"."""
    tree = parse(text)
    assert to_python(tree.root) == means
    assert [_say(tree, p.start, p.code) for p in tree.problems] == list(says)


def _say(tree: Tree, start: int, code: str) -> str:
    line, column = tree.lines.position(start)
    return f"{line + 1}:{column + 1} {code.removeprefix('json-')}"


def test_what_is_json_is_read_as_python_reads_it() -> None:
    for text in (
        NESTED,
        "[]",
        "{}",
        "3",
        '"a"',
        "null",
        "[[[]]]",
        '{"a": {"b": [{}, [], ""]}}',
        "[1e5, -0, 0.5, 12345678901234567890]",
    ):
        tree = parse(text)
        assert to_python(tree.root) == json.loads(text)
        assert tree.problems == ()


def test_byte_order_mark_and_carriage_returns_are_no_news() -> None:
    check('\ufeff{\r\n  "a": 1\r\n}\r\n', {"a": 1})


def test_escapes() -> None:
    check(r'{"a": "\u00fc \ud83d\ude00 \n \/"}', {"a": "ü 😀 \n /"})
    check(r'{"a": "C:\data"}', {"a": r"C:\data"}, "1:10 escape")


@pytest.mark.parametrize(
    ("text", "means", "says"),
    [
        ('{"a": 1,}', {"a": 1}, "1:8 trailing-comma"),
        ("[1, 2,]", [1, 2], "1:6 trailing-comma"),
        ('{"a": 1 // one\n}', {"a": 1}, "1:9 comment"),
        ('{"a": /* one */ 1}', {"a": 1}, "1:7 comment"),
        ('{"a": 1 # one\n}', {"a": 1}, "1:9 comment"),
        ("{'a': 1}", {"a": 1}, "1:2 quotes"),
        ("{“a”: 1}", {"a": 1}, "1:2 quotes"),
        ('{"a": True}', {"a": True}, "1:7 word"),
        ('{"a": False}', {"a": False}, "1:7 word"),
        ('{"a": None}', {"a": None}, "1:7 word"),
        ('{"a": undefined}', {"a": None}, "1:7 word"),
        ('{"a": .5}', {"a": 0.5}, "1:7 number"),
        ('{"a": 1_000}', {"a": 1000}, "1:7 number"),
        ('{"a": +3}', {"a": 3}, "1:7 number"),
        ('{"a": Infinity}', {"a": float("inf")}, "1:7 number"),
        ('{"a": 0,0002}', {"a": 0.0002}, "1:7 number"),
        ('{"a": f"{b}"}', {"a": "{b}"}, "1:7 prefix"),
        ("{a: 1}", {"a": 1}, "1:2 unquoted-name"),
        ('{"a": some text}', {"a": "some text"}, "1:7 unquoted"),
        ('{"a": 1 "b": 2}', {"a": 1, "b": 2}, "1:7 missing-comma"),
        ('{"a": 1\n "b": 2}', {"a": 1, "b": 2}, "1:7 missing-comma"),
        ("[1 2]", [1, 2], "1:2 missing-comma"),
        ('{"a" 1}', {"a": 1}, "1:2 colon"),
        ('{"a" = 1}', {"a": 1}, "1:6 colon"),
        ('{"a":, "b": 2}', {"a": MISSING, "b": 2}, "1:2 no-value"),
        ('{"a":\n "b": 2}', {"a": MISSING, "b": 2}, "1:2 no-value"),
        ('{"a", "b": 2}', {"a": MISSING, "b": 2}, "1:2 no-value"),
        ('{,"a": 1}', {"a": 1}, "1:2 comma"),
        ("[1,,2]", [1, 2], "1:4 comma"),
        ('{"a": 1}}', {"a": 1}, "1:9 extra"),
        ('{"a": "text,\n "b": 2}', {"a": "text", "b": 2}, "1:7 unclosed-string"),
        ('{"a": [1, 2}', {"a": [1, 2]}, "1:7 unclosed"),
        ('{"a": [1, 2], "b": {"c": 3]}', {"a": [1, 2], "b": {"c": 3}}, "1:27 unexpected"),
        ("[1, : 2]", [1], "1:5 unexpected"),
        ('{"a": "f\ufffdr"}', {"a": "f\ufffdr"}, "1:9 encoding"),
        ("", MISSING, "1:1 empty"),
        ("  \n ", MISSING, "1:1 empty"),
        ('{"a": 1}\u00a0', {"a": 1}, "1:9 space"),
    ],
)
def test_one_slip_gives_one_problem_and_the_value_that_was_meant(text: str, means: Any, says: str) -> None:
    tree = parse(text)
    assert to_python(tree.root) == means
    told = [_say(tree, p.start, p.code) for p in tree.problems]
    assert told[0 if says != "1:27 unexpected" else -1] == says
    assert len(told) == 1 or says == "1:27 unexpected"


def test_nan_is_a_number_with_a_problem() -> None:
    tree = parse('{"a": NaN}')
    value = to_python(tree.root)["a"]
    assert value != value
    assert [p.code for p in tree.problems] == ["json-number"]


def test_several_slips_are_all_told() -> None:
    check(
        '{\n  \'a\': None,\n  "b": [1, 2,],\n  "c": True // yes\n  "d": 1,\n}',
        {"a": None, "b": [1, 2], "c": True, "d": 1},
        "2:3 quotes",
        "2:8 word",
        "3:13 trailing-comma",
        "4:8 word",
        "4:11 missing-comma",
        "4:13 comment",
        "5:9 trailing-comma",
    )


def test_the_indentation_tells_which_brace_is_not_closed() -> None:
    check(
        '{\n  "passes": {\n    "lora": {\n      "type": "LoRA"\n  },\n  "log": 1\n}',
        {"passes": {"lora": {"type": "LoRA"}, "log": 1}},
        "3:13 unclosed",
    )


def test_half_typed_texts_keep_their_nodes() -> None:
    check('{"passes": {"lo', {"passes": {"lo": MISSING}}, "1:12 unclosed", "1:13 unclosed-string")
    check(
        '{"passes": {"lora": {"type": "Lo',
        {"passes": {"lora": {"type": "Lo"}}},
        "1:21 unclosed",
        "1:30 unclosed-string",
    )
    check('{"a": {"b": ', {"a": {"b": MISSING}}, "1:7 unclosed", "1:8 no-value")


def test_duplicate_keys_are_kept_the_last_counts_and_the_first_is_warned_of() -> None:
    tree = parse('{"seed": 1,\n "seed": 2}')
    assert [member.value.value for member in tree.root.members] == [1, 2]
    assert tree.find("/seed") == tree.root.members[1].value
    (problem,) = tree.problems
    assert problem.warning
    assert problem.start == 1
    assert "line 2" in problem.message
    assert not tree.broken


@pytest.mark.parametrize(
    "text", [NESTED, NESTED.replace('"', "'"), NESTED.replace(",", ""), NESTED.replace("\n", "\r\n")]
)
def test_every_truncation_gives_nodes_within_the_text(text: str) -> None:
    for end in range(len(text) + 1):
        tree = parse(text[:end])
        for pointer, node in walk(tree.root):
            assert 0 <= node.start <= node.end <= end, pointer
        assert end == len(text) or tree.problems


def test_every_text_with_a_character_gone_or_changed_gives_nodes() -> None:
    for index in range(0, len(NESTED), 2):
        for put in ("", "}", '"', ",", "[", "'", "/*", "\\", "\x00"):
            tree = parse(NESTED[:index] + put + NESTED[index + 1 :])
            assert isinstance(tree.root, Node)
            to_python(tree.root)


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_deep_nesting_is_told_once_and_never_raises(opening: str) -> None:
    tree = parse(opening * 20000)
    to_python(tree.root)
    assert len([p for p in tree.problems if p.code == "json-depth"]) == 1


def test_values_by_pointer_and_by_place() -> None:
    tree = parse('{"a/b": {"~c": [10, {"d": "x"}]}}')
    assert tree.find("/a~1b/~0c/0") == Node("number", 16, 18, 10)
    assert tree.find("/a~1b/~0c/2") is None
    assert tree.at(tree.text.index('"x"'))[0] == "/a~1b/~0c/1/d"
    assert tree.at(tree.text.index('"d"'))[0] == "/a~1b/~0c/1/d"
    assert tree.at(0)[0] == ""


def test_spans_of_keys_values_and_of_what_is_not_there() -> None:
    text = '{"passes": {"lora": {"type": "LoRA"}}}'
    tree = parse(text)

    def spanned(pointer: str, on: Any = "value") -> str:
        start, end = tree.span(pointer, on)
        return text[start:end]

    assert spanned("/passes/lora/type") == '"LoRA"'
    assert spanned("/passes/lora/type", "key") == '"type"'
    assert spanned("/passes/lora/train_data_config") == '"lora"'
    assert spanned("/nothing/at/all") == "{"


def test_lines_and_columns_in_both_counts() -> None:
    lines = Lines.of("a😀b\r\nc\rd\n")
    assert lines.starts == (0, 5, 7, 9)
    assert lines.position(2, code_points) == (0, 2)
    assert lines.position(2, utf16) == (0, 3)
    assert lines.offset(0, 3, utf16) == 2
    assert lines.offset(0, 99) == 3
    assert lines.position(99) == (3, 0)
