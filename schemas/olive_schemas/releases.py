"""Olive's releases in their order, and which of them a config may be meant for.

A property of the schemas says `x-since` (first release that knew it) and `x-until` (the last one); without them it was
always, or is still, known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

Era = Literal["classic", "current"]

RELEASES = (
    "0.2.1",
    "0.3.1",
    "0.3.3",
    "0.4.0",
    "0.5.0",
    "0.5.1",
    "0.5.2",
    "0.6.0",
    "0.6.1",
    "0.6.2",
    "0.7.0",
    "0.7.1.1",
    "0.8.0",
    "0.9.0",
    "0.9.1",
    "0.9.2",
    "0.9.3",
    "0.10.0",
    "0.10.1",
    "0.11.0",
    "0.12.0",
    "0.13.0",
    "main",
)
FIRST_CURRENT = "0.7.0"


@cache
def _numbers(release: str) -> tuple[int, ...]:
    if release == "main":
        return (1 << 30,)
    return tuple(int(part) for part in release.split(".") if part.isdigit())


def index(release: str) -> tuple[int, ...]:
    """A key that sorts releases."""
    return _numbers(release)


def resolve(written: str) -> str | None:
    """The release that a user means: "0.6" is the last 0.6.x, "main" itself; None where Olive had no such release."""
    if written in RELEASES:
        return written
    matching = [release for release in RELEASES if release.startswith(written + ".")]
    return matching[-1] if matching and written else None


def era_of(release: str) -> Era:
    return "classic" if index(release) < index(FIRST_CURRENT) else "current"


def known_in(entry: Mapping[str, Any], release: str) -> bool:
    """Whether a property or a type exists in a release: from `x-since` to `x-until`, but for those in `x-except`."""
    since, until = entry.get("x-since"), entry.get("x-until")
    if (since and index(release) < index(since)) or (until and index(release) > index(until)):
        return False
    return release not in entry.get("x-except", ())


@dataclass(frozen=True)
class Scope:
    """The releases that a finding speaks of. `embedded`: it speaks for this project's own engine too."""

    releases: tuple[str, ...]
    embedded: bool = True

    @property
    def newest(self) -> str:
        return self.releases[-1]

    @property
    def oldest(self) -> str:
        return self.releases[0]

    @property
    def single(self) -> bool:
        return len(self.releases) == 1

    def knows(self, entry: Mapping[str, Any]) -> bool:
        """Whether any of the releases has the property or type."""
        return any(known_in(entry, release) for release in self.releases)

    def spells(self, entry: Mapping[str, Any]) -> bool:
        """Whether they have the type under its present name: the newest of them knows no earlier one."""
        newest = index(self.newest)
        return self.knows(entry) and not any(
            newest <= index(alias["until"]) for alias in entry.get("x-names", ()) if alias.get("until")
        )

    def always(self, entry: Mapping[str, Any]) -> bool:
        """Whether each of them has it."""
        return all(known_in(entry, release) for release in self.releases)


def auto(era: Era) -> Scope:
    """All releases that write a config in this era's form."""
    return Scope(tuple(release for release in RELEASES if era_of(release) == era))


def only(release: str) -> Scope:
    """One release of Olive, and nothing of the embedded engine."""
    return Scope((release,), embedded=False)
