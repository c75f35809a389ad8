"""Keys that no release in question knows any more, or not under this spelling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from olive_schemas.releases import Scope
from olive_schemas.shapes import Place


def outdated(place: Place, scope: Scope) -> bool:
    """Whether the key that a value stands under is one of other releases."""
    if place.member is None or not place.shape.key:
        return False
    prop = place.shape.prop
    if place.member.name != place.shape.key:
        spelling = next(
            (entry for entry in prop.get("x-names", ()) if entry.get("name") == place.member.name), None
        )
        if spelling is not None and not scope.knows(_times(spelling)):
            return True
    return not scope.knows(_times(prop))


def _times(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """Since and until as a property has them; releases of other projects, which Olive has none of, say nothing."""
    found = {key: entry.get(key) or entry.get(key.removeprefix("x-")) for key in ("x-since", "x-until")}
    return {key: value for key, value in found.items() if isinstance(value, str) and not _foreign(value)}


def _foreign(release: str) -> bool:
    """transformers counts from 4 on; Olive has not come to 1 yet."""
    return release[:1].isdigit() and not release.startswith("0.")
