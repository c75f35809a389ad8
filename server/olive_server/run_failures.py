"""Errors of runs as problems of the config's text, for as long as the text that failed stands there unchanged.

The place is that of the config as it was run (the run's snapshot); it is found again by its pointer, and only while the
value there still means the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from olive_engine.runs import Run
from olive_schemas.problems import Problem, Severity
from olive_schemas.tree import join, parse, to_python

from .document import Document

_LONGEST_SNAPSHOT = 3_000_000


@dataclass(frozen=True)
class Failure:
    """One thing that a run failed with, and the value that it failed on."""

    run_id: str
    code: str
    message: str
    pointer: str
    value: Any


def failures_by_config(runs: Iterable[Run]) -> dict[str, tuple[Failure, ...]]:
    """By the path of the config: what its newest run that came to an end failed with, if it failed."""
    newest: dict[str, Run] = {}
    for run in sorted(runs, key=lambda run: (run.finished or run.created, run.id)):
        if run.state in ("succeeded", "failed", "lost"):
            newest[run.config] = run
    return {config: found for config, run in newest.items() if (found := failures_of(run))}


def failures_of(run: Run) -> tuple[Failure, ...]:
    """Nothing for a run that did not fail, or whose snapshot is gone."""
    if run.state not in ("failed", "lost") or not run.error:
        return ()
    try:
        if run.snapshot.stat().st_size > _LONGEST_SNAPSHOT:
            return ()
        tree = parse(run.snapshot.read_bytes().decode("utf-8", "replace"))
    except OSError:
        return ()
    found = []
    for error in _errors(run.error):
        pointer = str(error.get("pointer") or "") or _failed_pass(run, to_python(tree.root))
        node = tree.find(pointer)
        if node is None:
            continue
        hint = error.get("hint")
        message = f"run {run.id} failed here: {error.get('message')}{f' {hint}' if hint else ''}"
        found.append(
            Failure(run.id, str(error.get("code") or "run-failed"), message, pointer, to_python(node))
        )
    return tuple(found)


def _errors(error: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The problems that the run's own check found, or else the error itself."""
    inner = [
        one
        for one in error.get("problems") or ()
        if isinstance(one, Mapping) and one.get("severity") == Severity.ERROR.value
    ]
    yield from inner or [error]


def _failed_pass(run: Run, config: Any) -> str:
    """The pointer of the pass that was being worked on; the whole config where none is known."""
    passes = config.get("passes") if isinstance(config, dict) else None
    for one in run.passes:
        name = one.get("name")
        if one.get("state") in ("failed", "running") and isinstance(passes, dict) and name in passes:
            return join("/passes", str(name))
    return ""


def problems_of(document: Document, failures: Iterable[Failure], found: Iterable[Problem]) -> list[Problem]:
    """The failures that still stand, without those that `found`, the document's own problems, tells already."""
    told = {(problem.code, problem.pointer) for problem in found}
    standing = []
    for failure in failures:
        node = document.tree.find(failure.pointer)
        if node is None or (failure.code, failure.pointer) in told or to_python(node) != failure.value:
            continue
        on = "key" if node.kind in ("object", "array") else "value"
        standing.append(Problem(failure.code, Severity.ERROR, failure.message, failure.pointer, on))  # type: ignore[arg-type]
    return standing


def config_of(document: Document) -> str:
    """How a run spells the path of the document's file."""
    return "" if document.path is None else str(Path(document.path).absolute())
