"""The graph after quantising, without its weights: node for node what onnxruntime's quantisers make of genai's graph.

genai emits float MatMuls and lets onnxruntime rewrite the finished model. Here the same rewriting is done on a copy
that holds names, types and shapes only; each quantised initializer becomes a `Part` that is computed while it is
written. Covered: the default, `rtn` and `k_quant` methods, 4 and 8 bits mixed, QOperator and QDQ form, MatMul and
Gather. Anything else raises `CannotDefer`, and the caller takes genai's own way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import onnx
import onnx_ir as ir
import torch
from onnx_ir.tensor_adapters import to_torch_dtype

from .deferred import CannotDefer
from .quantise import Rows, blocks_of, quantise_rows, search_rows
from .streams import Note, Part, PartName, Stream, Weight

_FLOAT_KINDS = (onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16, onnx.TensorProto.BFLOAT16)


class _Rewriting:
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


def quantised_model(builder: Any, note: Note) -> ir.Model:
    """What `builder.to_nbits()` would give, with initializers that are computed when they are written.

    CannotDefer where an option asks for something that is not covered here.
    """
    if (
        builder.ep == "cuda"
        and builder.matmul_attrs["weights_prepacked"]
        and builder.quant_attrs["is_symmetric"]
    ):
        raise CannotDefer("weights are packed in advance for a CUDA kernel (matmulnbits_weights_prepacked)")
    if getattr(builder, "exact_quant_override_names", None):
        raise CannotDefer("single nodes have a type of their own (target_options.quant_config)")
    attributes = builder.quant_attrs
    if attributes["use_qdq"] and "Gather" in attributes["op_types_to_quantize"]:
        raise CannotDefer("embeddings are not quantised in the QDQ form")
    rewriting = _Rewriting(builder.model, note)
    excluded = set(attributes["nodes_to_exclude"])
    custom = {name: each["bits"] for name, each in (builder.int4_customized_weight_config or {}).items()}
    if builder.quantization_algo == "default":
        _default_pass(rewriting, attributes, attributes["bits"], excluded | set(custom), set())
        for bits in dict.fromkeys(custom.values()):
            chosen = {name for name, each in custom.items() if each == bits}
            _default_pass(rewriting, attributes, bits, excluded, chosen)
    elif builder.quantization_algo in ("rtn", "k_quant"):
        _search_pass(rewriting, attributes, builder.quantization_algo, excluded, custom)
    else:
        raise CannotDefer(f"the method {builder.quantization_algo} is not known")
    return rewriting.finish()


def _matrix(rewriting: _Rewriting, outline: Any) -> tuple[Callable[[], torch.Tensor], torch.dtype]:
    """How to get a MatMul's weight as [K, N], and the type that it is quantised from."""
    tensor = rewriting.tensors[outline.name]
    kind = to_torch_dtype(ir.DataType(outline.data_type))
    if isinstance(tensor, Stream):
        return tensor.source, kind
    if outline.data_type == onnx.TensorProto.BFLOAT16:
        raise CannotDefer(f"{outline.name} is a bfloat16 constant of the builder")
    return (lambda: torch.from_numpy(tensor.numpy())), kind


def _default_pass(
    rewriting: _Rewriting, attributes: Any, bits: int, excluded: set[str], chosen: set[str]
) -> None:
    """One run of onnxruntime's default quantiser over all nodes, at one number of bits."""
    nodes: list[Any] = []
    for node in rewriting.proto.graph.node:
        wanted = node.name not in excluded and (
            node.name in chosen or node.op_type in attributes["op_types_to_quantize"]
        )
        if wanted and node.op_type == "MatMul" and not (bits == 8 and attributes["use_qdq"]):
            nodes.extend(_default_matmul(rewriting, attributes, bits, node))
        elif wanted and node.op_type == "Gather" and bits == 4:
            nodes.append(_gather(rewriting, attributes, node))
        else:
            nodes.append(_with_branches_in_order(node))
    _replace_nodes(rewriting, nodes)
    rewriting.drop_unused()


def _replace_nodes(rewriting: _Rewriting, nodes: list[Any]) -> None:
    copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del rewriting.proto.graph.node[:]
    rewriting.proto.graph.node.extend(copies)


def _with_branches_in_order(node: Any) -> Any:
    """The quantiser makes nodes with branches anew, which puts their attributes in order of name."""
    values = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
    branches = [value for value in values.values() if isinstance(value, onnx.GraphProto)]
    if not branches:
        return node
    if any(inner.op_type in ("MatMul", "Gather") for branch in branches for inner in branch.node):
        raise CannotDefer(f"{node.name} has matrices inside its branches")
    return onnx.helper.make_node(node.op_type, node.input, node.output, name=node.name, **values)


