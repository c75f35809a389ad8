"""The engine as a library: results and mistakes are values, never exceptions.

    result = olive_engine.run("olive-config.json")
    if not result.ok: print(result.error or result.problems)

A run started here is the same as one started by the command line: a process of its own, which goes on if this one
ends, with its record beside the config.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from olive_schemas.problems import Problem

from .checked import as_problem, check_config, source_of
from .errors import RunError

if TYPE_CHECKING:
    from .planning import Plan
    from .runs import Event, Run

Config = str | Path | Mapping[str, Any]


@dataclass(frozen=True)
class RunResult:
    """`state`: refused (errors in the config, nothing was started), or the state of the run as it now is."""

    state: Literal["refused", "queued", "running", "succeeded", "failed", "cancelled", "lost"]
    problems: tuple[Problem, ...] = ()
    run_id: str | None = None
    folder: Path | None = None
    """The run's record: config.json, events.jsonl, worker.log."""
    output_dir: Path | None = None
    summary: Mapping[str, Any] = field(default_factory=dict)
    """run-summary.json of a run that succeeded."""
    error: Mapping[str, Any] | None = None
    """{"code", "message", "pointer", "hint", "line", "column"} of one that did not."""

    @property
    def ok(self) -> bool:
        """Every promised artifact exists."""
        return self.state == "succeeded"


def run(
    config: Config,
    *,
    base_dir: str | Path | None = None,
    follow: bool = True,
    lenient: bool = False,
    trust_user_script: bool = False,
    python: str | None = None,
    from_pass: str | None = None,
    to_pass: str | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> RunResult:
    """Checks the config, starts its run and waits for its end (`follow=False`: returns once it has started).

    `config`: a path, or the parsed JSON with `base_dir` for its relative paths. `on_event` is called with every event,
    in this thread. `python`: the interpreter of the worker. `from_pass`: it and later ones are made anew, whatever the
    cache holds. `to_pass`: later ones are left out.
    """
    try:
        path, text = source_of(config, base_dir)
    except RunError as error:
        return RunResult("refused", (as_problem(error),))
    checked = check_config(
        path,
        text,
        lenient=lenient,
        trust_user_script=trust_user_script,
        from_pass=from_pass,
        to_pass=to_pass,
    )
    if checked.refused:
        return RunResult("refused", checked.problems)
    from . import runs

    try:
        started = runs.launch(
            path,
            text=checked.text,
            python=python,
            trust_user_script=trust_user_script,
            lenient=lenient,
            from_pass=from_pass,
            to_pass=to_pass,
        )
    except RunError as error:
        return RunResult("failed", checked.problems, error=_error(error))
    if follow:
        for event in runs.follow(started):
            if on_event is not None:
                on_event(event)
        started = runs.refresh(started)
    return result_of(started, checked.problems)


def plan(
    config: Config,
    *,
    base_dir: str | Path | None = None,
    lenient: bool = False,
    trust_user_script: bool = False,
    from_pass: str | None = None,
    to_pass: str | None = None,
) -> Plan:
    """What a run would do, without doing it. Reads the data and the models' headers; loads no weights."""
    from .planning import make_plan, refused_plan

    try:
        path, text = source_of(config, base_dir)
    except RunError as error:
        return refused_plan(Path(str(config)), as_problem(error))
    return make_plan(
        path,
        text,
        lenient=lenient,
        trust_user_script=trust_user_script,
        from_pass=from_pass,
        to_pass=to_pass,
    )


def result_of(run: Run, problems: tuple[Problem, ...] = ()) -> RunResult:
    """A run as a result, as it is now."""
    from . import summary

    output = Path(run.output_dir) if run.output_dir else None
    found = summary.read(output) if output is not None and run.state == "succeeded" else None
    return RunResult(run.state, problems, run.id, run.folder, output, found or {}, run.error)


def _error(error: RunError) -> dict[str, Any]:
    return {"code": error.code, "message": error.message, "pointer": error.pointer, "hint": error.hint, "line": 0, "column": 0}  # fmt: skip
