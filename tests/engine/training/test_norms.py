"""RMS norms in their light form: the module's own bits forward, autograd's gradient backward, others left alone."""

from __future__ import annotations

import pytest
import torch
from transformers.models.gemma.modeling_gemma import GemmaRMSNorm
from transformers.models.llama.modeling_llama import LlamaRMSNorm

from olive_engine.training import norms


def _norm(kind: type = LlamaRMSNorm, dtype: torch.dtype = torch.float32) -> torch.nn.Module:
    module = kind(48, 1e-6)
    torch.nn.init.normal_(module.weight, 1.0, 0.2)
    return module.to(dtype).requires_grad_(False)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_same_bits_and_gradient(dtype: torch.dtype) -> None:
    plain, light = _norm(dtype=dtype), _norm(dtype=dtype)
    light.load_state_dict(plain.state_dict())
    assert norms.lighten(light) == 1
    torch.manual_seed(1)
    x = torch.randn(3, 7, 48).to(dtype)
    given = torch.randn(3, 7, 48).to(dtype)
    gradients = []
    for module in (plain, light):
        row = x.clone().requires_grad_()
        out = module(row)
        assert torch.equal(out, plain(x))
        out.backward(given)
        gradients.append(row.grad)
    tolerance = 1e-6 if dtype == torch.float32 else 2e-2
    assert torch.allclose(*gradients, rtol=tolerance, atol=tolerance)


def test_another_formula_keeps_its_own() -> None:
    module = _norm(GemmaRMSNorm)
    before = module(torch.ones(2, 48))
    assert norms.lighten(module) == 0
    assert torch.equal(module(torch.ones(2, 48)), before)


def test_a_trained_norm_is_left_alone() -> None:
    module = _norm().requires_grad_(True)
    assert norms.lighten(module) == 0
