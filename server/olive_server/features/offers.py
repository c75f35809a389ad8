"""What a rewriting is offered as, and what several of them ask of a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from olive_schemas.tree import Member, Node, Tree

from ..edits import Edit, indented
from ..layout import entries_of, has_comment, indent_at, starts_line, style_of


@dataclass(frozen=True)
class Offer:
    title: str
    what: str
    """Which of the rewritings."""
    pointer: str
    """What it is done to."""


def members_of(tree: Tree, pointer: str) -> tuple[Member, ...]:
    """Of an object; none of anything else."""
    node = tree.find(pointer)
    return node.members if node is not None and node.kind == "object" else ()


def value_of(tree: Tree, pointer: str, name: str) -> Node | None:
    """What an object has under a name."""
    return next((member.value for member in members_of(tree, pointer) if member.name == name), None)


def commented(tree: Tree, node: Node, names: Sequence[str]) -> bool:
    """Whether a comment stands beside one of an object's members: nobody can say where it would belong."""
    entries, wanted = entries_of(node), set(names)
    bounds = [node.start + 1, *(offset for entry in entries for offset in entry), node.end - 1]
    return any(
        member.name in wanted
        and (
            has_comment(tree.text, *bounds[2 * at : 2 * at + 2])
            or has_comment(tree.text, *bounds[2 * at + 2 : 2 * at + 4])
        )
        for at, member in enumerate(node.members)
    )


def unwrap(tree: Tree, pointer: str) -> list[Edit]:
    """The members of an object stand where the object itself stood, on lines of their own if it did."""
    member, text = tree.member(pointer), tree.text
    if member is None or not member.value.members:
        return []
    entries = entries_of(member.value)
    first, last, indent = entries[0][0], entries[-1][1], indent_at(text, member.key.start)
    moved = indented(text[first:last], indent_at(text, first), indent)
    spread = starts_line(text, member.key.start) and not starts_line(text, first)
    if spread and not any(has_comment(text, one[1], other[0]) for one, other in pairwise(entries)):
        moved = f",{style_of(tree).newline}{indent}".join(text[start:end] for start, end in entries)
    return [Edit(member.key.start, member.value.end, moved)]
