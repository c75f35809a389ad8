"""What completion offers, as plain data, and how an offer becomes a change of the text at a slot.

Values are JSON data in which a `Hole` is a stop for the cursor; accepted as it stands, a hole holds its default.
Texts with holes are in the protocol's snippet syntax; `without_stops` gives the plain text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ..edits import Edit
from ..layout import Style, dump, indent_at, quoted
from .completion_slot import Slot

Kind = Literal[
    "key", "value", "enum", "type", "reference", "file", "folder", "column", "module", "model", "snippet"
]


@dataclass(frozen=True)
class Item:
    """`edit` covers one line and the cursor; lines that it adds carry their own indentation (insertTextMode asIs)."""

    label: str
    kind: Kind
    edit: Edit
    detail: str = ""
    documentation: str = ""
    """Markdown; empty until `resolve`."""
    sort_text: str = ""
    filter_text: str = ""
    snippet: bool = False
    """Whether the edit's text is in snippet syntax."""
    additional_edits: tuple[Edit, ...] = ()
    deprecated: bool = False
    retrigger: bool = False
    """Whether completion is to be asked for again after accepting: a value follows."""
    preselect: bool = False
    data: Mapping[str, Any] = field(default_factory=dict)
    """For `resolve`; plain JSON."""


@dataclass(frozen=True)
class CompletionList:
    items: tuple[Item, ...] = ()
    incomplete: bool = False


@dataclass(frozen=True)
class Hole:
    """A stop in a snippet. `default` is JSON data; `inside`: within quotes or brackets that stand around it."""

    default: Any
    choices: tuple[Any, ...] = ()
    retrigger: bool = False


@dataclass(frozen=True)
class Offer:
    """A value or a key, before it is known where it goes. `value`: JSON data, holes included."""

    label: str
    value: Any
    kind: Kind = "value"
    detail: str = ""
    rank: int = 5
    """What is offered first has the lowest."""
    deprecated: bool = False
    preselect: bool = False
    data: Mapping[str, Any] = field(default_factory=dict)
    filter_text: str = ""
    retrigger: bool = False
    documentation: str = ""
    key: str = ""
    """The key that is written where a key is offered; its label may be an earlier spelling."""


_MARK = re.compile('"\ue000(\\d+)\ue001"')
_STOP = re.compile(r"\\([\\$}])|\$\{\d+\|((?:[^|\\]|\\.)*)\|\}|\$\{\d+:((?:[^}\\]|\\.)*)\}|\$\d+")


def value_item(slot: Slot, text: str, style: Style, offer: Offer, order: int) -> Item:
    """An offer for a value or a list entry."""
    written, snippet, asks = _written(offer.value, text, slot, style)
    edit, inside = _edit(slot, written, slot.after)
    return _item(slot, offer, order, edit, inside, snippet, offer.retrigger or asks)


def key_item(slot: Slot, text: str, style: Style, offer: Offer, order: int) -> Item:
    """An offer for a key; its value comes with it unless one stands there."""
    name, rest, snippet, asks = quoted(offer.key or offer.label), "", False, False
    if slot.wants == "colon":
        rest = ":"
    elif slot.wants == "value":
        value, snippet, asks = _written(offer.value, text, slot, style)
        name, rest = escaped(name) if snippet else name, style.colon + value + slot.after
    edit, inside = _edit(slot, name, rest)
    return _item(slot, offer, order, edit, inside, snippet, asks)


def _item(
    slot: Slot, offer: Offer, order: int, edit: Edit, inside: bool, snippet: bool, retrigger: bool
) -> Item:
    word = offer.filter_text or offer.label
    return Item(
        label=offer.label,
        kind=offer.kind,
        edit=edit,
        detail=offer.detail,
        documentation=offer.documentation,
        sort_text=f"{offer.rank}{order:04d}",
        filter_text=word if inside or not slot.quote else f"{slot.quote}{word}",
        snippet=snippet,
        additional_edits=slot.elsewhere,
        deprecated=offer.deprecated,
        retrigger=retrigger,
        preselect=offer.preselect,
        data=offer.data,
    )


