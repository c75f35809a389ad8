"""Numbers that every release takes and that nobody means: a learning rate of 20000 is 2e-4 without its sign.

`x-usual` of a property is the range that any sensible config stays within, wide enough that only slips lie outside.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .problems import Problem, Remedy, Severity
from .values import fit

if TYPE_CHECKING:
    from .shapes import Place


def findings(place: Place) -> Iterator[Problem]:
    """At most one. The caller has seen that the value fits."""
    usual = place.shape.prop.get("x-usual")
    written = place.node.value
    if usual is None or place.node.kind not in ("number", "string") or place.member is None:
        return
    value = fit(written, {"type": "number"}).value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        return
    low, high = usual
    if low <= value <= high:
        return
    far = "above" if value > high else "below"
    key = place.shape.key
    meant = _slip(value, low, high)
    text = f"`{key}` is {written}, far {far} what is usual: {_short(low)} to {_short(high)}"
    remedies = []
    if meant is not None:
        text += f"; did you mean {_short(meant)}?"
        remedies.append(Remedy("replace-value", place.pointer, meant, title=f"Write {_short(meant)}"))
    yield Problem("odd-value", Severity.WARNING, text, place.pointer, remedies=tuple(remedies))


def _slip(value: float, low: float, high: float) -> Any:
    """2e4 for 2e-4, 3.0 for 0.3e-4 is anybody's guess: only an exponent that lost its sign is put right."""
    mantissa, _, exponent = f"{value:e}".partition("e")
    turned = float(f"{mantissa}e{-int(exponent)}")
    return turned if int(exponent) and low <= turned <= high else None


def _short(value: float) -> str:
    return f"{value:g}"