def _default_matmul(rewriting: _Rewriting, attributes: Any, bits: int, node: Any) -> list[Any]:
    outline = rewriting.constant(node.input[1])
    if outline is None or len(outline.dims) < 2:
        return [node]
    if len(outline.dims) > 2 or outline.data_type not in _FLOAT_KINDS:
        raise CannotDefer(f"{outline.name} is no plain matrix")
    k, n = outline.dims
    block_size, symmetric = attributes["matmul_block_size"], attributes["is_symmetric"]
    blocks = blocks_of(k, block_size)
    source, kind = _matrix(rewriting, outline)
    if attributes["use_qdq"]:
        return _qdq(rewriting, attributes, node, outline, source, kind)
    weight = Weight(
        lambda: source().T,
        kind,
        partial(quantise_rows, bits=bits, block_size=block_size, symmetric=symmetric),
        bits,
    )
    made: list[tuple[PartName, Any]] = [
        ("packed", rewriting.declare(f"{outline.name}_Q{bits}", 2, (n, blocks, block_size * bits // 8))),
        ("scales", rewriting.declare(f"{outline.name}_scales", outline.data_type, (n, blocks))),
    ]
    if not symmetric:
        width = -(-blocks * bits // 8)
        made.append(("zeros", rewriting.declare(f"{outline.name}_zero_points", 2, (n, width))))
    for part, each in made:
        rewriting.proto.graph.initializer.append(each)
        rewriting.fill(each, weight, part)
    more = {"accuracy_level": attributes["accuracy_level"]} if attributes["accuracy_level"] else {}
    return [_matmul_nbits(node, [each.name for _, each in made], k, n, bits, block_size, f"_Q{bits}", more)]


def _matmul_nbits(
    node: Any,
    inputs: list[str],
    k: int,
    n: int,
    bits: int,
    block_size: int,
    ending: str,
    more: dict[str, int],
) -> Any:
    return onnx.helper.make_node(
        "MatMulNBits",
        inputs=[node.input[0], *inputs],
        outputs=[node.output[0]],
        name=f"{node.name}{ending}",
        domain="com.microsoft",
        K=k,
        N=n,
        bits=bits,
        block_size=block_size,
        **more,
    )


def _qdq(
    rewriting: _Rewriting,
    attributes: Any,
    node: Any,
    outline: Any,
    source: Callable[[], torch.Tensor],
    kind: Any,
) -> list[Any]:
    """A DequantizeLinear in front of the MatMul; the weight stays [K, N], its 4-bit values run along N."""
    k, n = outline.dims
    block_size, symmetric = attributes["matmul_block_size"], attributes["is_symmetric"]
    blocks = blocks_of(k, block_size)
    packed_kind = onnx.TensorProto.INT4 if symmetric else onnx.TensorProto.UINT4
    quantiser = partial(_qdq_rows, block_size=block_size, symmetric=symmetric)
    weight = Weight(source, kind, quantiser, 4, step=2 * block_size)
    made: list[tuple[PartName, Any]] = [
        ("packed", rewriting.declare(f"{outline.name}_DQ_Q4", packed_kind, (k, n))),
        ("scales", rewriting.declare(f"{outline.name}_DQ_scales", outline.data_type, (blocks, n))),
    ]
    if not symmetric:
        name = f"{outline.name}_DQ_zero_points"
        made.append(("zeros", rewriting.declare(name, packed_kind, (blocks, n))))
    for part, each in made:
        rewriting.proto.graph.initializer.append(each)
        rewriting.fill(each, weight, part)
    values = f"{made[0][1].name}_output"
    return [
        onnx.helper.make_node(
            "DequantizeLinear",
            inputs=[each.name for _, each in made],
            outputs=[values],
            name=f"{node.name}_DQ_Q4",
            axis=0,
            block_size=block_size,
        ),
        onnx.helper.make_node(
            "MatMul", inputs=[node.input[0], values], outputs=[node.output[0]], name=f"{node.name}_matmul_Q4"
        ),
    ]


def _qdq_rows(rows: torch.Tensor, block_size: int, symmetric: bool) -> Rows:
    """Some rows of a [K, N] matrix by onnxruntime's kernel for the QDQ form."""
    import numpy as np
    from onnxruntime.capi._pybind_state import quantize_qdq_matmul_4bits

    if rows.dtype == torch.bfloat16:
        found = _qdq_rows(rows.float(), block_size, symmetric)
        return Rows(found.packed, found.scales.to(torch.bfloat16), found.zeros)
    source = np.ascontiguousarray(rows.numpy())
    k, n = source.shape
    blocks = blocks_of(k, block_size)
    packed = np.zeros((k * n + 1) // 2, np.uint8)
    zeros = np.zeros((n * blocks + 1) // 2, np.uint8)
    scales = np.zeros((blocks, n), source.dtype)
    quantize_qdq_matmul_4bits(packed, source, scales, zeros, block_size, n, k, symmetric)
    return Rows(
        torch.from_numpy(packed), torch.from_numpy(scales), None if symmetric else torch.from_numpy(zeros)
    )


def _gather(rewriting: _Rewriting, attributes: Any, node: Any) -> Any:
    """An embedding that is looked up in 4 bits."""
    outline = rewriting.constant(node.input[0])
    if outline is None:
        return node
    if attributes["use_qdq"] or len(outline.dims) != 2 or outline.data_type == onnx.TensorProto.BFLOAT16:
        raise CannotDefer(f"{outline.name} is looked up in a form that is not covered")
    rows, k = outline.dims
    block_size, symmetric = attributes["matmul_block_size"], attributes["is_symmetric"]
    packed_kind = onnx.TensorProto.INT4 if symmetric else onnx.TensorProto.UINT4
    source, kind = _matrix(rewriting, outline)
    weight = Weight(
        source, kind, partial(_gather_rows, block_size=block_size, symmetric=symmetric), 4, step=2
    )
    scales_shape = (rows, blocks_of(k, block_size))
    made: list[tuple[PartName, Any]] = [
        ("packed", rewriting.declare(f"{outline.name}_Q4", packed_kind, (rows, k))),
        ("scales", rewriting.declare(f"{outline.name}_scales", outline.data_type, scales_shape)),
    ]
    if not symmetric:
        made.append(("zeros", rewriting.declare(f"{outline.name}_zero_points", packed_kind, scales_shape)))
    for part, each in made:
        rewriting.proto.graph.initializer.append(each)
        rewriting.fill(each, weight, part)
    axis = next((attribute.i for attribute in node.attribute if attribute.name == "axis"), 0)
    names = [each.name for _, each in made]
    return onnx.helper.make_node(
        "GatherBlockQuantized",
        inputs=[names[0], node.input[1], *names[1:]],
        outputs=[node.output[0]],
        name=f"{node.name}_Q4",
        domain="com.microsoft",
        gather_axis=axis,
        quantize_axis=1,
        block_size=block_size,
    )


def _gather_rows(rows: torch.Tensor, block_size: int, symmetric: bool) -> Rows:
    from onnxruntime.quantization.matmul_nbits_quantizer import DefaultWeightOnlyQuantizer

    packed, scales, zeros = DefaultWeightOnlyQuantizer.quantize_ndarray(
        rows.numpy(), 1, block_size, symmetric
    )
    return Rows(
        torch.from_numpy(packed), torch.from_numpy(scales), None if zeros is None else torch.from_numpy(zeros)
    )


def _search_pass(
    rewriting: _Rewriting, attributes: Any, method: str, excluded: set[str], custom: dict[str, int]
) -> None:
    """onnxruntime's `rtn` or `k_quant` over all MatMuls: new nodes go to the end, then the graph is sorted."""
    from onnxruntime.quantization.neural_compressor.onnx_model import ONNXModel

    graph = ONNXModel(rewriting.proto)
    block_size = attributes["matmul_block_size"]
    new: list[Any] = []
    old: list[Any] = []
    for node in rewriting.proto.graph.node:
        outline = rewriting.constant(node.input[1]) if node.op_type == "MatMul" else None
        if outline is None or node.name in excluded or len(outline.dims) != 2:
            continue
        if outline.data_type not in (onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16):
            raise CannotDefer(f"{method} is not made for the type of {outline.name}")
        bits = custom.get(node.name, attributes["bits"])
        new.append(_search_matmul(rewriting, attributes, method, bits, block_size, node, outline))
        old.append(node)
    graph.add_nodes(new)
    graph.remove_nodes(old)
    graph.topological_sort()
    rewriting.proto = graph.model
    rewriting.drop_unused()


def _search_matmul(
    rewriting: _Rewriting, attributes: Any, method: str, bits: int, block_size: int, node: Any, outline: Any
) -> Any:
    k, n = outline.dims
    blocks = blocks_of(k, block_size)
    symmetric = attributes["is_symmetric"]
    source, kind = _matrix(rewriting, outline)
    quantiser = partial(search_rows, bits=bits, block_size=block_size, symmetric=symmetric, method=method)
    weight = Weight(lambda: source().T, kind, quantiser, bits, zeros_over_rows=True)
    packed_name = f"{outline.name}_Q{bits}G{block_size}"
    made: list[tuple[PartName, Any]] = [
        ("scales", rewriting.declare(f"{outline.name}_scale", outline.data_type, (n, blocks)))
    ]
    if not symmetric or method == "k_quant":
        width = blocks if bits == 8 else -(-n * blocks // 2) // n
        made.append(("zeros", rewriting.declare(f"{outline.name}_zp", 2, (n, width))))
    made.append(("packed", rewriting.declare(packed_name, 2, (n, blocks, block_size * bits // 8))))
    for part, each in made:
        rewriting.proto.graph.initializer.append(each)
        rewriting.fill(each, weight, part)
    level = attributes["accuracy_level"] or 0
    names = {part: each.name for part, each in made}
    inputs = [names["packed"], names["scales"], *([names["zeros"]] if "zeros" in names else [])]
    more = {"accuracy_level": level} if level > 0 else {}
    return _matmul_nbits(node, inputs, k, n, bits, block_size, f"_Q{bits}", more)
