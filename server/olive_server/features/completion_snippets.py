"""Whole parts of a config to start from: passes, data configs, systems, evaluators, metrics, models, configs.

Each is plain JSON data in the form of the newest release at hand, with `Hole`s where a choice is to be made; accepted
as it stands it is a part that Olive takes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from olive_schemas import catalog
from olive_schemas.catalog import Property
from olive_schemas.releases import index
from olive_schemas.shape import Shape
from olive_schemas.shapes import View
from olive_schemas.tree import parse

from ..document import Document
from . import described
from .completion_items import Hole
from .plan import arriving, pass_rank

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_TUNING = frozenset(("LoRA", "QLoRA", "DoRA", "LoftQ", "LoHa", "LoKr"))


_MORE: Mapping[str, Mapping[str, Any]] = {
    "CaptureSplitInfo": {"num_splits": Hole(2)},
    "GraphSurgeries": {"surgeries": [{"surgeon": Hole("InferShapes", retrigger=True)}]},
}
"""What a pass needs although no single parameter is required."""


class Snippet(NamedTuple):
    label: str
    name: str
    """Under which it stands where it needs one."""
    value: Any
    detail: str
    data: Mapping[str, Any]
    rank: int = 2


class Writing(NamedTuple):
    """How the config at hand writes things."""

    document: Document
    release: str
    classic: bool

    def nest(self, kind: str, settings: Mapping[str, Any], key: str = "config", **own: Any) -> dict[str, Any]:
        """An object with a type: its settings nested or beside it, as the dialect does it."""
        if not settings:
            return {"type": kind, **own}
        return {"type": kind, **own, **({key: dict(settings)} if self.classic else settings)}

    def since(self, release: str) -> bool:
        return index(self.release) >= index(release)


def writing(document: Document) -> Writing:
    return Writing(document, document.scope.newest, document.era == "classic")


def names_of(document: Document, kind: str) -> list[str]:
    return list(document.view.definitions.get(kind, {}))


def free_name(document: Document, kind: str, wanted: str) -> str:
    """The name, with a number behind it where it is taken."""
    taken = set(names_of(document, kind))
    numbered = (wanted if number == 1 else f"{wanted}_{number}" for number in range(1, len(taken) + 2))
    return next(name for name in numbered if name not in taken)


def reference(document: Document, kind: str, otherwise: str) -> Hole:
    """The first thing of a kind that the config defines."""
    names = names_of(document, kind)
    return Hole(names[0] if names else otherwise, retrigger=True)


def passes(document: Document, pointer: str = "") -> list[Snippet]:
    """Every pass type of the releases at hand, with what it needs; first those that can take what arrives there."""
    found = []
    arrives = arriving(document, pointer)
    for kind in catalog.known_passes():
        schema = catalog.pass_schema(kind)
        if schema is None or not document.scope.knows(schema.raw):
            continue
        value = pass_value(document, kind)
        rank = pass_rank(schema, arrives)
        name = free_name(document, "pass", _snake(kind))
        found.append(Snippet(kind, name, value, _first_sentence(schema.description), {"pass": kind}, rank))
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
    settings.update(_MORE.get(kind, {}))
    for name in catalog.required_in(schema, how.release):
        prop = described.at(schema.properties[name], scope)
        spelt = described.spelling(name, prop, scope)
        if spelt not in settings:
            settings[spelt] = parameter(document, name, prop)
    return how.nest(kind, settings)


def parameter(document: Document, name: str, prop: Property) -> Any:
    """A value that a required parameter can have."""
    from .completion_keys import empty_value

    ref = prop.get("x-ref")
    if name == "precision" and "int4" in prop.get("enum", ()):
        return Hole("int4", retrigger=True)
    if ref in ("data_config", "system", "evaluator"):
        return reference(document, str(ref), "train_data" if ref == "data_config" else str(ref))
    for value in (*prop.get("enum", ()), *prop.get("x-values", ())):
        if value is not None:
            return Hole(value, retrigger=True)
    return empty_value(prop)


def training_args() -> dict[str, Any]:
    return {
        "per_device_train_batch_size": Hole(1),
        "gradient_accumulation_steps": Hole(4),
        "learning_rate": Hole(0.0001),
        "num_train_epochs": Hole(1),
    }


def data_configs(document: Document) -> list[Snippet]:
    """Local files and hub data sets for text generation, and made-up data."""
    name = free_name(document, "data_config", "train_data")
    local = {"data_name": "json", "data_files": Hole("data/train.json", retrigger=True), "split": "train"}
    table = {"data_name": "csv", "data_files": Hole("data/train.csv", retrigger=True), "split": "train"}
    hub = {"data_name": Hole("org/name", retrigger=True), "split": Hole("train")}
    made: list[tuple[str, Mapping[str, Any], str]] = [
        ("local JSON or JSON Lines file", local, "text rows of a local file"),
        ("local CSV file", table, "text rows of a local table"),
        ("data set of the hub", hub, "text rows of a data set on the Hugging Face hub"),
    ]
    return [
        Snippet(label, name, _text_data(document, load), detail, {"snippet": "data_config"})
        for label, load, detail in made
    ]


def _text_data(document: Document, load: Mapping[str, Any]) -> dict[str, Any]:
    how = writing(document)
    length, strategy = ("source_max_len", "corpus_strategy") if how.classic else ("max_seq_len", "strategy")
    text = {
        "text_cols": [Hole("text", retrigger=True)],
        strategy: Hole("line-by-line", retrigger=True),
        length: Hole(1024),
    }
    if how.classic:
        text = {"dataset_type": "corpus", **text}
    kind = {"type": "HuggingfaceContainer"}
    if _writes_params_config(document):
        return {**kind, "params_config": {**load, "component_kwargs": {"pre_process_data": text}}}
    if how.classic:
        return {
            **kind,
            "load_dataset_config": {"params": dict(load)},
            "pre_process_data_config": {"params": text},
        }
    return {**kind, "load_dataset_config": dict(load), "pre_process_data_config": text}


def _writes_params_config(document: Document) -> bool:
    """Up to 0.6.1, or where the other data configs of this file do so."""
    if not writing(document).since("0.6.2"):
        return True
    parts = document.parts.data_configs
    return document.era == "classic" and any("params_config" in part.fields for part in parts)


def systems(document: Document) -> list[Snippet]:
    how = writing(document)
    found = []
    for device, provider in (("cpu", "CPUExecutionProvider"), ("gpu", "CUDAExecutionProvider")):
        value = how.nest("LocalSystem", {"accelerators": [accelerator(document, device, provider)]})
        name = free_name(document, "system", "local_system" if device == "cpu" else "local_gpu")
        found.append(
            Snippet(
                f"LocalSystem, {device}", name, value, f"this machine's {device}", {"system": "LocalSystem"}
            )
        )
    found += [
        Snippet(kind, free_name(document, "system", _snake(kind)), how.nest(kind, _needed(document, kind)),
                _first_sentence(entry.get("description", "")), {"system": kind})
        for kind, entry in catalog.systems().items()
        if kind != "LocalSystem" and not entry.get("x-alias-of") and document.scope.knows(entry)
    ]  # fmt: skip
    return found


def _needed(document: Document, kind: str) -> dict[str, Any]:
    shape = _shape(document, {"systems": {"s": {"type": kind}}}, "/systems/s")
    scope = document.scope
    return {
        name: parameter(document, name, described.at(shape.properties[name], scope))
        for name in described.required(shape, scope)
        if name in shape.properties and name not in shape.own
    }


def _shape(document: Document, config: Mapping[str, Any], pointer: str) -> Shape:
    """What would be expected at a place of another config."""
    return View(parse(json.dumps(config)), config, document.era, document.scope).shape(pointer)


def accelerator(document: Document, device: str, provider: str) -> Any:
    """Up to 0.5.0 a mere string."""
    how = writing(document)
    if not how.since("0.5.1") or _plain_accelerators(document):
        return Hole(device, retrigger=True)
    return {
        "device": Hole(device, retrigger=True),
        "execution_providers": [Hole(provider, retrigger=True)],
    }


def _plain_accelerators(document: Document) -> bool:
    """Whether the file writes accelerators as strings."""
    values = (system.value("accelerators") for system in document.parts.systems.values())
    return any(isinstance(entry, str) for value in values if isinstance(value, list) for entry in value)


def metrics(document: Document, priority: int = 1) -> list[Snippet]:
    """Metrics of each type; `priority`: the first one that is free in the evaluator."""
    made = (
        ("latency", "avg", "how long an answer takes"),
        ("throughput", "avg", "answers a second"),
        ("accuracy", "accuracy_score", "how many answers are right"),
        ("size_on_disk", "bytes", "size of the model"),
    )
    known = _metric_types(document)
    found = []
    for kind, number, detail in made:
        if kind not in known:
            continue
        value: dict[str, Any] = {"name": Hole(kind), "type": kind}
        if kind in ("latency", "throughput", "accuracy") and writing(document).since("0.3.1"):
            names = names_of(document, "data_config")
            if names:
                value["data_config"] = Hole(names[0], retrigger=True)
        value["sub_types"] = [{"name": Hole(number, retrigger=True), "priority": Hole(priority)}]
        found.append(Snippet(kind, kind, value, detail, {"metric": kind}))
    return found


def _metric_types(document: Document) -> set[str]:
    shape = _shape(document, {"evaluators": {"e": {"metrics": [{}]}}}, "/evaluators/e/metrics/0")
    prop = shape.properties.get("type", {})
    return {str(entry.value) for entry in described.values(prop, document.scope) if entry.known}


def evaluators(document: Document) -> list[Snippet]:
    found = [
        Snippet(
            f"{metric.label} evaluator",
            free_name(document, "evaluator", f"{metric.label}_evaluator"),
            {"metrics": [metric.value]},
            metric.detail,
            {"snippet": "evaluator"},
        )
        for metric in metrics(document)
    ]
    if writing(document).since("0.7.0"):
        value = {"type": "LMEvaluator", "tasks": [Hole("hellaswag")]}
        name = free_name(document, "evaluator", "lm_evaluator")
        found.append(
            Snippet(
                "LMEvaluator", name, value, "tasks of the lm-evaluation-harness", {"evaluator": "LMEvaluator"}
            )
        )
    return found


def models(document: Document) -> list[Snippet]:
    how = writing(document)
    path = Hole("org/name", retrigger=True)
    if how.classic:
        hub = {"hf_config": {"model_name": path, "task": Hole("text-generation", retrigger=True)}}
        first = Snippet(
            "PyTorchModel with hf_config",
            "",
            how.nest("PyTorchModel", hub),
            "a transformers model",
            {"model": "PyTorchModel"},
        )
    else:
        value = {"type": "HfModel", "model_path": path}
        first = Snippet("HfModel", "", value, "a transformers model", {"model": "HfModel"})
    onnx = how.nest("ONNXModel", {"model_path": Hole("model.onnx", retrigger=True)})
    return [first, Snippet("ONNXModel", "", onnx, "a model in ONNX format", {"model": "ONNXModel"})]


def search_strategies(document: Document) -> list[Snippet]:
    how = writing(document)
    if how.since("0.8.0"):
        value: dict[str, Any] = {
            "execution_order": Hole("joint", retrigger=True),
            "sampler": Hole("tpe", retrigger=True),
            "max_samples": Hole(5),
            "seed": Hole(0),
        }
    else:
        value = {
            "execution_order": Hole("joint", retrigger=True),
            "search_algorithm": Hole("tpe", retrigger=True),
            "search_algorithm_config": {"num_samples": Hole(5), "seed": Hole(0)},
        }
    return [Snippet("search", "", value, "the best values of parameters", {"snippet": "search"})]


def configs(document: Document) -> list[Snippet]:
    """A whole config for an empty file: fine-tune, merge, build; or only build."""
    model = models(document)[0].value
    where = {"output_dir": Hole("models/result")}
    engine = {"engine": where} if document.era == "classic" else where
    data = {"data_configs": named_data(document)}
    made = (
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
                "passes": {_snake(kind): pass_value(document, kind) for kind in kinds},
                **engine,
            },
            f"a config with {', '.join(kinds)}",
            about,
        )
        for label, kinds, more in made
        if all(document.scope.knows(schema.raw) for kind in kinds if (schema := catalog.pass_schema(kind)))
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


def _snake(kind: str) -> str:
    """OnnxConversion -> onnx_conversion; LoRA -> lora."""
    if kind in _TUNING:
        return kind.lower()
    return _WORD_START.sub("_", kind.replace("LoRA", "Lora")).lower()


def _first_sentence(text: str) -> str:
    return text.split(". ")[0].rstrip(".")
