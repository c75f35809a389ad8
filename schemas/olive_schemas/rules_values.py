"""Values against what describes them: types, enums, bounds, null, for each release as it reads them.

An object or a list is looked at from outside here; what is in it has places of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from . import history, rules_null
from .catalog import Property
from .parameters import DEFAULT, SEARCHABLE
from .problems import Problem
from .releases import index
from .report import kind_of
from .rules_remedies import remedies_of
from .rules_told import Does, tell
from .rules_types import WORDS
from .shape import Shape
from .shapes_names import REFERENCES
from .shapes_places import find_property
from .tree import Node, to_python, unescape
from .values import Fit, Manner, fit

if TYPE_CHECKING:
    from .shapes import Place, View

FIRST_WITH_LISTS_TO_SEARCH = "0.7.1.1"
AN_OBJECT: Property = {"type": "object"}
NAMED = frozenset(["systems", "evaluators", "passes", "data_configs"])
_NAMES = REFERENCES | WORDS.keys()
"""Values of x-ref whose strings are names: no number counts as one."""
_INSIDE = frozenset(["items", "properties", "additionalProperties", "required"])
_SHORT = 100
_MOST = 10_000
Slot = tuple[int, bool, tuple[str, ...], str, str]
_FITTING: dict[Slot, Property] = {}
"""Values that are known to fit, with the property that they fit to."""
_SHALLOW: dict[int, tuple[Property, Property]] = {}


def findings(view: View, place: Place) -> Iterator[Problem]:
    """At most one: what is wrong with the value of a place."""
    expected = _expected(view, place)
    if expected is None:
        return
    prop, entries, owner = expected
    node = place.node
    releases = _releases(view, owner)
    slot = _slot(prop, entries, releases, node)
    if slot is not None and _FITTING.get(slot) is prop:
        return
    value = to_python(node) if node.kind not in ("object", "array") or "anyOf" in prop else None
    does: dict[str, Does] = {}
    told: Fit | None = None
    described: Property = prop
    for phase in history.phases(prop, releases):
        here = _entry(phase.prop) if entries else phase.prop
        fitted = _fitted(view, place, owner, here, phase.manner, phase.releases, node, value)
        if fitted is None:
            continue
        late = _gravity(owner or _around(view, place), place, phase.releases[-1])
        doing: Does = "odd" if _is_lax(here, node, value, phase.manner, fitted) else late
        if entries and late == "late" and "items" in prop.get("x-lax", ()):
            doing = "risky"
        does.update((release, doing) for release in phase.releases)
        told, described = fitted, here
    if told is None:
        if slot is not None:
            if len(_FITTING) >= _MOST:
                _FITTING.clear()
            _FITTING[slot] = prop
        return
    name = _name(place)
    secret = prop.get("x-secret")
    wrong = told.wrong.partition(", found")[0] if secret else told.wrong
    remedies = remedies_of(place, described, node, prop.get("x-ref", "") if entries else "")
    problem = tell(
        view.scope,
        does,
        "wrong-type" if told.mistyped else "wrong-value",
        f"{name} {wrong}",
        place.pointer,
        remedies=remedies,
    )
    if problem is not None:
        yield problem


def _slot(prop: Property, entries: bool, releases: tuple[str, ...], node: Node) -> Slot | None:
    """Under which a value is kept that fits, wherever it stands; None for one whose place counts, or that is long."""
    if node.kind not in ("string", "number", "boolean") or len(str(node.value)) > _SHORT:
        return None
    return id(prop), entries, releases, node.kind, repr(node.value)


def _around(view: View, place: Place) -> Shape | None:
    """The object that holds the list that holds the value."""
    pointer = place.pointer
    while pointer:
        pointer, _, step = pointer.rpartition("/")
        shape = view.shape(pointer)
        if not step.isdecimal() or shape.properties:
            return shape
    return None


def _gravity(owner: Shape | None, place: Place, release: str) -> Does:
    """What becomes of a value that does not fit: it is refused at once, in the run, or handed on as it is."""
    if owner is None or owner.kind in NAMED:
        return "error"
    kind, own = owner.kind, _key(place) in owner.own
    if kind in ("pass", "pass_config"):
        return "error" if own else "late"
    if kind == "training_args":
        return "late"
    if kind in ("component", "component_params"):
        return "error" if own else "late" if _does_with_unknown(owner, release) == "warned" else "risky"
    if kind in ("input_model", "model_config", "evaluator"):
        read = owner.properties.get(_key(place), {}).get("x-read")
        return "error" if own else "late" if read else "risky"
    if kind == "object":
        if owner.prop.get("x-checked"):
            return "late"
        if place.pointer.startswith("/passes/") or owner.key == "type_args" or not owner.closed:
            return "risky"
        return "late" if place.pointer.startswith("/input_model/") else "error"
    return "error"


def _key(place: Place) -> str:
    """The key that the value stands under; of an entry, the key of its list."""
    steps = place.pointer.split("/")
    while len(steps) > 1 and steps[-1].isdecimal():
        steps.pop()
    return unescape(steps[-1])


def _does_with_unknown(owner: Shape, release: str) -> str:
    entry = history.span(owner.section.get("x-unknown", ()), release)
    return entry.get("does", "") if entry is not None else ""


def _releases(view: View, owner: Shape | None) -> tuple[str, ...]:
    from .rules_object import releases_of

    return releases_of(view, owner) if owner is not None else view.scope.releases


def _expected(view: View, place: Place) -> tuple[Property, bool, Shape | None] | None:
    """(property, whether the value is one of its entries, the shape that the property belongs to)."""
    if not place.pointer:
        return None
    above, _, step = place.pointer.rpartition("/")
    owner = view.shape(above)
    if owner.kind in NAMED:
        return owner.prop, True, None
    if owner.kind == "pass_alternatives":
        return AN_OBJECT, False, None
    if place.member is not None:
        found = find_property(owner, unescape(step))
        if found is not None:
            return found[1], False, owner
        return (place.shape.prop, False, owner) if place.shape.prop else None
    if owner.kind == "value" and owner.prop and "items" in owner.prop:
        return owner.prop, True, None
    return (place.shape.prop, False, None) if place.shape.prop else None


def _entry(prop: Property) -> Property:
    found = prop.get("additionalProperties") or prop.get("items")
    return found if isinstance(found, Mapping) else {}


def _fitted(
    view: View,
    place: Place,
    owner: Shape | None,
    prop: Property,
    manner: Any,
    releases: tuple[str, ...],
    node: Node,
    value: Any,
) -> Fit | None:
    """What is wrong, or None."""
    if "x-olive-type" in prop and not view.scope.embedded and node.kind != prop["x-olive-type"]:
        wrong = f"must be {prop['x-olive-type']}, found {kind_of(to_python(node))}: Olive takes nothing else here, by mistake"
        return None if _is_special(view, place, owner, {}, releases, node) else Fit(None, wrong, "", True)
    if "anyOf" not in prop and node.kind in ("object", "array"):
        fitted = fit(_outside(node), _shallow(prop), manner)
    elif node.kind == "null":
        return rules_null.fitted(owner, prop, releases, place)
    else:
        value = to_python(node) if value is None else value
        reader: Manner = "pydantic 2" if _is_strict(prop, releases[0]) else manner
        fitted = _broken(value, prop, releases) or fit(
            _cased(value, prop, releases), _shallow_any(prop), reader
        )
    if not fitted.wrong:
        return None
    return None if _is_special(view, place, owner, prop, releases, node) else fitted


def _is_strict(prop: Property, release: str) -> bool:
    """Whether a number is no string here, although the models of that time take any for one."""
    since = prop.get("x-strict-since")
    return prop.get("x-ref") in _NAMES or (since is not None and index(release) >= index(since))


def _broken(value: Any, prop: Property, releases: tuple[str, ...]) -> Fit | None:
    """A value that these releases know and fail on."""
    spans = prop.get("x-values", {}).get(value, {}).get("x-broken") if isinstance(value, str) else None
    entry = next((entry for entry in spans or () if history.within(entry, releases[0])), None)
    return Fit(value, f"is {kind_of(value)}: {entry['why']}") if entry else None


def _outside(node: Node) -> Any:
    """An object or a list without what is in it."""
    if node.kind == "object":
        return dict.fromkeys(member.name for member in node.members)
    return [None] * len(node.items)


def _shallow(prop: Property) -> Property:
    """The property without what speaks of entries."""
    if not _INSIDE & prop.keys():
        return prop
    known = _SHALLOW.get(id(prop))
    if known is None or known[0] is not prop:
        known = _SHALLOW[id(prop)] = (prop, {key: entry for key, entry in prop.items() if key not in _INSIDE})
    return known[1]


def _shallow_any(prop: Property) -> Property:
    return prop if "anyOf" in prop else _shallow(prop)


def _cased(value: Any, prop: Property, releases: tuple[str, ...]) -> Any:
    """The value in the case that the enum has, where case does not matter."""
    since = prop.get("x-any-case")
    if not since or not isinstance(value, str) or "enum" not in prop or value in prop["enum"]:
        return value
    if since is not True and index(releases[-1]) < index(since):
        return value
    lower = value.lower()
    return next((known for known in prop["enum"] if isinstance(known, str) and known.lower() == lower), value)


def _is_special(
    view: View, place: Place, owner: Shape | None, prop: Property, releases: tuple[str, ...], node: Node
) -> bool:
    """Values of a pass's parameter that stand for others."""
    if owner is None or owner.kind not in ("pass", "pass_config") or place.shape.key in owner.own:
        return False
    required = any(
        history.required_in(prop, place.shape.key in owner.required, release) for release in releases
    )
    if node.kind == "string" and node.value in (DEFAULT, SEARCHABLE):
        return not required
    if node.kind == "object":
        config = to_python(node)
        return not required and config.get("olive_parameter_type") == "SearchParameter"
    if node.kind == "array" and view.searching and "x-search" in prop:
        return index(releases[-1]) >= index(FIRST_WITH_LISTS_TO_SEARCH)
    return False


def _is_lax(prop: Property, node: Node, value: Any, manner: Any, fitted: Fit) -> bool:
    lax = prop.get("x-lax")
    if not lax or fitted.mistyped:
        return False
    rest = {key: entry for key, entry in prop.items() if key not in lax}
    if node.kind == "array":
        return not fit(_outside(node), _shallow(rest), manner).wrong
    return not fit(to_python(node) if value is None else value, _shallow_any(rest), manner).wrong


def _name(place: Place) -> str:
    if place.member is not None:
        return f"`{place.member.name}`"
    return f"entry {int(unescape(place.pointer.rpartition('/')[2])) + 1}"
