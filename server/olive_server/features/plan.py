"""The steps of a run in their order, with what each gets and what becomes of it: for hover and for ordering offers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from olive_schemas.catalog import PassSchema

from ..document import Document
from ..parts import Part, PassPart


class Step(NamedTuple):
    number: int
    total: int
    part: PassPart
    before: PassPart | None
    after: PassPart | None
    gets: str
    """Kind of model that arrives; empty where that is not certain."""


_KINDS = {
    "hfmodel": "hf_model",
    "pytorchmodel": "pytorch_model",
    "onnxmodel": "onnx_model",
    "openvinomodel": "openvino_model",
}


def steps(document: Document) -> tuple[Step, ...]:
    """The passes of the (first) flow, the first of alternatives each."""
    parts = document.parts
    by_name = {alternatives[0].name: alternatives[0] for alternatives in parts.passes if alternatives}
    names = [name for name in (parts.flows[0] if parts.flows else ()) if name in by_name]
    order = [by_name[name] for name in names]
    kind = input_kind(parts.model)
    found = []
    for index, part in enumerate(order):
        before = order[index - 1] if index else None
        after = order[index + 1] if index + 1 < len(order) else None
        found.append(Step(index + 1, len(order), part, before, after, kind))
        kind = gives(part, kind)
    return tuple(found)


def step_of(document: Document, pointer: str) -> Step | None:
    """The step of the pass at a pointer."""
    return next((step for step in steps(document) if step.part.pointer == pointer), None)


def arriving(document: Document, pointer: str) -> str:
    """The kind of model that a pass at a pointer would get; behind all others where none is there yet."""
    order = steps(document)
    here = next((step for step in order if step.part.pointer == pointer), None)
    if here is not None:
        return here.gets
    return gives(order[-1].part, order[-1].gets) if order else input_kind(document.parts.model)


def gives(part: PassPart, kind: str) -> str:
    """What a pass makes of a kind of model; empty where it is not certain."""
    if part.schema is None:
        return ""
    if len(part.schema.gives) == 1:
        return "" if part.schema.gives[0] == "any" else part.schema.gives[0]
    return kind if kind in part.schema.gives else ""


def input_kind(model: Part | None) -> str:
    if model is None:
        return ""
    if model.value("hf_config") is not None:
        return "hf_model"
    if model.value("adapter_path") is not None and model.type.lower() == "hfmodel":
        return "adapter"
    return _KINDS.get(model.type.lower(), "")


def fits(takes: tuple[str, ...], kind: str) -> bool:
    """Whether a pass that takes these kinds can take this one; what is not certain fits."""
    if not kind or not takes or "any" in takes or kind in takes:
        return True
    return kind == "adapter" and "hf_model" in takes and "adapter" in takes


_USUAL = (
    "LoRA",
    "QLoRA",
    "MergeAdapterWeights",
    "ModelBuilder",
    "OnnxConversion",
    "OrtTransformersOptimization",
    "OnnxPeepholeOptimizer",
    "OnnxDynamicQuantization",
    "OnnxStaticQuantization",
    "OnnxQuantization",
    "Gptq",
    "GptqQuantizer",
    "OnnxFloatToFloat16",
    "OrtSessionParamsTuning",
    "OrtPerfTuning",
)
"""The passes of most configs, in the order in which they come in one."""


def by_use(kinds: Iterable[str]) -> list[str]:
    """The usual passes first, the others as they come."""
    order = {kind: place for place, kind in enumerate(_USUAL)}
    return sorted(kinds, key=lambda kind: order.get(kind, len(order)))


def pass_rank(schema: PassSchema, arrives: str) -> int:
    """Where a pass stands among offers: what runs here and can take the model that arrives comes first."""
    if not fits(schema.takes, arrives):
        return 5
    return 3 if schema.runs_here or schema.type in _USUAL else 4
