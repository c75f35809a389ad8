"""Hover on values: the target of a reference, what a value of an enum does, a type, a sample of the data, the model."""

from __future__ import annotations

from olive_schemas import catalog, sections
from olive_schemas.catalog import Property
from olive_schemas.shape import Shape
from olive_schemas.shapes_names import REFERENCES
from olive_schemas.tree import MISSING, Node, to_python

from ..document import Document
from ..local_data import Table
from ..local_files import linear_layers, modules
from . import described
from .hover_things import definition_text, pass_text
from .local_context import data_pointer, input_model_folder, source_at
from .model_facts import model_text
from .placeholders import TEMPLATES
from .samples import block, conversation, count_text, joined, rendered
from .wording import key_text, reference_link, type_text, value_text

_MODELS = frozenset(("model_path", "model_name"))
_DATA = frozenset(("data_files", "data_name", "data_dir"))


def value_hover(document: Document, pointer: str, node: Node, *, only_local: bool = False) -> str:
    """The documentation of a value. only_local: just what this machine knows of it, for the hover on its key."""
    holder, _, name = pointer.rpartition("/")
    entry = (
        name.isdecimal()
        and document.view.shape(holder).kind not in ("workflow",)
        and _is_list(document, holder)
    )
    key_pointer = holder if entry else pointer
    around = key_pointer.rpartition("/")[0]
    key = key_pointer.rpartition("/")[2]
    shape = document.view.shape(around)
    found = document.view.find_property(shape, key)
    prop = found[1] if found else document.view.shape(pointer).prop
    local = _local(document, around, key, prop, node)
    if only_local:
        return local
    if node.kind in ("object", "array", "missing"):
        return ""
    first = _referred(document, pointer, prop, node) or _typed(document, around, shape, key, prop, node)
    rest = key_text(document, around, *found) if found and not first else ""
    return "\n\n".join(part for part in (first, local, rest) if part)


def _is_list(document: Document, pointer: str) -> bool:
    node = document.tree.find(pointer)
    return node is not None and node.kind == "array"


def _referred(document: Document, pointer: str, prop: Property, node: Node) -> str:
    """The target of a reference by name, and the thing that a `name` names."""
    if node.kind != "string":
        return ""
    ref = prop.get("x-ref")
    if ref not in REFERENCES:
        ref = next((use.kind for use in document.view.uses if use.pointer == pointer), None)
    if ref is not None:
        return (
            definition_text(document, str(ref), node.value)
            or f"no {str(ref).replace('_', ' ')} has this name"
        )
    if pointer == document.view.definitions.get("data_config", {}).get(node.value):
        return definition_text(document, "data_config", node.value)
    return ""


def _typed(document: Document, around: str, shape: Shape, key: str, prop: Property, node: Node) -> str:
    """Types, values of enums, execution providers."""
    value = node.value
    if isinstance(value, str) and (
        prop.get("x-ref") == "pass_type" or (key == "type" and shape.kind == "pass")
    ):
        part = next((part for part in document.parts.every_pass() if part.pointer == around), None)
        schema = catalog.pass_schema(value)
        if part is not None and part.name and schema is not None:
            return pass_text(document, part)
        return type_text(document, schema) if schema else ""
    if isinstance(value, str) and prop.get("x-ref") == "execution_provider":
        return provider_text(document, value)
    text = value_text(document, prop, value, key)
    link = reference_link(shape, "" if key == "type" else key) if text else ""
    return f"{text}\n\n{link}" if link else text


def provider_text(document: Document, name: str) -> str:
    """An execution provider: what it is, and for which devices."""
    content = sections.accelerators()
    entry = content.get("providers", {}).get(name)
    if entry is None:
        return ""
    release = document.scope.newest
    fits = [
        device for device in content.get("devices", {}) if name in sections.device_providers(device, release)
    ]
    facts = [
        f"for the device{'s' if len(fits) > 1 else ''} {', '.join(f'`{device}`' for device in fits)}"
        if fits
        else "",
        described.life(entry),
        f"short name in the command line: {', '.join(entry.get('short', ()))}" if entry.get("short") else "",
    ]
    return "\n".join(
        [f"**{name}**", "", entry.get("description", ""), "", *(f"- {fact}" for fact in facts if fact)]
    )


def _local(document: Document, around: str, key: str, prop: Property, node: Node) -> str:
    """What lies on this machine: the model, the first row as text, the layers of a name."""
    value = to_python(node)
    if value is MISSING:
        return ""
    if key in _MODELS and isinstance(value, str):
        return model_text(document, value)
    if key == "input_model" and isinstance(value, dict):
        from .local_context import input_model

        return model_text(document, input_model(document))
    if prop.get("x-ref") == "module" and isinstance(value, str):
        return _layers(document, value)
    if not data_pointer(document, around):
        return ""
    source = source_at(document, around)
    table = source.table() if source else None
    if table is None or source is None:
        return ""
    if key in _DATA:
        return f"`{source.path.name}`: {count_text(table, source.others)}"
    return _sample(document, around, key, prop, value, table)


def _sample(document: Document, around: str, key: str, prop: Property, value: object, table: Table) -> str:
    """The first row, as the value at hand makes text of it."""
    row = table.rows[0] if table.rows else None
    if row is None:
        return ""
    if key in TEMPLATES and isinstance(value, str):
        text = rendered(value, row)
        return f"First row:\n\n{block(text)}" if text is not None else _lacking(table)
    if key == "chat_template" and value:
        column = _sibling(document, around, "message_col") or "messages"
        text = conversation(row, column)
        return f"First row, column `{column}`:\n\n{block(text)}" if text else _lacking(table)
    if prop.get("x-ref") == "column":
        columns = [value] if isinstance(value, str) else value
        if not isinstance(columns, list) or not all(isinstance(name, str) for name in columns):
            return ""
        text = joined(columns, row)
        return f"First row:\n\n{block(text)}" if text is not None and columns else _lacking(table)
    return ""


def _lacking(table: Table) -> str:
    return f"Columns of the data: {', '.join(f'`{name}`' for name in table.columns[:20])}"


def _sibling(document: Document, pointer: str, key: str) -> str:
    node = document.tree.find(pointer)
    values = [member.value.value for member in (node.members if node else ()) if member.name == key]
    return values[-1] if values and isinstance(values[-1], str) else ""


def _layers(document: Document, name: str) -> str:
    """How many layers of the model a name in `target_modules` means."""
    folder = input_model_folder(document)
    known = modules(folder) if folder else None
    if folder is None or not known:
        return ""
    if name == "all-linear":
        layers = linear_layers(folder) or ()
        return f"{', '.join(f'`{layer.name}`' for layer in layers)}: {sum(layer.layers for layer in layers)} layers"
    meant = [module for module in known if module == name or module.endswith(f".{name}")]
    if not meant:
        return f"the input model has no module of the name `{name}`"
    shape = next((layer.shape for layer in linear_layers(folder) or () if layer.name == name), None)
    inputs = f", {shape[1]} inputs and {shape[0]} outputs each" if shape else ""
    return f"**{name}** · {len(meant)} module{'s' if len(meant) > 1 else ''} of the input model{inputs}, such as `{meant[0]}`"
