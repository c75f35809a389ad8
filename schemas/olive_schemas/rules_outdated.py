"""Keys that some releases have and others do not: renamed, dropped, too new, or read only in the nested object."""

from __future__ import annotations

from . import history
from .catalog import Property
from .problems import Remedy
from .releases import index
from .rules_object import NOTHING, Keys, Told, Written
from .rules_told import STOPS, Does, before, tell
from .rules_unknown import escalated
from .shapes_places import member_of
from .tree import join, to_python


def told(keys: Keys, entry: Written, present: str, prop: Property) -> Told:
    does = keys.does(entry, present, prop)
    if all(doing == "fine" for doing in does.values()):
        return NOTHING
    newest = keys.releases[-1]
    if keys.is_flat(entry, present) and keys.flat_is_early(newest):
        return _flat(keys, entry, does)
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
    exact = alias.get("exact", True) is not False and "x-was" not in prop
    remedy = Remedy("rename-key", entry.pointer, spelled, title=f"Rename to `{spelled}`", exact=exact)
    return _told(keys, entry, escalated(keys, does, present), "outdated-name", text, [remedy], present)


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


def _flat(keys: Keys, entry: Written, does: dict[str, Does]) -> Told:
    """A key beside `type` that each release of the scope wants in the nested object."""
    name, nested = entry.name, keys.shape.nested
    text = f"up to {before(keys.shape.section['x-flat-since'])} `{name}` belongs in `{nested}`"
    if member_of(keys.view.tree.find(keys.pointer), nested) is not None:
        target = join(keys.pointer, nested)
        remedy = Remedy("move", entry.pointer, target=target, title=f"Move it into `{nested}`", exact=True)
    else:
        value = {name: to_python(entry.member.value)}
        remedy = Remedy("insert", keys.pointer, value, nested, title=f"Write `{nested}` with `{name}` in it")
    return _told(keys, entry, does, "no-effect", text, [remedy])


def _told(
    keys: Keys,
    entry: Written,
    does: dict[str, Does],
    code: str,
    text: str,
    remedies: list[Remedy],
    meant: str = "",
) -> Told:
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
