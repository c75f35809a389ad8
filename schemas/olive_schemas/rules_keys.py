"""Keys of an object against the keys that its section has: unknown, misspelt, renamed, dropped, too new, in the wrong
place, written twice, and missing.

A key that stands for one that is missing (misspelt, or under a name of another release) is the one cause of both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from . import catalog, history
from .catalog import Property
from .nearest import listing, nearest, unmistakable
from .problems import Problem, Related, Remedy
from .releases import index, known_in
from .rules_told import STOPS, Does, tell
from .sections import at
from .shape import Shape
from .shapes_names import DEFINED_IN
from .shapes_places import find_property, member_of
from .tree import MISSING, Member, Node, join, to_python

if TYPE_CHECKING:
    from .shapes import Place, View

_FATE: Mapping[str, Does] = {"ignored": "ignored", "warned": "warned", "error": "error", "open": "fine"}


class Written(NamedTuple):
    """A key of the object, or of the object nested in it."""

    member: Member
    pointer: str
    nested: bool


def findings(view: View, place: Place) -> Iterator[Problem]:
    """What is wrong with the keys of one object. The nested object's are looked at with those of the one around it."""
    shape, node = place.shape, place.node
    releases = releases_of(view, shape)
    if not releases or not shape.properties:
        return
    within = _nested_object(shape, node)
    written = [Written(member, join(place.pointer, member.name), False) for member in node.members]
    if within is not None:
        base = join(place.pointer, shape.nested)
        written += [Written(member, join(base, member.name), True) for member in within.members]
    keys = _Keys(view, shape, place.pointer, releases, written, within)
    yield from keys.problems()


def is_nested(shape: Shape) -> bool:
    """Whether an object's keys are looked at with those of the object around it."""
    return shape.kind in _NESTED_KINDS or (shape.kind == "object" and shape.key in _NESTED_KEYS)


_NESTED_KINDS = frozenset(["model_config", "system_config", "component_params", "pass_config"])
_NESTED_KEYS = frozenset(["user_config", "type_args", "sampler_config", "extra_args"])
_HANDED_ON = frozenset(["component", "evaluator"])
"""Sections whose settings become arguments of a function that nobody looks at before the run."""
_SEPARATE = frozenset(["workflow"])
"""Sections whose nested object is a section of its own."""


def _nested_object(shape: Shape, node: Node) -> Node | None:
    if not shape.nested or shape.kind in _SEPARATE:
        return None
    found = member_of(node, shape.nested)
    return found if found is not None and found.kind == "object" else None


def releases_of(view: View, shape: Shape) -> tuple[str, ...]:
    """Those that have the type; the others say so of the type."""
    if not shape.type_name or not ("x-since" in shape.data or "x-until" in shape.data):
        return view.scope.releases
    return tuple(release for release in view.scope.releases if known_in(shape.data, release))


