"""A copy of genai's graph that can be rewritten without its weights: names, types and shapes, and what each initializer
will be made of when it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import onnx
import onnx_ir as ir
import torch
from onnx_ir.tensor_adapters import to_torch_dtype

from .deferred import CannotDefer
from .streams import Note, Part, PartName, Stream, Weight


class Rewriting:
    """The copy of the graph that is being rewritten, and what its initializers will be made of."""

    def __init__(self, model: ir.Model, note: Note) -> None:
        self.tensors: dict[str, Any] = {}
        self.note = note
        values = list(model.graph.initializers.values())
        kept = [value.const_value for value in values]
        try:
            for value, tensor in zip(values, kept, strict=True):
                self.tensors[str(value.name)] = tensor
                value.const_value = _shell(tensor)
            self.proto = ir.to_proto(model)
        finally:
            for value, tensor in zip(values, kept, strict=True):
                value.const_value = tensor
        self.known = {tensor.name: tensor for tensor in self.proto.graph.initializer}

    def constant(self, name: str) -> Any | None:
        return self.known.get(name)

    def declare(self, name: str, kind: int, dims: Iterable[int]) -> Any:
        """A new initializer's outline; its value follows with `fill`."""
        outline = onnx.TensorProto(name=name, data_type=kind, dims=list(dims))
        outline.data_location = onnx.TensorProto.EXTERNAL
        outline.external_data.add(key="location", value="later")
        if name in self.known:
            raise CannotDefer(f"two nodes share the weight {name}")
        self.known[name] = outline
        return outline

    def fill(self, outline: Any, weight: Weight, part: PartName) -> None:
        self.tensors[outline.name] = Part(
            outline.name, ir.DataType(outline.data_type), list(outline.dims), weight, part, self.note
        )

    def drop_unused(self) -> None:
        used = {name for node in self.proto.graph.node for name in node.input}
        used |= {value.name for value in self.proto.graph.output}
        kept = [tensor for tensor in self.proto.graph.initializer if tensor.name in used]
        if len(kept) != len(self.proto.graph.initializer):
            del self.proto.graph.initializer[:]
            self.proto.graph.initializer.extend(kept)
            self.known = {tensor.name: tensor for tensor in self.proto.graph.initializer}

    def finish(self) -> ir.Model:
        model = ir.from_proto(self.proto)
        for value in model.graph.initializers.values():
            value.const_value = self.tensors[str(value.name)]
        return model


def _shell(tensor: Any) -> Any:
    """Name, type and shape of a tensor, in the one form that onnx-ir copies without asking for the values."""
    return ir.ExternalTensor(
        "later", None, None, tensor.dtype, shape=tensor.shape, name=tensor.name, base_dir=""
    )


def matrix(rewriting: Rewriting, outline: Any) -> tuple[Callable[[], torch.Tensor], torch.dtype]:
    """How to get a MatMul's weight as [K, N], and the type that it is quantised from."""
    tensor = rewriting.tensors[outline.name]
    kind = to_torch_dtype(ir.DataType(outline.data_type))
    if isinstance(tensor, Stream):
        return tensor.source, kind
    if outline.data_type == onnx.TensorProto.BFLOAT16:
        raise CannotDefer(f"{outline.name} is a bfloat16 constant of the builder")
    return (lambda: torch.from_numpy(tensor.numpy())), kind
