"""Completion: from what is offered to the protocol's items, as much of it as the client understands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from .convert import Json
from .handlers_asking import Ask

if TYPE_CHECKING:
    from .features.completion_items import Item
    from .session import Session

TRIGGERS = ['"', ":", "/", "\\", "{"]

_KINDS = {
    "key": types.CompletionItemKind.Property,
    "value": types.CompletionItemKind.Value,
    "enum": types.CompletionItemKind.EnumMember,
    "type": types.CompletionItemKind.Class,
    "reference": types.CompletionItemKind.Reference,
    "file": types.CompletionItemKind.File,
    "folder": types.CompletionItemKind.Folder,
    "column": types.CompletionItemKind.Field,
    "module": types.CompletionItemKind.Module,
    "model": types.CompletionItemKind.Constant,
    "snippet": types.CompletionItemKind.Snippet,
}
_KIND_NUMBERS = {name: int(kind) for name, kind in _KINDS.items()}
_SNIPPET, _AS_IS, _DEPRECATED = 2, 1, 1
_ITEM = "textDocument.completion.completionItem"
_ASKS_AGAIN = ("code", "codium", "cursor", "windsurf", "theia")
"""In the names of clients that have VS Code's command for asking again."""


def completion(ask: Ask) -> Json | None:
    from .features.completion import completion as offer
    from .features.completion import plain

    if not ask.session.options_for(ask.document.uri).enabled("completion"):
        return None
    found = offer(ask.document, ask.offset)
    can = ask.session.can
    items = found.items if can(f"{_ITEM}.snippetSupport") else tuple(plain(item) for item in found.items)
    made = _Items(ask)
    return {"isIncomplete": found.incomplete, "items": [made.item(item) for item in items]}


class _Items:
    """Items of one answer: nearly all change the same stretch."""

    def __init__(self, ask: Ask) -> None:
        can = ask.session.can
        self._ask = ask
        self._tags = can(f"{_ITEM}.tagSupport")
        self._modes = can(f"{_ITEM}.insertTextModeSupport")
        self._again = _asks_again(ask.session)
        self._ranges: dict[tuple[int, int], Json] = {}

    def item(self, item: Item) -> Json:
        edit = item.edit
        where = self._ranges.get((edit.start, edit.end))
        if where is None:
            where = self._ranges[edit.start, edit.end] = self._ask.places.range(edit.start, edit.end)
        result: Json = {
            "label": item.label,
            "kind": _KIND_NUMBERS[item.kind],
            "sortText": item.sort_text,
            "filterText": item.filter_text,
            "textEdit": {"range": where, "newText": edit.new_text},
            "data": {"uri": self._ask.document.uri, **item.data},
        }
        if item.detail:
            result["detail"] = item.detail
        if item.documentation:
            result["documentation"] = markdown(item.documentation)
        if item.snippet:
            result["insertTextFormat"] = _SNIPPET
        if self._modes:
            result["insertTextMode"] = _AS_IS
        if item.additional_edits:
            result["additionalTextEdits"] = self._ask.places.edits(item.additional_edits)
        if item.deprecated:
            result |= {"tags": [_DEPRECATED]} if self._tags else {"deprecated": True}
        if item.preselect:
            result["preselect"] = True
        if item.retrigger and self._again:
            result["command"] = {"title": "Suggest", "command": "editor.action.triggerSuggest"}
        return result


def resolve(session: Session, params: types.CompletionItem) -> Json:
    """The item as the client has it, with its documentation."""
    from .features.completion import resolve as document_item

    item: Json = dict(session.told)
    data = item.get("data")
    document = session.store.get(str(data.get("uri"))) if isinstance(data, dict) else None
    if document is not None and isinstance(data, dict):
        text = document_item(document, data)
        if text:
            item["documentation"] = markdown(text)
    return item


def _asks_again(session: Session) -> bool:
    name: Any = session.client_name.lower()
    return any(word in name for word in _ASKS_AGAIN)


def markdown(text: str) -> Json:
    return {"kind": "markdown", "value": text}
