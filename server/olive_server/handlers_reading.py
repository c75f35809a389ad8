"""Features that look at a text: from what they find to what the protocol carries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from .convert import Json, Places
from .handlers_asking import Ask

if TYPE_CHECKING:
    from .features.symbols import Symbol
    from .session import Session


def pull_diagnostics(session: Session, params: Json) -> Any:
    return session.diagnostics.pull(str(params["textDocument"]["uri"]), params.get("previousResultId"))


def definition(ask: Ask) -> list[Json]:
    from .features.definition import definition as find

    found = find(ask.document, ask.offset)
    start = ask.places.range(0, 0)
    if not ask.session.can("textDocument.definition.linkSupport"):
        return [
            {"uri": target.uri, "range": ask.places.of_stretch(target.name) if target.name else start}
            for target in found
        ]
    return [
        {
            "originSelectionRange": ask.places.of_stretch(target.origin),
            "targetUri": target.uri,
            "targetRange": ask.places.of_stretch(target.whole) if target.whole else start,
            "targetSelectionRange": ask.places.of_stretch(target.name) if target.name else start,
        }
        for target in found
    ]


def references(ask: Ask) -> list[Json]:
    from .features.references import references as find

    found = find(ask.document, ask.offset, declaration=ask.params.context.include_declaration)
    return [{"uri": ask.document.uri, "range": ask.places.of_stretch(span)} for span in found]


def highlights(ask: Ask) -> list[Json]:
    from .features.references import highlights as find

    kinds = {"read": types.DocumentHighlightKind.Read, "write": types.DocumentHighlightKind.Write}
    return [
        {"range": ask.places.of_stretch(entry.span), "kind": int(kinds[entry.kind])}
        for entry in find(ask.document, ask.offset)
    ]


def symbols(ask: Ask) -> list[Json]:
    from .features.symbols import document_symbols

    found = document_symbols(ask.document)
    if ask.session.can("textDocument.documentSymbol.hierarchicalDocumentSymbolSupport"):
        return [_symbol(symbol, ask.places) for symbol in found]
    flat: list[Json] = []
    for symbol in found:
        _flatten(symbol, "", ask, flat)
    return flat


def _symbol(symbol: Symbol, places: Places) -> Json:
    return {
        "name": symbol.name,
        "detail": symbol.detail,
        "kind": int(types.SymbolKind[symbol.kind]),
        "range": places.of_stretch(symbol.span),
        "selectionRange": places.of_stretch(symbol.selection),
        "children": [_symbol(child, places) for child in symbol.children],
    }


def _flatten(symbol: Symbol, container: str, ask: Ask, into: list[Json]) -> None:
    into.append(
        {
            "name": symbol.name,
            "kind": int(types.SymbolKind[symbol.kind]),
            "location": {"uri": ask.document.uri, "range": ask.places.of_stretch(symbol.span)},
            "containerName": container,
        }
    )
    for child in symbol.children:
        _flatten(child, symbol.name, ask, into)


def links(ask: Ask) -> list[Json]:
    from .features.links import links as find

    return [
        {"range": ask.places.of_stretch(link.span), "target": link.target, "tooltip": link.tooltip}
        for link in find(ask.document)
    ]


def folding(ask: Ask) -> list[Json]:
    from .features.folding import folds

    return [
        {"startLine": fold.first_line, "endLine": fold.last_line, "kind": fold.kind}
        for fold in folds(ask.document)
    ]


def selection(ask: Ask) -> list[Json]:
    from .features.selection import selections

    found = []
    for position in ask.params.positions:
        chain: Json | None = None
        for span in reversed(selections(ask.document, ask.places.offset(position))):
            entry: dict[str, Any] = {"range": ask.places.of_stretch(span)}
            if chain is not None:
                entry["parent"] = chain
            chain = entry
        here = {"start": vars_of(position), "end": vars_of(position)}
        found.append(chain or {"range": here})
    return found


def vars_of(position: types.Position) -> Json:
    return {"line": position.line, "character": position.character}
