"""Findings of all sources together: once each, sorted, located, and never an exception."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from findings import document, findings, shown, told
from mistake_kit import CURRENT, drop, planted, put, rename, written

from olive_schemas.problems import Problem, Severity
from olive_server import checks
from olive_server.checking import problems
from olive_server.document import Document, Settings
from olive_server.merging import merged

TEXT = written(CURRENT)


def test_places_count_from_one_in_code_points() -> None:
    text = '{"input_model": {"type": "HfModel", "model_path": "é😀/x"}, "pases": {}}'
    (problem,) = (problem for problem in findings(text, "0.13") if problem.code == "unknown-name")
    assert (problem.line, problem.column, problem.end_line, problem.end_column) == (1, 60, 1, 67)
    assert text[59:66] == '"pases"'


def test_they_come_in_the_order_of_the_text() -> None:
    wrong = planted(
        CURRENT, rename("output_dir", "ouput_dir"), put("target", "gpu0"), put("passes/qlora/r", "x")
    )
    found = findings(written(wrong), "0.13")
    assert [problem.pointer for problem in found] == ["/passes/qlora/r", "/target", "/ouput_dir"]
    assert [problem.line for problem in found] == sorted(problem.line for problem in found)


def test_several_syntax_errors_each_where_it_is() -> None:
    lines = ["{", '  "passes": {}', "  // why", "  'output_dir': None,", '  "cache_dir": "c",', "}"]
    found = [shown(problem).split()[0] for problem in findings("\n".join(lines))]
    syntax = [code for code in found if code.startswith("json-")]
    assert syntax == ["json-missing-comma", "json-comment", "json-quotes", "json-word", "json-trailing-comma"]


@pytest.mark.parametrize("release", ["auto", "0.13"])
@pytest.mark.parametrize(
    "removed",
    ['"passes": {', '"systems": {', '"data_configs": [', '"accelerators": [', '"input_model": {'],
)
def test_a_missing_bracket_brings_no_guesses(removed: str, release: str) -> None:
    text = TEXT.replace(removed, removed[:-1], 1)
    found = told(text, release)
    assert found and all(line.startswith("json-") for line in found)


@pytest.mark.parametrize("closing", ["\n    },", "\n    ],"])
def test_an_unclosed_bracket_does_not_make_what_follows_unknown(closing: str) -> None:
    at = TEXT.index(closing)
    text = TEXT[:at] + TEXT[at + len(closing) :]
    names = [problem for problem in findings(text, "0.13") if problem.code in ("unknown-name", "no-effect")]
    assert names == []


def test_every_prefix_has_findings_and_no_exception(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        for end in range(0, len(TEXT), 37):
            problems(document(TEXT[:end]))
    assert caplog.records == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "7",
        '"x"',
        "{" * 5000,
        "[" * 5000,
        '{"passes": ' * 300,
        "\ud800",
        '{"a": "\ud83d"}',
        "{]}[",
        "\x00",
    ],
)
def test_any_text_at_all(text: str, caplog: pytest.LogCaptureFixture) -> None:
    for release in ("auto", "0.2.1", "0.13", "no such release"):
        problems(document(text, release))
    assert caplog.records == []


ODD = [
    None,
    True,
    0,
    -1.5,
    "",
    "x",
    [],
    {},
    [None],
    [[]],
    {"": None},
    {"type": 7},
    [{"type": []}],
    {"type": {}},
]


@pytest.mark.parametrize("odd", ODD, ids=lambda value: json.dumps(value))
def test_any_value_at_any_place(odd: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Every place of a config in turn holds something else."""
    for pointer in _places(CURRENT):
        for release in ("auto", "0.13"):
            problems(document(planted(CURRENT, put(pointer, odd)), release))
    assert caplog.records == []


def _places(value: Any, path: str = "") -> list[str]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = []
    for key, entry in inner:
        below = f"{path}/{key}" if path else str(key)
        found += [below, *_places(entry, below)]
    return found


def test_one_check_that_fails_is_logged_by_its_name_and_the_rest_go_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def check(_: Any) -> list[Problem]:
        raise ZeroDivisionError

    check.__module__ = "olive_server.checks.divided"
    kept = checks.all_checks()
    monkeypatch.setattr(checks, "all_checks", lambda: (check, *kept))
    wrong = planted(CURRENT, put("target", "gpu0"))
    assert "unknown-reference error /target" in told(wrong, "0.13")
    assert [record.getMessage() for record in caplog.records] == ["check divided.check failed"]


def test_a_misspelt_key_is_not_missing_as_well() -> None:
    for path, name, place in (
        ("input_model", "imput_model", "/imput_model"),
        ("passes/qlora/train_data_config", "train_data_confg", "/passes/qlora/train_data_confg"),
        ("data_configs/0/name", "nmae", "/data_configs/0/nmae"),
        ("evaluators/common/metrics/0/type", "typ", "/evaluators/common/metrics/0/typ"),
    ):
        for release in ("0.13", "auto"):
            found = told(planted(CURRENT, rename(path, name)), release)
            new = [line for line in found if line not in told(CURRENT, release)]
            assert new == [f"unknown-name error {place} key"], (name, release)


