"""Problems look like a compiler's, whatever the line holds."""

from __future__ import annotations

from olive_schemas.problems import Problem, Severity
from olivepress.problem_text import render, render_all, tally


def problem(
    line: int, column: int, end_column: int, severity: Severity = Severity.ERROR, end_line: int = 0
) -> Problem:
    return Problem(
        "a-code", severity, "what is wrong", "/p", "value", line, column, end_line or line, end_column
    )


def check(text: str, found: Problem, expected: str, width: int = 100) -> None:
    assert render(found, "c.json", text.splitlines(), width=width) == expected.strip("\n")


def test_the_place_is_marked() -> None:
    check(
        '{\n  "lora_rr": 4\n}',
        problem(2, 3, 12),
        """
c.json:2:3: error: what is wrong [a-code]
    2 |   "lora_rr": 4
      |   ^^^^^^^^^
""",
    )


def test_tabs_and_wide_signs_keep_the_caret_below_its_place() -> None:
    check(
        '\t"名": x',
        problem(1, 7, 8),
        """
c.json:1:7: error: what is wrong [a-code]
    1 |     "名": x
      |           ^
""",
    )


def test_a_value_over_several_lines_is_marked_to_the_end_of_its_first() -> None:
    check(
        '{"passes": {\n}}',
        problem(1, 12, 2, end_line=2),
        """
c.json:1:12: error: what is wrong [a-code]
    1 | {"passes": {
      |            ^
""",
    )


def test_a_place_behind_the_end_of_a_line_still_has_its_caret() -> None:
    check(
        "{",
        problem(1, 2, 2),
        """
c.json:1:2: error: what is wrong [a-code]
    1 | {
      |  ^
""",
    )


def test_a_very_long_line_is_cut_to_a_window() -> None:
    text = '{"a": "' + "x" * 300 + '", "bad": 1, "z": "' + "y" * 300 + '"}'
    column = text.index('"bad"') + 1
    shown = render(problem(1, column, column + 5), "c.json", [text], width=60).splitlines()
    assert len(shown[1]) <= 60
    start = shown[2].index("^")
    assert shown[1][start : start + 5] == '"bad"'
    assert shown[2].count("^") == 5


def test_a_problem_without_a_place_is_one_line() -> None:
    check("{}", Problem("a-code", Severity.ERROR, "what is wrong"), "c.json: error: what is wrong [a-code]")


def test_all_are_told_in_the_order_of_the_file() -> None:
    found = [problem(2, 1, 2), problem(1, 1, 2, Severity.WARNING), problem(1, 1, 2)]
    heads = [line for line in render_all(found, "c.json", "a\nb").splitlines() if line.startswith("c.json")]
    assert [head.split(": ")[0:2] for head in heads] == [
        ["c.json:1:1", "error"],
        ["c.json:1:1", "warning"],
        ["c.json:2:1", "error"],
    ]
    assert tally(found) == "2 errors, 1 warning"


def test_colours_only_where_asked_for() -> None:
    plain = render(problem(1, 1, 2), "c.json", ["a"])
    painted = render(problem(1, 1, 2), "c.json", ["a"], colour=True)
    assert "\x1b" not in plain
    assert "\x1b[1;31merror: \x1b[0m" in painted
