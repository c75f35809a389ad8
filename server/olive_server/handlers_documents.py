"""The life of the connection and of the documents: opening, typing, closing, settings, folders, files."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from .capabilities import announced
from .settings import SECTION
from .store import path_of, uri_of
from .text import UNITS, Change, Place
from .warming import warm

if TYPE_CHECKING:
    from .session import Session

Json = dict[str, Any]

_WATCHED = "**/*.{json,jsonc,jsonl,csv,tsv,txt,parquet,py,yaml,yml,safetensors,onnx}"


def initialize(session: Session, params: Json) -> Json:
    """The settings of the first diagnostics are those that came along; the client's own are asked for afterwards."""
    client = params.get("capabilities")
    capabilities = client if isinstance(client, dict) else {}
    general = capabilities.get("general")
    offered = general.get("positionEncodings") if isinstance(general, dict) else None
    encoding = next((one for one in offered or () if one in UNITS), "utf-16")
    info = params.get("clientInfo")
    name = str(info.get("name") or "") if isinstance(info, dict) else ""
    session.meet(name, capabilities, params.get("initializationOptions"), encoding, _folders(params))
    server = session.server
    return {
        "capabilities": announced(
            server, encoding, prepares_rename=session.can("textDocument.rename.prepareSupport")
        ),
        "serverInfo": {"name": server.name, "version": server.version},
    }


def _folders(params: Json) -> list[str]:
    folders = params.get("workspaceFolders")
    if folders:
        return [str(folder["uri"]) for folder in folders]
    if params.get("rootUri"):
        return [str(params["rootUri"])]
    return [uri_of(Path(params["rootPath"]))] if params.get("rootPath") else []


def initialized(session: Session, params: Json) -> None:
    session.background(_begin(session), "start")


async def _begin(session: Session) -> None:
    wanted = []
    if session.can("workspace.didChangeConfiguration.dynamicRegistration"):
        wanted.append(_registration("workspace/didChangeConfiguration", {"section": SECTION}))
    if session.can("workspace.didChangeWatchedFiles.dynamicRegistration"):
        watchers = {"watchers": [{"globPattern": _WATCHED}]}
        wanted.append(_registration("workspace/didChangeWatchedFiles", watchers))
    if wanted:
        session.request("client/registerCapability", {"registrations": wanted})
    await ask_settings(session)
    session.settled.set()
    await warm(session)
    session.runs.begin()


def _registration(method: str, options: Any) -> dict[str, Any]:
    return {"id": f"olivepress-{method}", "method": method, "registerOptions": options}


async def ask_settings(session: Session) -> None:
    """Pulls the section for everything and for each folder; what they change is seen at once."""
    if not session.can("workspace.configuration"):
        return
    uris = list(session.folders)
    items: list[dict[str, Any]] = [{"section": SECTION}]
    items += [{"section": SECTION, "scopeUri": uri} for uri in uris]
    try:
        answer = await asyncio.wait_for(session.request("workspace/configuration", {"items": items}), 30)
    except (JsonRpcException, asyncio.TimeoutError):
        return
    if isinstance(answer, list) and len(answer) == len(items):
        everywhere = answer[0] if isinstance(answer[0], Mapping) else {}
        by_folder = {
            uri: section
            for uri, section in zip(uris, answer[1:], strict=True)
            if isinstance(section, Mapping)
        }
        settings_came(session, everywhere, by_folder)


def settings_came(session: Session, everywhere: Mapping[str, Any], by_folder: Mapping[str, Any]) -> None:
    if session.set_sections(everywhere, by_folder):
        session.workspace = None
        session.store.renew()
        session.diagnostics.refresh()


def configuration_changed(session: Session, params: types.DidChangeConfigurationParams) -> None:
    """A client that answers questions is asked; what others send along is taken as it is."""
    sent = params.settings
    if session.can("workspace.configuration"):
        session.background(ask_settings(session), "settings")
    elif isinstance(sent, Mapping):
        inner = sent.get(SECTION, sent)
        settings_came(session, inner if isinstance(inner, Mapping) else {}, {})


def folders_changed(session: Session, params: types.DidChangeWorkspaceFoldersParams) -> None:
    gone = {folder.uri for folder in params.event.removed}
    kept = [uri for uri in session.folders if uri not in gone]
    session.set_folders([*kept, *(folder.uri for folder in params.event.added)])
    session.runs.folders_changed()
    session.background(ask_settings(session), "settings")


def opened(session: Session, params: Json) -> None:
    document = params["textDocument"]
    uri, text = str(document["uri"]), str(document["text"])
    session.store.open(uri, document.get("version"), text)
    session.diagnostics.changed(uri)


def changed(session: Session, params: Json) -> None:
    identifier = params["textDocument"]
    uri = str(identifier["uri"])
    changes = [_change(change) for change in params["contentChanges"]]
    if session.store.change(uri, identifier.get("version"), changes, session.units) is not None:
        session.diagnostics.changed(uri)


def _change(change: Json) -> Change:
    where = change.get("range")
    if where is None:
        return Change(str(change["text"]))
    start, end = where["start"], where["end"]
    return Change(
        str(change["text"]),
        Place(int(start["line"]), int(start["character"])),
        Place(int(end["line"]), int(end["character"])),
    )


def closed(session: Session, params: Json) -> None:
    uri = str(params["textDocument"]["uri"])
    session.store.close(uri)
    session.kinds.pop(uri, None)
    session.diagnostics.closed(uri)


def saved(session: Session, params: types.DidSaveTextDocumentParams) -> None:
    """What is on the disk may be what another config names."""
    path = path_of(params.text_document.uri)
    if path is not None:
        session.files.changed([path])


def files_changed(session: Session, params: types.DidChangeWatchedFilesParams) -> None:
    paths = [path for event in params.changes if (path := path_of(event.uri)) is not None]
    session.files.changed(paths)


def progress_cancelled(session: Session, params: types.WorkDoneProgressCancelParams) -> None:
    session.runs.cancelled_by(params.token)
