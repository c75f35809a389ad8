"""The documentation of keys, types and values, as markdown: what hover shows and completion resolves to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from olive_schemas import catalog, sections
from olive_schemas.catalog import PassSchema, Property
from olive_schemas.parameters import reason
from olive_schemas.releases import Scope, era_of, only
from olive_schemas.render import anchors
from olive_schemas.shape import Shape
from olive_schemas.tree import MISSING

from ..document import Document
from ..links import of_place
from . import described

_LAST_CLASSIC = "0.6.2"
_NEWEST = "0.13.0"
OTHER_VALUES = {"sampler": sections.samplers, "search_algorithm": sections.search_algorithms}
"""Values that are described as sections of their own."""
_MANY = 12


def key_text(document: Document, holder: str, name: str, prop: Property, written: str = "") -> str:
    """Everything that is known of a key of the object at `holder`. name: its present spelling; written: the one at hand."""
    shape = document.view.shape(holder)
    scope = document.scope
    now = described.at(prop, scope)
    default = default_here(document, holder, name, prop)
    spelt = described.spelling(name, prop, scope)
    head = [f"**`{written or spelt}`**", type_head(now, default)]
    if written and written != spelt:
        head.insert(1, f"now `{spelt}`")
    if name in described.required(shape, scope):
        head.append("must be written")
    elif default is not MISSING and default is not None:
        head.append(f"default `{described.shown(default)}`")
    if prop.get("x-secret"):
        head.append("secret: do not write it into the file")
    lines = [" · ".join(part for part in head if part), "", str(now.get("description", ""))]
    moved = _moved(document, shape, name, scope)
    facts = [
        *_facts(prop, now, scope),
        *([moved] if moved else _life(name, prop)),
        *_others(name, prop, scope),
        *_other_dialect(shape, name, prop, scope),
        *([str(prop["x-instead"])] if prop.get("x-instead") else ()),
        *_here(prop, scope),
    ]
    lines += ["", *(f"- {fact}" for fact in facts)] if facts else []
    link = reference_link(shape, name)
    return "\n".join([*lines, *(["", link] if link else [])]).strip()


def type_head(prop: Property, default: Any) -> str:
    """The types in words; null goes without saying where it is the default."""
    words = described.type_words(prop)
    return words.removesuffix(" or null") if default is None else words


def stranger_text(document: Document, holder: str, written: str) -> str:
    """A key that a pass does not have, but others do."""
    shape = document.view.shape(holder)
    if shape.kind not in ("pass", "pass_config") or not shape.type_name:
        return ""
    others = catalog.passes_with(written)
    listed = ", ".join(others[:6]) + (f" and {len(others) - 6} more" if len(others) > 6 else "")
    return (
        f"**`{written}`** · {shape.type_name} has no such parameter; {listed} do{'es' if len(others) == 1 else ''}"
        if others
        else ""
    )


def default_here(document: Document, holder: str, name: str, prop: Property) -> Any:
    """The value in force where the key is not written, or MISSING."""
    shape = document.view.shape(holder)
    pass_type = pass_type_around(document, holder) if shape.kind == "training_args" else ""
    return described.default_of(prop, document.scope, pass_type, shape.type_name)


def at_place(document: Document, holder: str, name: str, prop: Property) -> Property:
    """The property as the newest release in question has it, with the default that is in force at this place."""
    now = described.at(prop, document.scope)
    default = default_here(document, holder, name, prop)
    return now if default is MISSING else {**now, "default": default}


def pass_type_around(document: Document, pointer: str) -> str:
    """The type of the pass that a place is in."""
    while pointer:
        shape = document.view.shape(pointer)
        if shape.kind == "pass":
            return shape.type_name
        pointer = pointer.rpartition("/")[0]
    return ""


def _facts(prop: Property, now: Property, scope: Scope) -> Iterator[str]:
    """Values, bounds, what a search tries, what else it needs."""
    listed = [
        value
        for value in described.values(now, scope)
        if value.known and not value.old and value.value is not None
    ]
    if listed:
        shown = [f"`{described.shown(value.value)}`" for value in listed]
        more = f" and {len(shown) - _MANY} more" if len(shown) > _MANY else ""
        opens = "values such as" if prop.get("x-values-open") else "values:"
        yield f"{opens} {', '.join(shown[:_MANY])}{more}"
    bounds = described.bounds(now)
    if bounds:
        yield bounds
    if prop.get("x-search"):
        tried = ", ".join(f"`{described.shown(value)}`" for value in prop["x-search"])
        yield f"a search tries {tried}"
    needs = prop.get("x-needs")
    for value, keys in needs.items() if isinstance(needs, Mapping) else ():
        named = ", ".join(f"`{key}`" for key in keys)
        yield f"needs {named}" if value == "*" else f"`{value}` needs {named}"


def _life(name: str, prop: Property) -> Iterator[str]:
    """When there was or is such a key."""
    training = sections.training_arguments().get(name)
    times = training if training is not None and "x-since" not in prop and "x-until" not in prop else prop
    life = described.life(times or {})
    if life:
        yield f"{'transformers: ' if times is training else ''}{life}"


def _others(name: str, prop: Property, scope: Scope) -> Iterator[str]:
    """How other releases and the other dialect write it."""
    if not scope.knows(prop):
        yield "the releases at hand do not know it"
    for other in described.other_spellings(name, prop, scope):
        yield f"`{other.name}` {_span(other)}".rstrip()


def _span(spelling: described.Spelling) -> str:
    if spelling.since and spelling.until:
        return f"from {spelling.since} to {spelling.until}"
    if spelling.until:
        return f"until {spelling.until}"
    return f"from {spelling.since} on" if spelling.since else "is taken too"


def _other_dialect(shape: Shape, name: str, prop: Property, scope: Scope) -> Iterator[str]:
    """Its default in the other dialect, where that differs, or that it has to be written there."""
    classic = era_of(scope.newest) == "classic"
    other = only(_NEWEST if classic else _LAST_CLASSIC)
    if not other.knows(prop):
        return
    default, theirs = described.default_of(prop, scope), described.default_of(prop, other)
    when = "from 0.7.0 on" if classic else "up to 0.6.2"
    if name in described.required(shape, other):
        if name not in described.required(shape, scope):
            yield f"{when} it must be written"
    elif theirs is None and default is not MISSING and default is not None:
        yield f"{when} it has no default"
    elif theirs is not MISSING and theirs != default:
        yield f"{when} the default is `{described.shown(theirs)}`"


def _moved(document: Document, shape: Shape, name: str, scope: Scope) -> str:
    """Of settings that stood in `engine` up to 0.6.2 and stand beside it since: where the other dialect has them."""
    if shape.kind not in ("workflow", "engine"):
        return ""
    beside, inside = (document.view.shape(at).properties.get(name, {}) for at in ("", "/engine"))
    classic, current = only(_LAST_CLASSIC), only(_NEWEST)
    moved = classic.knows(inside) and current.knows(beside) and not classic.knows(beside)
    if not inside or not beside or not moved:
        return ""
    if era_of(scope.newest) == "classic":
        return "from 0.7.0 on it stands at the top level"
    return "up to 0.6.2 it stood in `engine`" if shape.kind == "workflow" else ""


def _here(prop: Property, scope: Scope) -> Iterator[str]:
    if prop.get("x-here") and scope.embedded:
        yield f"no effect in the embedded engine: {reason(str(prop['x-here']))}"


def value_text(document: Document, prop: Property, value: Any, key: str = "") -> str:
    """What one value of an enum does; empty where nothing is said of it. key: whose value it is."""
    about = prop.get("x-values", {})
    entry = described.facts_of(prop, value)
    if not entry and isinstance(value, str) and prop.get("x-any-case"):
        found = catalog.find(about, value)
        entry = about.get(found, {}) if found else {}
    if not entry and prop.get("x-ref") in OTHER_VALUES:
        entry = OTHER_VALUES[prop["x-ref"]]().get(value, {})
    if not entry:
        return ""
    life = described.life(entry)
    gone = "" if document.scope.knows(entry) else "the releases at hand do not know it"
    newer = f"now `{entry['x-replaced-by']}`" if entry.get("x-replaced-by") else ""
    facts = [fact for fact in (life, gone, newer, str(entry.get("x-instead", ""))) if fact]
    head = f"**`{value}`**" + (f" · value of `{key}`" if key else "")
    lines = [head, "", str(entry.get("description", ""))]
    return "\n".join([*lines, *(["", *(f"- {fact}" for fact in facts)] if facts else [])]).strip()


def type_text(document: Document, schema: PassSchema) -> str:
    """A pass type: what it does, what it takes and gives, who runs it."""
    facts = [
        f"takes {_kinds(schema.takes)}, gives {_kinds(schema.gives)}"
        if schema.takes and schema.gives
        else "",
        described.life(schema.raw),
        "" if document.scope.knows(schema.raw) else "the releases at hand do not know it",
        f"now `{schema.raw['x-replaced-by']}`" if schema.raw.get("x-replaced-by") else "",
        runs_text(schema) if document.scope.embedded else "",
        _listed("needs the packages", schema.raw.get("x-packages", ())),
        _listed("for", [] if "*" in schema.raw.get("x-providers", ["*"]) else schema.raw["x-providers"]),
    ]
    lines = [f"**{schema.type}**", "", schema.description, "", *(f"- {fact}" for fact in facts if fact)]
    return "\n".join([*lines, "", pass_link(schema.type)]).strip()


def runs_text(schema: PassSchema) -> str:
    if schema.runs_here:
        return "the embedded engine runs it"
    return "the embedded engine does not have it: Olive itself runs it"


def _listed(words: str, names: Any) -> str:
    return f"{words} {', '.join(f'`{name}`' for name in names)}" if names else ""


_KINDS = {
    "hf_model": "a transformers model",
    "adapter": "an adapter",
    "onnx_model": "an ONNX model",
    "pytorch_model": "a PyTorch model",
    "openvino_model": "an OpenVINO model",
    "any": "any model",
}


def _kinds(kinds: tuple[str, ...]) -> str:
    return " or ".join(_KINDS.get(kind, f"a {kind.replace('_', ' ')}") for kind in kinds)


def reference_link(shape: Shape, name: str = "") -> str:
    """To the place in the reference that describes a type or one of its keys."""
    place = anchors.of(shape.kind, shape.type_name, name)
    title = ": ".join(
        part for part in (shape.type_name or shape.what.strip("`").removeprefix("the "), name) if part
    )
    return _link(title, place) if place else ""


def pass_link(type_name: str) -> str:
    return _link(type_name, anchors.of_pass(type_name))


def _link(title: str, place: str) -> str:
    address = of_place(place)
    return f"[{title}]({address})" if address else ""
