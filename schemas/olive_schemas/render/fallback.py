"""`extension/olive-config.schema.json`: a JSON schema for editors without the language server.

Draft 7, for both dialects at once. It offers keys, values and descriptions, and marks what no release takes; what some
release takes it never marks, so it is silent about much that the server finds. Types are dispatched by if/then, so that
an error speaks of the one type that is meant.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from .. import catalog
from ..catalog import Properties
from ..releases import FIRST_CURRENT, index
from ..sections import STAGES
from .fallback_values import Schema, any_case, properties_of, said

_LINE = 120
_SHARED_FROM = 120
"""Characters from which a property that stands at several places is written once."""


def render() -> str:
    """The schema as text."""
    return _text(schema(), "") + "\n"


def _text(value: Any, indent: str) -> str:
    """JSON with a line for each key that is described, so that a change shows where it is."""
    line = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    described = isinstance(value, dict) and "description" in value and "properties" not in value
    if not isinstance(value, dict) or described or len(line) < _LINE:
        return line
    deeper = indent + " "
    members = [f"{deeper}{json.dumps(key)}: {_text(entry, deeper)}" for key, entry in value.items()]
    return "{\n" + ",\n".join(members) + f"\n{indent}}}"


def schema() -> Schema:
    """The whole schema."""
    workflow = catalog.workflow_properties()
    top = {**properties_of(catalog.engine_properties()), **properties_of(workflow)}
    engine = {
        **said(workflow["engine"]),
        "type": ["object", "null"],
        "properties": properties_of(catalog.engine_properties()),
    }
    top.update(
        {
            "$schema": {"type": "string"},
            "input_model": {"$ref": "#/definitions/input_model"},
            "systems": {**said(workflow["systems"]), **_map_of("system")},
            "evaluators": {**said(workflow["evaluators"]), **_map_of("evaluator")},
            "passes": {
                **said(workflow["passes"]),
                "type": ["object", "null"],
                "additionalProperties": {
                    "if": {"type": "array"},
                    "then": {"items": {"$ref": "#/definitions/pass"}},
                    "else": {"$ref": "#/definitions/pass"},
                },
            },
            "data_configs": {
                **said(workflow["data_configs"]),
                "type": ["array", "object", "null"],
                "items": {"$ref": "#/definitions/data_config"},
                "additionalProperties": {"$ref": "#/definitions/data_config"},
            },
            "engine": engine,
        }
    )
    whole = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Workflow config of Microsoft Olive",
        "description": "Rendered by Olive Press from its schema files; `make docs` writes it anew.",
        "type": "object",
        "required": ["input_model"],
        "properties": top,
        "if": _is_current(),
        "then": {"propertyNames": {"enum": sorted(top)}},
        "definitions": _definitions(),
    }
    return _once(whole)


def _is_current() -> Schema:
    """A model type that no classic release has: then every release refuses unknown keys of the top level."""
    types = [
        spelling
        for name, entry in catalog.models().items()
        if index(entry.get("x-since", "0.0")) >= index(FIRST_CURRENT)
        for spelling in _spellings(name, entry)
    ]
    model = {"type": "object", "required": ["type"], "properties": {"type": {"pattern": any_case(types)}}}
    return {"required": ["input_model"], "properties": {"input_model": model}}


def _definitions() -> Schema:
    found: Schema = {}
    section = catalog.section
    found["input_model"] = _typed(found, catalog.models(), "config", section("model")["properties"])
    found["input_model"]["required"] = ["type"]
    found["system"] = _typed(found, catalog.systems(), "config", section("system")["properties"])
    found["system"]["required"] = ["type"]
    found["pass"] = _pass(found)
    found["data_config"] = _data_config(found)
    found["evaluator"] = _typed(
        found, catalog.evaluator_types(), "type_args", section("evaluator")["properties"], True
    )
    found["metric"] = _metric()
    found["training_arguments"] = {
        "type": ["object", "null"],
        "properties": properties_of(catalog.training_arguments()),
    }
    for name in (
        "accelerator",
        "azureml_client",
        "hf_component",
        "io_config",
        "kv_cache",
        "load_kwargs",
        "sub_type",
    ):
        found[name] = _plain(section(name))
    found["resource"] = _typed(found, catalog.resources(), "config", section("resource")["properties"])
    return dict(sorted(found.items()))


def _spellings(name: str, entry: Mapping[str, Any]) -> list[str]:
    return [name, *(alias["name"] for alias in entry.get("x-names", ()))]


def _typed(
    found: Schema,
    types: Mapping[str, Any],
    nested: str,
    own: Properties,
    others: bool = False,
    searched: bool = False,
) -> Schema:
    """An object whose `type` chooses its keys; they may stand in the nested object or beside it.

    others: a type may have a name of its user's own."""
    branches = []
    for name, entry in types.items():
        label = f"{nested}.{name}"
        found[label] = {"properties": properties_of(entry["properties"], searched)}
        here = {"$ref": f"#/definitions/{label}"}
        branches.append(
            {
                "if": {
                    "required": ["type"],
                    "properties": {"type": {"pattern": any_case(_spellings(name, entry))}},
                },
                "then": {"allOf": [here], "properties": {nested: here}},
            }
        )
    kinds: list[Schema] = [
        {"enum": [name for name, entry in types.items() if "x-until" not in entry]},
        {
            "pattern": any_case(
                spelling for name, entry in types.items() for spelling in _spellings(name, entry)
            )
        },
    ]
    if others:
        kinds[1] = {"type": ["string", "null"]}
    return {
        "type": "object",
        "properties": {
            **properties_of({key: prop for key, prop in own.items() if key not in ("type", nested)}),
            "type": {**said(own["type"]), "anyOf": kinds},
            nested: {**said(own.get(nested, {})), "type": ["object", "null"]},
        },
        "allOf": branches,
    }


