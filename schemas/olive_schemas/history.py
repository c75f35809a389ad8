"""How a key was spelled and described at one release or another.

Releases that see a property alike are taken together, so that whoever asks about all releases of a scope mostly asks once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .catalog import Property
from .releases import RELEASES, index, known_in
from .sections import at
from .values import Manner

LAST_OF_PYDANTIC_1 = "0.11.0"


class Phase(NamedTuple):
    """Some releases, and the property as each of them has it."""

    releases: tuple[str, ...]
    prop: Property
    manner: Manner


_SPLITTING = frozenset(["x-null-since", "x-null-until", "x-any-case", "x-required", "x-strict-since"])
"""Keywords that are asked for each release."""
_PHASES: dict[tuple[int, tuple[str, ...]], tuple[Property, tuple[Phase, ...]]] = {}

_KNOWING: dict[tuple[int, str, str], tuple[Property, frozenset[str]]] = {}


def manner_of(release: str) -> Manner:
    return "pydantic 1" if index(release) <= index(LAST_OF_PYDANTIC_1) else "pydantic 2"


def phases(prop: Property, releases: tuple[str, ...]) -> tuple[Phase, ...]:
    """The property as the releases have it that know it."""
    slot = (id(prop), releases)
    known = _PHASES.get(slot)
    if known is not None and known[0] is prop:
        return known[1]
    found: list[tuple[list[str], Property, Manner]] = []
    apart = not _SPLITTING.isdisjoint(prop) or any(
        "x-broken" in entry for entry in prop.get("x-values", {}).values()
    )
    for release in releases:
        if not known_in(prop, release):
            continue
        described, manner = at(prop, release), manner_of(release)
        if not apart and found and found[-1][2] == manner and found[-1][1] == described:
            found[-1][0].append(release)
        else:
            found.append(([release], described, manner))
    result = tuple(Phase(tuple(names), described, manner) for names, described, manner in found)
    _PHASES[slot] = (prop, result)
    return result


def aliases(prop: Property) -> Sequence[Mapping[str, Any]]:
    """Other spellings, each with `name` and its own `since` and `until`."""
    found: Sequence[Mapping[str, Any]] = prop.get("x-names", ())
    return found


def knows(prop: Property, name: str, present: str, release: str) -> bool:
    """Whether a release takes the property under the spelling `name`."""
    return release in knowing(prop, name, present)


def knowing(prop: Property, name: str, present: str) -> frozenset[str]:
    """The releases that take the property under the spelling `name`."""
    slot = (id(prop), name, present)
    known = _KNOWING.get(slot)
    if known is None or known[0] is not prop:
        found = frozenset(release for release in RELEASES if _knows(prop, name, present, release))
        known = _KNOWING[slot] = (prop, found)
    return known[1]


def _knows(prop: Property, name: str, present: str, release: str) -> bool:
    if not known_in(prop, release):
        return False
    if name == present:
        return not any(_alone(alias, release) for alias in aliases(prop))
    return any(alias["name"] == name and _holds(alias, release) for alias in aliases(prop))


def spelling(prop: Property, present: str, release: str) -> str | None:
    """How a release spells the property; None where it does not know it."""
    if not known_in(prop, release):
        return None
    return next((alias["name"] for alias in aliases(prop) if _alone(alias, release)), present)


def _alone(alias: Mapping[str, Any], release: str) -> bool:
    """Whether a release knows this spelling and not yet the present one."""
    return "until" in alias and not alias.get("both") and _holds(alias, release)


def _holds(alias: Mapping[str, Any], release: str) -> bool:
    since, until = alias.get("since"), alias.get("until")
    return not (since and index(release) < index(since)) and not (until and index(release) > index(until))


def span(
    entries: Iterator[Mapping[str, Any]] | Sequence[Mapping[str, Any]], release: str
) -> Mapping[str, Any] | None:
    """Of entries with `until`, in ascending order, the one that holds for a release."""
    return next((e for e in entries if "until" not in e or index(release) <= index(e["until"])), None)


def required_in(prop: Property, listed: bool, release: str) -> bool:
    """Whether a release wants the key to be written. listed: the section's `required` names it."""
    if not known_in(prop, release):
        return False
    spans = prop.get("x-required")
    if spans is None:
        return listed
    return any(within(entry, release) for entry in spans)


def within(entry: Mapping[str, Any], release: str) -> bool:
    """Whether a release lies between `since` and `until`."""
    since, until = entry.get("since"), entry.get("until")
    return not (since and index(release) < index(since)) and not (until and index(release) > index(until))


def next_after(release: str) -> str:
    """The release that came after one; "main" after the last."""
    return RELEASES[min(RELEASES.index(release) + 1, len(RELEASES) - 1)]
