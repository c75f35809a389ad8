"""What the demo shows at its end, made from run-summary.json alone: tables of rich, or plain lines.

Numbers are shown as they came out; what was not measured is a dash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from olivepress.words import seconds, size

if TYPE_CHECKING:
    from rich.console import Console

STAGES = (
    ("base", "base model"),
    ("adapter", "after LoRA"),
    ("merged", "merged"),
    ("int4", "int4 (onnxruntime-genai)"),
)


@dataclass(frozen=True)
class Answered:
    """A phrase, the tone its author had in mind, and what the int4 model made of it."""

    phrase: str
    meant: str
    answer: str


Table = tuple[str, list[str], list[list[str]]]
"""Title, head, rows."""


def accuracy_table(summary: Mapping[str, Any]) -> Table:
    evaluation = summary.get("evaluation") or {}
    scores = evaluation.get("scores") or {}
    n = next((one["n"] for one in scores.values()), 0)
    rows = []
    for name, text in STAGES:
        one = scores.get(name)
        if one is None:
            rows.append([text, "-", "-", "-", "-"])
            continue
        rows.append(
            [
                text,
                f"{one['accuracy']:.0%}",
                str(one["unparsed"]),
                "known already" if one.get("cached") else seconds(one["seconds"]),
                size(one["peak_memory_bytes"]),
            ]
        )
    return f"{n} phrases held out", ["model", "accuracy", "no label", "time", "peak memory"], rows


def passes_table(summary: Mapping[str, Any]) -> Table:
    sizes = summary.get("sizes") or {}
    rows = []
    for one in summary.get("passes") or []:
        made = one.get("artifacts") or []
        weight = size(sum(sizes.get(name, 0) for name in made)) if made else "-"
        # A pass from the cache carries along what it took when it was made.
        measured = one.get("made_in") or one
        took = seconds(measured.get("seconds"))
        rows.append(
            [
                str(one["name"]),
                str(one["type"]),
                f"{took}, now from the cache" if one.get("cached") else took,
                size(measured.get("peak_memory_bytes")),
                ", ".join(made) or "none: the next pass merges as it reads",
                weight,
            ]
        )
    return "passes", ["pass", "type", "time", "peak memory", "result", "size"], rows


def answers_table(answers: Sequence[Answered]) -> Table:
    rows = [[one.phrase, one.meant, one.answer] for one in answers]
    return "four new phrases, answered by the int4 model", ["phrase", "meant", "answered"], rows


def all_cached(summary: Mapping[str, Any]) -> bool:
    """Every pass and every evaluation came from the cache."""
    passes = summary.get("passes") or []
    scores = (summary.get("evaluation") or {}).get("scores") or {}
    return bool(passes) and all(one.get("cached") for one in [*passes, *scores.values()])


def show(
    summary: Mapping[str, Any],
    answers: Sequence[Answered],
    total_seconds: float,
    console: Console,
    *,
    plain: bool,
) -> None:
    """Prints it all. `plain`: no frames and no colours, for logs and dumb terminals."""
    for table in (passes_table(summary), accuracy_table(summary), answers_table(answers)):
        console.print()
        _print(table, console, plain)
    output = Path(str(summary.get("output_dir", "")))
    console.print()
    console.print(f"output: {output}", soft_wrap=True)
    console.print(
        f"  {output / 'model'} is what onnxruntime-genai loads, {output / 'adapter'} the adapter",
        soft_wrap=True,
    )
    how = "everything came from the cache" if all_cached(summary) else "all in all"
    console.print(f"{how}: {seconds(total_seconds)}")


def _print(table: Table, console: Console, plain: bool) -> None:
    title, head, rows = table
    if plain:
        from olivepress.tables import table as lines

        console.print(title)
        console.print(lines(head, rows), soft_wrap=True)
        return
    from rich.table import Table as RichTable

    framed = RichTable(title=title, title_justify="left", title_style="bold")
    for name in head:
        framed.add_column(name, overflow="fold")
    for row in rows:
        framed.add_row(*row)
    console.print(framed)
