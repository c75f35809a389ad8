"""Keys of an object against the keys that its section has.

A key that stands for one that is missing (misspelt, or under a name of another release) is the one cause of both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from . import rules_missing, rules_outdated, rules_unknown
from .problems import Problem
from .rules_object import NOTHING, Keys, Told, Written, keys_of
from .shapes_places import find_property

if TYPE_CHECKING:
    from .shapes import Place, View


def findings(view: View, place: Place) -> Iterator[Problem]:
    """What is wrong with the keys of one object, and of the object nested in it."""
    keys = keys_of(view, place)
    if keys is None:
        return
    accounted: set[str] = set()
    flat = rules_outdated.flat(keys)
    if flat:
        yield from rules_outdated.all_flat(keys, flat)
        accounted.update(keys.shape.properties.keys() - keys.shape.own, [keys.shape.nested])
    for entry in keys.written:
        if entry in flat:
            continue
        told = _key(keys, entry)
        if told.problem is not None:
            yield told.problem
            accounted.add(told.meant)
    yield from rules_missing.findings(keys, accounted)


def _key(keys: Keys, entry: Written) -> Told:
    found = find_property(keys.shape, entry.name)
    nests = not entry.nested and entry.name == keys.shape.nested
    if found is None:
        return NOTHING if nests else rules_unknown.told(keys, entry)
    present, prop = found
    if entry.nested and present in keys.shape.own:
        return rules_unknown.told(keys, entry)
    return rules_outdated.told(keys, entry, present, prop)
