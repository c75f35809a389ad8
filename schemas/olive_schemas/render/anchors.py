"""Where the generated pages describe what: anchors that stay, for links from findings and hovers.

A pass is `passes.md#lora`, its parameter `passes.md#lora-r`; everything else stands in `config.md`: a section
(`#engine`), a type (`#hfmodel`) or one of their keys (`#engine-output_dir`).
"""

from __future__ import annotations

import re

from .. import catalog

PASSES = "passes.md"
CONFIG = "config.md"

_SECTIONS = {
    "workflow": "config",
    "systems": "systems",
    "data_configs": "data",
    "evaluators": "evaluators",
    "passes": "passes",
    "engine": "engine",
    "accelerator": "accelerator",
    "data_config": "data_config",
    "evaluator": "evaluator",
    "metric": "metric",
    "sub_type": "sub_type",
    "goal": "goal",
    "training_args": "training_args",
    "search": "search_strategy",
}
"""What a kind of shape is called on the page, where its type has no place of its own."""


def anchor(owner: str, key: str = "") -> str:
    """The anchor of a section or type, or of one of its keys."""
    words = [re.sub(r"[^a-z0-9_]+", "-", word.lower()).strip("-") for word in (owner, key) if word]
    return "-".join(words)


def of_pass(type_name: str, key: str = "") -> str:
    """A pass type or one of its parameters: "passes.md#lora-r". Fields of every pass, such as `host`, are elsewhere."""
    if key in catalog.pass_fields():
        return f"{CONFIG}#{anchor('pass', key)}"
    return f"{PASSES}#{anchor(type_name, key)}"


def of(kind: str, type_name: str = "", key: str = "") -> str:
    """The place that describes a `Shape` by its kind and type, or its key; "" where there is none."""
    if kind in ("pass", "pass_config"):
        schema = catalog.pass_schema(type_name) if type_name else None
        return of_pass(schema.type, key) if schema else f"{CONFIG}#{anchor('pass', key)}"
    if kind in ("input_model", "model_config"):
        known = catalog.find(catalog.models(), type_name) if type_name else None
        own = key in ("type", "config") or not known
        return f"{CONFIG}#{anchor('input_model' if own else str(known), key)}"
    if kind in ("system", "system_config"):
        known = catalog.find(catalog.systems(), type_name) if type_name else None
        own = key in ("type", "config") or not known
        target = catalog.systems().get(known or "", {}).get("x-alias-of", known)
        return f"{CONFIG}#{anchor('system' if own else str(target), key)}"
    if kind in ("component", "component_params"):
        own = key in ("type", "params", "name") or not type_name
        return f"{CONFIG}#{anchor('component' if own else type_name, key)}"
    if kind == "workflow" and key in catalog.engine_properties():
        return f"{CONFIG}#{anchor('engine', key)}"
    owner = _SECTIONS.get(kind)
    return f"{CONFIG}#{anchor(owner, key)}" if owner else ""
