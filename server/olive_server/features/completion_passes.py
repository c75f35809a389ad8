"""Whole passes: every type of the releases at hand, with what it needs, in the form of the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from olive_schemas import catalog

from ..document import Document
from . import described
from .completion_items import Hole
from .completion_writing import Snippet, first_sentence, free_name, parameter, reference, snake, writing
from .plan import arriving, by_use, pass_rank

_TUNING = frozenset(("LoRA", "QLoRA", "DoRA", "LoftQ", "LoHa", "LoKr"))


_MORE: Mapping[str, Mapping[str, Any]] = {
    "CaptureSplitInfo": {"num_splits": Hole(2)},
    "CaptureLayerAnnotations": {"layer_annotations": {"attention": [Hole("self_attn")]}},
    "DynamicToFixedShape": {"dim_param": [Hole("batch_size")], "dim_value": [Hole(1)]},
    "NVModelOptQuantization": {"tokenizer_dir": Hole("path/to/the/model")},
    "SelectiveMixedPrecision": {"algorithm": Hole("k_quant_mixed", retrigger=True)},
    "GraphSurgeries": {"surgeries": [{"surgeon": Hole("InferShapes", retrigger=True)}]},
}
"""What a pass needs although no single parameter is required."""


def passes(document: Document, pointer: str = "") -> list[Snippet]:
    """Every pass type of the releases at hand, with what it needs; first those that can take what arrives there."""
    found = []
    arrives = arriving(document, pointer)
    for kind in by_use(catalog.known_passes()):
        schema = catalog.pass_schema(kind)
        if schema is None or not document.scope.spells(schema.raw):
            continue
        value = pass_value(document, kind)
        rank = pass_rank(schema, arrives)
        name = free_name(document, "pass", snake(kind))
        found.append(Snippet(kind, name, value, first_sentence(schema.description), {"pass": kind}, rank))
    return found


def pass_value(document: Document, kind: str) -> dict[str, Any]:
    how = writing(document)
    schema = catalog.pass_schema(kind)
    if schema is None:
        return {"type": kind}
    scope = document.scope
    settings: dict[str, Any] = {}
    if kind in _TUNING:
        settings["train_data_config"] = reference(document, "data_config", "train_data")
        for name in ("r", "alpha"):
            prop = schema.properties.get(name)
            if prop and described.known(prop, scope):
                settings[described.spelling(name, prop, scope)] = Hole(
                    described.at(prop, scope).get("default")
                )
        settings["training_args"] = training_args()
    for name, value in _MORE.get(kind, {}).items():
        if described.known(schema.properties.get(name, {}), scope):
            settings[name] = value
    for name in catalog.required_in(schema, how.release):
        prop = described.at(schema.properties[name], scope)
        spelt = described.spelling(name, prop, scope)
        if spelt not in settings:
            settings[spelt] = parameter(document, name, prop)
            if prop.get("x-ref") == "function" and "user_script" in schema.properties:
                settings.setdefault("user_script", Hole("user_script.py", retrigger=True))
    return how.nest(kind, settings)


def training_args() -> dict[str, Any]:
    return {
        "per_device_train_batch_size": Hole(1),
        "gradient_accumulation_steps": Hole(4),
        "learning_rate": Hole(0.0001),
        "num_train_epochs": Hole(1),
    }
