"""Commands on runs: starting, stopping, looking at them, deleting them; and what code a run would execute.

What they take and give is described in `olive_schemas/messages.json`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from olive_schemas import subset
from olive_schemas.problems import Problem, as_message

from . import foreign_code
from .convert import Json
from .document import Document
from .handlers_asking import refusal
from .handlers_configs import Argument, config_of, document_of, trusted
from .store import path_of, uri_of

if TYPE_CHECKING:
    from olive_engine.runs import Run

    from .session import Session

_SHOWN = 20


async def run(session: Session, argument: Argument) -> Json:
    """What is in the editor is run, saved or not."""
    document, path = config_of(session, argument)
    trusted(session, document.uri)
    first, last = _text(argument, "from"), _text(argument, "to")
    document = up_to(document, first, last)
    _runnable(document)
    started = await _engine(
        session.runs.launch(
            path,
            document.text,
            python=session.options_for(document.uri).python,
            trust_user_script=argument.get("trustUserScript") is True,
            lenient=argument.get("lenient") is True,
            from_pass=first,
            to_pass=last,
        )
    )
    return _started(started)


async def resume(session: Session, argument: Argument) -> Json:
    """Goes on from the last checkpoint."""
    found = await _run(session, argument)
    uri = uri_of(Path(found.config))
    trusted(session, uri)
    return _started(await _engine(session.runs.resume(found, python=session.options_for(uri).python)))


async def cancel(session: Session, argument: Argument) -> Json:
    """At the next step; with `now` at once."""
    found = await _run(session, argument)
    if found.state not in ("succeeded", "failed", "cancelled"):
        await _engine(session.runs.cancel(found, now=argument.get("now") is True))
    return {"run_id": found.id, "state": found.state}


async def delete(session: Session, argument: Argument) -> Json:
    """The directory of a run that has ended; outputs and the cache stay."""
    found = await _run(session, argument)
    await _engine(session.runs.remove(found))
    return {"run_id": found.id}


async def runs(session: Session, argument: Argument) -> list[Json]:
    """Oldest first."""
    path = path_of(str(argument.get("uri") or ""))
    found = await session.runs.all(everywhere=argument.get("everywhere") is True)
    return [one.to_json() for one in found if path is None or Path(one.config) == path]


async def output(session: Session, argument: Argument) -> Json:
    """Where its outputs lie and whether they are there, its log, its last numbers."""
    found = await _run(session, argument)
    told = await session.runs.last_data(found, "artifact", "run_finished")
    ending = [data for type, data in told if type == "run_finished"]
    return {
        "run_id": found.id,
        "state": found.state,
        "output_dir": found.output_dir,
        "exists": bool(found.output_dir) and Path(str(found.output_dir)).is_dir(),
        "artifacts": [data for type, data in told if type == "artifact"],
        "summary": ending[-1].get("summary") if ending else None,
        "error": dict(found.error) if found.error else None,
        "log": str(found.log),
        "folder": str(found.folder),
    }


async def events(session: Session, argument: Argument) -> Json:
    """A page of what a client missed that was away."""
    found = await _run(session, argument)
    after, offset = argument.get("after"), argument.get("offset")
    return await session.runs.events(
        found, after if isinstance(after, int) else 0, offset if isinstance(offset, int) else 0
    )


async def code(session: Session, argument: Argument) -> Json:
    """Nothing of it is run or imported."""
    document = document_of(session, argument)
    found = foreign_code.found(document)
    digest = await session.in_worker(foreign_code.digest, document, found)
    listed = []
    for one in found:
        line, column, _, _ = document.reading.locate(one.pointer)
        listed.append(
            {
                "kind": one.kind,
                "pointer": one.pointer,
                "line": line,
                "column": column,
                "path": None if one.path is None else str(one.path),
                "name": one.name,
            }
        )
    return {"code": listed, "digest": digest}


COMMANDS = {
    "olivepress.run": run,
    "olivepress.resume": resume,
    "olivepress.cancel": cancel,
    "olivepress.delete": delete,
    "olivepress.runs": runs,
    "olivepress.output": output,
    "olivepress.events": events,
    "olivepress.code": code,
}


def up_to(document: Document, first: str | None, last: str | None) -> Document:
    """The document without the passes behind `last`. Refused where there is no such pass."""
    _refuse([document.reading.place(one) for one in subset.problems(document.reading, first, last)])
    return document if last is None else replace(document, text=subset.up_to(document.reading, last))


def _runnable(document: Document) -> None:
    """What stops the run before it begins is told now, all of it."""
    _refuse([*document.reading.errors, *document.reading.refused])


def _refuse(stopping: Sequence[Problem]) -> None:
    if not stopping:
        return
    first = stopping[0]
    more = f" (and {len(stopping) - 1} more)" if len(stopping) > 1 else ""
    problems = [as_message(one) for one in stopping[:_SHOWN]]
    raise refusal(f"Not started: line {first.line}: {first.message}{more}", {"problems": problems})


async def _run(session: Session, argument: Argument) -> Run:
    run_id = argument.get("run_id") or argument.get("runId")
    if not isinstance(run_id, str) or not run_id:
        raise refusal("Which run? The command needs its run_id.")
    found: Run = await _engine(session.runs.find(run_id))
    return found


async def _engine(work: Awaitable[Any]) -> Any:
    """The engine's own sentence where it refuses."""
    from olive_engine.errors import RunError

    try:
        return await work
    except RunError as error:
        raise refusal(
            f"{error.message} {error.hint}".strip(), {"code": error.code, "hint": error.hint}
        ) from error


def _started(run: Run) -> Json:
    return {"run_id": run.id, "folder": str(run.folder), "state": run.state}


def _text(argument: Argument, name: str) -> str | None:
    value = argument.get(name)
    return value if isinstance(value, str) and value else None
