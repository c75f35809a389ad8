"""What the schemas themselves know: keys and values with other names, keys that are gone, defaults that changed."""

from __future__ import annotations

from typing import Any

from olive_schemas.catalog import Property, at
from olive_schemas.releases import RELEASES, index, known_in
from olive_schemas.shape import Shape
from olive_schemas.shapes import View, find_property
from olive_schemas.tree import join
from olive_schemas.values import fit

from .migrate_draft import Draft

_OTHERWISE = frozenset(("model_file_format", "training_args", "weight_symmetric", "providers_list"))
"""Keys whose defaults a step of its own sees to."""
_WHOLE = frozenset(
    (
        "workflow",
        "engine",
        "input_model",
        "system",
        "data_config",
        "component",
        "evaluator",
        "metric",
        "pass",
        "object",
    )
)
"""Places whose absent keys have a default that counts."""


def names(draft: Draft) -> None:
    """Keys and values to what the target calls them; one at a time, since each moves what follows."""
    done: set[tuple[str, str]] = set()
    while True:
        change = _next(draft, done)
        if change is None:
            return
        done.add(change)


def _next(draft: Draft, done: set[tuple[str, str]]) -> tuple[str, str] | None:
    """Makes the first change that is due. Returns what it was, so that it is not tried again."""
    for pointer, node, shape in draft.view(draft.source).walk():
        if node.kind == "object" and shape.properties:
            for member in node.members:
                mark = (draft.origin(join(pointer, member.name)), member.name)
                if mark not in done and _key(draft, pointer, member.name, shape):
                    return mark
        elif (
            node.kind == "array"
            and (mark := (draft.origin(pointer), "[]")) not in done
            and _single(draft, pointer, shape)
        ):
            return mark
        elif node.kind == "string" and shape.prop.get("x-values"):
            mark = (draft.origin(pointer), str(node.value))
            if mark not in done and _value(draft, pointer, str(node.value), shape):
                return mark
    return None


def _key(draft: Draft, pointer: str, name: str, shape: Shape) -> bool:
    found = find_property(shape, name)
    if found is None:
        return False
    present, prop = found
    place = join(pointer, name)
    if present != name:
        alias = next(each for each in prop.get("x-names", ()) if each["name"] == name)
        until = alias.get("until")
        if not until or index(until) >= index(draft.target) or not known_in(prop, draft.target):
            return False
        if draft.has(join(pointer, present)):
            draft.exact(
                f"`{name}` is called `{present}` since {_after(until)}, which is there, too: removed", place
            )
            draft.remove(place)
        else:
            draft.exact(f"`{name}` is called `{present}` since {_after(until)}", place)
            draft.rename(place, present)
        return True
    if known_in(prop, draft.target) or not known_in(prop, draft.source):
        return False
    return _gone(draft, pointer, name, prop, shape)


def _gone(draft: Draft, pointer: str, name: str, prop: Property, shape: Shape) -> bool:
    place = join(pointer, name)
    following = prop.get("x-replaced-by", "")
    goal = shape.properties.get(following)
    since = _after(prop.get("x-until", draft.source))
    if goal is not None and known_in(goal, draft.target) and not draft.has(join(pointer, following)):
        exact = prop.get("x-migration") in (None, "exact", "defaults")
        draft.note("exact" if exact else "lossy", f"`{name}` is called `{following}` since {since}", place)
        draft.rename(place, following)
        return True
    value = draft.at(place)
    if value in (None, False) or ("default" in prop and _alike(value, at(prop, draft.source).get("default"))):
        draft.exact(f"`{name}` is gone since {since}, and was off or had its default: removed", place)
    else:
        instead = f" {prop['x-instead']}" if prop.get("x-instead") else ""
        exact = prop.get("x-migration") == "exact" and not instead.startswith(" Write")
        draft.note("exact" if exact else "lossy", f"`{name}` is gone since {since}: removed.{instead}", place)
    draft.remove(place)
    return True


def _value(draft: Draft, pointer: str, value: str, shape: Shape) -> bool:
    history = shape.prop["x-values"].get(value)
    if history is None:
        for present, times in shape.prop["x-values"].items():
            for alias in times.get("x-names", ()):
                until = alias.get("until")
                if alias["name"] == value and until and index(until) < index(draft.target):
                    draft.exact(f'"{value}" is called "{present}" since {_after(until)}', pointer)
                    draft.replace(pointer, present)
                    return True
        return False
    following = history.get("x-replaced-by")
    if following and not known_in(history, draft.target) and known_in(history, draft.source):
        draft.exact(f'"{value}" is called "{following}" since {_after(history["x-until"])}', pointer)
        draft.replace(pointer, following)
        return True
    return False


