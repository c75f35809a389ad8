"""Block-wise quantising of one matrix, byte for byte what onnxruntime's own quantisers give, some rows at a time.

A weight is taken as transformers stores it, `[N, K]` (outputs by inputs); blocks run along K. The fast arithmetic is
for 4 and 8 bits, symmetric and not, float32 and float16 (bfloat16 is computed in float32, as onnxruntime does):

    scale = (the block's value of largest magnitude) / -2^(bits-1)                      symmetric
    scale = (max(block, 0) - min(block, 0)) / (2^bits - 1), zero = round(-min / scale)  otherwise
    q     = clamp(round(w * (1 / scale) + zero)), halves rounded up, two 4-bit values a byte, low half first

with the scale rounded to the weight's own type before its reciprocal is taken. `trusted` compares it with the installed
onnxruntime on a sample, once a process; where that differs (another compiler, another release), and for an odd K at
4 bits, onnxruntime's own kernel does the work on the same rows. Everything here needs torch and onnxruntime.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

CHUNK = 1 << 18
"""Values worked on at once: large enough to be worth the calls, small enough to stay in the processor's caches."""
_JUST_UNDER_HALF = 0.49999997
"""The float32 below 0.5: adding it and cutting off rounds halves up without rounding up what lies just below a half."""


class Rows(NamedTuple):
    """Some rows, quantised: `packed` uint8 [n, blocks, bytes], `scales` [n, blocks] in the weight's type,
    `zeros` uint8 [n, ...] packed like the weight, None where symmetric."""

    packed: Any
    scales: Any
    zeros: Any | None