def test_nothing_is_told_of_what_an_unknown_type_has() -> None:
    wrong = planted(
        CURRENT, put("passes/qlora/type", "QLorra"), put("passes/qlora/r", "x"), drop("passes/qlora/alpha")
    )
    assert told(wrong, "0.13") == ["unknown-pass error /passes/qlora/type"]


def test_what_the_embedded_engine_cannot_do_is_worth_knowing() -> None:
    wrong = planted(CURRENT, put("passes/tune", {"type": "OrtSessionParamsTuning", "io_bind": True}))
    found = [problem for problem in findings(wrong) if problem.code == "pass-not-run-here"]
    assert [problem.severity for problem in found] == [Severity.INFORMATION]
    assert found[0].message.startswith("the embedded engine cannot run this, Olive can: ")
    assert not [problem for problem in findings(wrong, "0.13") if problem.code == "pass-not-run-here"]


def test_all_that_the_embedded_engine_cannot_do_is_one_remark() -> None:
    steps = {"type": "OnnxConversion"}, {"type": "OnnxFloatToFloat16"}
    for_olive = planted(
        CURRENT,
        put("no_artifacts", True),
        put("passes", dict(zip(("convert", "half"), steps, strict=True))),
    )
    found = [p for p in findings(for_olive) if p.code not in ("unused", "changed-default")]
    assert [shown(problem) for problem in found] == ["pass-not-run-here information /passes/convert/type"]
    assert "nor can it do `OnnxFloatToFloat16`" in found[0].message
    assert [related.pointer for related in found[0].related] == ["/passes/half/type"]


def test_what_only_the_embedded_engine_leaves_out_is_worth_knowing() -> None:
    runs_here = planted(CURRENT, put("no_artifacts", True))
    assert "no-effect information /no_artifacts key" in told(runs_here)
    assert told(runs_here, "0.13", only="no-effect") == []


def _problem(code: str, severity: Severity, message: str, pointer: str = "/a", on: Any = "value") -> Problem:
    return Problem(code, severity, message, pointer, on)


def test_of_two_that_tell_the_same_the_more_exact_words_and_the_graver_severity_stay() -> None:
    exact = _problem("provider-device", Severity.WARNING, "exact")
    grave = _problem("wrong-value", Severity.ERROR, "grave")
    assert merged([(3, grave), (1, exact)]) == [_problem("provider-device", Severity.ERROR, "exact")]


def test_different_things_of_one_place_stay_apart() -> None:
    missing = [_problem("missing", Severity.ERROR, f"`x` needs `{name}`", "/a", "key") for name in ("b", "c")]
    assert merged([(0, missing[0]), (1, missing[1])]) == missing
    key, value = (
        _problem("written-twice", Severity.HINT, "k", "/a", "key"),
        _problem("wrong-value", Severity.ERROR, "v"),
    )
    assert merged([(0, key), (0, value)]) == [key, value]


def test_beneath_what_has_no_effect_nothing_is_told_but_secrets() -> None:
    dead = _problem("unknown-name", Severity.WARNING, "no such key", "/a", "key")
    below = _problem("wrong-type", Severity.ERROR, "w", "/a/b")
    secret = _problem("secret", Severity.WARNING, "s", "/a/c")
    assert merged([(0, dead), (0, below), (0, secret)]) == [dead, secret]


@pytest.mark.parametrize(
    ("installed", "severity"),
    [(None, "warning"), ("0.9.3", ""), ("0.13.0", "error"), ("0.6.2", "warning"), ("7.7", "warning")],
)
def test_an_installed_release_of_the_same_dialect_narrows_what_is_said(
    installed: str | None, severity: str
) -> None:
    providers = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    two = written(planted(CURRENT, put("systems/gpu/accelerators/0/execution_providers", providers)))
    found = problems(Document("untitled:x", two, settings=Settings("auto", installed)))
    told_of = [problem.severity for problem in found if problem.code == "several-accelerators"]
    assert told_of == ([severity] if severity else [])


@pytest.mark.parametrize(
    ("cut", "kept"),
    [
        ('"type": "QLo', []),
        ('"r": 16,\n            "alpha": fal', []),
        ('"target_modules": ["q_proj", "v_', []),
        ('"strategy": "line-by-li', []),
    ],
)
def test_what_is_being_typed_is_not_judged(cut: str, kept: list[str]) -> None:
    start = cut.split(":", 1)[0]
    text = TEXT[: TEXT.index(start)] + cut
    assert [line for line in told(text, "0.13") if not line.startswith("json-")] == kept


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        (
            rename("passes/qlora/training_args/per_device_train_batch_size", "train_batch_size"),
            "did you mean `per_device_train_batch_size`?",
        ),
        (put("passes/qlora/target_modules", "q_proj, v_proj"), 'write ["q_proj", "v_proj"].'),
        (put("passes/qlora/training_args/a\nb", 4), "has no `a\\nb`"),
    ],
)
def test_what_was_meant_is_said(wrong: Any, meant: str) -> None:
    assert [
        problem.message for problem in findings(planted(CURRENT, wrong), "0.13") if meant in problem.message
    ]


def test_a_brace_too_many_or_missing_is_told_of_the_brace_alone() -> None:
    for wrong in (
        TEXT.replace('"merge": {', '}, "merge": {'),
        TEXT.replace('"eval_steps": 50\n            }', '"eval_steps": 50\n'),
    ):
        assert all(problem.code.startswith("json-") for problem in findings(wrong))
