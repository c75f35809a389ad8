"""Keys that no release has at this place: misspelt, misplaced, or of another pass."""

from __future__ import annotations

from collections.abc import Mapping

from . import catalog, history, mistaken
from .nearest import nearest, unmistakable
from .parameters import SEARCHABLE
from .problems import Remedy
from .releases import index
from .report import kind_of
from .rules_object import NOTHING, Keys, Told, Written
from .rules_told import STOPS, Does, tell
from .shape import Shape
from .shapes_names import DEFINED_IN
from .shapes_places import member_of
from .tree import join

_OUTER = frozenset(["workflow", "engine", "data_config", "pass", "system", "metric", "evaluator"])
"""Objects in which a key may belong that stands further in."""
Found = tuple[str, list[Remedy]]


def told(keys: Keys, entry: Written) -> Told:
    shape, name = keys.shape, entry.name
    if name.startswith("$") and not keys.pointer:
        return NOTHING
    flat = keys.is_flat(entry, name)
    does: dict[str, Does] = {
        release: keys.fate(release, entry, flat=flat)
        if shape.closed or (flat and keys.flat_is_early(release))
        else "fine"
        for release in keys.releases
    }
    if all(doing == "fine" for doing in does.values()):
        return NOTHING
    known = spellings(keys)
    misplaced = _beside(keys, entry)
    stands_for = mistaken.key_meant(name, shape.properties)
    spelled = stands_for and history.spelling(shape.properties[stands_for], stands_for, keys.releases[-1])
    meant = (
        None
        if misplaced
        else spelled
        or nearest(name, keys.missing)
        or nearest(name, known - keys.names)
        or nearest(name, known)
    )
    if meant == shape.nested and name.endswith(f"_{meant}"):
        # Another section's name: `hf_config` is no misspelt `config`.
        meant = None
    if meant is None and misplaced is None and not shape.closed:
        return NOTHING
    if meant is not None:
        text, remedies = _meant(keys, entry, meant, known)
        does = escalated(keys, does, stands_for if stands_for and meant == spelled else meant)
    else:
        found = (
            misplaced or _further_in(keys, entry) or _further_out(keys, entry) or _of_another_pass(keys, name)
        )
        text, remedies = found or (f"{shape.what} has no `{name}`: remove it, or check the spelling", [])
    remedies.append(Remedy("remove", entry.pointer, title=f"Remove `{name}`"))
    if _searches(keys, entry):
        does = dict.fromkeys(does, "error")
        text += ". Olive asks for a search strategy all the same"
    if _dangles(keys, entry):
        does = dict.fromkeys(does, "error")
        text += f". Olive looks for a data config of the name all the same, found {kind_of(entry.member.value.value)}"
    stops = any(doing in STOPS for doing in does.values())
    problem = tell(
        keys.view.scope,
        keys.everywhere(does),
        "unknown-name",
        text,
        entry.pointer,
        "key",
        remedies=remedies,
        tags=() if stops else ("unnecessary",),
    )
    return Told(problem, (stands_for if stands_for and meant == spelled else meant) or "")


def spellings(keys: Keys) -> set[str]:
    """The keys that the oldest or the newest release of the scope has here."""
    found = {keys.shape.nested} if keys.shape.nested else set()
    for present, prop in keys.shape.properties.items():
        for release in (keys.releases[-1], keys.releases[0]):
            spelled = history.spelling(prop, present, release)
            if spelled:
                found.add(spelled)
    return found


def escalated(keys: Keys, does: Mapping[str, Does], meant: str) -> dict[str, Does]:
    """A key that stands for another one: releases that want that one stop, and those that do not find there what the
    config refers to."""
    result = dict(does)
    kind = DEFINED_IN.get(meant) if keys.shape.kind == "workflow" else None
    if kind is not None and any(use.kind == kind for use in keys.view.uses):
        result = {release: doing if doing == "fine" else "error" for release, doing in result.items()}
    for release in keys.missing.get(meant, ()):
        if release in result:
            result[release] = keys.without(meant)
    for group in keys.groups:
        if meant in group:
            lacking = [r for r in result if not any(keys.has(key, r) for key in group)]
            result.update(dict.fromkeys(lacking, "error"))
    return result


