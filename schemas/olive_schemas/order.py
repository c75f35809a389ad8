"""Whether the passes can follow one another: each takes a kind of artifact and gives one."""

from __future__ import annotations

from . import catalog
from .report import Report
from .tree import join
from .workflow import InputModel, PassStep

_SAYS = {
    "hf_model": "a transformers model",
    "adapter": "an adapter",
    "onnx_model": "an ONNX model",
}


def check_order(model: InputModel | None, steps: list[PassStep], report: Report) -> None:
    """Tells of the first pass that cannot take what arrives: what follows is a consequence."""
    if model is None or model.kind == "other":
        return
    kind = "onnx_model" if model.kind == "onnx" else "adapter" if model.adapter_path else "hf_model"
    source = "the input model"
    for step in steps:
        schema = catalog.pass_schema(step.type)
        if schema is None or not schema.takes or not schema.gives:
            return
        if kind not in schema.takes:
            takes = " or ".join(_SAYS.get(name, name) for name in schema.takes)
            report.error(
                "pass-order",
                f"{step.type} takes {takes}, and {source} gives {_SAYS.get(kind, kind)}{_remedy(step, kind, schema.takes)}",
                join(step.pointer, "type"),
            )
            return
        kind = schema.gives if schema.gives in _SAYS else kind
        source = f"`{step.name}` ({step.type})"


def _remedy(step: PassStep, kind: str, takes: tuple[str, ...]) -> str:
    if step.type == "MergeAdapterWeights":
        return ": put a pass that trains an adapter before it, or give `adapter_path` in `input_model`"
    if kind == "adapter" and "hf_model" in takes:
        return ": merge the adapter first, with a MergeAdapterWeights pass"
    if kind == "onnx_model":
        return f": put `{step.name}` before the pass that builds the ONNX model"
    if "onnx_model" in takes:
        return ": build an ONNX model first, with a ModelBuilder pass"
    return ""
