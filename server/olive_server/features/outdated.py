"""Keys that earlier releases knew, and none of those in question does any more, or not under this spelling."""

from __future__ import annotations

from olive_schemas import history
from olive_schemas.releases import RELEASES, Scope
from olive_schemas.shapes import Place


def outdated(place: Place, scope: Scope) -> bool:
    """Whether the key that a value stands under is one of earlier releases."""
    if place.member is None or not place.shape.key:
        return False
    prop, name, present = place.shape.prop, place.member.name, place.shape.key

    def known(release: str) -> bool:
        return history.knows(prop, name, present, release)

    if any(known(release) for release in reversed(scope.releases)):
        return False
    return any(known(release) for release in RELEASES[: RELEASES.index(scope.oldest)])
