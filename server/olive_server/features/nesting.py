"""Parameters go into `config` (or `params`, or what the nested object is called), and beside `type`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from olive_schemas.releases import index
from olive_schemas.shape import Shape
from olive_schemas.tree import Member, Tree, join, unescape

from ..document import Document
from ..edits import Edit, indented, insert, move, remove
from ..layout import entries_of, has_comment, indent_at, starts_line, style_of
from .offers import Offer, commented, members_of, unwrap, value_of
from .rewriting import Change

TO_NESTED, TO_FLAT = "to-nested", "to-flat"


def parameter_offers(document: Document, pointer: str) -> Iterator[Offer]:
    """Offered at the object and at the one nested in it."""
    above = pointer.rpartition("/")[0]
    if document.view.shape(above).nested == unescape(pointer.rpartition("/")[2]):
        pointer = above
    shape = document.view.shape(pointer)
    if not pointer or not shape.nested or not may_be_flat(document, shape):
        return
    if hoist(document, pointer):
        yield Offer(f"Move the parameters of `{shape.nested}` beside `type`", TO_FLAT, pointer)
    if nest(document, pointer):
        yield Offer(f"Move the parameters into `{shape.nested}`", TO_NESTED, pointer)


def may_be_flat(document: Document, shape: Shape) -> bool:
    """Whether every release in question reads both forms alike."""
    since = shape.section.get("x-flat-since")
    return isinstance(since, str) and index(document.scope.oldest) >= index(since)


def hoist(document: Document, pointer: str) -> list[Change]:
    """Nothing where a name stands, or means something else, beside the nested object."""
    shape, tree = document.view.shape(pointer), document.tree
    nested = join(pointer, shape.nested)
    inside = members_of(tree, nested)
    names = [member.name for member in inside]
    clash = any(
        name in shape.own or name == shape.nested or value_of(tree, pointer, name) is not None
        for name in names
    )
    if not names or clash or len(set(names)) != len(names) or value_of(tree, pointer, shape.nested) is None:
        return []
    value = tree.find(nested)
    entries = entries_of(value) if value is not None else []
    if value is None or has_comment(tree.text, value.start + 1, entries[0][0]):
        return []
    return [] if has_comment(tree.text, entries[-1][1], value.end - 1) else [partial(unwrap, pointer=nested)]


def nest(document: Document, pointer: str) -> list[Change]:
    shape, tree = document.view.shape(pointer), document.tree
    nested = join(pointer, shape.nested)
    written = tree.find(nested)
    if written is not None and written.kind != "object":
        return []
    inside = {member.name for member in members_of(tree, nested)}
    outside = [member.name for member in members_of(tree, pointer)]
    names = [name for name in outside if name not in shape.own and name != shape.nested]
    node = tree.find(pointer)
    if not names or inside & set(names) or len(set(outside)) != len(outside):
        return []
    if node is None or commented(tree, node, names):
        return []
    if written is not None:
        return [partial(move, pointer=join(pointer, name), target_pointer=nested) for name in names]
    members = [member for member in node.members if member.name in names]
    kept = [name for name in outside if name in shape.own]
    return [
        *(partial(remove, pointer=join(pointer, name)) for name in names),
        partial(
            _insert_text, pointer=pointer, key=shape.nested, text=_wrapped(tree, members), after=kept[-1:]
        ),
    ]


def _wrapped(tree: Tree, members: list[Member]) -> str:
    """An object of these members, on one line or on several as they are, indented for where they stand."""
    text, style = tree.text, style_of(tree)
    first = members[0].key.start
    parts = [text[member.key.start : member.value.end] for member in members]
    if not starts_line(text, first):
        return "{" + ", ".join(parts) + "}"
    outer = indent_at(text, first)
    inner = outer + style.unit
    lines = f",{style.newline}{inner}".join(indented(part, outer, inner) for part in parts)
    return f"{{{style.newline}{inner}{lines}{style.newline}{outer}}}"


def _insert_text(tree: Tree, pointer: str, key: str, text: str, after: list[str]) -> list[Edit]:
    """As `insert`, for a value that is text already."""
    name = after[0] if after else None
    edits = insert(tree, pointer, key, None, first=not after, after=name)
    return [replace(edit, new_text=edit.new_text.replace("null", text, 1)) for edit in edits]
