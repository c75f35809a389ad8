"""Whole data configs, systems, evaluators, metrics, models and searches, in the form of the file.

Each is plain JSON data with `Hole`s where a choice is to be made; accepted as it stands it is a part that Olive takes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from olive_schemas import catalog
from olive_schemas.catalog import Property
from olive_schemas.releases import Scope, known_in
from olive_schemas.shape import Shape
from olive_schemas.shapes import View
from olive_schemas.tree import parse

from ..document import Document
from . import described
from .completion_items import Hole
from .completion_writing import Snippet, first_sentence, free_name, names_of, parameter, snake, writing


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
    found = [
        Snippet(label, name, _text_data(document, load), detail, {"snippet": "data_config"})
        for label, load, detail in made
    ]
    name = free_name(document, "data_config", "dummy_data")
    about = {"snippet": "data_config"}
    return [
        *found,
        Snippet("made-up data", name, _dummy_data(document), "random numbers to measure with", about),
    ]


def _dummy_data(document: Document) -> dict[str, Any]:
    """Token ids; the shapes are what has to be changed."""
    load = {
        "input_shapes": [[Hole(1), Hole(128)]],
        "input_names": [Hole("input_ids")],
        "input_types": [Hole("int64", retrigger=True)],
    }
    how, kind = writing(document), {"type": "DummyDataContainer"}
    if _writes_params_config(document):
        return {**kind, "params_config": load}
    return {**kind, "load_dataset_config": {"params": load} if how.classic else load}


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
        Snippet(kind, free_name(document, "system", snake(kind)), how.nest(kind, _needed(document, kind)),
                first_sentence(entry.get("description", "")) if known_in(entry, how.release) else described.life(entry),
                {"system": kind}, 2 if known_in(entry, how.release) else 5)
        for kind, entry in catalog.systems().items()
        if kind != "LocalSystem" and not entry.get("x-alias-of") and document.scope.knows(entry)
    ]  # fmt: skip
    return found


def _needed(document: Document, kind: str) -> dict[str, Any]:
    shape = _shape(document, {"systems": {"s": {"type": kind}}}, "/systems/s")
    scope = document.scope
    needed = dict.fromkeys(described.required(shape, scope))
    needed |= dict.fromkeys(name for name, prop in shape.properties.items() if _sometimes(prop, scope))
    return {
        name: parameter(document, name, described.at(shape.properties[name], scope))
        for name in needed
        if name in shape.properties and name not in shape.own
    }


def _sometimes(prop: Property, scope: Scope) -> bool:
    """Whether it has to be written unless another key says otherwise, or once the system is used."""
    return any(
        described.within(span, scope.newest)
        for keyword in ("x-required-unless", "x-required-used")
        for span in prop.get(keyword, ())
    )


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
    script = {
        "model_script": Hole("user_script.py", retrigger=True),
        "model_loader": Hole("load_model", retrigger=True),
        "io_config": {
            "input_names": [Hole("input")],
            "input_shapes": [[Hole(1), Hole(3), Hole(224), Hole(224)]],
            "output_names": [Hole("output")],
        },
    }
    return [
        first,
        Snippet("ONNXModel", "", onnx, "a model in ONNX format", {"model": "ONNXModel"}),
        Snippet(
            "PyTorchModel with a script",
            "",
            how.nest("PyTorchModel", script),
            "a PyTorch model that a function loads",
            {"model": "PyTorchModel"},
        ),
    ]


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
