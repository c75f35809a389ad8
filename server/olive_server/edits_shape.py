"""Edits that change the shape of a config: an object laid flat into the one around it, an object that becomes a list,
members in another order. Texts of values stay as they are, comments included; only their indentation follows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from olive_schemas.tree import Member, Node, Tree

from .edit_places import closing_of
from .edits import Edit, indented, remove
from .layout import comma_in, ends_line, entries_of, has_comment, indent_at, starts_line, style_of


def unwrap(tree: Tree, pointer: str) -> list[Edit]:
    """`"config": {"a": 1, "b": 2}` becomes `"a": 1, "b": 2`. An empty object goes.

    The caller sees to it that no name is there twice afterwards.
    """
    member = tree.member(pointer)
    if member is None or member.value.kind != "object":
        return []
    text, node = tree.text, member.value
    entries = entries_of(node)
    closing = closing_of(text, node, entries)
    if not entries:
        return remove(tree, pointer)
    first, last = entries[0][0], entries[-1][1]
    trailing = comma_in(text, last, closing)
    body = text[first:last]
    if trailing >= 0 and has_comment(text, last, trailing):
        body += text[last:trailing].rstrip()
    old, new = indent_at(text, first), indent_at(text, member.key.start)
    if starts_line(text, first):
        body = indented(body, old, new)
    elif starts_line(text, member.key.start) and not has_comment(text, node.start + 1, first):
        body = _apart(tree, node, new)
    head = text[node.start + 1 : first]
    if has_comment(text, node.start + 1, first):
        body = indented(head.strip(), old, new) + style_of(tree).newline + new + body
    start = trailing + 1 if trailing >= 0 else last
    tail = text[start:closing].strip() if has_comment(text, start, closing) else ""
    if not tail:
        return [Edit(member.key.start, node.end, body)]
    parent = tree.find(pointer.rpartition("/")[0])
    number = next(
        i for i, each in enumerate(parent.members if parent else ()) if each.key.start == member.key.start
    )
    following = entries_of(parent) if parent else []
    comma = comma_in(text, node.end, following[number + 1][0]) if number + 1 < len(following) else -1
    newline = style_of(tree).newline
    end, mark = (node.end, "") if comma < 0 else (comma + 1, ",")
    after = text[node.end : comma].strip() if comma >= 0 else ""
    parts = [f"{body}{mark} {indented(tail, old, new)}", *([after] if after else [])]
    if not ends_line(text, end):
        parts.append("")
    return [Edit(member.key.start, end, f"{newline}{new}".join(parts))]


def _apart(tree: Tree, node: Node, indent: str) -> str:
    """The members of an object on one line, each on a line of its own; as they stand where comments are between."""
    text, entries = tree.text, entries_of(node)
    if any(has_comment(text, end, start) for (_, end), (start, _) in pairwise(entries)):
        return text[entries[0][0] : entries[-1][1]]
    return f",{style_of(tree).newline}{indent}".join(text[start:end] for start, end in entries)


def comments_out(tree: Tree, pointer: str) -> list[Edit]:
    """The comments of an object or list that holds nothing but emptied ones, once more before its key: it is about
    to go."""
    member = tree.member(pointer)
    if member is None or not _hollow(member.value):
        return []
    text, start, newline = tree.text, member.key.start, style_of(tree).newline
    found = [line.strip() for gap in _gaps(text, member.value) for line in gap.strip(" \t,").splitlines()]
    lines = [line for line in found if line.strip(" \t,:{}[]")]
    if not lines:
        return []
    if starts_line(text, start):
        return [Edit(start, start, "".join(f"{line}{newline}{indent_at(text, start)}" for line in lines))]
    one_line = all(line.startswith("/*") and line.endswith("*/") for line in lines)
    return [Edit(start, start, "".join(f"{line} " for line in lines))] if one_line else []


def _hollow(node: Node) -> bool:
    inner = [*node.items, *(member.value for member in node.members)]
    return node.kind in ("object", "array") and all(map(_hollow, inner))


def _gaps(text: str, node: Node) -> Iterator[str]:
    """What lies between the names and brackets of a value that holds no plain ones."""
    done = node.start + 1
    for (start, end), inner in zip(
        entries_of(node), [*node.items, *(member.value for member in node.members)], strict=True
    ):
        yield text[done:start]
        yield from _gaps(text, inner)
        done = end
    yield text[done : closing_of(text, node, entries_of(node))]


def listed(tree: Tree, pointer: str) -> list[Edit]:
    """`{"a": {...}, "b": {...}}` becomes `[{...}, {...}]`: the names go."""
    node = tree.find(pointer)
    if node is None or node.kind != "object":
        return []
    closing = closing_of(tree.text, node, entries_of(node))
    names = [Edit(member.key.start, member.value.start, "") for member in node.members]
    end = [Edit(closing, closing + 1, "]")] if tree.text[closing : closing + 1] == "}" else []
    return [Edit(node.start, node.start + 1, "["), *names, *end]


def reorder(tree: Tree, pointer: str, names: Sequence[str]) -> list[Edit]:
    """The members of an object in the order of `names`; the others follow in theirs. Each takes another's place, so
    that commas, line breaks and the comments between them stay where they are."""
    node = tree.find(pointer)
    if node is None or node.kind != "object":
        return []
    last = {member.name: member for member in node.members}
    if len(last) < len(node.members):
        return []
    wanted = [last[name] for name in names if name in last]
    order = [*wanted, *(member for member in node.members if member.name not in names)]
    return [
        Edit(place.key.start, _end(place), _text(tree, member, node))
        for place, member in zip(node.members, order, strict=True)
        if place is not member
    ]


def _end(member: Member) -> int:
    return max(member.key.end, member.value.end)


def _text(tree: Tree, member: Member, parent: Node) -> str:
    del parent
    return tree.text[member.key.start : _end(member)]
