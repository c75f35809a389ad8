"""Changes of a config as changes of its text: as small as can be, laid out as the text around them.

Each function gives edits of the tree's text and never raises on any text; what cannot be done (a pointer that leads
nowhere, an object that is none) gives no edits. After `apply` the text parses to exactly the change that was meant.
Comments stay. Edits of one call never overlap; those of two calls may, so apply and parse between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from olive_schemas.tree import Node, Tree, join, to_python, unescape

from .edit_places import Place, closing_of, colon_of, place_of
from .layout import (
    comma_in,
    dump,
    ends_line,
    entries_of,
    has_comment,
    indent_at,
    line_start,
    next_line,
    quoted,
    starts_line,
    style_of,
)

__all__ = [
    "Edit",
    "append",
    "apply",
    "dump",
    "insert",
    "move",
    "overlap",
    "remove",
    "remove_entry",
    "rename_key",
    "replace_value",
]


@dataclass(frozen=True, order=True)
class Edit:
    """The text from `start` to `end` (code points) becomes `new_text`."""

    start: int
    end: int
    new_text: str


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text after all of them; their offsets count in the text before. ValueError where two overlap."""
    ordered = sorted(edits, key=lambda edit: (edit.start, edit.end))
    if overlap(ordered):
        raise ValueError("two edits overlap")
    pieces, done = [], 0
    for edit in ordered:
        pieces += [text[done : edit.start], edit.new_text]
        done = edit.end
    return "".join([*pieces, text[done:]])


def overlap(edits: Iterable[Edit]) -> bool:
    """Whether two of them change the same characters, or insert at the same place."""
    ordered = sorted(edits, key=lambda edit: (edit.start, edit.end))
    return any(one.end > other.start or one.start == other.start for one, other in pairwise(ordered))


def rename_key(tree: Tree, pointer: str, name: str) -> list[Edit]:
    """The key at the pointer becomes `name`. Whether the object has such a key already is for the caller to see."""
    member = tree.member(pointer)
    if member is None:
        return []
    return [Edit(member.key.start, member.key.end, quoted(name))]


def replace_value(tree: Tree, pointer: str, value: Any) -> list[Edit]:
    """The value at the pointer becomes `value`; nothing where it is that already."""
    node = tree.find(pointer)
    if node is None or (node.kind != "missing" and _same(to_python(node), value)):
        return []
    parent = tree.find(pointer.rpartition("/")[0]) if pointer else None
    inline = parent is not None and _on_one_line(tree.text, parent)
    spread = node.kind == "array" and "\n" in tree.text[node.start : node.end]
    style = style_of(tree)
    text = dump(
        value,
        style,
        indent_at(tree.text, node.start),
        inline=(inline and not spread) or style.one_line,
        spread=spread,
    )
    if node.kind == "missing" and node.start == node.end:
        end = node.start
        while end < len(tree.text) and tree.text[end] in " \t":
            end += 1
        return [Edit(node.start, end, _after_key(tree, pointer, node) + text)]
    return [Edit(node.start, node.end, text)]


def remove(tree: Tree, pointer: str) -> list[Edit]:
    """The member or list entry at the pointer goes, with its comma and, where nothing else is left, its line."""
    if not pointer:
        return []
    parent_pointer, _, last = pointer.rpartition("/")
    parent = tree.find(parent_pointer)
    if parent is None or tree.find(pointer) is None:
        return []
    if parent.kind == "object":
        name = unescape(last)
        index = max(i for i, member in enumerate(parent.members) if member.name == name)
    else:
        index = int(last)
    return remove_entry(tree, parent, index)


def remove_entry(tree: Tree, parent: Node, index: int) -> list[Edit]:
    """As `remove`, for the entry of that number: of two equal keys the first can only be named so."""
    text = tree.text
    entries = entries_of(parent)
    start, end = entries[index]
    closing = closing_of(text, parent, entries)
    if len(entries) == 1:
        trailing = comma_in(text, end, closing)
        if not has_comment(text, parent.start + 1, start) and not has_comment(text, end, closing):
            return [Edit(parent.start + 1, closing, "")]
        if trailing >= 0 and has_comment(text, end, trailing):
            return [_cut(text, start, end), Edit(trailing, trailing + 1, "")]
        return [_cut(text, start, trailing + 1 if trailing >= 0 else end)]
    following = entries[index + 1][0] if index + 1 < len(entries) else closing
    comma = comma_in(text, end, following)
    if comma >= 0:
        after = comma + 1
        clear = not has_comment(text, end, comma) and not has_comment(text, after, following)
        first_beside_bracket = index == 0 and not starts_line(text, start)
        if clear and index + 1 < len(entries) and (first_beside_bracket or not ends_line(text, after)):
            return [Edit(start, following, "")]
        if has_comment(text, end, comma):
            return [_cut(text, start, end), Edit(comma, after, "")]
        return [_cut(text, start, after)]
    if index == 0:
        return [_cut(text, start, end)]
    previous = entries[index - 1][1]
    comma = comma_in(text, previous, start)
    if not has_comment(text, previous, start):
        return [Edit(previous if comma >= 0 else start, end, "")]
    cut = _cut(text, start, end)
    return [Edit(comma, comma + 1, ""), cut] if 0 <= comma < cut.start else [cut]


