"""The keys of one object as the releases of a scope see them: what the rules about keys share.

An object with a nested one (`config`, `params`, ...) is looked at together with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from . import history
from .catalog import Property
from .problems import Problem
from .releases import index, known_in
from .rules_told import Does
from .sections import STAGES
from .shape import Shape
from .shapes_names import DEFINED_IN
from .shapes_places import find_property, member_of
from .tree import Member, Node, join

if TYPE_CHECKING:
    from .shapes import Place, View

_READ_IN_THE_RUN = ("/passes/", "/input_model/")
_FATE: Mapping[str, Does] = {"ignored": "ignored", "warned": "warned", "error": "error", "open": "fine"}
_NESTED_KINDS = frozenset(["model_config", "system_config", "pass_config"])
_NESTED_KEYS = frozenset(["user_config", "type_args", "sampler_config", "extra_args"])
_SEPARATE = frozenset(["workflow"])
"""Sections whose nested object is a section of its own."""
_HANDED_ON = frozenset(["component", "evaluator"])
"""Sections whose settings become arguments of a function that nobody looks at before the run."""

_HAVING: dict[tuple[int, tuple[str, ...]], tuple[Mapping[str, Any], tuple[str, ...]]] = {}


class Written(NamedTuple):
    """A key of the object, or of the object nested in it."""

    member: Member
    pointer: str
    nested: bool

    @property
    def name(self) -> str:
        return self.member.name


class Told(NamedTuple):
    """What is to be said of a key. `meant`: the key that it stands for, by its present name; empty for none."""

    problem: Problem | None
    meant: str = ""


NOTHING = Told(None)


@dataclass(frozen=True)
class Keys:
    """`releases`: those that have the type of the object. `within`: the nested object, if one is written."""

    view: View
    shape: Shape
    pointer: str
    releases: tuple[str, ...]
    written: tuple[Written, ...]
    within: Node | None

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(entry.name for entry in self.written)

    @cached_property
    def missing(self) -> Mapping[str, tuple[str, ...]]:
        """Present name of a required key -> the releases that miss it."""
        if in_kwargs(self.shape) or (self.shape.key == "params_config" and self._given_by_component()):
            return {}
        found = {}
        for present, prop in self.shape.properties.items():
            listed = present in self.shape.required
            sometimes = "x-required-unless" in prop or "x-required-used" in prop
            if not (listed or "x-required" in prop or sometimes) or self._inherited(prop):
                continue
            lacking = tuple(
                release
                for release in self.releases
                if (history.required_in(prop, listed, release) or (sometimes and self._wants(prop, release)))
                and not self.has(present, release)
            )
            if lacking:
                found[present] = lacking
        return found

    def _wants(self, prop: Property, release: str) -> bool:
        """Whether a key has to be written because of what stands beside it, or because the object is used."""
        for entry in prop.get("x-required-unless", ()):
            if history.within(entry, release) and not self._is_on(entry["key"]):
                return True
        spans = prop.get("x-required-used", ())
        return any(history.within(entry, release) for entry in spans) and self._is_used()

    def _is_on(self, key: str) -> bool:
        return any(entry.name == key and entry.member.value.value is True for entry in self.written)

    def _is_used(self) -> bool:
        """Whether something else in the config refers to the object by its name, or it stands in place."""
        kind = DEFINED_IN.get(self.pointer.split("/")[1]) if self.pointer.count("/") == 2 else None
        return kind is None or any(use.kind == kind and use.name == self.shape.key for use in self.view.uses)

    @property
    def groups(self) -> Sequence[Sequence[str]]:
        """Lists of keys of each of which one has to be written."""
        groups: Sequence[Any] = self.shape.section.get("x-needs-one-of", ())
        return [groups] if groups and isinstance(groups[0], str) else groups

    def _inherited(self, prop: Property) -> bool:
        """Whether another place of the config stands in for the key."""
        pointer = prop.get("x-inherits")
        return isinstance(pointer, str) and self.view.tree.find(pointer) is not None

    def _given_by_component(self) -> bool:
        """Whether components get parameters of their own, beside those of `params_config`."""
        around = self.view.tree.find(self.pointer.rpartition("/")[0])
        return "component_kwargs" in self.names or member_of(around, "components") is not None

    def has(self, present: str, release: str) -> bool:
        """Whether the key is written where and as the release reads it."""
        prop = self.shape.properties.get(present, {})
        own = present in self.shape.own
        spellings = {present, *(alias["name"] for alias in history.aliases(prop))}
        for entry in self.written:
            if entry.name not in spellings or (own and entry.nested and self.shape.nested):
                continue
            if self.reads(entry, present, prop, release):
                return True
        return False

    def reads(self, entry: Written, present: str, prop: Property, release: str) -> bool:
        """Whether a release takes the key where it stands and as it is spelled."""
        return release in self.reading(entry, present, prop)

    def reading(self, entry: Written, present: str, prop: Property) -> frozenset[str]:
        """The releases that take the key where it stands and as it is spelled."""
        known = history.knowing(prop, entry.name, present)
        return known - self.early if self.early and self.is_flat(entry, present) else known

    def is_flat(self, entry: Written, present: str) -> bool:
        """Whether a key that may stand in the nested object stands beside it."""
        return bool(self.shape.nested) and not entry.nested and present not in self.shape.own

    @cached_property
    def early(self) -> frozenset[str]:
        """The releases that read keys of the nested object nowhere else."""
        return frozenset(release for release in self.releases if self.flat_is_early(release))

    def flat_is_early(self, release: str) -> bool:
        """Whether a release reads such keys in the nested object only."""
        since = self.shape.section.get("x-flat-since")
        return since is not None and index(release) < index(since)

    def fate(self, release: str, entry: Written, *, flat: bool) -> Does:
        """What a release does with a key that it does not know."""
        section = self.shape.section
        plain = section.get("x-unknown") or ()
        special = section.get("x-unknown-flat") if flat else None
        if entry.nested:
            special = section.get("x-unknown-nested")
        span = history.span(special or plain, release)
        if flat and span is not None and span.get("does") == "open":
            # It is handed on into the nested object, which may know better.
            span = history.span(plain, release) or span
        if span is None:
            return "ignored"
        doing = _FATE.get(span.get("does", ""), "ignored")
        return "late" if doing == "error" and span.get("when") == "run" else doing

    def does(self, entry: Written, present: str, prop: Property) -> dict[str, Does]:
        """What each release does with a key that some release knows."""
        flat, reading = self.is_flat(entry, present), self.reading(entry, present, prop)
        return {
            release: "fine" if release in reading else self.fate(release, entry, flat=flat)
            for release in self.releases
        }

    def without(self, present: str) -> Does:
        """What a release does that misses the key."""
        handed_on = self.shape.kind in _HANDED_ON or self.shape.key == "params_config"
        handed_on = handed_on and present not in self.shape.own
        inside = self.shape.kind == "object" and self.pointer.startswith(_READ_IN_THE_RUN)
        return "risky" if handed_on else "late" if inside or self.shape.kind == "pass" else "error"

    def everywhere(self, does: Mapping[str, Does]) -> Mapping[str, Does]:
        """For the whole scope: releases that lack the type say nothing of its keys, the newest that has it does."""
        if len(self.releases) == len(self.view.scope.releases):
            return does
        newest: Does = does.get(self.releases[-1], "fine")
        return {
            release: does.get(release, "fine") if release in self.releases else newest
            for release in self.view.scope.releases
        }

    def known(self) -> Iterator[tuple[Written, str, Property]]:
        """The written keys that some release knows: (entry, present name, property)."""
        for entry in self.written:
            found = find_property(self.shape, entry.name)
            if found is not None:
                yield entry, *found


def keys_of(view: View, place: Place) -> Keys | None:
    """None where nothing is known of the object's keys."""
    shape, node = place.shape, place.node
    releases = releases_of(view, shape)
    if not releases or not shape.properties:
        return None
    within = _nested_object(shape, node)
    written = [Written(member, join(place.pointer, member.name), False) for member in node.members]
    if within is not None:
        base = join(place.pointer, shape.nested)
        written += [Written(member, join(base, member.name), True) for member in within.members]
    return Keys(view, shape, place.pointer, releases, tuple(written), within)


def is_nested(shape: Shape) -> bool:
    """Whether an object's keys are looked at with those of the object around it."""
    if shape.kind == "component_params":
        return not in_kwargs(shape)
    return shape.kind in _NESTED_KINDS or (shape.kind == "object" and shape.key in _NESTED_KEYS)


def in_kwargs(shape: Shape) -> bool:
    """Whether it is an entry of `component_kwargs`: parameters that stand in no component."""
    return shape.kind == "component_params" and shape.key in STAGES


def releases_of(view: View, shape: Shape) -> tuple[str, ...]:
    """Those that have the type; the others say so of the type."""
    if not shape.type_name or not ("x-since" in shape.data or "x-until" in shape.data):
        return view.scope.releases
    slot = (id(shape.data), view.scope.releases)
    known = _HAVING.get(slot)
    if known is None or known[0] is not shape.data:
        having = tuple(release for release in view.scope.releases if known_in(shape.data, release))
        known = _HAVING[slot] = (shape.data, having)
    return known[1]


def _nested_object(shape: Shape, node: Node) -> Node | None:
    if not shape.nested or shape.kind in _SEPARATE:
        return None
    found = member_of(node, shape.nested)
    return found if found is not None and found.kind == "object" else None
