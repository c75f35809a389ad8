"""Remedies become edits; what is exact is applied together, again until nothing is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from olive_schemas.problems import Problem, Remedy, Severity
from olive_schemas.reading import syntax_problems
from olive_schemas.tree import parse, to_python
from olive_server.document import Document
from olive_server.edits import apply
from olive_server.fixes import fix_all, fixed, fixes

TEXT = (
    '{\n  "passes": {\n    "a": {"type": "LoRA", "target_moduls": ["q"], "lora_r": 4}\n  },\n  "out": 1\n}\n'
)


def document(text: str) -> Document:
    return Document("file:///olive-config.json", text, path=Path("/olive-config.json"))


def problem(*remedies: Remedy) -> Problem:
    return Problem("a-code", Severity.ERROR, "what is wrong", remedies[0].pointer, remedies=remedies)


def titles(text: str, found: Problem) -> list[tuple[str, bool]]:
    return [(fix.title, fix.exact) for fix in fixes(document(text), found)]


@pytest.mark.parametrize(
    ("remedy", "title", "changed"),
    [
        (
            Remedy("rename-key", "/passes/a/target_moduls", "target_modules", exact=True),
            "Rename to `target_modules`",
            TEXT.replace("moduls", "modules"),
        ),
        (Remedy("replace-value", "/out", ["q"]), 'Change to `["q"]`', TEXT.replace("1\n", '["q"]\n')),
        (Remedy("remove", "/passes/a/lora_r"), "Remove `lora_r`", TEXT.replace(', "lora_r": 4', "")),
        (
            Remedy("remove", "/passes/a/target_moduls/0"),
            "Remove this entry",
            TEXT.replace('["q"]', "[]"),
        ),
        (Remedy("insert", "/passes/a", True, "b"), "Add `b`", TEXT.replace("4}", '4, "b": true}')),
        (
            Remedy("move", "/passes/a/lora_r", target="/passes"),
            "Move into `passes`",
            TEXT.replace(', "lora_r": 4}', '},\n    "lora_r": 4'),
        ),
        (
            Remedy("move", "/passes/a/lora_r", target=""),
            "Move to the top level",
            TEXT.replace(', "lora_r": 4', "").replace("1\n", '1,\n  "lora_r": 4\n'),
        ),
        (Remedy("remove", "/out", title="Drop it"), "Drop it", TEXT.replace(',\n  "out": 1', "")),
    ],
)
def test_each_kind_of_remedy(remedy: Remedy, title: str, changed: str) -> None:
    (fix,) = fixes(document(TEXT), problem(remedy))
    assert (fix.title, fix.exact) == (title, remedy.exact)
    assert apply(TEXT, fix.edits) == changed


def test_alternatives_keep_their_order_and_what_leads_nowhere_is_left_out() -> None:
    found = problem(
        Remedy("remove", "/out"), Remedy("remove", "/nowhere"), Remedy("replace-value", "/out", 2)
    )
    assert titles(TEXT, found) == [("Remove `out`", False), ("Change to `2`", False)]


def test_a_new_name_that_is_taken_is_no_rename() -> None:
    text = '{"lora_r": 4, "r": 8}'
    found = problem(Remedy("rename-key", "/lora_r", "r", exact=True))
    assert titles(text, found) == [("Remove `lora_r`, since `r` is there already", False)]


def test_nothing_is_exact_in_a_text_that_had_to_be_guessed() -> None:
    found = problem(Remedy("rename-key", "/a", "b", exact=True))
    assert titles('{"a": 1, "c"', found) == [("Rename to `b`", False)]


@pytest.mark.parametrize(
    ("text", "mended", "exact"),
    [
        ('{"a": 1,}', '{"a": 1}', True),
        ('{"a": 1 "b": 2}', '{"a": 1, "b": 2}', True),
        ('{,"a": 1}', '{"a": 1}', True),
        ("{'a': 1}", '{"a": 1}', True),
        ("{“a”: 1}", '{"a": 1}', True),
        ('{"a": True}', '{"a": true}', True),
        ('{"a": None}', '{"a": null}', True),
        ('{"a": .5}', '{"a": 0.5}', True),
        ('{"a" = 1}', '{"a" : 1}', True),
        ('{"a" 1}', '{"a": 1}', True),
        ("{a: 1}", '{"a": 1}', True),
        ('{"a": yes}', '{"a": "yes"}', False),
        ('{"a": "b}', '{"a": "b"}', False),
        ('{"a": "C:\\models\\new"}', '{"a": "C:\\\\models\\\\new"}', False),
        ('{"a":\xa01}', '{"a": 1}', True),
        ('{"a": "\t"}', '{"a": "\\t"}', True),
        ('{"a": 1, "a": 1}', '{"a": 1}', True),
        ('{"a": 2, "a": 1}', '{"a": 1}', False),
        ('{"a": 1} }', '{"a": 1} ', False),
        ('{\n  // one\n  "a": 1 /* two */, # three\n  "b": "//"\n}', '{\n  "a": 1,\n  "b": "//"\n}', False),
    ],
)
def test_what_is_no_json(text: str, mended: str, exact: bool) -> None:
    here = document(text)
    (fix, *_) = [fix for found in syntax_problems(here.tree) for fix in fixes(here, found)]
    assert apply(text, fix.edits) == mended
    assert fix.exact == exact


def test_a_number_that_json_does_not_have_is_left_to_its_writer() -> None:
    assert fixes(document('{"a": NaN}'), syntax_problems(parse('{"a": NaN}'))[0]) == []


def remedies(*found: Remedy) -> list[Problem]:
    return [problem(remedy) for remedy in found]


def every(text: str, *found: Remedy) -> str:
    """The text after all of them, each found again for as long as its place is there."""

    def check(document: Document) -> Sequence[Problem]:
        return [each for each in remedies(*found) if document.tree.find(each.pointer) is not None]

    return fixed(document(text), check(document(text)), check).text


def test_fixes_that_touch_one_another_are_applied_one_after_the_other() -> None:
    drop = [Remedy("remove", f"/{name}", exact=True) for name in "abcd"]
    assert every('{"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}', *drop) == '{"e": 5}'
    assert every('{"a": 1, "b": 2, "c": 3, "d": 4}', *drop) == "{}"
    assert every('{\n  "a": 1,\n  "b": 2\n}', *drop) == "{}"


def test_only_exact_ones_are_applied_and_said() -> None:
    found = [
        problem(Remedy("rename-key", "/a", "b", exact=True)),
        problem(Remedy("remove", "/c")),
    ]
    done = fixed(document('{"a": 1, "c": 2}'), found, lambda _: [])
    assert done.text == '{"b": 1, "c": 2}'
    assert [fix.title for _, fix in done.done] == ["Rename to `b`"]


def test_a_fix_that_brings_more_errors_is_left_out_and_takes_no_other_with_it() -> None:
    def check(document: Document) -> Sequence[Problem]:
        again = [
            replace(
                problem(Remedy("rename-key", f"/{name}", name.upper(), exact=True)), severity=Severity.WARNING
            )
            for name in "abc"
        ]
        worse = [problem(Remedy("remove", "/x"))] * 2 if document.tree.find("/B") else []
        return [each for each in again if document.tree.find(each.pointer)] + worse

    start = document('{"a": 1, "b": 2, "c": 3}')
    done = fixed(start, check(start), check)
    assert done.text == '{"A": 1, "b": 2, "C": 3}'
    assert [fix.title for _, fix in done.done] == ["Rename to `A`", "Rename to `C`"]


def test_fixes_that_undo_one_another_come_to_an_end() -> None:
    def check(document: Document) -> Sequence[Problem]:
        here = document.tree.root.members[0].name
        return [problem(Remedy("rename-key", f"/{here}", "b" if here == "a" else "a", exact=True))]

    start = document('{"a": 1}')
    assert fixed(start, check(start), check).text == '{"b": 1}'


def test_a_file_of_python_words_and_missing_commas_is_json_afterwards() -> None:
    text = "{\n  'input_model': {'type': 'HfModel' 'model_path': 'm'}\n  'evaluate_input_model': False,\n}"
    start = document(text)
    mended = fix_all(start, syntax_problems(start.tree))
    assert not parse(mended).problems
    assert to_python(parse(mended).root)["evaluate_input_model"] is False
