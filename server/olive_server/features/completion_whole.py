"""Whole configs for an empty file, and the values of keys whose value is a part of a config."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from olive_schemas import catalog
from olive_schemas.catalog import Property
from olive_schemas.shape import Shape

from ..document import Document
from . import described
from .completion_items import Hole
from .completion_passes import pass_value, training_args
from .completion_snippets import (
    accelerator,
    data_configs,
    evaluators,
    metrics,
    models,
    search_strategies,
    systems,
)
from .completion_writing import Snippet, names_of, reference, snake, writing

_OF_THE_ENGINE: Mapping[str, Any] = {
    "packaging_config": {"type": Hole("Zipfile", retrigger=True), "name": Hole("OutputModels")},
    "azureml_client": {
        "subscription_id": Hole("00000000-0000-0000-0000-000000000000"),
        "resource_group": Hole("my-resource-group"),
        "workspace_name": Hole("my-workspace"),
    },
}


def configs(document: Document) -> list[Snippet]:
    """A whole config for an empty file: fine-tune, merge, build; or only build."""
    model = models(document)[0].value
    where = {"output_dir": Hole("models/result")}
    engine = {"engine": where} if document.era == "classic" else where
    data = {"data_configs": named_data(document)}
    made: tuple[tuple[str, tuple[str, ...], Mapping[str, Any]], ...] = (
        ("fine-tune and build int4", ("LoRA", "MergeAdapterWeights", "ModelBuilder"), data),
        ("fine-tune", ("LoRA", "MergeAdapterWeights"), data),
        ("build int4", ("ModelBuilder",), {}),
        ("export to ONNX", ("OnnxConversion",), {}),
    )
    about = {"snippet": "workflow"}
    return [
        Snippet(
            label,
            "",
            {
                "input_model": model,
                **more,
                "passes": {snake(kind): pass_value(document, kind) for kind in kinds},
                **engine,
            },
            f"a config with {', '.join(kinds)}",
            about,
        )
        for label, kinds, more in made
        if all(document.scope.spells(schema.raw) for kind in kinds if (schema := catalog.pass_schema(kind)))
    ]


def named_data(document: Document) -> Any:
    """`data_configs` with one entry: a list, up to 0.5.2 an object whose keys are the names."""
    first = data_configs(document)[0]
    if writing(document).since("0.6.0"):
        return [{"name": Hole(first.name), **first.value}]
    return {first.name: {"name": first.name, **first.value}}


def value_of_key(document: Document, shape: Shape, name: str, prop: Property) -> Any:
    """What is written behind a key whose value is a part of a config; None where nothing special is known."""
    if shape.kind == "workflow" and name == "data_configs":
        return named_data(document)
    if shape.kind == "workflow" and name in ("systems", "evaluators"):
        first = systems(document)[0] if name == "systems" else evaluators(document)[0]
        return {first.name: first.value}
    if shape.kind == "workflow" and name == "input_model":
        return models(document)[0].value
    if name == "search_strategy":
        return search_strategies(document)[0].value
    if name == "pass_flows" and shape.kind == "workflow":
        return [names_of(document, "pass")] if names_of(document, "pass") else [[]]
    if name in _OF_THE_ENGINE and shape.kind in ("workflow", "engine"):
        return _OF_THE_ENGINE[name]
    if name == "accelerators":
        return [accelerator(document, "cpu", "CPUExecutionProvider")]
    if name == "metrics" and shape.kind == "evaluator":
        return [metrics(document)[0].value]
    if name == "goal" and shape.kind == "sub_type":
        return {"type": Hole("max-degradation", retrigger=True), "value": Hole(0.01)}
    if prop.get("x-ref") == "training_arguments" and shape.kind in ("pass", "pass_config"):
        return training_args()
    kind = prop.get("x-ref")
    if kind in ("data_config", "system", "evaluator") and "string" in described.types_of(prop):
        return reference(document, str(kind), "")
    return None
