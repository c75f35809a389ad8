"""The mistakes that people make in configs, each planted alone into a realistic file: one diagnostic, at the key or
value itself, as grave as the release takes it; and the text after its first fix.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from findings import document, findings, shown
from mistake_kit import CLASSIC, CURRENT, planted, written
from mistakes import IN_CLASSIC, LAID_OUT_ANEW, LEGAL, MENDED, REAL, Mistake

from olive_schemas.problems import Problem
from olive_server.edits import apply
from olive_server.fixes import fixes


def _new(mistake: Mistake, release: str) -> tuple[dict[str, Any], list[Problem]]:
    """(the config before the mistake, what the mistake brings about)."""
    before = planted(mistake.base, *mistake.around)
    known = {shown(problem) for problem in findings(written(before), release)}
    after = findings(written(planted(before, *mistake.plant)), release)
    return before, [problem for problem in after if shown(problem) not in known]


def _ids(mistake: Mistake) -> str:
    return f"{mistake.number}-{mistake.what.replace(' ', '_')}"


@pytest.mark.parametrize("auto", [False, True], ids=["release", "auto"])
@pytest.mark.parametrize("mistake", [*REAL, *IN_CLASSIC], ids=_ids)
def test_one_mistake_gives_one_diagnostic_at_its_place(mistake: Mistake, auto: bool) -> None:
    release = "auto" if auto else mistake.release
    before, found = _new(mistake, release)
    assert [shown(problem) for problem in found] == [(auto and mistake.auto) or mistake.expected]
    problem = found[0]
    text = written(planted(before, *mistake.plant))
    place = document(text).tree.span(problem.pointer, problem.on)
    lines = document(text).tree.lines
    assert lines.offset(problem.line - 1, problem.column - 1) == place[0]
    assert lines.offset(problem.end_line - 1, problem.end_column - 1) == place[1]


@pytest.mark.parametrize(
    "mistake", [mistake for mistake in [*REAL, *IN_CLASSIC] if mistake.fixed is not None], ids=_ids
)
def test_the_first_fix_mends_it(mistake: Mistake) -> None:
    before, found = _new(mistake, mistake.release)
    wrong = document(written(planted(before, *mistake.plant)), mistake.release)
    text = apply(wrong.text, fixes(wrong, found[0])[0].edits)
    wanted = before if mistake.fixed == MENDED else planted(before, *mistake.fixed)
    assert json.loads(text) == wanted
    if mistake.number not in LAID_OUT_ANEW:
        assert text == written(wanted)


@pytest.mark.parametrize("release", ["0.13", "auto"])
@pytest.mark.parametrize("legal", LEGAL, ids=_ids)
def test_what_is_legal_gives_no_error_and_no_warning(legal: Mistake, release: str) -> None:
    _, found = _new(legal, release)
    assert [shown(problem) for problem in found if problem.severity in ("error", "warning")] == []


def test_what_is_not_used_is_a_hint() -> None:
    unused = next(legal for legal in LEGAL if legal.number == 70)
    _, found = _new(unused, "0.13")
    assert [shown(problem) for problem in found] == ["unused hint /data_configs/1/name"]


def test_every_real_mistake_is_here() -> None:
    legal = {17, 22, 32, 61, 64, 70}
    assert {mistake.number for mistake in REAL} == set(range(1, 71)) - legal


@pytest.mark.parametrize(
    ("base", "releases"),
    [(CURRENT, ["0.13", "main", "auto"]), (CLASSIC, ["0.6.2", "auto"])],
    ids=["current", "classic"],
)
def test_the_configs_that_they_are_planted_into_are_in_order(
    base: dict[str, Any], releases: list[str]
) -> None:
    for release in releases:
        assert [
            shown(problem) for problem in findings(written(base), release) if problem.code != "no-evaluation"
        ] == []
