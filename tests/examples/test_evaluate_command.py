"""`olivepress evaluate` from the outside: what it prints, and its exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from olivepress.evaluate_command import main


def call(output: Path, rows: Path, *more: str) -> int:
    return main([str(output), "--data", str(rows), "--answer-column", "tone", *more])


def test_it_shows_each_model_and_the_last_ones_confusion(
    finished_run: Path, rows_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(finished_run, rows_file) == 0
    said = capsys.readouterr().out
    assert said.startswith("rows.json: 8 rows, answers Joy, Sad\n")
    lines = [line.split() for line in said.splitlines()]
    assert ["base", "0.0%", "0"] in [line[:3] for line in lines]
    assert ["merged", "100.0%", "8"] in [line[:3] for line in lines]
    assert "int4: the right answers" in said


def test_json_holds_everything(
    finished_run: Path, rows_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(finished_run, rows_file, "--json", "--only", "base", "--only", "merged") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["accuracy"] == {"base": 0.0, "merged": 1.0}
    assert len(told["scores"]["base"]["wrong"]) == 8


def test_wrong_answers_are_shown_when_asked_for(
    finished_run: Path, rows_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(finished_run, rows_file, "--only", "base", "--wrong") == 0
    assert "expected, nothing (" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--only", "int3"], 2, "left no int3; there are: base, adapter, merged, int4"),
        (["--answer-column", "mood"], 2, "mood"),
        (["--data", "none.json"], 2, "none.json cannot be read"),
        (["--template", "{tone}"], 2, "every prompt would be the same"),
        (["--data-config", "other"], 2, "There is no data config 'other'; there are: dataset_default_train"),
    ],
)
def test_mistakes_are_told_without_a_traceback(
    finished_run: Path,
    rows_file: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    said: str,
) -> None:
    assert call(finished_run, rows_file, *arguments) == code
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err


def test_a_folder_that_is_no_run_is_a_wrong_call(
    tmp_path: Path, rows_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(tmp_path, rows_file) == 2
    assert "holds no finished run" in capsys.readouterr().err
