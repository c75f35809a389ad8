"""The block-wise arithmetic against onnxruntime's kernels, on values that are hard to get right."""

from __future__ import annotations

import pytest
import torch

from olive_engine.building.quantise import fast_rows, library_rows, quantise_rows, trusted


def hard_values(inputs: int, scale: float) -> torch.Tensor:
    generator = torch.Generator().manual_seed(inputs)
    values = torch.randn(96, inputs, generator=generator) * scale
    values[0] = 0
    values[1, : inputs // 2] = 0
    values[2] = values[2].abs() + scale
    values[3] = -values[3].abs() - scale
    values[4] = scale
    values[5, 0 : inputs - 1 : 2] = -values[5, 1::2]
    values[6:20] = (values[6:20] / scale * 64).round() / 64 * scale
    values[20:60] = values[20:60].bfloat16().float()
    return values


def same(left: object, right: object) -> bool:
    if left is None or right is None:
        return left is right
    assert isinstance(left, torch.Tensor) and isinstance(right, torch.Tensor)
    return left.dtype == right.dtype and torch.equal(left.view(torch.uint8), right.view(torch.uint8))


@pytest.mark.parametrize("scale", [1.0, 0.02, 1e-4, 1e-20])
@pytest.mark.parametrize("inputs", [64, 96, 200, 256])
@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("bits", [4, 8])
def test_bytes_of_the_kernel(bits: int, symmetric: bool, inputs: int, scale: float) -> None:
    for kind in (torch.float32, torch.float16):
        for block_size in (16, 32, 64, 128, 256):
            values = hard_values(inputs, scale).to(kind)
            mine = fast_rows(values, bits, block_size, symmetric)
            theirs = library_rows(values, bits, block_size, symmetric)
            assert [same(*pair) for pair in zip(mine, theirs, strict=True)] == [True] * 3


def test_the_installed_kernel_agrees() -> None:
    assert trusted()


def test_the_weight_itself_is_left_alone() -> None:
    values = hard_values(64, 1.0)
    before = values.clone()
    fast_rows(values, 4, 32, True)
    fast_rows(values, 4, 32, False)
    assert torch.equal(values, before)


def test_an_odd_number_of_inputs_goes_through_the_kernel() -> None:
    values = hard_values(41, 1.0)
    for symmetric in (True, False):
        found = quantise_rows(values, 4, 32, symmetric)
        expected = library_rows(values, 4, 32, symmetric)
        assert [same(*pair) for pair in zip(found, expected, strict=True)] == [True] * 3


def test_bfloat16_is_computed_in_float32() -> None:
    values = hard_values(64, 0.02).bfloat16()
    found = quantise_rows(values, 4, 32, True)
    expected = library_rows(values.float(), 4, 32, True)
    assert torch.equal(found.packed, expected.packed)
    assert torch.equal(found.scales, expected.scales.bfloat16())
