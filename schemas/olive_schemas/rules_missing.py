"""Keys that are missing, that need others beside them or exclude them, and that are written twice."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from . import history
from .catalog import Property
from .nearest import listing
from .problems import Problem, Related, Remedy
from .releases import known_in
from .rules_object import Keys
from .rules_told import Does, tell
from .sections import at
from .tree import MISSING, join, to_python

_STARTERS = {"string": "", "integer": 1, "number": 1, "boolean": True, "array": [], "object": {}}


def findings(keys: Keys, accounted: Collection[str]) -> Iterator[Problem]:
    """accounted: keys that another key stands for; what is wrong is told there."""
    found = (
        *_required(keys, accounted),
        *_one_of(keys, accounted),
        *_scripts(keys),
        *_together(keys),
        *_twice(keys),
    )
    return (problem for problem in found if problem is not None)


def _required(keys: Keys, accounted: Collection[str]) -> Iterator[Problem | None]:
    shape = keys.shape
    for present, lacking in keys.missing.items():
        if present in accounted:
            continue
        prop = shape.properties[present]
        if not keys.names.isdisjoint(prop.get("x-given-by", ())):
            continue
        spelled = history.spelling(prop, present, lacking[-1]) or present
        inside = bool(shape.nested) and present not in shape.own
        early = inside and keys.flat_is_early(lacking[-1])
        target = (
            join(keys.pointer, shape.nested)
            if inside and (keys.within is not None or early)
            else keys.pointer
        )
        remedies = []
        if keys.within is not None or not early:
            value = _starter(prop, at(prop, lacking[-1]).get("default"))
            remedies.append(Remedy("insert", target, value, spelled, title=f"Insert `{spelled}`"))
        yield tell(
            keys.view.scope,
            keys.everywhere(dict.fromkeys(lacking, keys.without(present))),
            "missing",
            f"{shape.what} needs `{spelled}`{_choices(prop)}",
            keys.pointer if keys.within is None else target,
            "key",
            remedies=remedies,
        )


def _one_of(keys: Keys, accounted: Collection[str]) -> Iterator[Problem | None]:
    """Of some keys at least one has to be written."""
    for group in keys.groups:
        if any(key in accounted for key in group):
            continue
        does: dict[str, Does] = {
            release: "error" for release in keys.releases if not any(keys.has(key, release) for key in group)
        }
        if does:
            text = f"{keys.shape.what} needs {listing(group)}"
            yield tell(keys.view.scope, keys.everywhere(does), "missing", text, keys.pointer, "key")
            return


def _together(keys: Keys) -> Iterator[Problem | None]:
    """Parameters of a pass that another one needs beside it, or excludes. Those of data are a check's of their own."""
    if keys.shape.kind != "pass":
        return
    scope, newest = keys.view.scope, keys.releases[-1]
    for entry, present, prop in keys.known():
        needs, excludes = prop.get("x-needs", {}), prop.get("x-excludes", ())
        value = to_python(entry.member.value) if needs or excludes else None
        if value is None or value is MISSING or value == []:
            continue
        knowing = [r for r in keys.releases if keys.reads(entry, present, prop, r)]
        chosen = value if isinstance(value, str) and value in needs else "*"
        shown = entry.name if chosen == "*" else f'{entry.name}: "{value}"'
        for needed in needs.get(chosen, ()):
            other = keys.shape.properties.get(needed, {})
            lacking = [r for r in knowing if known_in(other, r) and not keys.has(needed, r)]
            text = f"`{shown}` needs `{history.spelling(other, needed, newest) or needed}` beside it"
            yield tell(
                scope, keys.everywhere(dict.fromkeys(lacking, "late")), "missing", text, entry.pointer, "key"
            )
        for excluded in excludes:
            both = [r for r in knowing if keys.has(excluded, r)]
            text = f"`{entry.name}` and `{excluded}` exclude each other"
            yield tell(
                scope, keys.everywhere(dict.fromkeys(both, "late")), "wrong-value", text, entry.pointer, "key"
            )


def _scripts(keys: Keys) -> Iterator[Problem | None]:
    """A function is looked for in `user_script`."""
    script = keys.shape.properties.get("user_script")
    if script is None or keys.shape.kind not in ("pass", "metric"):
        return
    doing: Does = "late" if keys.shape.kind == "pass" else "error"
    for entry, present, prop in keys.known():
        if prop.get("x-ref") != "function" or entry.member.value.kind != "string":
            continue
        does = {
            release: doing
            for release in keys.releases
            if keys.reads(entry, present, prop, release)
            and known_in(script, release)
            and not keys.has("user_script", release)
        }
        text = f"`{entry.name}` names a function, and `user_script` with the file that has it is missing"
        yield tell(keys.view.scope, keys.everywhere(does), "missing", text, entry.pointer)


def _twice(keys: Keys) -> Iterator[Problem | None]:
    """Beside `type` and in the nested object: where both are read, the nested one counts."""
    if keys.within is None or "x-flat-since" not in keys.shape.section:
        return
    inside = {entry.name: entry for entry in keys.written if entry.nested}
    for entry in keys.written:
        other = inside.get(entry.name)
        if entry.nested or other is None or entry.name in keys.shape.own:
            continue
        does: dict[str, Does] = {r: "warned" for r in keys.releases if not keys.flat_is_early(r)}
        title = f"Remove this `{entry.name}`"
        yield tell(
            keys.view.scope,
            keys.everywhere(does),
            "written-twice",
            f"`{entry.name}` is also written in `{keys.shape.nested}`, and that one counts",
            entry.pointer,
            "key",
            remedies=[Remedy("remove", entry.pointer, title=title, exact=True)],
            related=[Related(other.pointer, "this one counts", "key")],
            tags=("unnecessary",),
        )


def _choices(prop: Property) -> str:
    choices = [choice for choice in prop.get("enum", ()) if choice is not None]
    if choices:
        more = ", ..." if len(choices) > 8 else ""
        return f" (one of {', '.join(str(choice) for choice in choices[:8])}{more})"
    return ": the name of a data config" if prop.get("x-ref") == "data_config" else ""


def _starter(prop: Property, default: Any) -> Any:
    """A value to begin with."""
    if default is not None:
        return default
    choices = [choice for choice in prop.get("enum", ()) if choice is not None]
    if choices:
        return choices[0]
    types = prop.get("type", "string")
    return _STARTERS.get(types if isinstance(types, str) else types[0])
