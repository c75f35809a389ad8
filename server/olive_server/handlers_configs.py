"""Commands on the text of a config: its plan, its migration; and which config a command means."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .convert import Json
from .handlers_asking import Ask, refusal
from .store import path_of

if TYPE_CHECKING:
    from .document import Document
    from .session import Session

Argument = Mapping[str, Any]
_PLAN_SECONDS = 300.0


async def plan(session: Session, argument: Argument) -> Any:
    """What `olivepress run --dry-run --json` says, asked of the interpreter that would run it."""
    document, path = config_of(session, argument)
    trusted(session, document.uri)
    python = session.options_for(document.uri).python or sys.executable
    command = [python, "-m", "olivepress", "run", "--dry-run", "--json", "--stdin", "--config", str(path)]
    for name in ("from", "to"):
        if isinstance(argument.get(name), str) and argument[name]:
            command.append(f"--{name}={argument[name]}")
    if argument.get("trustUserScript") is True:
        command.append("--trust-user-script")
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=path.parent,
        )
    except OSError as error:
        raise refusal(f"The interpreter {python} cannot be started: {error.strerror or error}.") from error
    try:
        text = document.text.encode("utf-8", "replace")
        out, err = await asyncio.wait_for(process.communicate(text), _PLAN_SECONDS)
    except asyncio.TimeoutError as error:
        raise refusal(f"The plan took longer than {_PLAN_SECONDS:.0f} seconds and was given up.") from error
    finally:
        if process.returncode is None:
            process.kill()
    try:
        return json.loads(out)
    except ValueError:
        raise _no_plan(python, err.decode("utf-8", "replace")) from None


async def migrate(session: Session, argument: Argument) -> Json:
    """{uri, to?, from?, apply?, tell?} -> {source, target, exact, notes, edit, applied}. The client is asked to make the
    change unless `apply` is false, and shows the notes unless `tell` is false: it has its own way then."""
    from olive_schemas.releases import resolve

    from .handlers_actions import say_notes
    from .migrate import NEWEST, in_words
    from .migrate import migrate as change

    document = document_of(session, argument)
    target, source = argument.get("to") or NEWEST, argument.get("from")
    for release in (target, source):
        if release is not None and resolve(str(release)) is None:
            raise refusal(f"Olive has no release {release!r}.")
    found = await session.in_worker(
        change, document, resolve(str(target)), None if source is None else resolve(str(source))
    )
    edit = Ask(session, document, None).edit(found.edits())
    applied = False
    if found.changed and argument.get("apply") is not False:
        asked = {"label": f"Migrate to Olive {found.target}", "edit": edit}
        answer = await session.request("workspace/applyEdit", asked)
        applied = isinstance(answer, dict) and answer.get("applied") is True
        if applied and argument.get("tell") is not False:
            say_notes(session, in_words(document, found))
    return {
        "source": found.source,
        "target": found.target,
        "exact": found.exact,
        "notes": [
            {"kind": note.kind, "message": note.message, "pointer": note.pointer} for note in found.notes
        ],
        "edit": edit,
        "applied": applied,
    }


def document_of(session: Session, argument: Argument) -> Document:
    """The config that is meant: as it stands in the editor, or on the disk if it is not open."""
    uri = argument.get("uri")
    if not isinstance(uri, str) or not uri:
        raise refusal("Which config? The command needs its uri.")
    document = session.store.get(uri)
    if document is not None:
        return document
    from .document import Document

    path = path_of(uri)
    if path is None:
        raise refusal("Save the config first, or open it: there is no such file.")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, ValueError) as error:
        raise refusal(f"{path} cannot be read: {error}") from error
    return Document(uri, text, None, path, session.settings_for(uri))


def config_of(session: Session, argument: Argument) -> tuple[Document, Path]:
    """A config that can be run: one with a folder for its files."""
    document = document_of(session, argument)
    if document.path is None:
        raise refusal("Save the config first: a run needs a folder for its files.")
    return document, document.path


def trusted(session: Session, uri: str) -> None:
    if not session.options_for(uri).trusted:
        raise refusal(
            "This workspace is not trusted, and a run executes what its files say: trust the workspace first."
        )


def _no_plan(python: str, err: str) -> Exception:
    lines = [line for line in err.strip().splitlines() if line.strip()]
    last = lines[-1] if lines else "it ended without a word"
    if "No module named" not in last:
        return refusal(f"There is no plan: {last}")
    needed = {"code": "package-missing"}
    if "olive" in last:
        text = f"The interpreter {python} has no Olive Press: {python} -m pip install 'olivepress[engine]'"
        return refusal(text, needed)
    return refusal(f"There is no plan: the interpreter {python} lacks a package ({last})", needed)