def _meant(keys: Keys, entry: Written, meant: str, known: set[str]) -> Found:
    text = f"{keys.shape.what} has no `{entry.name}`; did you mean `{meant}`?"
    if meant in keys.names:
        return text, []
    exact = meant != keys.shape.nested and unmistakable(entry.name, known) == meant
    return text, [Remedy("rename-key", entry.pointer, meant, title=f"Rename to `{meant}`", exact=exact)]


def _beside(keys: Keys, entry: Written) -> Found | None:
    """A key in the nested object that only counts beside it."""
    shape, name = keys.shape, entry.name
    if not entry.nested or name not in shape.own:
        return None
    text = f"`{name}` belongs beside `{shape.nested}`, not in it"
    if any(other.name == name and not other.nested for other in keys.written):
        return text, []
    title = f"Move it beside `{shape.nested}`"
    return text, [Remedy("move", entry.pointer, target=keys.pointer, title=title, exact=True)]


def _further_in(keys: Keys, entry: Written) -> Found | None:
    """A parameter of a data config's component that stands beside the components."""
    if keys.shape.kind != "data_config":
        return None
    for stage in keys.shape.properties:
        inner = keys.view.shape(join(keys.pointer, stage))
        if inner.kind != "component" or entry.name in inner.own or entry.name not in inner.properties:
            continue
        since = inner.section.get("x-flat-since")
        steps = [stage]
        if since is not None and index(keys.releases[-1]) < index(since):
            steps.append(inner.nested)
        there = " in ".join(f"`{step}`" for step in reversed(steps))
        target = join(keys.pointer, *steps)
        present = keys.view.tree.find(target)
        if present is None or present.kind != "object" or member_of(present, entry.name) is not None:
            return f"`{entry.name}` belongs in {there}", []
        title = f"Move it into {there}"
        return f"`{entry.name}` belongs in {there}", [
            Remedy("move", entry.pointer, target=target, title=title)
        ]
    return None


def _further_out(keys: Keys, entry: Written) -> Found | None:
    name, above = entry.name, keys.pointer
    while above:
        above = above.rpartition("/")[0]
        outer = keys.view.shape(above)
        prop = outer.properties.get(name)
        if outer.kind not in _OUTER or prop is None:
            continue
        if history.spelling(prop, name, keys.releases[-1]) != name:
            continue
        there = _there(outer, above)
        if member_of(keys.view.tree.find(above), name) is not None:
            return f"`{name}` belongs to {there}, where it stands too", []
        title = f"Move it to {there}"
        return f"`{name}` belongs to {there}", [Remedy("move", entry.pointer, target=above, title=title)]
    return None


_KINDS = {
    "pass": "the pass",
    "system": "the system",
    "evaluator": "the evaluator",
    "data_config": "the data config",
}


def _there(outer: Shape, pointer: str) -> str:
    """A place in words: the pass `qlora`."""
    if not pointer:
        return "the top level"
    kind = _KINDS.get(outer.kind, "")
    return f"{kind} `{outer.key}`".strip() if outer.key else kind or "the object around"


def _of_another_pass(keys: Keys, name: str) -> Found | None:
    if keys.shape.kind != "pass":
        return None
    owners = [owner for owner in catalog.passes_with(name) if owner != keys.shape.type_name]
    if not owners:
        return None
    some = " and ".join(f"`{owner}`" for owner in owners[:2]) + (" and others" if len(owners) > 2 else "")
    return f"{keys.shape.what} has no `{name}`: it is a parameter of {some}", []


def _searches(keys: Keys, entry: Written) -> bool:
    """Whether Olive stops for a search that is asked for in a parameter that the pass does not even have."""
    value = entry.member.value
    return (
        keys.shape.kind == "pass"
        and not keys.view.searching
        and value.kind == "string"
        and value.value == SEARCHABLE
    )


def _dangles(keys: Keys, entry: Written) -> bool:
    """Whether Olive stops for a name in a parameter that the pass does not even have."""
    if not (keys.shape.kind == "pass" and entry.name.endswith("data_config")):
        return False
    value = entry.member.value
    return value.kind == "string" and value.value not in keys.view.definitions["data_config"]
