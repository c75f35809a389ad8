"""What Olive's releases refuse or ignore in a config, said for the releases of a view's scope.

One walk over the places: each value against what describes it, each object's keys against those of its section. The
facts stand in the schema files. References, the order of passes, files and the like are checks of their own; here is only
what the shape of the config decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from . import rules_kept, rules_keys, rules_object, rules_types, rules_usual, rules_values
from .problems import Problem, still_read

if TYPE_CHECKING:
    from .shapes import Place, View


def findings(view: View) -> list[Problem]:
    """One for each cause, in the order of the text, without lines and columns. Never raises for any config."""
    found: list[Problem] = []
    places = view.places
    around = rules_kept.outside(view)
    closed = ""
    for start, end in rules_kept.parts(places):
        part = places[start:end]
        if closed and part[0].pointer.startswith(closed):
            continue
        told = rules_kept.kept(view, part, around, _of_part)
        found.extend(told)
        closed = f"{part[0].pointer}/" if _closes(part[0], told) else ""
    return _once(found)


def _of_part(view: View, part: Sequence[Place]) -> list[Problem]:
    found: list[Problem] = []
    closed = ""
    for place in part:
        if closed and place.pointer.startswith(closed):
            continue
        told = list(_at(view, place))
        found.extend(told)
        closed = f"{place.pointer}/" if _closes(place, told) else ""
    return found


def _closes(place: Place, told: Sequence[Problem]) -> bool:
    """Whether a value is so wrong that nothing inside it is looked at."""
    return any(problem.pointer == place.pointer and problem.on == "value" for problem in told)


def _at(view: View, place: Place) -> Iterator[Problem]:
    node, shape = place.node, place.shape
    if node.kind == "missing" or shape.kind == "unknown":
        return
    if node.kind == "string" and rules_types.is_type(shape.prop):
        yield from rules_types.findings(view, place)
        return
    wrong = False
    for problem in rules_values.findings(view, place):
        wrong = True
        yield problem
    if not wrong:
        yield from rules_usual.findings(place)
    if node.kind == "object" and shape.kind != "open" and not wrong and not rules_object.is_nested(shape):
        yield from rules_keys.findings(view, place)


def _once(found: list[Problem]) -> list[Problem]:
    """Beneath a key that is not read there is nothing to say; a place is told of once."""
    dead = {p.pointer for p in found if p.on == "key" and p.code in _DEAD and not still_read(p)}
    seen: set[tuple[str, str, str]] = set()
    kept = []
    for problem in found:
        if dead and (
            _beneath(problem.pointer, dead) or (problem.pointer in dead and problem.code not in _DEAD)
        ):
            continue
        mark = (problem.pointer, problem.on, problem.code if problem.code == "missing" else "")
        text = problem.message if problem.code == "missing" else ""
        if (*mark[:2], mark[2] + text) in seen:
            continue
        seen.add((*mark[:2], mark[2] + text))
        kept.append(problem)
    return kept


_DEAD = frozenset(["unknown-name", "removed", "too-new", "no-effect", "written-twice"])


def _beneath(pointer: str, dead: set[str]) -> bool:
    while pointer:
        pointer = pointer.rpartition("/")[0]
        if pointer in dead:
            return True
    return False