def blocks_of(k: int, block_size: int) -> int:
    return -(-k // block_size)


def row_chunks(rows: int, k: int, step: int = 1) -> Iterator[slice]:
    """Slices of about CHUNK values, each but the last a multiple of `step` rows long."""
    size = max(1, CHUNK // max(k, 1))
    size = max(step, size // step * step)
    for start in range(0, rows, size):
        yield slice(start, min(start + size, rows))


def quantise_rows(weight: Any, bits: int, block_size: int, symmetric: bool) -> Rows:
    """Quantises `weight` [n, K], a float tensor, as onnxruntime's default quantiser would."""
    import torch

    if weight.dtype == torch.bfloat16:
        packed, scales, zeros = quantise_rows(weight.float(), bits, block_size, symmetric)
        return Rows(packed, scales.to(torch.bfloat16), zeros)
    if (bits == 4 and weight.shape[1] % 2) or not trusted():
        return library_rows(weight, bits, block_size, symmetric)
    return fast_rows(weight, bits, block_size, symmetric)


def fast_rows(weight: Any, bits: int, block_size: int, symmetric: bool) -> Rows:
    """The arithmetic above in torch. float32 or float16 [n, K], K even where bits is 4."""
    import torch

    n, k = weight.shape
    blocks = blocks_of(k, block_size)
    highest, half = (1 << bits) - 1, 1 << (bits - 1)
    values = weight.float()
    if blocks * block_size != k:
        values = torch.nn.functional.pad(values, (0, blocks * block_size - k))
    borrowed = values.data_ptr() == weight.data_ptr()
    values = values.reshape(n, blocks, block_size)
    low, high = values.amin(-1), values.amax(-1)
    zero: Any = None
    offset: Any = half + 0.5
    if symmetric:
        largest = torch.where(high.abs() > low.abs(), high, low)
        nothing = largest == 0
        if nothing.any():  # of zeros with different signs the kernel keeps the first
            largest = torch.where(nothing, values[..., 0], largest)
        scale = largest / -float(half)
    else:
        low, high = low.clamp_(max=0), high.clamp_(min=0)
        scale = (high - low) / float(highest)
        zero = (-low / scale + _JUST_UNDER_HALF).floor_().clamp_(0, highest)
        zero.masked_fill_(scale == 0, 0)
        # Without a zero point a value may lie so close under a half that adding 0.5 would round it up.
        offset = (zero + 0.5).masked_fill_(zero == 0, _JUST_UNDER_HALF).unsqueeze(-1)
    scales = scale.to(weight.dtype)
    rounded = scales.float()
    factor = rounded.reciprocal().masked_fill_(rounded == 0, 0).unsqueeze(-1)
    values = values * factor if borrowed else values.mul_(factor)
    q = _cut_off(values.add_(offset).clamp_(0, highest), bits)
    if blocks * block_size != k:
        q.view(n, -1)[:, k:] = 0
    packed = _pair_up(q) if bits == 4 else q
    return Rows(packed, scales, None if zero is None else _pack_zeros(zero.to(torch.uint8), bits))


def _cut_off(values: Any, bits: int) -> Any:
    """Whole part as uint8. Through a signed type, since torch's own conversion to uint8 takes seven times as long."""
    import torch

    if bits == 4:
        return values.to(torch.int8).view(torch.uint8)
    return values.to(torch.int16).to(torch.uint8)


def _pair_up(q: Any) -> Any:
    """Two 4-bit values a byte, the earlier one in the low half; q is uint8 [..., even]."""
    import sys

    import torch

    if sys.byteorder == "big":
        return q[..., ::2] | (q[..., 1::2] << 4)
    pairs = q.view(torch.int16)
    return (pairs | (pairs >> 4)).to(torch.uint8)


def _pack_zeros(zero: Any, bits: int) -> Any:
    import torch

    if bits == 8:
        return zero
    if zero.shape[1] % 2:
        zero = torch.nn.functional.pad(zero, (0, 1), value=8)
    return zero[:, ::2] | (zero[:, 1::2] << 4)


def library_rows(weight: Any, bits: int, block_size: int, symmetric: bool) -> Rows:
    """The same by onnxruntime's kernel; it wants the weight as [K, N], padded to whole blocks."""
    import numpy as np
    import torch
    from onnxruntime.capi import _pybind_state as kernels

    n, k = weight.shape
    blocks = blocks_of(k, block_size)
    source = np.ascontiguousarray(weight.numpy().T)
    if blocks * block_size != k:
        source = np.pad(source, ((0, blocks * block_size - k), (0, 0)))
    per_byte = 8 // bits
    packed = np.zeros((n, blocks, block_size // per_byte), np.uint8)
    zeros = np.zeros((n, -(-blocks // per_byte)), np.uint8)
    scales = np.zeros((n, blocks), source.dtype)
    kernel = kernels.quantize_matmul_4bits if bits == 4 else kernels.quantize_matmul_8bits
    kernel(packed, source, scales, zeros, block_size, n, k, symmetric)
    return Rows(
        torch.from_numpy(packed), torch.from_numpy(scales), None if symmetric else torch.from_numpy(zeros)
    )


@lru_cache(maxsize=1)
def trusted() -> bool:
    """Whether the fast arithmetic and the installed onnxruntime agree on a sample; also false without its kernels."""
    import torch

    generator = torch.Generator().manual_seed(7)
    sample = torch.randn(48, 256, generator=generator) * 0.05
    sample[0] = 0
    sample[1] = sample[1].abs()
    sample[2] = -sample[2].abs()
    sample[3] = 0.25
    sample[4, ::2] = -sample[4, 1::2]
    sample[5:24] = sample[5:24].bfloat16().float()
    try:
        for kind in (torch.float32, torch.float16):
            for bits in (4, 8):
                for symmetric in (True, False):
                    for part in (sample, sample[:, :200]):
                        mine = fast_rows(part.to(kind), bits, 32, symmetric)
                        theirs = library_rows(part.to(kind), bits, 32, symmetric)
                        for left, right in zip(mine, theirs, strict=True):
                            if (left is None) != (right is None):
                                return False
                            if left is not None and not torch.equal(left, right):
                                return False
    except (AttributeError, TypeError, RuntimeError):
        return False
    return True


def search_rows(weight: Any, bits: int, block_size: int, symmetric: bool, method: str) -> Rows:
    """Some rows by the `rtn` or `k_quant` function of onnxruntime, packed as its MatMulNBits wants them.

    k_quant is never symmetric, whatever is asked for. float32 or float16 [n, K].
    """
    import numpy as np
    import torch
    from onnxruntime.quantization.neural_compressor import weight_only

    n, k = weight.shape
    blocks = blocks_of(k, block_size)
    source = weight.numpy()
    if blocks * block_size != k:
        source = np.pad(source, ((0, 0), (0, blocks * block_size - k)))
    if method == "k_quant":
        q, scale, zero = weight_only.quant_tensor_k_quant_cuda(source, bits, block_size)
        symmetric = False
    else:
        scheme = "sym" if symmetric else "asym"
        q, scale, zero = weight_only.quant_tensor(source, bits, block_size, scheme, "uint", 1)
    q = torch.from_numpy(q.astype("uint8")).reshape(n, blocks, block_size)
    packed = q[..., ::2] | (q[..., 1::2] << 4) if bits == 4 else q
    scales = torch.from_numpy(scale.astype(source.dtype)).reshape(n, blocks)
    if symmetric:
        return Rows(packed, scales, None)
    return Rows(packed, scales, torch.from_numpy(zero.astype("uint8")).reshape(n, blocks))


def pack_search_zeros(zeros: Any, bits: int) -> Any:
    """Zero points of a whole matrix, uint8 [N, blocks], packed over the end of each row, as onnxruntime does."""
    import torch

    if bits == 8:
        return zeros.reshape(zeros.shape[0], -1)
    flat = zeros.reshape(-1)
    if flat.numel() % 2:
        flat = torch.nn.functional.pad(flat, (0, 1), value=8)
    return (flat[::2] | (flat[1::2] << 4)).reshape(zeros.shape[0], -1)
