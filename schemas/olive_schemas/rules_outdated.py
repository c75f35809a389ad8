"""Keys that some releases have and others do not: renamed, dropped, too new, or read only in the nested object."""

from __future__ import annotations

from collections.abc import Iterator

from . import history
from .catalog import Property
from .problems import Problem, Related, Remedy
from .releases import index
from .rules_object import NOTHING, Keys, Told, Written
from .rules_told import OF_SEVERAL, STOPS, Does, before, tell
from .rules_unknown import escalated
from .sections import at
from .shapes_places import member_of
from .tree import MISSING, Node, join, to_python
from .values import fit


def told(keys: Keys, entry: Written, present: str, prop: Property) -> Told:
    does = keys.does(entry, present, prop)
    if all(doing == "fine" for doing in does.values()):
        return NOTHING
    newest = keys.releases[-1]
    if keys.is_flat(entry, present) and keys.flat_is_early(newest):
        return _flat(keys, entry, present, does)
    spelled = history.spelling(prop, present, newest)
    if spelled is not None and spelled != entry.name:
        return _renamed(keys, entry, present, prop, spelled, does)
    until = _until(prop, entry.name, present)
    if until and index(until) < index(newest):
        return _removed(keys, entry, prop, until, does)
    return _too_new(keys, entry, prop, does)


def _renamed(
    keys: Keys, entry: Written, present: str, prop: Property, spelled: str, does: dict[str, Does]
) -> Told:
    name = entry.name
    alias = next((alias for alias in history.aliases(prop) if alias["name"] in (name, spelled)), {})
    text = f"`{name}` is called `{spelled}`"
    if name == present:
        text += f" up to {alias.get('until', keys.releases[-1])}"
    elif alias.get("until"):
        text += f" since {history.next_after(alias['until'])}"
    if spelled in keys.names:
        dead = "fine" not in does.values()
        remedy = Remedy("remove", entry.pointer, title=f"Remove `{name}`", exact=dead)
        return _told(keys, entry, does, "outdated-name", f"{text}, which is written too", [remedy], present)
    exact = alias.get("exact", True) is not False and _still_fits(entry, prop, keys.releases[-1])
    remedy = Remedy("rename-key", entry.pointer, spelled, title=f"Rename to `{spelled}`", exact=exact)
    return _told(keys, entry, escalated(keys, does, present), "outdated-name", text, [remedy], present)


def _still_fits(entry: Written, prop: Property, release: str) -> bool:
    """Whether the value is right under the other name too."""
    value = to_python(entry.member.value)
    return value is not MISSING and not fit(value, at(prop, release)).wrong


def _removed(keys: Keys, entry: Written, prop: Property, until: str, does: dict[str, Does]) -> Told:
    text = f"`{entry.name}` ended with {until}"
    instead = prop.get("x-instead")
    if instead:
        text += f": {instead[:1].lower()}{instead[1:].rstrip('.')}"
    elif after := prop.get("x-replaced-by", ""):
        text += f": write `{after}`"
    after, migration = prop.get("x-replaced-by", ""), prop.get("x-migration")
    remedies, meant = [], ""
    if after in keys.shape.properties and after not in keys.names and migration in ("exact", "defaults"):
        exact = migration == "exact" and not prop.get("x-values")
        remedies.append(Remedy("rename-key", entry.pointer, after, title=f"Rename to `{after}`", exact=exact))
        if migration == "exact":
            does, meant = escalated(keys, does, after), after
    remedies.append(Remedy("remove", entry.pointer, title=f"Remove `{entry.name}`"))
    return _told(keys, entry, does, "removed", text, remedies, meant)


def _too_new(keys: Keys, entry: Written, prop: Property, does: dict[str, Does]) -> Told:
    since = prop.get("x-since", "")
    text = f"`{entry.name}` is new in {since}"
    if not since or since == "main":
        text = f"`{entry.name}` is on Olive's main branch only"
    remedy = Remedy("remove", entry.pointer, title=f"Remove `{entry.name}`")
    return _told(keys, entry, does, "too-new", text, [remedy])


