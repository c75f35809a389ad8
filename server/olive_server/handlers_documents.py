"""The life of the connection and of the documents: opening, typing, closing, settings, folders, files."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from .settings import SECTION
from .store import path_of, uri_of
from .text import Change, Place

if TYPE_CHECKING:
    from .session import Session

_CALM = 0.5
"""Seconds after the start before runs are looked for: the first diagnostics go first."""
_WATCHED = "**/*.{json,jsonc,jsonl,csv,tsv,txt,parquet,py,yaml,yml,safetensors,onnx}"


def initialize(session: Session, params: types.InitializeParams) -> None:
    """The settings of the first diagnostics are those that came along; the client's own are asked for afterwards."""
    told: Mapping[str, Any] = session.told if isinstance(session.told, Mapping) else {}
    capabilities = told.get("capabilities")
    encoding = _encoding(params)
    session.meet(
        params.client_info.name if params.client_info else "",
        capabilities if isinstance(capabilities, Mapping) else {},
        told.get("initializationOptions"),
        encoding,
        _folders(params),
    )


def _encoding(params: types.InitializeParams) -> str:
    """As pygls chooses it when it announces it."""
    from pygls.capabilities import ServerCapabilitiesBuilder

    return str(
        getattr((e := ServerCapabilitiesBuilder.choose_position_encoding(params.capabilities)), "value", e)
    )


def _folders(params: types.InitializeParams) -> list[str]:
    if params.workspace_folders:
        return [folder.uri for folder in params.workspace_folders]
    if params.root_uri:
        return [params.root_uri]
    return [uri_of(Path(params.root_path))] if params.root_path else []


def initialized(session: Session, params: types.InitializedParams) -> None:
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
    await asyncio.sleep(_CALM)
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


def opened(session: Session, params: types.DidOpenTextDocumentParams) -> None:
    document = params.text_document
    session.store.open(document.uri, document.version, document.text)
    session.diagnostics.changed(document.uri)


def changed(session: Session, params: types.DidChangeTextDocumentParams) -> None:
    identifier = params.text_document
    changes = [_change(change) for change in params.content_changes]
    if session.store.change(identifier.uri, identifier.version, changes, session.units) is not None:
        session.diagnostics.changed(identifier.uri)


def _change(change: types.TextDocumentContentChangeEvent) -> Change:
    where = getattr(change, "range", None)
    if where is None:
        return Change(change.text)
    start, end = where.start, where.end
    return Change(change.text, Place(start.line, start.character), Place(end.line, end.character))


def closed(session: Session, params: types.DidCloseTextDocumentParams) -> None:
    session.store.close(params.text_document.uri)
    session.diagnostics.closed(params.text_document.uri)


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
