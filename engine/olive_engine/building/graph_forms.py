"""The rarer forms of a quantised weight: in front of a MatMul as DequantizeLinear (QDQ), and as a 4-bit embedding."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import onnx
import torch

from .deferred import CannotDefer
from .quantise import Rows, blocks_of
from .rewriting import Rewriting, matrix
from .streams import PartName, Weight


def qdq(
    rewriting: Rewriting,
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


def gather(rewriting: Rewriting, attributes: Any, node: Any) -> Any:
    """An embedding that is looked up in 4 bits."""
    outline = rewriting.constant(node.input[0])
    if outline is None:
        return node
    if attributes["use_qdq"] or len(outline.dims) != 2 or outline.data_type == onnx.TensorProto.BFLOAT16:
        raise CannotDefer(f"{outline.name} is looked up in a form that is not covered")
    rows, k = outline.dims
    block_size, symmetric = attributes["matmul_block_size"], attributes["is_symmetric"]
    packed_kind = onnx.TensorProto.INT4 if symmetric else onnx.TensorProto.UINT4
    source, kind = matrix(rewriting, outline)
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
