"""Names of types: passes, models, systems, data containers and components, evaluators, packages, resources.

A type is known to a release, was dropped, came later, or is nobody's. Scripts of the user's own may register data
components and evaluators; what only such a script can know is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from . import catalog, history
from .catalog import Property
from .nearest import did_you_mean, listing, nearest, unmistakable
from .problems import Problem, Remedy
from .releases import index, known_in
from .rules_told import Does, tell

if TYPE_CHECKING:
    from .shapes import Place, View

WORDS = {
    "pass_type": "pass",
    "model_type": "model type",
    "system_type": "system type",
    "container": "data container",
    "component": "data component",
    "evaluator_type": "evaluator type",
    "packaging_type": "package type",
    "resource_type": "type of resource",
}
_SCRIPTED = frozenset(["container", "component", "evaluator_type"])
_CODES = {"pass_type": "unknown-pass"}


def is_type(prop: Property) -> bool:
    return prop.get("x-ref") in WORDS


def findings(view: View, place: Place) -> Iterator[Problem]:
    """At most one: a type that is not known to all releases."""
    prop = place.shape.prop
    ref = prop["x-ref"]
    written = place.node.value
    if ref == "pass_type" and "." in written:
        return
    table = _table(ref, prop)
    found = _find(table, written)
    does: dict[str, Does] = {
        release: "fine" if found and _takes(prop, *found, written, release) else "error"
        for release in view.scope.releases
    }
    if all(doing == "fine" for doing in does.values()) or (not found and ref in _SCRIPTED and view.scripted):
        return
    problem = _known(view, place, does, *found) if found else _unknown(view, place, does, table)
    if problem is not None:
        yield problem


def _table(ref: str, prop: Property) -> Mapping[str, Mapping[str, Any]]:
    if ref == "pass_type":
        return catalog.pass_types()
    table: Mapping[str, Mapping[str, Any]] = prop.get("x-values", {})
    return table


def _find(table: Mapping[str, Mapping[str, Any]], written: str) -> tuple[str, Mapping[str, Any]] | None:
    if written in table:
        return written, table[written]
    lower = written.lower()
    name = next((name for name in table if name.lower() == lower), None)
    if name is None:
        spelled = ((n, a["name"]) for n, entry in table.items() for a in entry.get("x-names", ()))
        name = next((n for n, alias in spelled if alias.lower() == lower), None)
    return (name, table[name]) if name is not None else None


def _takes(prop: Property, name: str, entry: Mapping[str, Any], written: str, release: str) -> bool:
    since = prop.get("x-any-case")
    any_case = since is True or (isinstance(since, str) and index(release) >= index(since))
    spelled = written.lower() if any_case else written
    for known in (name, *(alias["name"] for alias in history.aliases(entry))):
        same = known.lower() if any_case else known
        if same == spelled:
            return history.knows(entry, known, name, release)
    return False


def _unknown(
    view: View, place: Place, does: dict[str, Does], table: Mapping[str, Mapping[str, Any]]
) -> Problem | None:
    prop, written, pointer = place.shape.prop, place.node.value, place.pointer
    ref = prop["x-ref"]
    known = [name for name, entry in table.items() if any(known_in(entry, r) for r in view.scope.releases)]
    near = nearest(written, known)
    others = f"; there are {listing(known, 8)}" if len(known) < 12 else ""
    text = f"Olive has no {WORDS[ref]} `{written}`" + did_you_mean(written, known, others)
    remedies = []
    if near is not None:
        exact = unmistakable(written, known) == near
        remedies.append(Remedy("replace-value", pointer, near, title=f'Write "{near}"', exact=exact))
    return tell(view.scope, does, _CODES.get(ref, "unknown-type"), text, pointer, remedies=remedies)


def _known(
    view: View, place: Place, does: dict[str, Does], name: str, entry: Mapping[str, Any]
) -> Problem | None:
    """Known to other releases, or in another case."""
    prop, written, pointer = place.shape.prop, place.node.value, place.pointer
    word = WORDS[prop["x-ref"]]
    newest = view.scope.newest
    remedies = []
    until, since = entry.get("x-until"), entry.get("x-since")
    spelled = history.spelling(entry, name, newest)
    if spelled is not None and spelled != written:
        case = spelled.lower() == written.lower()
        alias = next(
            (alias for alias in history.aliases(entry) if alias["name"].lower() == written.lower()), {}
        )
        if case:
            text = f"the {word} is spelled `{spelled}`, found `{written}`"
        elif alias.get("until"):
            text = f"`{written}` is called `{spelled}` since {history.next_after(alias['until'])}"
        else:
            text = f"`{written}` is called `{spelled}`"
        remedies.append(Remedy("replace-value", pointer, spelled, title=f'Write "{spelled}"', exact=True))
        return tell(view.scope, does, "outdated-name", text, pointer, remedies=remedies, tags=("deprecated",))
    if until and index(until) < index(newest):
        after, instead = entry.get("x-replaced-by"), entry.get("x-instead")
        text = f"the {word} `{written}` ended with {until}"
        if instead:
            text += f": {instead[:1].lower()}{instead[1:].rstrip('.')}"
        elif after:
            text += f": write `{after}`"
        if after:
            exact = entry.get("x-migration") == "exact"
            remedies.append(Remedy("replace-value", pointer, after, title=f'Write "{after}"', exact=exact))
        return tell(view.scope, does, "removed", text, pointer, remedies=remedies, tags=("deprecated",))
    if since == "main":
        text = f"the {word} `{written}` is on Olive's main branch only"
    else:
        text = f"the {word} `{written}` is new in {since}"
    return tell(view.scope, does, "too-new", text, pointer)
