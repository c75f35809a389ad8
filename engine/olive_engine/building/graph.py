"""The graph after quantising, without its weights: node for node what onnxruntime's quantisers make of genai's graph.

genai emits float MatMuls and lets onnxruntime rewrite the finished model. Here the same rewriting is done on a copy
that holds names, types and shapes only; each quantised initializer becomes a `Part` that is computed while it is
written. Covered: the default, `rtn` and `k_quant` methods, 4 and 8 bits mixed, QOperator and QDQ form, MatMul and
Gather. Anything else raises `CannotDefer`, and the caller takes genai's own way.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import onnx
import onnx_ir as ir

from .deferred import CannotDefer
from .graph_forms import gather, qdq
from .quantise import blocks_of, quantise_rows, search_rows
from .rewriting import Rewriting, matrix
from .streams import Note, PartName, Weight

_FLOAT_KINDS = (onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16, onnx.TensorProto.BFLOAT16)


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
    rewriting = Rewriting(builder.model, note)
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


def _default_pass(
    rewriting: Rewriting, attributes: Any, bits: int, excluded: set[str], chosen: set[str]
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
            nodes.append(gather(rewriting, attributes, node))
        else:
            nodes.append(_with_branches_in_order(node))
    _replace_nodes(rewriting, nodes)
    rewriting.drop_unused()


def _replace_nodes(rewriting: Rewriting, nodes: list[Any]) -> None:
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


def _default_matmul(rewriting: Rewriting, attributes: Any, bits: int, node: Any) -> list[Any]:
    outline = rewriting.constant(node.input[1])
    if outline is None or len(outline.dims) < 2:
        return [node]
    if len(outline.dims) > 2 or outline.data_type not in _FLOAT_KINDS:
        raise CannotDefer(f"{outline.name} is no plain matrix")
    k, n = outline.dims
    block_size, symmetric = attributes["matmul_block_size"], attributes["is_symmetric"]
    blocks = blocks_of(k, block_size)
    source, kind = matrix(rewriting, outline)
    if attributes["use_qdq"]:
        return qdq(rewriting, attributes, node, outline, source, kind)
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


def _search_pass(
    rewriting: Rewriting, attributes: Any, method: str, excluded: set[str], custom: dict[str, int]
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
    rewriting: Rewriting, attributes: Any, method: str, bits: int, block_size: int, node: Any, outline: Any
) -> Any:
    k, n = outline.dims
    blocks = blocks_of(k, block_size)
    symmetric = attributes["is_symmetric"]
    source, kind = matrix(rewriting, outline)
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