def flat(keys: Keys) -> list[Written]:
    """Keys beside `type` that each release of the scope wants in a nested object that is not there."""
    if not keys.shape.nested or not keys.flat_is_early(keys.releases[-1]):
        return []
    if member_of(keys.view.tree.find(keys.pointer), keys.shape.nested) is not None:
        return []
    return [entry for entry, present, _ in keys.known() if keys.is_flat(entry, present)]


def all_flat(keys: Keys, entries: list[Written]) -> Iterator[Problem]:
    """All of them have one cause. Releases that miss one of them, or the nested object, stop."""
    nested, first = keys.shape.nested, entries[0]
    does: dict[str, Does] = {release: keys.fate(release, first, flat=True) for release in keys.releases}
    inside = {present for _, present, _ in keys.known() if present not in keys.shape.own}
    for missed in (nested, *inside):
        for release in keys.missing.get(missed, ()):
            if does[release] != "error" and keys.without(missed) in STOPS:
                does[release] = keys.without(missed)
    names = [entry.name for entry in entries]
    belong = "belongs" if len(names) == 1 else "belong"
    shown = " and ".join(f"`{name}`" for name in names) if len(names) < 3 else _some(names)
    text = f"up to {before(keys.shape.section['x-flat-since'])} {shown} {belong} in `{nested}`"
    problem = tell(
        keys.view.scope,
        keys.everywhere(does),
        "no-effect",
        text,
        first.pointer,
        "key",
        remedies=_nesting(keys, names),
        related=[Related(entry.pointer, f"belongs in `{nested}` too", "key") for entry in entries[1:]],
        tags=() if any(doing in STOPS for doing in does.values()) else ("unnecessary",),
        words=OF_SEVERAL if len(names) > 1 else None,
    )
    if problem is not None:
        yield problem


def _some(names: list[str]) -> str:
    shown = [f"`{name}`" for name in names]
    if len(shown) > 5:
        return f"{', '.join(shown[:4])} and {len(shown) - 4} more"
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def _nesting(keys: Keys, names: list[str]) -> list[Remedy]:
    """The object with those keys nested. The whole config is not written anew."""
    written = to_python(keys.view.tree.find(keys.pointer) or Node("missing", 0, 0))
    if not keys.pointer or keys.view.tree.broken or not isinstance(written, dict):
        return []
    nested = keys.shape.nested
    value = {name: entry for name, entry in written.items() if name not in names}
    value[nested] = {name: written[name] for name in names}
    them = f"`{names[0]}`" if len(names) == 1 else "them"
    return [Remedy("replace-value", keys.pointer, value, title=f"Move {them} into `{nested}`")]


def _flat(keys: Keys, entry: Written, present: str, does: dict[str, Does]) -> Told:
    """A key beside `type` although the nested object is there, which each release of the scope reads alone."""
    name, nested = entry.name, keys.shape.nested
    text = f"up to {before(keys.shape.section['x-flat-since'])} `{name}` belongs in `{nested}`"
    target = join(keys.pointer, nested)
    remedy = Remedy("move", entry.pointer, target=target, title=f"Move it into `{nested}`", exact=True)
    return _told(keys, entry, escalated(keys, does, present), "no-effect", text, [remedy], present)


def _told(
    keys: Keys,
    entry: Written,
    does: dict[str, Does],
    code: str,
    text: str,
    remedies: list[Remedy],
    meant: str = "",
) -> Told:
    for present, lacking in keys.missing.items():
        if entry.name in keys.shape.properties[present].get("x-given-by", ()):
            does = {**does, **dict.fromkeys(lacking, keys.without(present))}
    dead = not any(doing in ("fine", *STOPS) for doing in does.values())
    problem = tell(
        keys.view.scope,
        keys.everywhere(does),
        code,
        text,
        entry.pointer,
        "key",
        remedies=remedies,
        tags=("deprecated", "unnecessary") if dead else ("deprecated",),
    )
    return Told(problem, meant)


def _until(prop: Property, name: str, present: str) -> str:
    """The last release that knew the spelling."""
    alias = (
        next((alias for alias in history.aliases(prop) if alias["name"] == name), {})
        if name != present
        else {}
    )
    return str(alias.get("until") or prop.get("x-until") or "")
