"""What a config names (data configs, systems, evaluators, passes) and where it uses the names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from .releases import era_of, index
from .shapes_places import member_of
from .tree import Node, join, unescape

if TYPE_CHECKING:
    from .shapes import Place, View

_BY_KEY = {"systems": "system", "evaluators": "evaluator", "passes": "pass"}
"""Sections whose keys are the names."""
DEFINED_IN = {**_BY_KEY, "data_configs": "data_config"}
"""Section -> what it defines."""
REFERENCES = frozenset(["data_config", "system", "evaluator", "pass"])
"""Values of x-ref that mean something the config itself defines."""


class Use(NamedTuple):
    """A string that means something the config defines."""

    kind: str
    name: str
    pointer: str


def _all(root: Node) -> Iterable[tuple[str, str, str]]:
    """(kind, name, pointer) of every definition, duplicates included, in no particular order."""
    for section, kind in _BY_KEY.items():
        named = member_of(root, section)
        for member in named.members if named is not None else ():
            yield kind, member.name, join("", section, member.name)
    data = member_of(root, "data_configs")
    for member in data.members if data is not None else ():
        yield "data_config", member.name, join("", "data_configs", member.name)
    for number, entry in enumerate(data.items if data is not None else ()):
        name = member_of(entry, "name")
        if name is not None and name.kind == "string":
            yield "data_config", name.value, join("", "data_configs", number, "name")
    if member_of(root, "input_model") is not None:
        yield "input_model", "input_model", "/input_model"


def definitions_of(root: Node) -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = {
        kind: {} for kind in ("data_config", "system", "evaluator", "pass", "input_model")
    }
    for kind, name, pointer in _all(root):
        found[kind].setdefault(name, pointer)
    return found


def duplicates_of(root: Node) -> Sequence[tuple[str, str, tuple[str, ...]]]:
    """Names that two entries of a list have; keys that stand twice in one object are the parser's to tell."""
    found: dict[tuple[str, str], list[str]] = {}
    for kind, name, pointer in _all(root):
        places = found.setdefault((kind, name), [])
        if pointer not in places:
            places.append(pointer)
    return [(kind, name, tuple(places)) for (kind, name), places in found.items() if len(places) > 1]


def _resolved_anyway(place: Place) -> bool:
    """Olive resolves each parameter of a pass whose name ends so, whether the pass has it or not."""
    return (
        place.member is not None
        and place.member.name.endswith("data_config")
        and place.pointer.startswith("/passes/")
    )


def _unread(view: View, place: Place) -> bool:
    """Whether the key, or one above it, stands beside a nested object that the releases look for it in."""
    if place.member is None or era_of(view.scope.newest) == "current":
        return False
    pointer = place.pointer
    while pointer:
        pointer, _, step = pointer.rpartition("/")
        above = view.shape(pointer)
        since = above.section.get("x-flat-since")
        if since is None or not above.nested or step == above.nested or unescape(step) in above.own:
            continue
        if index(view.scope.newest) < index(since):
            return True
    return False


def uses_of(view: View) -> Sequence[Use]:
    """Strings at places that refer to a definition; lists of such names count too, also lists in lists. What no
    release of the scope reads refers to nothing."""
    found: list[Use] = []
    below, listed = "", ""
    for place in view.places:
        ref = place.shape.prop.get("x-ref")
        if ref in REFERENCES and place.node.kind == "array":
            below, listed = place.pointer + "/", ref
        if place.node.kind != "string":
            continue
        if ref not in REFERENCES:
            within = below and place.pointer.startswith(below)
            ref = listed if within and place.pointer[len(below) :].replace("/", "").isdecimal() else None
        if ref is None and _resolved_anyway(place):
            ref = "data_config"
        if ref and not _unread(view, place):
            found.append(Use(ref, place.node.value, place.pointer))
    return found
