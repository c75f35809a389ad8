"""What a property says, in the words of a table: its type, default, allowed values, releases and description."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..catalog import TYPES, Property

_NAMED = {
    "data_config": "a data config",
    "system": "a system",
    "evaluator": "an evaluator",
    "pass": "a pass",
}
_SECTIONS = {
    "accelerator": "accelerator",
    "load_kwargs": "load_kwargs",
    "io_config": "io_config",
    "kv_cache": "kv_cache",
    "hf_config": "hf_config",
    "hf_component": "hf_component",
    "inference_settings": "inference_settings",
    "azureml_client": "azureml_client",
    "local_docker_config": "local_docker_config",
    "aml_docker_config": "aml_docker_config",
    "aml_environment_config": "aml_environment_config",
    "search_strategy": "search_strategy",
    "sampler_config": "sampler",
    "search_algorithm_config": "search_algorithm",
    "cache_config": "cache_config",
    "packaging_config": "packaging_config",
    "model_package": "model_package",
    "deployment_config": "deployment_config",
    "auto_optimizer_config": "auto_optimizer_config",
    "data_config": "data_config",
    "params_config": "params_config",
    "system": "system",
    "evaluator": "evaluator",
    "metric": "metric",
    "sub_type": "sub_type",
    "metric_config": "metric_config",
    "user_config": "user_config",
    "goal": "goal",
    "engine": "engine",
    "input_model": "input_model",
    "training_arguments": "training_args",
    "load_dataset": "load_dataset",
    "pre_process_data": "pre_process_data",
    "post_process_data": "post_process_data",
    "dataloader": "dataloader",
}
"""What describes the object that a property stands for: its anchor in config.md."""


def code(value: Any) -> str:
    """A value as JSON, for a table."""
    text = value if isinstance(value, str) and value and value.strip() == value else json.dumps(value)
    return f"`{text}`".replace("|", "\\|").replace("\n", "\\n")


def cell(text: str) -> str:
    """Text for one cell of a markdown table."""
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;").replace("&lt;br>", "<br>")


def type_of(prop: Property) -> str:
    """The types that a value may have; null is left out."""
    options = prop.get("anyOf") or prop.get("oneOf")
    if options:
        found = [type_of(option) for option in options]
    else:
        written = prop.get("type", ())
        names = (written,) if isinstance(written, str) else written
        found = [_list_of(prop) if name == "array" else TYPES[name] for name in names if name != "null"]
    if prop.get("x-ref") in _NAMED and "string" in found:
        found[found.index("string")] = f"name of {_NAMED[prop['x-ref']]}"
    return " or ".join(dict.fromkeys(found)) or "anything"


def _list_of(prop: Property) -> str:
    items = prop.get("items")
    inner = type_of(items) if isinstance(items, Mapping) else "anything"
    return "list" if inner in ("anything", "") else f"list of {inner}"


def allowed(prop: Property) -> str:
    """Values and bounds."""
    parts: list[str] = []
    history: Mapping[str, Any] = prop.get("x-values", {})
    values = [value for value in prop.get("enum", ()) if value is not None]
    items = prop.get("items")
    if not values and isinstance(items, Mapping):
        values = list(items.get("enum", ()))
    if not values and history:
        values = list(history)
    if values:
        listed = [f"{code(value)}{_span(history.get(str(value), {}), ' ')}" for value in values]
        more = " or another" if prop.get("x-values-open") else ""
        parts.append(", ".join(listed) + more)
    parts.extend(_bounds(prop))
    for option in prop.get("anyOf", ()):
        inner = allowed(option)
        if inner and inner not in parts:
            parts.append(inner)
    if "pattern" in prop:
        parts.append(f"matches {code(prop['pattern'])}")
    return "; ".join(parts)


def _bounds(prop: Property) -> list[str]:
    low, high = prop.get("minimum"), prop.get("maximum")
    above, below = prop.get("exclusiveMinimum"), prop.get("exclusiveMaximum")
    found = []
    if low is not None and high is not None:
        found.append(f"{low} to {high}")
    elif low is not None:
        found.append(f"at least {low}")
    elif high is not None:
        found.append(f"at most {high}")
    if above is not None:
        found.append(f"above {above}")
    if below is not None:
        found.append(f"below {below}")
    if prop.get("minItems"):
        found.append(f"at least {prop['minItems']} entries")
    if "maxItems" in prop:
        found.append("one entry" if prop["maxItems"] == 1 else f"at most {prop['maxItems']} entries")
    return found


def default_of(prop: Property, required: bool) -> str:
    """What holds where the key is not written, and what held earlier."""
    spans: Sequence[Mapping[str, str]] = prop.get("x-required", ())
    if required and not spans:
        return "**required**"
    parts = [f"**required** {_span_words(span)}".strip() for span in spans]
    if "default" in prop and prop["default"] is not None:
        parts.append(code(prop["default"]))
    if "x-olive-default" in prop:
        parts.append(f"in Olive {code(prop['x-olive-default'])}")
    for name, value in prop.get("x-olive-default-by-pass", {}).items():
        parts.append(f"in {name} {code(value)}")
    for name, value in prop.get("x-default-by", {}).items():
        parts.append(f"{code(value)} for {name}")
    if "x-classic-default" in prop:
        parts.append(f"{code(prop['x-classic-default'])} up to 0.6.2")
    for entry in prop.get("x-was", ()):
        if "default" in entry:
            parts.append(f"{code(entry['default'])} up to {entry['until']}")
    return "<br>".join(parts)


def _span_words(span: Mapping[str, str]) -> str:
    return _span({f"x-{key}": value for key, value in span.items()}, "")


def _span(entry: Mapping[str, Any], before: str) -> str:
    words = releases(entry)
    return f"{before}({words})" if before and words else words


def releases(entry: Mapping[str, Any]) -> str:
    """Which releases know it: "from 0.7.0", "0.5.0 to 0.9.2", nothing for all."""
    since, until = entry.get("x-since"), entry.get("x-until")
    if since and until:
        text = since if since == until else f"{since} to {until}"
    else:
        text = f"from {since}" if since else f"up to {until}" if until else ""
    without = entry.get("x-except", ())
    return f"{text}, not {', '.join(without)}" if without else text


def spellings(prop: Property) -> str:
    """Releases, with other spellings."""
    parts = [releases(prop)]
    for alias in prop.get("x-names", ()):
        span = releases({f"x-{key}": alias[key] for key in ("since", "until") if key in alias})
        parts.append(f"{code(alias['name'])} {span}".strip())
    return "<br>".join(part for part in parts if part)


def describe(prop: Property, page: str = "") -> str:
    """The description, what the values mean, and what to write instead of something dropped.

    page: where the sections are described, if it is not the page itself."""
    parts = [cell(prop.get("description", "")) + _see(prop, page)]
    for value, entry in prop.get("x-values", {}).items():
        if entry.get("description") and isinstance(entry, Mapping):
            parts.append(f"{code(value)}: {cell(entry['description'])}")
    if "x-instead" in prop:
        parts.append(f"Now: {cell(prop['x-instead'])}")
    elif "x-replaced-by" in prop:
        parts.append(f"Now {code(prop['x-replaced-by'])}.")
    if "x-here" in prop and "x-until" not in prop:
        why = prop["x-here"].removeprefix("no-effect: ")
        parts.append(f"Without effect in Olive Press: {cell(why)}.")
    return "<br>".join(part for part in parts if part)


def _see(prop: Property, page: str) -> str:
    section = _SECTIONS.get(prop.get("x-ref", ""))
    return f" → [{section}]({page}#{section})" if section else ""
