"""Whether the passes can follow one another: each takes a kind of artifact and gives one."""

from __future__ import annotations

from collections.abc import Iterable

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
    """Tells of the first pass that cannot take what arrives: what follows is a consequence.

    Passes that are not run here are never blamed, and what they give is believed only where it is certain.
    """
    if model is None or model.kind == "other":
        return
    kind = "onnx_model" if model.kind == "onnx" else "adapter" if model.adapter_path else "hf_model"
    source = "the input model"
    for step in steps:
        schema = catalog.pass_schema(step.type)
        if schema is None:
            return
        if schema.runs_here and kind not in schema.takes:
            report.error(
                "pass-order",
                f"{step.type} takes {_say(schema.takes)}, and {source} gives {_say([kind])}{_remedy(step, kind, schema.takes)}",
                join(step.pointer, "type"),
            )
            return
        if len(schema.gives) != 1 or schema.gives[0] not in _SAYS:
            return
        kind, source = schema.gives[0], f"`{step.name}` ({step.type})"


def _say(kinds: Iterable[str]) -> str:
    return " or ".join(_SAYS.get(kind, kind) for kind in kinds)


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
