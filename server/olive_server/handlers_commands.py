"""`workspace/executeCommand`: running, planning, stopping, looking at runs, migrating.

Each command takes one object (or the uri or run id alone). What runs anything is refused in a workspace that is not
trusted. Refusals are errors with a sentence for the user; `data` may hold `problems` and a `hint`.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pygls.exceptions import JsonRpcException

from .convert import Json
from .handlers_asking import refusal
from .handlers_configs import Argument, config_of, migrate, plan, trusted
from .handlers_new import COMMANDS as NEW_CONFIGS
from .store import path_of

if TYPE_CHECKING:
    from olive_engine.runs import Run

    from .document import Document
    from .server import OliveServer
    from .session import Session

LOG = logging.getLogger(__name__)

Command = Callable[["Session", Argument], Awaitable[Any]]
_SETTINGS_SECONDS = 35.0
_SHOWN = 20


async def run(session: Session, argument: Argument) -> Json:
    """{uri, trustUserScript?, lenient?} -> {run_id, folder}. What is in the editor is run, saved or not."""
    document, path = config_of(session, argument)
    trusted(session, document.uri)
    _runnable(document)
    started = await _engine(
        session.runs.launch(
            path,
            document.text,
            python=session.options_for(document.uri).python,
            trust_user_script=argument.get("trustUserScript") is True,
            lenient=argument.get("lenient") is True,
        )
    )
    return _started(started)


async def resume(session: Session, argument: Argument) -> Json:
    """{run_id} -> {run_id, folder}: goes on from the last checkpoint."""
    found = await _run(session, argument)
    trusted(session, _uri(found))
    python = session.options_for(_uri(found)).python
    return _started(await _engine(session.runs.resume(found, python=python)))


async def cancel(session: Session, argument: Argument) -> Json:
    """{run_id, now?} -> {run_id, state}: stops at the next step; with `now` at once."""
    found = await _run(session, argument)
    if not found.final:
        await _engine(session.runs.cancel(found, now=argument.get("now") is True))
    return {"run_id": found.id, "state": found.state}


async def runs(session: Session, argument: Argument) -> list[Json]:
    """{uri?} -> the runs of the open folders (or of one config) as `run.json` has them, oldest first."""
    path = path_of(str(argument.get("uri") or ""))
    found = await session.runs.all()
    return [one.to_json() for one in found if path is None or Path(one.config) == path]


async def output(session: Session, argument: Argument) -> Json:
    """{run_id} -> where its outputs lie and whether they are there, its log, its last numbers."""
    found = await _run(session, argument)
    events = await session.runs.events(found, 0)
    artifacts = [one["data"] for one in events if one["type"] == "artifact"]
    ending = [one["data"] for one in events if one["type"] == "run_finished"]
    return {
        "run_id": found.id,
        "state": found.state,
        "output_dir": found.output_dir,
        "exists": bool(found.output_dir) and Path(str(found.output_dir)).is_dir(),
        "artifacts": artifacts,
        "summary": ending[-1].get("summary") if ending else None,
        "error": dict(found.error) if found.error else None,
        "log": str(found.log),
        "folder": str(found.folder),
    }


async def events(session: Session, argument: Argument) -> list[Json]:
    """{run_id, after?} -> the events with a greater `seq`: what a client missed that was away."""
    after = argument.get("after")
    found = await _run(session, argument)
    return await session.runs.events(found, after if isinstance(after, int) else 0)


async def information(session: Session, argument: Argument) -> Json:
    """What a report of a defect should say; no text of any document."""
    import platform

    from olive_schemas.releases import RELEASES

    from .migrate import NEWEST

    return {
        "version": session.server.version,
        "python": platform.python_version(),
        "executable": sys.executable,
        "platform": platform.platform(),
        "folders": [str(path) for path in session.folders.values()],
        "documents": [
            {
                "uri": document.uri,
                "version": document.version,
                "characters": len(document.text),
                "workflow": session.workflow(document.uri) is not None,
                "oliveVersion": document.settings.olive_version,
                "installedOlive": document.settings.installed,
            }
            for document in session.store
        ],
        "releases": list(RELEASES),
        "newest": NEWEST,
    }


COMMANDS: dict[str, Command] = {
    "olivepress.run": run,
    "olivepress.resume": resume,
    "olivepress.plan": plan,
    "olivepress.cancel": cancel,
    "olivepress.runs": runs,
    "olivepress.output": output,
    "olivepress.events": events,
    "olivepress.migrate": migrate,
    "olivepress.information": information,
    **NEW_CONFIGS,
}


def register_commands(server: OliveServer, session: Session) -> None:
    for name, command in COMMANDS.items():
        server.protocol.fm.commands[name] = _guarded(session, name, command)


def _guarded(session: Session, name: str, command: Command) -> Callable[[list[Any]], Awaitable[Any]]:
    async def execute(arguments: list[Any]) -> Any:
        try:
            await asyncio.wait_for(session.settled.wait(), _SETTINGS_SECONDS)
            return await command(session, _argument(arguments))
        except (JsonRpcException, asyncio.CancelledError):
            raise
        except Exception as error:
            LOG.exception("%s failed", name)
            raise refusal(f"{name} failed: {type(error).__name__}; see the server's log") from error

    return execute


def _argument(arguments: list[Any]) -> Argument:
    first = arguments[0] if arguments else None
    if isinstance(first, Mapping):
        return first
    return {"uri": first, "run_id": first} if isinstance(first, str) else {}


def _runnable(document: Document) -> None:
    """What stops the run before it begins is told now, all of it."""
    reading = document.reading
    stopping = [*reading.errors, *reading.refused]
    if stopping:
        first = stopping[0]
        more = f" (and {len(stopping) - 1} more)" if len(stopping) > 1 else ""
        problems = [
            {
                "code": one.code,
                "severity": one.severity.value,
                "message": one.message,
                "pointer": one.pointer,
                "line": one.line,
                "column": one.column,
            }
            for one in stopping[:_SHOWN]
        ]
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


def _uri(run: Run) -> str:
    from .store import uri_of

    return uri_of(Path(run.config))
