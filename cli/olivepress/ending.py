"""The last word about a run: the table of its passes and what came out, or the error at its line of the config."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .problem_text import render_all
from .tables import table
from .terminal import coloured, paint, width
from .view import RunView
from .words import seconds, short_path, size

if TYPE_CHECKING:
    from olive_engine.runs import Run


@dataclass(frozen=True)
class ShownError:
    """A run's error with the fields of a problem."""

    message: str
    code: str
    pointer: str = ""
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0
    severity: str = "error"


def show_ending(run: Run, view: RunView, lacking: Sequence[str]) -> None:
    colour = coloured(sys.stdout)
    if view.passes:
        print(f"\n{passes_table(view, colour)}\n")
    if run.state == "succeeded":
        print(outcome(run, view, lacking, colour))
    elif run.state == "cancelled":
        print(f"{paint('cancelled', 'warning', colour)}; go on later: olivepress runs resume {run.id}")
    else:
        print(failure(run, run.error or view.error or {}, colour))
    sys.stdout.flush()


def passes_table(view: RunView, colour: bool) -> str:
    rows = [
        [
            one.name,
            one.type,
            "cached" if one.cached else seconds(one.seconds) if one.state == "done" else one.state,
            size(one.peak_memory) if one.peak_memory and not one.cached else "-",
        ]
        for one in view.passes
    ]
    return table(["pass", "type", "time", "peak memory"], rows, right=(2, 3), colour=colour)


def outcome(run: Run, view: RunView, lacking: Sequence[str], colour: bool) -> str:
    """Where things lie, how good they are where that was measured, and what to type next."""
    output = Path(run.output_dir or view.output_dir or ".")
    if lacking:
        missing = ", ".join(short_path(path) for path in lacking)
        return (
            paint("failed", "error", colour) + f": the run says it succeeded, but this is missing: {missing}"
        )
    lines = []
    accuracy = _summary(output).get("accuracy")
    if isinstance(accuracy, Mapping):
        known = [f"{name} {value:.1%}" for name, value in accuracy.items() if isinstance(value, int | float)]
        if known:
            lines.append(f"accuracy: {', '.join(known)}")
    lines.append(f"output: {paint(short_path(output), 'bold', colour)}{_parts(output)}")
    if (output / "model" / "genai_config.json").is_file():
        lines.append(f"ask it: olivepress generate --model {short_path(output / 'model')}")
    return "\n".join(lines)


def failure(run: Run, error: Mapping[str, Any], colour: bool) -> str:
    """The error at its line of the config as it was run, the hint, the log, how to go on."""
    text = _text(run.snapshot)
    path = short_path(run.config) if run.config else "olive-config.json"
    # A run that was refused has one error that stands for all of its problems.
    found = [located(each, text, Path(run.config)) for each in error.get("problems") or (error,)]
    lines = [render_all(found, path, text, colour=colour, width=width())]
    if error.get("hint"):
        lines.append(f"hint: {error['hint']}")
    lines.append(f"log: {short_path(run.log)}")
    if run.state in ("failed", "lost"):
        lines.append(
            f"after mending it: olivepress run -c {path}; to go on as it was: olivepress runs resume {run.id}"
        )
    return "\n".join(lines)


def located(error: Mapping[str, Any], text: str, path: Path) -> ShownError:
    """With the end of the place, which the run does not store, looked up where the pointer still leads there."""
    line, column = int(error.get("line") or 0), int(error.get("column") or 0)
    end_line = end_column = 0
    pointer = str(error.get("pointer") or "")
    if pointer and text:
        from olive_schemas import read

        place = read(text, path=path, lenient=True).locate(pointer)
        if not line or place[:2] == (line, column):
            line, column, end_line, end_column = place
    message = str(error.get("message") or "the run failed without saying why")
    code = str(error.get("code") or "run-failed")
    severity = str(error.get("severity") or "error")
    return ShownError(message, code, pointer, line, column, end_line, end_column, severity)


def _parts(output: Path) -> str:
    parts = [name for name in ("model", "adapter", "run-summary.json") if (output / name).exists()]
    return f"   ({', '.join(parts)})" if parts else ""


def _summary(output: Path) -> Mapping[str, Any]:
    try:
        found = json.loads((output / "run-summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError):
        return ""
