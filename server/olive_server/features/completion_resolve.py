"""The documentation of a completion item, worked out when it is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from olive_schemas import catalog, sections

from ..document import Document
from . import described
from .completion_items import preview
from .completion_passes import pass_value
from .hover_things import definition_text
from .hover_values import provider_text
from .wording import key_text, type_text, value_text

_TYPES = {"system": sections.systems, "model": sections.models}


def resolve(document: Document, data: Mapping[str, Any]) -> str:
    """Markdown for the `data` of an item; empty for anything that is not understood."""
    name = data.get("pass")
    if isinstance(name, str):
        return _pass(document, name)
    if isinstance(data.get("provider"), str):
        return provider_text(document, data["provider"])
    if isinstance(data.get("kind"), str) and isinstance(data.get("name"), str):
        return definition_text(document, data["kind"], data["name"])
    if isinstance(data.get("holder"), str) and isinstance(data.get("key"), str):
        return _key(document, data["holder"], data["key"], data)
    for kind, types in _TYPES.items():
        if data.get(kind) in types():
            return str(types()[data[kind]].get("description", ""))
    return ""


def _key(document: Document, holder: str, key: str, data: Mapping[str, Any]) -> str:
    found = document.view.find_property(document.view.shape(holder), key)
    if found is None:
        return ""
    props = (found[1], described.items_of(found[1])) if "value" in data else ()
    about = next(filter(None, (value_text(document, prop, data["value"], found[0]) for prop in props)), "")
    return about or key_text(document, holder, *found)


def _pass(document: Document, name: str) -> str:
    schema = catalog.pass_schema(name)
    if schema is None:
        return ""
    return f"{type_text(document, schema)}\n\n{preview(pass_value(document, schema.type))}"