def _edit(slot: Slot, literal: str, rest: str) -> tuple[Edit, bool]:
    """(the change, whether it lies within the quotes that stand there). Clients filter by what stands between its start
    and the cursor; a closing quote stays where nothing has to follow it."""
    inside = slot.quote == '"' and literal.startswith('"') and slot.offset > slot.start and not slot.before
    if not inside:
        return Edit(slot.start, slot.end, slot.before + literal + rest), False
    if slot.closed and not rest and slot.end == slot.stop and slot.offset < slot.stop:
        return Edit(slot.start + 1, slot.stop - 1, literal[1:-1]), True
    return Edit(slot.start + 1, slot.end, literal[1:] + rest), True


def _written(value: Any, text: str, slot: Slot, style: Style) -> tuple[str, bool, bool]:
    """(JSON text, whether it is a snippet, whether its first stop asks for completion)."""
    holes: list[Hole] = []
    marked = _marked(value, holes)
    indent = indent_at(text, slot.start)
    written = dump(marked, style, indent, inline=style.one_line or _inline(slot, text))
    if not holes:
        return written, False, False
    result = _MARK.sub(lambda found: _stop(holes[int(found[1])], int(found[1]) + 1), escaped(written))
    return result, True, holes[0].retrigger


def _inline(slot: Slot, text: str) -> bool:
    """Whether the holder is written on one line, with something in it."""
    node = slot.node
    if node is None or not (node.members or node.items):
        return False
    return "\n" not in text[node.start : node.end]


def _marked(value: Any, holes: list[Hole]) -> Any:
    if isinstance(value, Hole):
        holes.append(value)
        return f"\ue000{len(holes) - 1}\ue001"
    if isinstance(value, Mapping):
        return {key: _marked(entry, holes) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_marked(entry, holes) for entry in value]
    return value


def escaped(text: str) -> str:
    """A plain text for a snippet."""
    return re.sub(r"[\\$}]", lambda found: "\\" + found.group(), text)


def _stop(hole: Hole, number: int) -> str:
    """Quotes and brackets stay outside the stop, so that what is typed over it is only the value."""
    default = hole.default
    if hole.choices:
        shown = ",".join(re.sub(r"[\\,|$}]", r"\\\g<0>", _plain(choice)) for choice in hole.choices)
        return f'"${{{number}|{shown}|}}"' if isinstance(default, str) else f"${{{number}|{shown}|}}"
    if isinstance(default, str):
        inner = escaped(quoted(default)[1:-1])
        return f'"${{{number}:{inner}}}"' if inner else f'"${number}"'
    if default in ([], {}) and isinstance(default, (list, dict)):
        return f"[${number}]" if isinstance(default, list) else f"{{${number}\\}}"
    return f"${{{number}:{escaped(json.dumps(default, ensure_ascii=False))}}}"


def _plain(choice: Any) -> str:
    return quoted(choice)[1:-1] if isinstance(choice, str) else json.dumps(choice)


def preview(value: Any) -> str:
    """What an offer writes, accepted as it stands, as markdown."""
    return f"```json\n{dump(_defaults(value))}\n```"


def _defaults(value: Any) -> Any:
    if isinstance(value, Hole):
        return _defaults(value.default)
    if isinstance(value, Mapping):
        return {key: _defaults(entry) for key, entry in value.items()}
    return [_defaults(entry) for entry in value] if isinstance(value, (list, tuple)) else value


def without_stops(snippet: str) -> str:
    """The text that is left when a snippet is accepted as it stands."""

    def replaced(found: re.Match[str]) -> str:
        literal, choices, default = found.groups()
        if literal is not None:
            return literal
        if choices is not None:
            first = re.match(r"(?:[^,\\]|\\.)*", choices)
            return re.sub(r"\\(.)", r"\1", first.group() if first else "")
        return re.sub(r"\\([\\$}])", r"\1", default or "")

    return _STOP.sub(replaced, snippet)


def plain(item: Item) -> Item:
    """The item for clients that know no snippets."""
    if not item.snippet:
        return item
    edit = replace(item.edit, new_text=without_stops(item.edit.new_text))
    return replace(item, edit=edit, snippet=False)