def _single(draft: Draft, pointer: str, shape: Shape) -> bool:
    """A list of values that became one value; where a search is on, several are what it tries."""
    prop = shape.prop
    if (
        "array" not in _types(at(prop, draft.source))
        or "array" in (types := _types(at(prop, draft.target)))
        or not types
    ):
        return False
    values, key = draft.at(pointer), shape.key
    if _searching(draft) and at(prop, draft.target).get("x-search") and len(values) > 1:
        draft.exact(f"`{key}` is one value now, and the search tries each of these", pointer)
        return True
    if len(values) > 1:
        draft.lossy(
            f"`{key}` is one value now, and only a search tries several: the first is kept of "
            + ", ".join(_shown(value) for value in values),
            pointer,
        )
    else:
        draft.exact(f"`{key}` is one value now, no list", pointer)
    draft.replace(pointer, values[0] if values else None)
    return True


def _types(prop: Property) -> tuple[str, ...]:
    written = prop.get("type", ())
    return (written,) if isinstance(written, str) else tuple(written)


def _searching(draft: Draft) -> bool:
    return bool(draft.get("search_strategy") or draft.get("engine", "search_strategy"))


def defaults(draft: Draft) -> None:
    """Writes out each default that changed between the two releases."""
    searching = _searching(draft)
    view = draft.view(draft.target)
    due = [
        (pointer, key, value, present)
        for pointer, shape in _objects(view)
        for key, value, present in _changed(draft, view, pointer, shape, searching)
    ]
    for pointer, key, value, present in due:
        if value is None and fit(None, present).wrong:
            draft.note(
                "default",
                f"`{key}` was not set by default, and is {_shown(present.get('default'))} now; it cannot be written as unset",
                pointer,
            )
            continue
        draft.note(
            "default",
            f"the default of `{key}` was {_shown(value)}, and is {_shown(present.get('default'))} now: written out",
            pointer,
        )
        draft.insert(pointer, key, value)


def _objects(view: View) -> list[tuple[str, Shape]]:
    return [
        (pointer, shape)
        for pointer, node, shape in view.walk()
        if node.kind == "object" and shape.kind in _WHOLE and shape.properties
    ]


def _changed(
    draft: Draft, view: View, pointer: str, shape: Shape, searching: bool
) -> list[tuple[str, Any, Property]]:
    written = draft.at(pointer)
    if not isinstance(written, dict):
        return []  # it stands in an object whose key is written again, and that one counts
    inner = written.get(shape.nested) if shape.nested else None
    names = {*written, *(inner if isinstance(inner, dict) else ())}
    names |= {found[0] for name in names if (found := find_property(shape, name))}
    changed = []
    for key, prop in shape.properties.items():
        if key in names or key in _OTHERWISE or key in shape.own:
            continue
        if not known_in(prop, draft.source) or not known_in(prop, draft.target):
            continue
        was, present = at(prop, draft.source), at(prop, draft.target)
        if "default" not in was or "default" not in present or _alike(was["default"], present["default"]):
            continue
        if searching and shape.kind == "pass" and present.get("x-search"):
            continue
        if (
            shape.kind == "component"
            and was["default"] is None
            and key in ("joiner", "padding_side", "text_cols")
        ):
            continue
        changed.append((key, was["default"], present))
    return changed


def _alike(one: Any, other: Any) -> bool:
    """Equal, but for the names of types: QInt8 is int8, and case does not count."""
    if one is False and other is None:
        return True
    if isinstance(one, str) and isinstance(other, str):
        return one.lower().removeprefix("q") == other.lower().removeprefix("q")
    if isinstance(one, list) and len(one) == 1 and not isinstance(other, list):
        return _alike(one[0], other)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    return type(one) is type(other) and bool(one == other)


def _after(release: str) -> str:
    return RELEASES[min(RELEASES.index(release) + 1, len(RELEASES) - 1)] if release in RELEASES else release


def _shown(value: Any) -> str:
    import json

    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 40 else text[:37] + "..."
