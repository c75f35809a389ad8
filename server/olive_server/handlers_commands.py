"""`workspace/executeCommand`: the commands by name; those on configs and on runs have modules of their own.

Each command takes one object (or the uri or run id alone). What runs anything is refused in a workspace that is not
trusted. Refusals are errors with a sentence for the user; `data` may hold `problems` and a `hint`.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from pygls.exceptions import JsonRpcException

from .convert import Json
from .handlers_asking import refusal
from .handlers_configs import Argument, migrate, plan
from .handlers_new import COMMANDS as NEW_CONFIGS
from .handlers_runs import COMMANDS as RUNS

if TYPE_CHECKING:
    from .server import OliveServer
    from .session import Session

LOG = logging.getLogger(__name__)

Command = Callable[["Session", Argument], Awaitable[Any]]
_SETTINGS_SECONDS = 35.0


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
    "olivepress.plan": plan,
    "olivepress.migrate": migrate,
    "olivepress.information": information,
    **RUNS,
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