def insert(
    tree: Tree, object_pointer: str, key: str, value: Any, *, first: bool = False, after: str | None = None
) -> list[Edit]:
    """A member is added at the end of an object, or first in it, or behind the member `after`.

    Where the object has the key already, its value is replaced.
    """
    node = tree.find(object_pointer)
    if node is None or node.kind != "object":
        return []
    if any(member.name == key for member in node.members):
        return replace_value(tree, join(object_pointer, key), value)
    style = style_of(tree)
    place = place_of(tree.text, node, style, _index(node, first, after))
    colon = colon_of(tree.text, node) or style.colon
    written = dump(value, style, place.indent, inline=place.inline)
    return _put(place, f"{quoted(key)}{colon}{written}")


def append(tree: Tree, array_pointer: str, value: Any) -> list[Edit]:
    """An entry is added at the end of a list."""
    node = tree.find(array_pointer)
    if node is None or node.kind != "array":
        return []
    style = style_of(tree)
    place = place_of(tree.text, node, style, len(node.items))
    return _put(place, dump(value, style, place.indent, inline=place.inline))


def move(
    tree: Tree,
    pointer: str,
    target_pointer: str,
    *,
    name: str = "",
    first: bool = False,
    after: str | None = None,
) -> list[Edit]:
    """The member at `pointer` goes into the object at `target_pointer`, under its own name or a new one.

    Its value keeps its text, comments included. Where the target has such a key already, that one's value is replaced.
    """
    member = tree.member(pointer)
    target = tree.find(target_pointer)
    if member is None or target is None or target.kind != "object" or member.value.kind == "missing":
        return []
    parent = pointer.rpartition("/")[0]
    if parent == target_pointer or f"{target_pointer}/".startswith(f"{pointer}/"):
        return []
    text, style = tree.text, style_of(tree)
    source = text[member.value.start : member.value.end]
    old_indent = indent_at(text, member.key.start)
    key = name or member.name
    taken = [each for each in target.members if each.name == key]
    if taken:
        node = taken[-1].value
        inside = node.start <= member.key.start and member.value.end <= node.end
        if inside or node.kind == "missing":
            return []
        moved = indented(source, old_indent, indent_at(text, node.start))
        return sorted([*remove(tree, pointer), Edit(node.start, node.end, moved)])
    place = place_of(text, target, style, _index(target, first, after))
    between = text[member.key.end : member.value.start]
    colon = between if not has_comment(text, member.key.end, member.value.start) else ""
    colon = colon if colon.strip() == ":" and "\n" not in colon else style.colon
    moved = indented(source, old_indent, place.indent)
    edits = [*remove(tree, pointer), *_put(place, f"{quoted(key)}{colon}{moved}")]
    return sorted(edits)


def _index(node: Node, first: bool, after: str | None) -> int:
    """Before which member a new one goes."""
    if first:
        return 0
    numbers = [index for index, member in enumerate(node.members) if member.name == after]
    return numbers[-1] + 1 if numbers else len(node.members)


def _put(place: Place, entry: str) -> list[Edit]:
    written = Edit(place.start, place.end, f"{place.before}{entry}{place.after}")
    return [written] if place.comma_at < 0 else [Edit(place.comma_at, place.comma_at, ","), written]


def _cut(text: str, start: int, end: int) -> Edit:
    """Removes an entry that stays between its neighbours' commas: whole lines where nothing else is on them."""
    if starts_line(text, start) and ends_line(text, end):
        return Edit(line_start(text, start), next_line(text, end), "")
    if ends_line(text, end):
        while start > 0 and text[start - 1] in " \t":
            start -= 1
        return Edit(start, end, "")
    while end < len(text) and text[end] in " \t":
        end += 1
    return Edit(start, end, "")


def _on_one_line(text: str, node: Node) -> bool:
    return not any(sign in text[node.start : node.end] for sign in "\r\n")


def _after_key(tree: Tree, pointer: str, node: Node) -> str:
    """What must stand between a key and a value that is not written yet."""
    member = tree.member(pointer)
    if member is None:
        return ""
    between = tree.text[member.key.end : node.start]
    if ":" not in between:
        return ": "
    return "" if between[-1:].isspace() else " "


def indented(source: str, old: str, new: str) -> str:
    """A value's text whose lines after the first go with the new place's indentation."""
    if old == new:
        return source
    return re.sub(f"(\r\n|\n|\r){re.escape(old)}", lambda found: found[1] + new, source)


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: true is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(_same(a, b) for a, b in zip(one, other, strict=True))
    return type(one) is type(other) and bool(one == other)
