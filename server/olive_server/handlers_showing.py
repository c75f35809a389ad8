"""What is shown beside the text: hover, hints, lenses, colours."""

from __future__ import annotations

from typing import Any

from .convert import Json
from .handlers_asking import Ask


def hover(ask: Ask) -> Json | None:
    from .features.hover import hover as find

    if not ask.session.options_for(ask.document.uri).enabled("hover"):
        return None
    found = find(ask.document, ask.offset)
    if found is None:
        return None
    formats = ask.session.client_value("textDocument.hover.contentFormat")
    plain = isinstance(formats, list) and "markdown" not in formats
    contents = {"kind": "plaintext" if plain else "markdown", "value": found.markdown}
    return {"contents": contents, "range": ask.places.of_stretch(found)}


def inlay_hints(ask: Ask) -> list[Json]:
    from .features.inlay_hints import inlay_hints as find

    if not ask.session.options_for(ask.document.uri).enabled("inlayHints"):
        return []
    return [
        {
            "position": ask.places.position(hint.offset),
            "label": hint.label,
            "tooltip": {"kind": "markdown", "value": hint.tooltip},
            "paddingLeft": True,
        }
        for hint in find(ask.document, *ask.places.span(ask.params.range))
    ]


def code_lenses(ask: Ask) -> list[Json]:
    from .features.code_lenses import REFERENCES
    from .features.code_lenses import lenses as find

    if not ask.session.options_for(ask.document.uri).enabled("codeLens"):
        return []
    shown = []
    for lens in find(ask.document):
        where = ask.places.of_stretch(lens.span)
        arguments: list[Any] = list(lens.arguments)
        if lens.command == REFERENCES:
            places = [
                {"uri": ask.document.uri, "range": ask.places.of_stretch(place)} for place in lens.places
            ]
            arguments = [ask.document.uri, where["start"], places]
        command = {"title": lens.title, "command": lens.command, "arguments": arguments}
        shown.append({"range": where, "command": command})
    return shown


def semantic_tokens(ask: Ask) -> Json:
    from .features.semantic_tokens import tokens

    return _encoded(ask, tokens(ask.document))


def semantic_tokens_in_range(ask: Ask) -> Json:
    from .features.semantic_tokens import tokens_in

    return _encoded(ask, tokens_in(ask.document, *ask.places.span(ask.params.range)))


def _encoded(ask: Ask, found: Any) -> Json:
    from .features.semantic_tokens import encode

    if not ask.session.options_for(ask.document.uri).enabled("semanticTokens"):
        return {"data": []}
    return {"data": encode(found, ask.document.tree.lines, ask.session.units)}
