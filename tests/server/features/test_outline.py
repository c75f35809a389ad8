"""Symbols of a config and of a workspace, folding, and selections that grow."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from texts import CONFIG, at_cursor, document

from olive_server.features.folding import folds
from olive_server.features.selection import selections
from olive_server.features.symbols import Symbol, document_symbols, workspace_symbols


def outline(text: str, depth: int = 9) -> list[str]:
    """Each symbol as "  name · detail · kind", indented by its depth."""

    def lines(symbols: tuple[Symbol, ...], level: int) -> list[str]:
        return [
            line
            for symbol in symbols
            for line in (
                "  " * level + " · ".join(part for part in (symbol.name, symbol.detail, symbol.kind) if part),
                *(lines(symbol.children, level + 1) if level + 1 < depth else ()),
            )
        ]

    return lines(document_symbols(document(text)), 0)


def test_the_outline_names_what_a_config_is_made_of() -> None:
    assert outline(CONFIG, 2) == [
        "input_model · HfModel org/name · Class",
        "  type · HfModel · String",
        "  model_path · org/name · String",
        "data_configs · 2 entries · Namespace",
        "  train · HuggingfaceContainer · Struct",
        "  test · HuggingfaceContainer · Struct",
        "systems · Namespace",
        "  here · LocalSystem · Module",
        "evaluators · Namespace",
        "  common · Interface",
        "passes · Namespace",
        "  lora · LoRA · Function",
        "  merge · MergeAdapterWeights · Function",
        "host · here · String",
        "target · here · String",
        "evaluator · common · String",
    ]


def test_parameters_show_their_values() -> None:
    text = '{"passes": {"a": {"type": "LoRA", "r": 1e2, "target_modules": ["q", "k"], "config": {"alpha": null}}}}'
    assert outline(text)[2:] == [
        "    type · LoRA · String",
        "    r · 1e2 · Number",
        "    target_modules · q, k · Array",
        "    config · Object",
        "      alpha · null · Null",
    ]


def test_a_classic_model_shows_the_name_that_it_hides() -> None:
    text = '{"input_model": {"type": "PyTorchModel", "config": {"hf_config": {"model_name": "org/name"}}}}'
    assert outline(text, 1) == ["input_model · PyTorchModel org/name · Class"]


def test_metrics_and_accelerators_are_named_by_what_is_in_them() -> None:
    assert [line for line in outline(CONFIG) if "Event" in line or "Constant" in line] == [
        "      cpu · cpu · Constant",
        "      accuracy · accuracy · Event",
    ]


@pytest.mark.parametrize(
    "secret",
    [
        '"token": "abcdefgh"',
        '"headers": ["hf_abcdefghijklmnopqrst"]',
        '"hf_abcdefghijklmnopqrst": 1',
        '"url": "https://me:abcdefgh@example.org"',
    ],
)
def test_a_secret_is_not_shown(secret: str) -> None:
    text = f'{{"input_model": {{"type": "HfModel", "load_kwargs": {{{secret}}}}}}}'
    assert "abcdefgh" not in "".join(outline(text))


def test_long_values_are_cut_and_lines_joined() -> None:
    assert outline(f'{{"a": "{"x" * 80}", "b": "1\\n2", "": 1}}') == [
        f"a · {'x' * 59}… · String",
        "b · 1 2 · String",
        '"" · 1 · Number',
    ]


@pytest.mark.parametrize(
    ("text", "expect"),
    [
        ("", []),
        ("[1", ["[0] · Number"]),
        ('{"passes": {"a": {"ty', ["passes · Namespace", "  a · Function", "    ty · Null"]),
        ('{"passes": {"a": ', ["passes · Namespace", "  a · Null"]),
    ],
)
def test_half_typed_texts_have_an_outline(text: str, expect: list[str]) -> None:
    assert outline(text) == expect


def test_the_name_lies_within_the_symbol_and_the_children_too() -> None:
    def inside(symbols: tuple[Symbol, ...], start: int, end: int) -> None:
        for symbol in symbols:
            assert start <= symbol.span.start <= symbol.selection.start
            assert symbol.selection.end <= symbol.span.end <= end
            inside(symbol.children, symbol.span.start, symbol.span.end)

    for cut in range(len(CONFIG)):
        inside(document_symbols(document(CONFIG[:cut])), 0, cut)


def test_a_workspace_finds_names_by_their_letters(tmp_path: Path) -> None:
    one, other = (
        document(CONFIG, tmp_path / "a.json"),
        document('{"passes": {"lora2": {}}}', tmp_path / "b.json"),
    )

    def found(query: str) -> list[str]:
        return [f"{symbol.name} · {symbol.container}" for symbol in workspace_symbols([one, other], query)]

    assert found("LR") == ["lora · pass in a.json", "lora2 · pass in b.json"]
    assert found("train") == ["train · data config in a.json"]
    assert len(found("")) == 7
    assert found("zz") == []


@pytest.mark.parametrize(
    ("text", "expect"),
    [
        ('{\n  "a": 1\n}', ["0-1"]),
        ('{"a": [{\n"b": 1,\n"c": [\n]\n}]}', ["0-3"]),
        ('{\n"a": [\n1\n],\n"b": [1]\n}', ["0-4", "1-2"]),
        ('{\n"a": {\n"b": 1', ["0-2", "1-2"]),
        ("// a\n// b\n{}", ["0-1 comment"]),
        ("{} // a\n// b\n// c", ["1-2 comment"]),
        ("/* a\n\n*/{}", ["0-2 comment"]),
        ('{"a": "// no\\n"}', []),
        ('{\r\n"a": 1\r\n}', ["0-1"]),
        ("", []),
    ],
)
def test_folding(text: str, expect: list[str]) -> None:
    shown = [
        f"{fold.first_line}-{fold.last_line}" + (" comment" if fold.kind == "comment" else "")
        for fold in folds(document(text))
    ]
    assert shown == expect


@pytest.mark.parametrize(
    ("text", "expect"),
    [
        (
            '{"a": [1, 2|], "b": 3}',
            ["2", "1, 2", "[1, 2]", '"a": [1, 2]', '"a": [1, 2], "b": 3', '{"a": [1, 2], "b": 3}'],
        ),
        ('{"phra|se": 2}', ["phrase", '"phrase"', '"phrase": 2', '{"phrase": 2}']),
        (
            '{"t": "T: {phr|ase}"}',
            [
                "phrase",
                "{phrase}",
                "T: {phrase}",
                '"T: {phrase}"',
                '"t": "T: {phrase}"',
                '{"t": "T: {phrase}"}',
            ],
        ),
        ('{"t": "on|e two"}', ["one", "one two", '"one two"', '"t": "one two"', '{"t": "one two"}']),
        ('{"a" |: 1}', ['"a" : 1', '{"a" : 1}']),
        ('{"a": {"b|', ["b", '"b', '{"b', '"a": {"b', '{"a": {"b']),
        ("{} |\n", ["{} \n"]),
        ("|", [""]),
    ],
)
def test_selections_grow(text: str, expect: list[str]) -> None:
    plain, offset = at_cursor(text)
    found = selections(document(plain), offset)
    assert [plain[span.start : span.end] for span in found] == expect


def test_selections_hold_one_another_wherever_the_cursor_is() -> None:
    for offset in range(-1, len(CONFIG) + 2):
        found = selections(document(CONFIG), offset)
        assert all(a != b and b.start <= a.start <= a.end <= b.end for a, b in pairwise(found))
        assert all(span.holds(max(0, min(offset, len(CONFIG)))) for span in found)
