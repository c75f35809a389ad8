"""Finds the slot at a cursor, in whatever state the text is. Nothing here knows what a config is."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Literal, NamedTuple

from olive_schemas.tree import Member, Node, Tree, join

from ..edits import Edit
from ..layout import comma_in, skip_gap
from .completion_slot import Slot
from .words import CLOSERS, QUOTES, comma_beside, in_comment, limit_of, spans_of, word_end, words_of

_ENDS_STRING = re.compile(r"[,:\"\r\n]")


class _Holder(NamedTuple):
    pointer: str
    node: Node
    limit: int
    """Where its inside ends: its closing bracket, or the next token if it has none."""


def slot_at(tree: Tree, offset: int) -> Slot | None:
    """The slot at a cursor; None in comments and where nothing can be written (right before a bracket, after the
    end of the config)."""
    offset = max(0, min(offset, len(tree.text)))
    if tree.root.kind not in CLOSERS:
        return _root(tree, offset)
    holder = _holder(tree, offset)
    if holder is None:
        return None
    spans = spans_of(holder.node)
    index = bisect_right(spans, offset, key=lambda span: span[0]) - 1
    if index >= 0 and offset <= spans[index][1]:
        slot = _touched(tree, holder, index, offset, spans)
        if slot is not _GAP:
            return slot if isinstance(slot, Slot) else None
        if offset == spans[index][0]:
            index -= 1
    return _between(tree, holder, index, offset, spans)


class _Gap:
    """The cursor touches an entry, but what is written there is a new one before or behind it."""


_GAP = _Gap()


def _root(tree: Tree, offset: int) -> Slot | None:
    node = tree.root
    if node.kind == "missing" or node.start == node.end:
        empty = not tree.text.strip("\ufeff \t\r\n")
        return Slot("value", "", None, "", offset, offset, offset, offset) if empty else None
    if not node.start <= offset <= node.end:
        return None
    return _scalar(tree, None, "value", "", node, offset)


def _holder(tree: Tree, offset: int) -> _Holder | None:
    """The innermost object or list that the offset is inside of."""
    text, node, pointer = tree.text, tree.root, ""
    limit = limit_of(text, node)
    if not node.start < offset <= limit:
        return None
    while True:
        index = bisect_right(spans_of(node), offset - 1, key=lambda span: span[0]) - 1
        inner: tuple[str, Node] | None = None
        if index >= 0 and node.kind == "object":
            inner = node.members[index].name, node.members[index].value
        elif index >= 0:
            inner = str(index), node.items[index]
        if inner is None or inner[1].kind not in CLOSERS:
            return _Holder(pointer, node, limit)
        name, child = inner
        inside = min(limit_of(text, child), limit)
        if not child.start < offset <= inside:
            return _Holder(pointer, node, limit)
        pointer, node, limit = join(pointer, name), child, inside


def _touched(
    tree: Tree, holder: _Holder, index: int, offset: int, spans: Sequence[tuple[int, int]]
) -> Slot | _Gap | None:
    """The cursor is in or at an entry: in its key, in its value, or between the two."""
    node = holder.node
    if node.kind == "array":
        item = node.items[index]
        if offset == item.start or item.kind in CLOSERS:
            return _GAP
        return _scalar(tree, holder, "entry", str(index), item, offset)
    member = node.members[index]
    key, value = member.key, member.value
    if offset == key.start:
        return _GAP
    if offset <= key.end:
        return _key(tree, holder, member, offset)
    between = tree.text[key.end : min(value.start, offset) if value.kind != "missing" else offset]
    if in_comment(between):
        return None
    if value.kind == "missing":
        return _value(tree, holder, member, offset) if ":" in between else _GAP
    if offset < value.start:
        return None
    if value.kind in CLOSERS:
        return None if offset == value.start else _GAP
    colon = () if ":" in between or "=" in between else (Edit(key.end, key.end, ":"),)
    return _scalar(tree, holder, "value", member.name, value, offset, colon)


def _between(
    tree: Tree, holder: _Holder, index: int, offset: int, spans: Sequence[tuple[int, int]]
) -> Slot | None:
    """The cursor is behind the entry `index` (-1: behind the opening bracket) and before the next one."""
    text, node = tree.text, holder.node
    open_string = _open_string(text, holder, index, offset)
    if open_string is not None:
        return _scalar(tree, holder, *open_string, offset)
    previous = spans[index][1] if index >= 0 else node.start + 1
    if node.kind == "object" and index >= 0 and node.members[index].value.kind == "missing":
        member = node.members[index]
        between = text[member.key.end : offset]
        if not in_comment(between) and "," not in between and not _elsewhere(text, member, offset):
            return _value(tree, holder, member, offset)
    if in_comment(text[previous:offset]):
        return None
    following = spans[index + 1][0] if index + 1 < len(spans) else holder.limit
    comma = index >= 0 and comma_in(text, previous, offset) < 0
    lacks = index + 1 < len(spans) and comma_in(text, offset, following) < 0
    after = comma_beside(text, offset) if lacks else ""
    role: Literal["key", "entry"] = "key" if node.kind == "object" else "entry"
    apart = comma and offset != previous
    return Slot(
        role=role,
        holder=holder.pointer,
        node=node,
        name=str(index + 1) if role == "entry" else "",
        offset=offset,
        start=offset,
        stop=offset,
        end=offset,
        before=", " if comma and not apart else "",
        after=after,
        wants="value" if role == "key" else "nothing",
        elsewhere=(Edit(previous, previous, ","),) if apart else (),
    )


def _open_string(
    text: str, holder: _Holder, index: int, offset: int
) -> tuple[Literal["value", "entry"], str, Node] | None:
    """The string before the cursor, if its quote is not closed and the cursor is behind what the parser took for its
    end: behind a blank, or behind a brace of a template."""
    if index < 0:
        return None
    in_list = holder.node.kind == "array"
    node = holder.node.items[index] if in_list else holder.node.members[index].value
    between = text[node.end : offset]
    if node.kind != "string" or text[node.start] not in QUOTES or _ENDS_STRING.search(between):
        return None
    if node.end - node.start > 1 and text[node.end - 1] in QUOTES:
        return None
    name = str(index) if in_list else holder.node.members[index].name
    return "entry" if in_list else "value", name, Node("string", node.start, offset, node.value)


def _elsewhere(text: str, member: Member, offset: int) -> bool:
    """Whether the cursor is on a later line than a key without a colon: then a new entry is meant."""
    between = text[member.key.end : offset]
    return ":" not in between and "\n" in between


def _value(tree: Tree, holder: _Holder, member: Member, offset: int) -> Slot:
    """A value that is not written yet."""
    text = tree.text
    between = text[member.key.end : offset]
    spaced = text[offset - 1 : offset].isspace()
    before = ("" if spaced else " ") if ":" in between else ": "
    after = _comma_after(text, offset, holder)
    return Slot(
        "value",
        holder.pointer,
        holder.node,
        member.name,
        offset,
        offset,
        offset,
        offset,
        before=before,
        after=after,
    )


def _scalar(
    tree: Tree,
    holder: _Holder | None,
    role: Literal["value", "entry"],
    name: str,
    node: Node,
    offset: int,
    elsewhere: tuple[Edit, ...] = (),
) -> Slot:
    stop = word_end(tree.text, node, offset)
    written, typed, quote, closed = words_of(tree.text, node, stop, offset)
    elsewhere = elsewhere or (_comma_before(tree.text, holder, node) if holder and role == "entry" else ())
    before = "".join(edit.new_text for edit in elsewhere if edit.end == node.start)
    return Slot(
        role=role,
        holder=holder.pointer if holder else "",
        node=holder.node if holder else None,
        name=name,
        offset=offset,
        start=node.start,
        stop=stop,
        end=stop,
        written=written,
        typed=typed,
        quote=quote,
        closed=closed,
        before=before,
        after=_comma_after(tree.text, stop, holder) if holder else "",
        elsewhere=() if before else elsewhere,
    )


def _key(tree: Tree, holder: _Holder, member: Member, offset: int) -> Slot:
    text, key = tree.text, member.key
    stop = word_end(text, key, offset)
    written, typed, quote, closed = words_of(text, key, stop, offset)
    colon = skip_gap(text, stop, len(text))
    end, after = stop, ""
    wants: Literal["nothing", "colon", "value"] = "value"
    if text[colon : colon + 1] in (":", "="):
        following = skip_gap(text, colon + 1, len(text))
        unwritten = member.value.kind == "missing" and stop == key.end
        if (not unwritten and following < len(text) and text[following] not in ",}]") or "\n" in text[
            stop:colon
        ]:
            wants = "nothing"
        else:
            end = colon + 1
    elif member.value.kind != "missing" and stop == key.end:
        wants = "colon"
    if wants == "value":
        after = _comma_after(text, end, holder)
    return Slot(
        role="key",
        holder=holder.pointer,
        node=holder.node,
        name=member.name,
        offset=offset,
        start=key.start,
        stop=stop,
        end=end,
        written=written,
        typed=typed,
        quote=quote,
        closed=closed,
        after=after,
        wants=wants,
        elsewhere=_comma_before(text, holder, key),
    )


def _comma_before(text: str, holder: _Holder, node: Node) -> tuple[Edit, ...]:
    """The comma that is missing between the entry that starts with `node` and the one before it."""
    spans = spans_of(holder.node)
    index = bisect_right(spans, node.start, key=lambda span: span[0]) - 1
    if index < 1:
        return ()
    previous = spans[index - 1][1]
    if comma_in(text, previous, node.start) >= 0 or previous >= node.start:
        return ()
    return (Edit(previous, previous, ","),)


def _comma_after(text: str, end: int, holder: _Holder) -> str:
    """A comma where another entry of the same object or list follows without one."""
    following = skip_gap(text, end, len(text))
    lacks = following < min(holder.limit, len(text)) and text[following] not in ",}]:"
    return comma_beside(text, end) if lacks else ""