def _pass(found: Schema) -> Schema:
    """A pass of a user's own is named by the path of its module, with dots."""
    types = {}
    for name in catalog.known_passes():
        schema = catalog.pass_schema(name)
        if schema is not None:
            raw = {key: schema.raw[key] for key in ("x-names", "x-until") if key in schema.raw}
            types[name] = {**raw, "properties": schema.properties}
    typed = _typed(found, types, "config", catalog.pass_fields(), searched=True)
    typed["required"] = ["type"]
    typed["properties"]["type"]["anyOf"].append({"pattern": r"\."})
    return typed


def _data_config(found: Schema) -> Schema:
    properties = catalog.data_config_properties()
    keys = properties_of(properties)
    own = catalog.section("component")["properties"]
    for stage in STAGES:
        found[stage] = _typed(found, catalog.data_components(stage), "params", own, True)
        found[stage]["type"] = ["object", "null"]
        here = {"$ref": f"#/definitions/{stage}"}
        keys[f"{stage}_config"] = {**said(properties[f"{stage}_config"]), "allOf": [here]}
    return {"type": "object", "properties": keys}


def _metric() -> Schema:
    content = catalog.section("metric")
    own = properties_of(content["properties"])
    user = properties_of(catalog.section("user_config")["properties"])
    own["user_config"] = {
        **said(content["properties"]["user_config"]),
        "type": ["object", "null"],
        "properties": user,
    }
    named = {
        metric: {"items": {"properties": {"name": {"enum": list(catalog.sub_types(metric))}}}}
        for metric in catalog.section("sub_type_names")
    }
    branches = [
        {
            "if": {
                "required": ["type"],
                "properties": {"type": {"const": metric}, "backend": {"const": "torch_metrics"}},
            },
            "then": {"properties": {"sub_types": names}},
        }
        for metric, names in named.items()
    ]
    return {
        "type": "object",
        "required": list(content["required"]),
        "properties": {**user, **own},
        "allOf": branches,
    }


def _plain(content: Mapping[str, Any]) -> Schema:
    required = {"required": list(content["required"])} if content.get("required") else {}
    return {"type": "object", **required, "properties": properties_of(content["properties"])}


def _map_of(name: str) -> Schema:
    return {"type": ["object", "null"], "additionalProperties": {"$ref": f"#/definitions/{name}"}}


# --- what stands at several places is written once -----------------------------------------------------------------


def _once(whole: Schema) -> Schema:
    """The schema with properties that stand at several places among its definitions."""
    counts = Counter(json.dumps(prop, sort_keys=True) for _, _, prop in _properties(whole))
    labels: dict[str, str] = {}
    taken: Counter[str] = Counter()
    for keys, key, prop in list(_properties(whole)):
        text = json.dumps(prop, sort_keys=True)
        if counts[text] < 2 or len(text) < _SHARED_FROM:
            continue
        if text not in labels:
            taken[key] += 1
            label = f"key.{key}" + (f".{taken[key]}" if taken[key] > 1 else "")
            labels[text] = label
            whole["definitions"][label] = prop
        keys[key] = {"$ref": f"#/definitions/{labels[text]}"}
    return whole


def _properties(node: Any) -> Iterator[tuple[Schema, str, Any]]:
    """Every property, the outer ones after those inside them."""
    if isinstance(node, list):
        for entry in node:
            yield from _properties(entry)
    elif isinstance(node, dict):
        for value in node.values():
            yield from _properties(value)
        keys = node.get("properties")
        if isinstance(keys, dict):
            yield from ((keys, key, prop) for key, prop in keys.items() if isinstance(prop, dict))