class _Keys:
    """One object's keys, as the releases see them."""

    def __init__(
        self,
        view: View,
        shape: Shape,
        pointer: str,
        releases: tuple[str, ...],
        written: list[Written],
        within: Node | None,
    ) -> None:
        self.view, self.shape, self.pointer, self.releases = view, shape, pointer, releases
        self.written, self.within = written, within
        self.section = shape.section
        self.flat_since: str | None = self.section.get("x-flat-since")
        self.names = {entry.member.name for entry in written}
        self.missing = self._missing()

    def problems(self) -> Iterator[Problem]:
        for entry in self.written:
            problem = self._key(entry)
            if problem is not None:
                yield problem
        yield from self._told_missing()
        yield from self._needed()
        yield from self._scripts()
        yield from self._together()
        yield from self._twice()

    # --- one key

    def _key(self, entry: Written) -> Problem | None:
        shape, name = self.shape, entry.member.name
        if not entry.nested and name == shape.nested:
            return self._section_key(entry)
        found = find_property(shape, name)
        if found is None:
            return self._unknown(entry)
        present, prop = found
        if entry.nested and present in shape.own:
            return self._unknown(entry)
        flat = self._is_flat(entry, present)
        does = {release: self._does(prop, name, present, release, flat=flat) for release in self.releases}
        if all(doing == "fine" for doing in does.values()):
            return None
        return self._outdated(entry, present, prop, does, flat)

    def _section_key(self, entry: Written) -> Problem | None:
        found = find_property(self.shape, entry.member.name)
        return self._known_elsewhere(entry, *found) if found else None

    def _known_elsewhere(self, entry: Written, present: str, prop: Property) -> Problem | None:
        does = {release: self._does(prop, present, present, release, flat=False) for release in self.releases}
        if all(doing == "fine" for doing in does.values()):
            return None
        return self._outdated(entry, present, prop, does, False)

    def _is_flat(self, entry: Written, present: str) -> bool:
        return bool(self.shape.nested) and not entry.nested and present not in self.shape.own

    def _does(self, prop: Property, name: str, present: str, release: str, *, flat: bool) -> Does:
        if flat and self._flat_is_early(release):
            return self._fate(release, flat=True)
        return "fine" if history.knows(prop, name, present, release) else self._fate(release, flat=flat)

    def _flat_is_early(self, release: str) -> bool:
        return self.flat_since is not None and index(release) < index(self.flat_since)

    def _fate(self, release: str, *, flat: bool) -> Does:
        spans = (self.section.get("x-unknown-flat") if flat else None) or self.section.get("x-unknown") or ()
        entry = history.span(spans, release)
        if flat and entry is not None and entry.get("does") == "open":
            # It is handed on into the nested object, which may know better.
            entry = history.span(self.section.get("x-unknown") or (), release) or entry
        if entry is None:
            return "ignored"
        doing = _FATE.get(entry.get("does", ""), "ignored")
        return "late" if doing == "error" and entry.get("when") == "run" else doing

    # --- unknown to all

    def _unknown(self, entry: Written) -> Problem | None:
        shape, name, scope = self.shape, entry.member.name, self.view.scope
        if name.startswith("$") and not self.pointer:
            return None
        flat = self._is_flat(entry, name)
        does = {release: self._fate(release, flat=flat) for release in self.releases}
        if not shape.closed:
            does = {
                release: "fine" if not flat or not self._flat_is_early(release) else does[release]
                for release in does
            }
        if all(doing == "fine" for doing in does.values()):
            return None
        missing = {spelled for spelled, _ in self.missing}
        known = self._spellings()
        meant = nearest(name, missing) or nearest(name, known - self.names) or nearest(name, known)
        if shape.closed is False and meant is None:
            return None
        remedies: list[Remedy] = []
        place = None if meant else self._elsewhere(entry)
        if meant is not None:
            text = f"{shape.what} has no `{name}`; did you mean `{meant}`?"
            if meant not in self.names:
                exact = unmistakable(name, known) == meant
                remedies.append(
                    Remedy("rename-key", entry.pointer, meant, title=f"Rename to `{meant}`", exact=exact)
                )
                does = self._escalated(does, meant)
        elif place is not None:
            text, remedies = place
        else:
            text = f"{shape.what} has no `{name}`: remove it, or check the spelling"
        remedies.append(Remedy("remove", entry.pointer, title=f"Remove `{name}`"))
        if self._dangles(entry):
            does = dict.fromkeys(does, "error")
            text += f" Olive looks for the data config `{entry.member.value.value}` all the same, and there is none"
        return tell(
            scope,
            self._all(does),
            "unknown-name",
            text,
            entry.pointer,
            "key",
            remedies=remedies,
            tags=("unnecessary",) if not any(doing in STOPS for doing in does.values()) else (),
        )

    def _dangles(self, entry: Written) -> bool:
        """Whether Olive stops for a name in a parameter that the pass does not even have."""
        if not (self.shape.kind == "pass" and entry.member.name.endswith("data_config")):
            return False
        value = entry.member.value
        return value.kind == "string" and value.value not in self.view.definitions["data_config"]

    def _spellings(self) -> set[str]:
        """The keys that some release of the scope has here."""
        found: set[str] = set()
        for present, prop in self.shape.properties.items():
            for release in (self.releases[-1], self.releases[0]):
                spelled = history.spelling(prop, present, release)
                if spelled:
                    found.add(spelled)
        if self.shape.nested:
            found.add(self.shape.nested)
        return found

    def _elsewhere(self, entry: Written) -> tuple[str, list[Remedy]] | None:
        """A key that belongs to the object around this one, or to another pass."""
        shape, name = self.shape, entry.member.name
        if entry.nested and name in shape.own:
            text = f"`{name}` belongs beside `{shape.nested}`, not in it"
            if name in {written.member.name for written in self.written if not written.nested}:
                return text, []
            return text, [
                Remedy(
                    "move",
                    entry.pointer,
                    target=self.pointer,
                    title=f"Move it beside `{shape.nested}`",
                    exact=True,
                )
            ]
        above = self.pointer
        while above:
            above = above.rpartition("/")[0]
            outer = self.view.shape(above)
            if outer.kind in (
                "workflow",
                "engine",
                "data_config",
                "pass",
                "system",
                "metric",
                "evaluator",
            ) and (
                name in outer.properties
                and history.spelling(outer.properties[name], name, self.releases[-1]) == name
            ):
                node = self.view.tree.find(above)
                there = (
                    f"`{outer.key}`" if outer.key else "the top level" if not above else "the object around"
                )
                if member_of(node, name) is not None:
                    return f"`{name}` belongs to {there}, where it stands too", []
                return f"`{name}` belongs to {there}", [
                    Remedy("move", entry.pointer, target=above, title=f"Move it to {there}")
                ]
        if shape.kind in ("pass", "pass_config"):
            owners = [owner for owner in catalog.passes_with(name) if owner != shape.type_name]
            if owners:
                some = " and ".join(f"`{owner}`" for owner in owners[:2]) + (
                    " and others" if len(owners) > 2 else ""
                )
                return f"{shape.what} has no `{name}`: it is a parameter of {some}", []
        return None

    # --- known to some

    def _outdated(
        self, entry: Written, present: str, prop: Property, does: dict[str, Does], flat: bool
    ) -> Problem | None:
        shape, name, scope = self.shape, entry.member.name, self.view.scope
        newest = self.releases[-1]
        if flat and self._flat_is_early(newest):
            return self._flat(entry, present, prop, does)
        spelled = history.spelling(prop, present, newest)
        remedies: list[Remedy] = []
        code = "outdated-name"
        if spelled is not None and spelled != name:
            alias = next((alias for alias in history.aliases(prop) if alias["name"] in (name, spelled)), {})
            if name == present:
                text = f"`{name}` is called `{spelled}` up to {alias.get('until', newest)}"
            elif alias.get("until"):
                text = f"`{name}` is called `{spelled}` since {history.next_after(alias['until'])}"
            else:
                text = f"`{name}` is called `{spelled}`"
            if spelled in self.names:
                text += ", which is written too"
                remedies.append(
                    Remedy(
                        "remove",
                        entry.pointer,
                        title=f"Remove `{name}`",
                        exact=not any(d == "fine" for d in does.values()),
                    )
                )
            else:
                exact = alias.get("exact", True) is not False and "x-was" not in prop
                remedies.append(
                    Remedy(
                        "rename-key",
                        entry.pointer,
                        spelled,
                        title=f"Rename to `{spelled}`",
                        exact=bool(exact),
                    )
                )
                does = self._escalated(does, present)
        elif (until := self._until(prop, name, present)) and index(until) < index(newest):
            code = "removed"
            text = f"`{name}` ended with {until}"
            instead = prop.get("x-instead")
            text += f": {instead[:1].lower()}{instead[1:].rstrip('.')}" if instead else ""
            after = prop.get("x-replaced-by")
            if after and after in shape.properties and after not in self.names:
                remedies.append(
                    Remedy(
                        "rename-key",
                        entry.pointer,
                        after,
                        title=f"Rename to `{after}`",
                        exact=prop.get("x-migration") == "exact" and not prop.get("x-values"),
                    )
                )
                does = self._escalated(does, after)
            remedies.append(Remedy("remove", entry.pointer, title=f"Remove `{name}`"))
        else:
            code = "too-new"
            since = prop.get("x-since", "")
            text = (
                f"`{name}` is new in {since}"
                if since and since != "main"
                else f"`{name}` is on Olive's main branch only"
            )
            remedies.append(Remedy("remove", entry.pointer, title=f"Remove `{name}`"))
        dead = not any(doing in ("fine", *STOPS) for doing in does.values())
        return tell(
            scope, self._all(does), code, text, entry.pointer, "key", remedies=remedies,
            tags=("deprecated", "unnecessary") if dead else ("deprecated",),
        )  # fmt: skip

    def _until(self, prop: Property, name: str, present: str) -> str:
        if name != present:
            alias = next((alias for alias in history.aliases(prop) if alias["name"] == name), {})
            return str(alias.get("until") or prop.get("x-until") or "")
        return str(prop.get("x-until") or "")

    def _flat(self, entry: Written, present: str, prop: Property, does: dict[str, Does]) -> Problem | None:
        """A key beside `type` that a release wants in the nested object."""
        shape, name = self.shape, entry.member.name
        nested = shape.nested
        text = f"up to {_before(self.flat_since or '')} `{name}` belongs in `{nested}`"
        remedies = []
        if member_of(self.view.tree.find(self.pointer), nested) is not None:
            remedies.append(
                Remedy(
                    "move",
                    entry.pointer,
                    target=join(self.pointer, nested),
                    title=f"Move it into `{nested}`",
                    exact=True,
                )
            )
        else:
            value = {name: to_python(entry.member.value)}
            remedies.append(
                Remedy("insert", self.pointer, value, nested, title=f"Write `{nested}` with `{name}` in it")
            )
        return tell(
            self.view.scope,
            self._all(does),
            "no-effect",
            text,
            entry.pointer,
            "key",
            remedies=remedies,
            tags=("unnecessary",),
        )

    # --- missing and twice

    def _missing(self) -> list[tuple[str, tuple[str, ...]]]:
        """(present name, releases that miss it)."""
        if self.shape.key == "params_config" and self._given_by_component():
            return []
        found = []
        for present, prop in self.shape.properties.items():
            listed = present in self.shape.required
            if not listed and "x-required" not in prop:
                continue
            lacking = tuple(
                release
                for release in self.releases
                if history.required_in(prop, listed, release) and not self._is_written(present, prop, release)
            )
            if lacking and not self._inherited(prop):
                found.append((present, lacking))
        return found

    def _without(self, present: str) -> Does:
        """What a release does that misses the key."""
        handed_on = self.shape.kind in _HANDED_ON and present not in self.shape.own
        return "risky" if handed_on else "late" if self.shape.kind == "pass" else "error"

    def _needed(self) -> Iterator[Problem]:
        """Keys of which at least one has to be written, and keys that another one needs beside it."""
        groups = self.section.get("x-needs-one-of", ())
        for group in [groups] if groups and isinstance(groups[0], str) else groups:
            here = [present for present in group if present in self.shape.properties]
            does: dict[str, Does] = {
                release: "error"
                for release in self.releases
                if not any(self._is_written(key, self.shape.properties[key], release) for key in here)
            }
            text = f"{self.shape.what} needs {listing(group)}"
            problem = tell(self.view.scope, self._all(does), "missing", text, self.pointer, "key")
            if problem is not None and here:
                yield problem
                return

    def _given_by_component(self) -> bool:
        """Whether components get parameters of their own, beside those of `params_config`."""
        around = self.view.tree.find(self.pointer.rpartition("/")[0])
        named = {entry.member.name for entry in self.written}
        return "component_kwargs" in named or any(
            m.name == "components" for m in (around.members if around else ())
        )

    def _together(self) -> Iterator[Problem]:
        """Keys that another one needs beside it, or excludes."""
        for entry in self.written:
            found = find_property(self.shape, entry.member.name)
            if found is None or not ("x-needs" in found[1] or "x-excludes" in found[1]):
                continue
            present, prop = found
            value = to_python(entry.member.value)
            if value is None or value is MISSING or value == []:
                continue
            knowing = [r for r in self.releases if history.knows(prop, entry.member.name, present, r)]
            needs = prop.get("x-needs", {})
            for needed in needs.get(value if isinstance(value, str) else "*", needs.get("*", ())):
                other = self.shape.properties.get(needed, {})
                does: dict[str, Does] = {
                    r: "late"
                    for r in knowing
                    if known_in(other, r) and not self._is_written(needed, other, r)
                }
                shown = (
                    f'{entry.member.name}: "{value}"'
                    if isinstance(value, str) and value in needs
                    else entry.member.name
                )
                text = f"`{shown}` needs `{history.spelling(other, needed, self.releases[-1]) or needed}` beside it"
                problem = tell(self.view.scope, self._all(does), "missing", text, entry.pointer, "key")
                if problem is not None:
                    yield problem
            for excluded in prop.get("x-excludes", ()):
                does = {
                    r: "late"
                    for r in knowing
                    if self._is_written(excluded, self.shape.properties.get(excluded, {}), r)
                }
                text = f"`{entry.member.name}` and `{excluded}` exclude each other"
                problem = tell(self.view.scope, self._all(does), "wrong-value", text, entry.pointer, "key")
                if problem is not None:
                    yield problem

    def _scripts(self) -> Iterator[Problem]:
        """A function is looked for in `user_script`."""
        script = self.shape.properties.get("user_script")
        if script is None or self.shape.kind not in ("pass", "metric"):
            return
        for entry in self.written:
            found = find_property(self.shape, entry.member.name)
            if found is None or found[1].get("x-ref") != "function" or entry.member.value.kind != "string":
                continue
            present, prop = found
            does: dict[str, Does] = {
                release: "late" if self.shape.kind == "pass" else "error"
                for release in self.releases
                if history.knows(prop, entry.member.name, present, release)
                and known_in(script, release)
                and not self._is_written("user_script", script, release)
            }
            text = f"`{entry.member.name}` names a function, and `user_script` with the file that has it is missing"
            problem = tell(self.view.scope, self._all(does), "missing", text, entry.pointer)
            if problem is not None:
                yield problem

    def _inherited(self, prop: Property) -> bool:
        """Whether another place of the config stands in for the key."""
        pointer = prop.get("x-inherits")
        return isinstance(pointer, str) and self.view.tree.find(pointer) is not None

    def _is_written(self, present: str, prop: Property, release: str) -> bool:
        own = present in self.shape.own
        for entry in self.written:
            if entry.member.name == present or any(
                alias["name"] == entry.member.name for alias in history.aliases(prop)
            ):
                if entry.nested == own and self.shape.nested and own:
                    continue
                if not entry.nested and not own and self.shape.nested and self._flat_is_early(release):
                    continue
                if history.knows(prop, entry.member.name, present, release):
                    return True
        return False

    def _escalated(self, does: dict[str, Does], meant: str) -> dict[str, Does]:
        """The key stands for one that is missing: releases that want that one stop, and those that do not find there
        what the config refers to."""
        kind = DEFINED_IN.get(meant) if self.shape.kind == "workflow" else None
        if kind is not None and any(use.kind == kind for use in self.view.uses):
            does = {release: doing if doing == "fine" else "error" for release, doing in does.items()}
        lacking = next((releases for present, releases in self.missing if present == meant), ())
        self.missing = [entry for entry in self.missing if entry[0] != meant]
        without = self._without(meant)
        return {release: without if release in lacking else doing for release, doing in does.items()}

    def _told_missing(self) -> Iterator[Problem]:
        for present, lacking in self.missing:
            prop = self.shape.properties[present]
            spelled = history.spelling(prop, present, lacking[-1]) or present
            does: dict[str, Does] = dict.fromkeys(lacking, self._without(present))
            own = present in self.shape.own
            early = bool(self.shape.nested) and not own and self._flat_is_early(lacking[-1])
            target = (
                join(self.pointer, self.shape.nested)
                if (self.within is not None or early) and not own
                else self.pointer
            )
            remedies = []
            if self.within is not None or not early:
                value = at(prop, lacking[-1]).get("default")
                remedies.append(
                    Remedy("insert", target, _example(prop, value), spelled, title=f"Insert `{spelled}`")
                )
            text = f"{self.shape.what} needs `{spelled}`{_choices(prop)}"
            problem = tell(
                self.view.scope,
                self._all(does),
                "missing",
                text,
                self.pointer if self.within is None else target,
                "key",
                remedies=remedies,
            )
            if problem is not None:
                yield problem

    def _twice(self) -> Iterator[Problem]:
        """Beside `type` and in the nested object: since both are read, the nested one counts."""
        if not self.within or not self.flat_since:
            return
        inside = {entry.member.name: entry for entry in self.written if entry.nested}
        for entry in self.written:
            other = inside.get(entry.member.name)
            if entry.nested or other is None or entry.member.name in self.shape.own:
                continue
            does: dict[str, Does] = {r: "warned" for r in self.releases if not self._flat_is_early(r)}
            problem = tell(
                self.view.scope, self._all(does), "written-twice",
                f"`{entry.member.name}` is also written in `{self.shape.nested}`, and that one counts",
                entry.pointer, "key",
                remedies=[Remedy("remove", entry.pointer, title=f"Remove this `{entry.member.name}`", exact=True)],
                related=[Related(other.pointer, "this one counts", "key")], tags=("unnecessary",),
            )  # fmt: skip
            if problem is not None:
                yield problem

    def _all(self, does: Mapping[str, Does]) -> Mapping[str, Does]:
        """Releases that lack the whole type say nothing of its keys: the others stand for them."""
        if len(self.releases) == len(self.view.scope.releases):
            return does
        newest: Does = does.get(self.releases[-1], "fine")
        return {
            release: does.get(release, "fine") if release in self.releases else newest
            for release in self.view.scope.releases
        }


def _before(release: str) -> str:
    from .rules_told import before

    return before(release) if release else ""


def _choices(prop: Property) -> str:
    choices = [choice for choice in prop.get("enum", ()) if choice is not None]
    if choices:
        more = ", ..." if len(choices) > 8 else ""
        return f" (one of {', '.join(str(choice) for choice in choices[:8])}{more})"
    return ": the name of a data config" if prop.get("x-ref") == "data_config" else ""


def _example(prop: Property, default: Any) -> Any:
    """Something to start from."""
    if default is not None:
        return default
    choices = [choice for choice in prop.get("enum", ()) if choice is not None]
    if choices:
        return choices[0]
    types = prop.get("type", "string")
    first = types if isinstance(types, str) else types[0]
    return {"string": "", "integer": 1, "number": 1, "boolean": True, "array": [], "object": {}}.get(first)
