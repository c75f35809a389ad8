"""Answers about all configs of the open folders, read in a thread: names, and findings of files that are not open."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from .convert import Json, Places
from .finding import Workspace

if TYPE_CHECKING:
    from .document import Document
    from .session import Session

_LOOK_AGAIN = 5.0
"""Seconds that a question waits for its answer to become another one, before the disk is asked again."""


async def workflows(session: Session) -> list[Document]:
    """Those of the folders, what is open as it stands in the editor."""
    if session.workspace is None:
        session.workspace = Workspace(session.settings_for)
    folders = list(session.folders.values())
    async with session.searching:
        found = await session.loop.run_in_executor(None, session.workspace.workflows, folders)
    opened = {one.path: one for one in session.store if session.workflow(one.uri) is one}
    return [*opened.values(), *(one for one in found if one.path not in opened)]


async def symbols(session: Session, params: types.WorkspaceSymbolParams) -> list[Json]:
    from .features.symbols import workspace_symbols

    documents = {document.uri: document for document in await workflows(session)}
    places = {uri: Places.of(document, session.units) for uri, document in documents.items()}
    return [
        {
            "name": symbol.name,
            "kind": int(types.SymbolKind[symbol.kind]),
            "containerName": symbol.container,
            "location": {"uri": symbol.uri, "range": places[symbol.uri].of_stretch(symbol.span)},
        }
        for symbol in workspace_symbols(documents.values(), params.query)
    ]


async def diagnostics(session: Session, params: types.WorkspaceDiagnosticParams) -> Json:
    """Of every config in the folders that is not open: open ones are pulled one by one. Where nothing is other than the
    client has it, the answer waits until something is."""
    known = {one.uri: one.value for one in params.previous_result_ids}
    while True:
        reports = await _reports(session, known)
        if reports or not known:
            return {"items": reports}
        await asyncio.sleep(_LOOK_AGAIN)


async def _reports(session: Session, known: dict[str, str]) -> list[Json]:
    opened = {document.path for document in session.store}
    reports: list[Json] = []
    there = set()
    for document in await workflows(session):
        if document.path in opened:
            there.add(document.uri)
            continue
        there.add(document.uri)
        identity, items = await session.in_worker(session.diagnostics.of_file, document)
        if known.get(document.uri) != identity:
            reports.append(_full(document.uri, identity, items))
    reports += [_full(uri, None, []) for uri in known if uri not in there]
    return reports


def _full(uri: str, identity: str | None, items: list[Json]) -> dict[str, Any]:
    report: dict[str, Any] = {"kind": "full", "uri": uri, "version": None, "items": items}
    return report if identity is None else {**report, "resultId": identity}
