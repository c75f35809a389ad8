"""The table of contents of the protocol: each method, its name in the log, who answers it, and what it promises.

A handler that raises is logged by its name and answers with nothing; the rest go on. To add a feature: a pure function
on a `Document` in `features/`, one function that converts in `handlers_*.py`, one line here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, NamedTuple

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from . import handlers_actions as actions
from . import handlers_completion as offering
from . import handlers_documents as documents
from . import handlers_editing as editing
from . import handlers_reading as reading
from . import handlers_showing as showing
from . import handlers_workspace as workspace
from .handlers_asking import Ask, about, about_all
from .handlers_commands import register_commands

if TYPE_CHECKING:
    from .server import OliveServer
    from .session import Session

LOG = logging.getLogger(__name__)


class Handler(NamedTuple):
    method: str
    name: str
    """What the log calls it."""
    handle: Callable[[Session, Any], Any]
    options: Any = None
    """What `initialize` promises of it."""
    empty: Any = None
    """The answer where there is none."""


class Feature(NamedTuple):
    """A handler that is asked about an open workflow; for every other document its answer is `empty`. `whole`: it goes
    through all of the text."""

    method: str
    name: str
    answer: Callable[[Ask], Any]
    options: Any = None
    empty: Any = None
    whole: bool = False


PLAIN = (
    Handler(types.INITIALIZE, "initialize", documents.initialize),
    Handler(types.INITIALIZED, "initialized", documents.initialized),
    Handler(types.TEXT_DOCUMENT_DID_OPEN, "open", documents.opened),
    Handler(types.TEXT_DOCUMENT_DID_CHANGE, "change", documents.changed),
    Handler(types.TEXT_DOCUMENT_DID_CLOSE, "close", documents.closed),
    Handler(
        types.TEXT_DOCUMENT_DIAGNOSTIC,
        "diagnostics",
        reading.pull_diagnostics,
        types.DiagnosticOptions(
            inter_file_dependencies=False, workspace_diagnostics=False, identifier="olivepress"
        ),
        {"kind": "full", "items": []},
    ),
)
"""What every start and every key needs: they take plain JSON."""

HANDLERS = (
    Handler(types.TEXT_DOCUMENT_DID_SAVE, "save", documents.saved),
    Handler(types.WORKSPACE_DID_CHANGE_CONFIGURATION, "settings", documents.configuration_changed),
    Handler(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, "folders", documents.folders_changed),
    Handler(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, "watched files", documents.files_changed),
    Handler(types.WINDOW_WORK_DONE_PROGRESS_CANCEL, "cancel", documents.progress_cancelled),
    Handler(types.WORKSPACE_DIAGNOSTIC, "workspace diagnostics", workspace.diagnostics, empty={"items": []}),
    Handler(types.WORKSPACE_SYMBOL, "workspace symbols", workspace.symbols, empty=[]),
    Handler(types.COMPLETION_ITEM_RESOLVE, "completion details", offering.resolve),
    Handler(types.CODE_ACTION_RESOLVE, "code action", actions.resolve),
)

LEGEND = types.SemanticTokensLegend(
    ["variable", "type", "parameter", "property", "enumMember"], ["declaration", "deprecated"]
)
"""As `features.semantic_tokens` numbers them; a test holds the two together."""

FEATURES = (
    Feature(
        types.TEXT_DOCUMENT_COMPLETION,
        "completion",
        offering.completion,
        types.CompletionOptions(trigger_characters=offering.TRIGGERS, resolve_provider=True),
    ),
    Feature(types.TEXT_DOCUMENT_HOVER, "hover", showing.hover),
    Feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        "code actions",
        actions.code_actions,
        types.CodeActionOptions(code_action_kinds=actions.KINDS, resolve_provider=True),
        [],
        whole=True,
    ),
    Feature(types.TEXT_DOCUMENT_DEFINITION, "definition", reading.definition),
    Feature(types.TEXT_DOCUMENT_REFERENCES, "references", reading.references, empty=[]),
    Feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, "highlights", reading.highlights, empty=[]),
    Feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, "symbols", reading.symbols, empty=[], whole=True),
    Feature(types.TEXT_DOCUMENT_DOCUMENT_LINK, "links", reading.links, empty=[], whole=True),
    Feature(types.TEXT_DOCUMENT_FOLDING_RANGE, "folding", reading.folding, empty=[], whole=True),
    Feature(types.TEXT_DOCUMENT_SELECTION_RANGE, "selection", reading.selection, empty=[]),
    Feature(types.TEXT_DOCUMENT_PREPARE_RENAME, "prepare rename", editing.prepare_rename),
    Feature(types.TEXT_DOCUMENT_RENAME, "rename", editing.rename),
    Feature(types.TEXT_DOCUMENT_FORMATTING, "formatting", editing.formatting, empty=[], whole=True),
    Feature(
        types.TEXT_DOCUMENT_RANGE_FORMATTING,
        "range formatting",
        editing.range_formatting,
        empty=[],
        whole=True,
    ),
    Feature(types.TEXT_DOCUMENT_INLAY_HINT, "inlay hints", showing.inlay_hints, empty=[], whole=True),
    Feature(types.TEXT_DOCUMENT_CODE_LENS, "lenses", showing.code_lenses, empty=[], whole=True),
    Feature(
        types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL,
        "colours",
        showing.semantic_tokens,
        LEGEND,
        {"data": []},
        whole=True,
    ),
    Feature(
        types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE,
        "colours of a range",
        showing.semantic_tokens_in_range,
        empty={"data": []},
        whole=True,
    ),
)


def register(server: OliveServer, session: Session) -> None:
    manager = server.protocol.fm
    for table, entries in ((server.protocol.plain, PLAIN), (manager.features, HANDLERS)):
        for entry in entries:
            table[entry.method] = _guarded(session, entry.name, entry.handle, entry.empty)
            if entry.options is not None:
                manager.feature_options[entry.method] = entry.options
    for feature in FEATURES:
        ask = about_all if feature.whole else about
        handle = ask(feature.answer, feature.empty)
        manager.features[feature.method] = _guarded(session, feature.name, handle, feature.empty)
        if feature.options is not None:
            manager.feature_options[feature.method] = feature.options
    register_commands(server, session)


def _guarded(
    session: Session, name: str, handle: Callable[[Session, Any], Any], empty: Any
) -> Callable[[Any], Any]:
    """Refusals go on, they are answers too; whatever else is raised is logged by the handler's name."""

    def answer(params: Any) -> Any:
        try:
            result = handle(session, params)
        except JsonRpcException:
            raise
        except Exception:
            LOG.exception("%s failed", name)
            return empty
        return later(result) if asyncio.iscoroutine(result) else result

    async def later(result: Coroutine[Any, Any, Any]) -> Any:
        try:
            return await result
        except JsonRpcException:
            raise
        except Exception:
            LOG.exception("%s failed", name)
            return empty

    return answer
