"""Where `null` is no value: Olive takes it for whatever may be left out in most places, and stops at it in some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import history
from .catalog import Property
from .releases import index
from .rules_remedies import types_of
from .shape import Shape
from .values import Fit

if TYPE_CHECKING:
    from .shapes import Place

_NO_VALUE = Fit(None, "must have a value, found null", "", True)


def fitted(owner: Shape | None, prop: Property, releases: tuple[str, ...], place: Place) -> Fit | None:
    """What is wrong, or None."""
    types = types_of(prop)
    since, until = prop.get("x-null-since"), prop.get("x-null-until")
    if since is not None:
        return _NO_VALUE if index(releases[-1]) < index(since) else None
    if until is not None and index(releases[0]) > index(until):
        return _NO_VALUE
    if not types or "null" in types or until is not None:
        return None
    if owner is not None and _is_made(owner) and place.shape.key not in owner.own:
        listed = place.shape.key in owner.required
        return _NO_VALUE if any(history.required_in(prop, listed, release) for release in releases) else None
    return _NO_VALUE


def _is_made(owner: Shape) -> bool:
    """Whether Olive makes the model of such settings itself: what is not required may be null."""
    return owner.kind in ("pass", "pass_config", "metric") or owner.key == "user_config"
