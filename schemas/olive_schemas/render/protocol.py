"""`extension/src/protocol.ts`: the messages of the server and the events of runs as TypeScript types.

Knows the part of JSON Schema that `messages.json` uses; another keyword there is an error here, not a type left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..schema_files import read

FILE = "messages.json"
Schema = Mapping[str, Any]
_PLAIN = {"string": "string", "number": "number", "integer": "number", "boolean": "boolean", "null": "null"}
_KNOWN = {
    "$ref", "additionalProperties", "allOf", "anyOf", "const", "description", "enum", "items", "oneOf", "properties",
    "required", "type", "unevaluatedProperties",
}  # fmt: skip
_HEAD = """\
// Generated from schemas/olive_schemas/messages.json by `make docs`: change that file, not this one.
// Messages between the language server and its client beyond the protocol's own, and the events of runs.
"""


def render() -> str:
    """The file as text."""
    messages = read(FILE)
    parts = [_HEAD, *(_definition(name, schema) for name, schema in messages["$defs"].items())]
    parts.append(_commands(messages["x-commands"]))
    parts.append(_notifications(messages["x-notifications"]))
    return "\n".join(parts)


def _definition(name: str, schema: Schema) -> str:
    doc = _doc(schema, "")
    if "properties" not in schema:
        return f"{doc}export type {name} = {_type(schema)};\n"
    bases = [_type(base) for base in schema.get("allOf", ())]
    extends = f" extends {', '.join(bases)}" if bases else ""
    return f"{doc}export interface {name}{extends} {{\n{''.join(_members(schema))}}}\n"


def _members(schema: Schema) -> Iterator[str]:
    required = schema.get("required", ())
    for name, prop in schema["properties"].items():
        mark = "" if name in required else "?"
        yield f"{_doc(prop, '  ')}  readonly {name}{mark}: {_type(prop)};\n"


def _commands(commands: Mapping[str, Schema]) -> str:
    lines = [
        f"{_doc(one, '  ')}  {_quoted(name)}: {{ argument: {_type(one['argument'])}; result: {_type(one['result'])} }};\n"
        for name, one in commands.items()
    ]
    return f"/** Commands of the server: `workspace/executeCommand` with one object. */\nexport interface Commands {{\n{''.join(lines)}}}\n"


def _notifications(notifications: Mapping[str, Schema]) -> str:
    lines = [f"  {_quoted(name)}: {_type(params)};\n" for name, params in notifications.items()]
    return f"/** What the server tells by itself. */\nexport interface Notifications {{\n{''.join(lines)}}}\n"


def _type(schema: Schema) -> str:
    if unknown := set(schema) - _KNOWN:
        raise ValueError(f"{FILE}: the renderer does not know {', '.join(sorted(unknown))}")
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema:
        return _quoted(schema["const"])
    if "enum" in schema:
        return " | ".join(_quoted(value) for value in schema["enum"])
    for union in ("oneOf", "anyOf"):
        if union in schema:
            return " | ".join(_type(each) for each in schema[union])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return " | ".join(_of_kind(kind, schema) for kind in kinds)


def _of_kind(kind: str, schema: Schema) -> str:
    if kind == "array":
        inner = _type(schema["items"])
        return f"readonly ({inner})[]" if "|" in inner else f"readonly {inner}[]"
    if kind == "object":
        values = schema.get("additionalProperties")
        return f"Readonly<Record<string, {_type(values) if values else 'unknown'}>>"
    return _PLAIN[kind]


def _doc(schema: Schema, indent: str) -> str:
    text = schema.get("description", "")
    return f"{indent}/** {text} */\n" if text else ""


def _quoted(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return f"'{text[1:-1]}'" if re.fullmatch(r'"[^\'\\]*"', text) else text
