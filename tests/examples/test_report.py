"""The demo's tables, made from the summary of a real run (`recorded-summary.json`, as `make demo` left it)."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from rich.console import Console

RECORDED = Path(__file__).with_name("recorded-summary.json")


@pytest.fixture
def report(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("report")


@pytest.fixture
def summary() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(RECORDED.read_text("utf-8"))
    return loaded


def shown(report: ModuleType, summary: dict[str, Any], *, plain: bool = True, width: int = 160) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=width, force_terminal=False, highlight=False)
    answers = [
        report.Answered("The dog came back!", "Joy", "Joy"),
        report.Answered("Boo!", "Fear", "'\\n- I'"),
    ]
    report.show(summary, answers, 183.4, console, plain=plain)
    return stream.getvalue()


def test_every_stage_has_its_accuracy_as_measured(report: ModuleType, summary: dict[str, Any]) -> None:
    title, head, rows = report.accuracy_table(summary)
    assert title == "100 phrases held out"
    assert head[:2] == ["model", "accuracy"]
    measured = summary["accuracy"]
    assert [row[1] for row in rows] == [
        f"{measured[name]:.0%}" for name in ("base", "adapter", "merged", "int4")
    ]


def test_every_pass_has_its_time_memory_and_size(report: ModuleType, summary: dict[str, Any]) -> None:
    _, _, rows = report.passes_table(summary)
    assert [row[0] for row in rows] == ["lora", "merge_adapter_weights", "builder"]
    assert rows[0][4] == "adapter"
    assert rows[2][4] == "model"
    assert rows[2][5].endswith("MB")
    assert all(row[2] != "-" for row in rows)


def test_a_stage_that_was_not_measured_is_a_dash(report: ModuleType, summary: dict[str, Any]) -> None:
    del summary["evaluation"]["scores"]["merged"]
    _, _, rows = report.accuracy_table(summary)
    assert rows[2] == ["merged", "-", "-", "-", "-"]


def test_an_empty_summary_makes_empty_tables(report: ModuleType) -> None:
    assert report.passes_table({})[2] == []
    assert [row[1] for row in report.accuracy_table({})[2]] == ["-"] * 4
    assert not report.all_cached({})


@pytest.mark.parametrize("plain", [True, False])
def test_the_whole_report_says_what_came_out(
    report: ModuleType, summary: dict[str, Any], plain: bool
) -> None:
    text = shown(report, summary, plain=plain)
    for part in ("The dog came back!", "'\\n- I'", "merge_adapter_weights", "int4", "all in all: 3:03"):
        assert part in text
    assert summary["output_dir"] in text
    assert ("│" in text) is not plain
    assert "\x1b" not in text


def test_a_second_run_says_that_it_came_from_the_cache(report: ModuleType, summary: dict[str, Any]) -> None:
    for one in [*summary["passes"], *summary["evaluation"]["scores"].values()]:
        one["cached"] = True
    text = shown(report, summary)
    assert "everything came from the cache: 3:03" in text
    assert "known already" in text


def test_a_pass_from_the_cache_tells_what_it_took_when_it_was_made(
    report: ModuleType, summary: dict[str, Any]
) -> None:
    made = {"seconds": 75.0, "peak_memory_bytes": 2_000_000_000}
    summary["passes"][0] |= {"cached": True, "seconds": 0.01, "peak_memory_bytes": None, "made_in": made}
    assert report.passes_table(summary)[2][0][2:4] == ["1:15, now from the cache", "2.0 GB"]


def test_half_a_cache_is_not_called_all_of_it(report: ModuleType, summary: dict[str, Any]) -> None:
    summary["passes"][0]["cached"] = True
    assert "everything came from the cache" not in shown(report, summary)


def test_a_narrow_terminal_cuts_no_number(report: ModuleType, summary: dict[str, Any]) -> None:
    text = shown(report, summary, plain=False, width=60)
    assert "…" not in text
