"""Kinds of models: what an input model is, what a pass makes of one, and how messages call them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from olive_schemas.catalog import PassSchema

if TYPE_CHECKING:
    from ..parts import Part

TORCH = frozenset(("hf_model", "pytorch_model"))
SAYS = {
    "hf_model": "a transformers model",
    "pytorch_model": "a PyTorch model",
    "adapter": "a model with an adapter",
    "onnx_model": "an ONNX model",
    "openvino_model": "an OpenVINO model",
}
CERTAIN = frozenset(SAYS)
"""Kinds of which it is certain what takes them."""
_GIVEN_BY = {
    "hfmodel": "hf_model",
    "pytorchmodel": "pytorch_model",
    "onnxmodel": "onnx_model",
    "openvinomodel": "openvino_model",
}


def input_kind(model: Part) -> str:
    """Nothing where that is not certain."""
    kind = _GIVEN_BY.get(model.type.lower(), "")
    if kind == "pytorch_model" and model.get("hf_config"):
        kind = "hf_model"
    return "adapter" if kind == "hf_model" and model.value("adapter_path") else kind


def gives_of(schema: PassSchema, kind: str) -> str:
    """What the pass makes of a kind; nothing where that is not certain."""
    gives = set(schema.gives)
    if "any" in gives or kind in gives:
        return kind
    if kind == "adapter" and gives == {"hf_model"} and schema.type != "MergeAdapterWeights":
        return kind
    gives = {name for name in gives if not name.startswith("distributed_")} or gives
    if gives == {"onnx_model", "composite_model"}:
        # One model or several: what cannot take ONNX takes neither.
        return "onnx_model"
    if len(gives) != 1:
        return "hf_model" if gives and gives <= TORCH else ""
    given = next(iter(gives))
    return given if given in CERTAIN else ""
