"""The outline of a config, and what a whole workspace names: model, data configs, systems, evaluators, passes.

Kinds carry the names of the protocol's `SymbolKind`. Secrets never stand in a detail.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from olive_schemas.shapes import Place
from olive_schemas.tree import Node

from ..checks.secrets import holds_secret, scrubbed
from ..document import Document
from .names import occurrences
from .spans import Span, whole

_KINDS = {
    "input_model": "Class",
    "data_config": "Struct",
    "component": "Method",
    "system": "Module",
    "accelerator": "Constant",
    "evaluator": "Interface",
    "metric": "Event",
    "sub_type": "EnumMember",
    "pass": "Function",
    "search": "Operator",
    "workflow": "Package",
}
_SECTIONS = frozenset(("data_configs", "systems", "evaluators", "passes", "engine", "pass_alternatives"))
_PLAIN = {
    "object": "Object",
    "array": "Array",
    "string": "String",
    "number": "Number",
    "boolean": "Boolean",
    "null": "Null",
    "missing": "Null",
}
_NAMED = {"data_config": "Struct", "system": "Module", "evaluator": "Interface", "pass": "Function"}
_MOST = 5000
"""Symbols of one file: what lies deeper in a larger one is left out."""
_WIDEST = 60


@dataclass(frozen=True)
class Symbol:
    name: str
    detail: str
    kind: str
    span: Span
    """Key and value."""
    selection: Span
    """The key, or what else names it."""
    children: tuple[Symbol, ...] = ()


@dataclass(frozen=True)
class NamedSymbol:
    """A thing of one of several documents. `container`: what it is, and the file's name."""

    name: str
    kind: str
    container: str
    uri: str
    span: Span


def document_symbols(document: Document) -> tuple[Symbol, ...]:
    """The outline, in the order of the text."""
    places = document.view.places[: _MOST + 1]
    children: dict[int, list[Symbol]] = {}
    parents = _parents(places)
    for index in range(len(places) - 1, 0, -1):
        place = places[index]
        below = tuple(reversed(children.pop(index, [])))
        symbol = _symbol(document, place, () if _flat(place.node) else below)
        children.setdefault(parents[index], []).append(symbol)
    return tuple(reversed(children.get(0, [])))


def _parents(places: list[Place] | tuple[Place, ...] | Iterable[Place]) -> list[int]:
    """The index of the place that each one is in."""
    result: list[int] = []
    open_at: list[tuple[int, int]] = []
    for index, place in enumerate(places):
        depth = place.pointer.count("/")
        while open_at and open_at[-1][1] >= depth:
            open_at.pop()
        result.append(open_at[-1][0] if open_at else -1)
        open_at.append((index, depth))
    return result


def _flat(node: Node) -> bool:
    """Whether a list holds plain values only: they stand in its detail."""
    return node.kind == "array" and not any(item.members or item.items for item in node.items)


def _symbol(document: Document, place: Place, children: tuple[Symbol, ...]) -> Symbol:
    node, member, shape = place.node, place.member, place.shape
    name_node = member.key if member is not None else _naming(node)
    span = whole(node)
    if member is not None:
        span = Span(member.key.start, max(member.key.end, node.end))
    selection = whole(name_node) if name_node is not None else Span(node.start, min(node.start + 1, node.end))
    if member is not None:
        name = member.name
    elif name_node is not None:
        name = str(name_node.value)
    else:
        name = f"[{place.pointer.rpartition('/')[2]}]"
    kind = _KINDS.get(shape.kind) if node.kind == "object" else None
    if kind is None:
        kind = "Namespace" if shape.kind in _SECTIONS else _PLAIN[node.kind]
    return Symbol(_clipped(name) or '""', _detail(document, place), kind, span, selection, children)


def _naming(node: Node) -> Node | None:
    """The string that names an entry of a list: its `name`, else its `type`, else what it is itself."""
    for key in ("name", "type", "device"):
        for member in node.members:
            if member.name == key and member.value.kind == "string" and member.value.value:
                return member.value
    return node if node.kind == "string" and node.value else None


def _detail(document: Document, place: Place) -> str:
    node, shape = place.node, place.shape
    if shape.prop.get("x-secret") or holds_secret(place):
        return "…"
    if node.kind == "object":
        return _of_object(node, shape.kind)
    if _flat(node):
        return _clipped(", ".join(_plain(document.text, item) for item in node.items[:20]))
    if node.kind == "array":
        return f"{len(node.items)} entries" if len(node.items) != 1 else "1 entry"
    return _clipped(_plain(document.text, node)) if place.member is not None else ""


def _of_object(node: Node, kind: str) -> str:
    """The type; of a model its path too."""
    wanted = ("type", "model_path", "model_name") if kind == "input_model" else ("type", "device")
    found = []
    inner = [member.value for member in node.members if member.name in ("config", "hf_config")]
    inner += [member.value for nested in inner for member in nested.members if member.name == "hf_config"]
    for key in wanted:
        for owner in (node, *inner) if key != "type" else (node,):
            value = next((member.value for member in owner.members if member.name == key), None)
            if value is not None and value.kind == "string":
                found.append(value.value)
                break
    return _clipped(" ".join(found))


def _plain(text: str, node: Node) -> str:
    return (
        str(node.value) if node.kind == "string" else text[node.start : min(node.end, node.start + _WIDEST)]
    )


def _clipped(text: str) -> str:
    """One line, not too long, without anything that looks like a token."""
    line = " ".join(scrubbed(text).split())
    return line if len(line) <= _WIDEST else line[: _WIDEST - 1] + "…"


def workspace_symbols(documents: Iterable[Document], query: str) -> tuple[NamedSymbol, ...]:
    """What the documents define, where the letters of `query` stand in the name in their order; all for an empty one."""
    found: list[NamedSymbol] = []
    for document in documents:
        file = document.path.name if document.path else document.uri.rpartition("/")[2]
        for entry in occurrences(document):
            if entry.defines and _matches(query, entry.name):
                what = f"{entry.kind.replace('_', ' ')} in {file}"
                found.append(NamedSymbol(entry.name, _NAMED[entry.kind], what, document.uri, entry.span))
    return tuple(found)


def _matches(query: str, name: str) -> bool:
    letters = iter(name.lower())
    return all(letter in letters for letter in query.lower() if not letter.isspace())
