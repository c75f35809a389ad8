"""What the rules say of a part of a config, kept for as long as that part and what it depends on stay as they are.

A part is an entry of `passes`, `data_configs`, `systems` or `evaluators`, or any other key of the top level with its
value. What the rules say of it follows from its text, its place, and a few facts about the rest (`Outside`): whoever
lets a rule look at more has to add it there; a test compares what is kept with what is found afresh.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from .problems import Problem
from .releases import Scope
from .tree import Node

if TYPE_CHECKING:
    from .shapes import Place, View

SECTIONS = frozenset(["passes", "data_configs", "systems", "evaluators"])
_MOST = 4000
_LONGEST = 100_000
"""Characters: a longer part is not kept."""
_KEPT: dict[Any, tuple[Problem, ...]] = {}


class Outside(NamedTuple):
    """What rules may know of a config beside the part that they look at."""

    scope: Scope
    era: str
    task: str
    searching: bool
    scripted: bool
    data_configs: tuple[str, ...]
    top_level: tuple[str, ...]
    ambiguous: bool
    """Whether a key of the top level or of a section stands twice: then a pointer means two parts, and nothing is kept."""


def outside(view: View) -> Outside:
    root = view.tree.root
    return Outside(
        view.scope,
        view.era,
        view.task,
        view.searching,
        view.scripted,
        tuple(view.definitions["data_config"]),
        tuple(member.name for member in root.members),
        _twice(root) or any(_twice(one.value) for one in root.members if one.name in SECTIONS),
    )


def _twice(node: Node) -> bool:
    return len({member.name for member in node.members}) < len(node.members)


def parts(places: Sequence[Place]) -> Iterator[tuple[int, int]]:
    """(first, beyond the last) of the places of each part, in order; what is between the parts alone."""
    start = 0
    for index, place in enumerate(places):
        if _begins(place):
            if index > start:
                yield start, index
            start = index
    if start < len(places):
        yield start, len(places)


def _begins(place: Place) -> bool:
    first, _, rest = place.pointer[1:].partition("/")
    return "/" not in rest if first in SECTIONS else not rest


def kept(
    view: View, part: Sequence[Place], around: Outside, find: Callable[[View, Sequence[Place]], list[Problem]]
) -> Sequence[Problem]:
    """What `find` says of the part, from an earlier time if that still holds."""
    first = part[0]
    start = first.node.start if first.member is None else first.member.key.start
    length = first.node.end - start
    if not first.pointer or first.pointer[1:] in SECTIONS or length > _LONGEST or around.ambiguous:
        return find(view, part)
    key = (first.pointer, view.tree.text[start : first.node.end], around)
    known = _KEPT.get(key)
    if known is None:
        if len(_KEPT) >= _MOST:
            _KEPT.clear()
        known = _KEPT[key] = tuple(find(view, part))
    return known


def forget() -> None:
    """For tests."""
    _KEPT.clear()
