"""Names of tasks and number types that Olive hands on unread: wrong ones fail in the middle of a run.

`unknown-task`: a task that is a misspelling of a known one: no model class is found for it, or another pre-processing
is silently taken.

`unknown-name`: `hf_config` in HfModel. `unknown-type`: a model type that means HfModel.

`unknown-dtype`: `torch_dtype` in a spelling that torch does not have: "fp16" for "float16".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from olive_schemas import catalog
from olive_schemas.nearest import nearest, unmistakable
from olive_schemas.problems import Problem, Remedy, Severity

from ._told import remove, replace, told

if TYPE_CHECKING:
    from ..document import Document
    from ..parts import Part

CODES = {
    "unknown-name": "a key that nothing knows",
    "unknown-type": "no release of Olive has such a type",
    "unknown-task": "the task is a misspelling of a known one",
    "unknown-dtype": "torch has no number type of this name",
}
_DTYPES = {
    "fp16": "float16",
    "half": "float16",
    "f16": "float16",
    "bf16": "bfloat16",
    "fp32": "float32",
    "f32": "float32",
    "fp64": "float64",
}
_HUGGING = re.compile(r"hf|hugging|transformer", re.IGNORECASE)
_DTYPE_KEYS = frozenset(("torch_dtype", "dtype"))


def check(document: Document) -> Iterable[Problem]:
    model = document.parts.model
    written = model.get("type") if model is not None else None
    if written is not None and _means_hf(written.value):
        yield told(
            Severity.ERROR,
            "unknown-type",
            f"Olive has no model type `{written.value}`; did you mean `HfModel`?",
            written.pointer,
            remedies=[replace(written.pointer, "HfModel", exact=document.era == "current")],
        )
    yield from _classic_keys(model)
    for place in document.view.places:
        value = place.node.value
        if place.node.kind != "string" or place.member is None:
            continue
        key = place.member.name
        if key in _DTYPE_KEYS and value.lower() in _DTYPES and _free(place.shape.prop, value):
            meant = _DTYPES[value.lower()]
            yield told(
                Severity.ERROR,
                "unknown-dtype",
                f'`{key}`: torch has no type "{value}"; did you mean "{meant}"?',
                place.pointer,
                remedies=[replace(place.pointer, meant, exact=True)],
            )
        elif key == "task" and place.shape.prop.get("x-ref") == "hf_task":
            problem = _task(value, place.pointer, place.shape.prop)
            if problem is not None:
                yield problem


def _classic_keys(model: Part | None) -> Iterator[Problem]:
    """`hf_config`, which only the classic PyTorchModel has, in HfModel."""
    if model is None or model.type.lower() != "hfmodel":
        return
    entry = model.get("hf_config")
    if entry is not None:
        yield told(
            Severity.ERROR,
            "unknown-name",
            "`hf_config` is of the classic PyTorchModel: HfModel has `model_path`, `task` and `load_kwargs` themselves, and "
            "a run stops at it",
            entry.pointer,
            "key",
            remedies=[remove(entry.pointer)] if model.get("model_path") else _as_hf_model(model, entry.value),
        )


def _as_hf_model(model: Part, hf_config: Any) -> list[Remedy]:
    """The whole model with what `hf_config` says, as it is written since 0.7.0."""
    if not isinstance(hf_config, dict) or not isinstance(hf_config.get("model_name"), str):
        return []
    value: dict[str, Any] = {"type": "HfModel", "model_path": hf_config["model_name"]}
    if isinstance(hf_config.get("task"), str):
        value["task"] = hf_config["task"]
    loading = hf_config.get("from_pretrained_args") or hf_config.get("load_kwargs")
    if isinstance(loading, dict):
        value["load_kwargs"] = loading
    kept = {key: field.value for key, field in model.fields.items() if key not in ("type", "hf_config")}
    return [replace(model.pointer, {**value, **kept}, title="Write it as it is since 0.7.0")]


def _means_hf(written: Any) -> bool:
    return (
        isinstance(written, str)
        and _HUGGING.match(written) is not None
        and catalog.find(catalog.models(), written) is None
    )


def _free(prop: catalog.Property, value: str) -> bool:
    return value not in prop.get("enum", ())


def _task(value: str, pointer: str, prop: catalog.Property) -> Problem | None:
    known = list(dict.fromkeys([*prop.get("x-values", {}), *catalog.hf_tasks()]))
    if value.lower() in known:
        return None
    near = nearest(value, known, 0.85)
    if near is None:
        return None
    return told(
        Severity.ERROR,
        "unknown-task",
        f'`task`: "{value}" is no task of transformers; did you mean "{near}"?',
        pointer,
        remedies=[replace(pointer, near, exact=unmistakable(value, known) is not None)],
    )
