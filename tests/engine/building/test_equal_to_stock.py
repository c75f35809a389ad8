"""Every file of a build, byte for byte what onnxruntime-genai's own builder writes, and which way it was made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from olive_engine.artifact import Artifact
from olive_engine.building import Built, Request

Stock = Callable[[Path, Request], dict[str, bytes]]
Ours = Callable[[Artifact, Request], tuple[Built, dict[str, bytes]]]
FILES = {"genai_config.json", "model.onnx", "model.onnx.data", "tokenizer.json", "tokenizer_config.json"}


def check(
    model_of: Callable[[str], Path],
    stock: Stock,
    ours: Ours,
    family: str,
    precision: str = "int4",
    provider: str = "cpu",
    way: str = "deferred",
    **options: Any,
) -> None:
    folder = model_of(family)
    request = Request(precision, provider, options)
    expected = stock(folder, request)
    built, found = ours(Artifact("hf_model", "m", path=str(folder)), request)
    assert built.way == way, built.reason
    assert set(found) == FILES
    assert [name for name in FILES if found[name] != expected[name]] == []


@pytest.mark.parametrize(
    "family",
    [
        "llama, tied",
        "llama, 80 wide",
        "llama, half",
        "phi3",
        "phi3, long",
        "qwen2, biases",
        "gemma",
        "mistral",
    ],
)
def test_each_family(model_of: Any, stock: Stock, ours: Ours, family: str) -> None:
    check(model_of, stock, ours, family)


@pytest.mark.parametrize("block_size", [16, 32, 64, 128, 256])
@pytest.mark.parametrize("symmetric", [True, False])
def test_block_sizes(model_of: Any, stock: Stock, ours: Ours, block_size: int, symmetric: bool) -> None:
    """64 and 128 inputs: blocks that fit, that do not, and that are longer than a row."""
    check(model_of, stock, ours, "phi3", block_size=block_size, is_symmetric=symmetric)


@pytest.mark.parametrize("symmetric", [True, False])
def test_inputs_that_no_block_divides(model_of: Any, stock: Stock, ours: Ours, symmetric: bool) -> None:
    check(model_of, stock, ours, "llama, 80 wide", is_symmetric=symmetric)


@pytest.mark.parametrize("method", ["rtn", "k_quant", "rtn_last", "k_quant_last", "k_quant_mixed"])
@pytest.mark.parametrize("family", ["llama, tied", "qwen2, biases"])
def test_methods(model_of: Any, stock: Stock, ours: Ours, family: str, method: str) -> None:
    check(model_of, stock, ours, family, algo_config=method)


def test_unsymmetric_rtn(model_of: Any, stock: Stock, ours: Ours) -> None:
    check(model_of, stock, ours, "phi3", algo_config="rtn", is_symmetric=False)


@pytest.mark.parametrize(
    ("precision", "provider"),
    [("int4", "cuda"), ("int4", "dml"), ("int4", "webgpu"), ("int8", "cpu"), ("int8", "cuda"), ("fp32", "cpu"), ("fp16", "cuda"), ("bf16", "cuda"), ("fp16", "dml")],
)  # fmt: skip
def test_precisions_and_providers(
    model_of: Any, stock: Stock, ours: Ours, precision: str, provider: str
) -> None:
    check(model_of, stock, ours, "qwen2, biases", precision, provider)


@pytest.mark.parametrize("symmetric", [True, False])
def test_bfloat16_scales(model_of: Any, stock: Stock, ours: Ours, symmetric: bool) -> None:
    check(model_of, stock, ours, "phi3", "int4", "cuda", use_cuda_bf16=True, is_symmetric=symmetric)


@pytest.mark.parametrize("symmetric", [True, False])
def test_qdq_form(model_of: Any, stock: Stock, ours: Ours, symmetric: bool) -> None:
    check(model_of, stock, ours, "phi3", use_qdq=True, is_symmetric=symmetric)


@pytest.mark.parametrize(
    "options",
    [
        {"nodes_to_exclude": ["/lm_head/MatMul"]},
        {"nodes_to_exclude": ["/lm_head/MatMul"], "is_symmetric": False},
        {"nodes_to_exclude": ["/model/layers.0/attn/qkv_proj/MatMul"], "algo_config": "rtn"},
        {"op_types_to_quantize": ["MatMul", "Gather"]},
        {"matmul_mixed_precision": "mixed_layers:int8"},
        {"exclude_embeds": True},
        {"exclude_lm_head": True},
        {"include_hidden_states": True},
        {"accuracy_level": 1},
        {"num_hidden_layers": 1},
        {"shared_embeddings": False},
    ],
    ids=str,
)
def test_options_on_tied_embeddings(model_of: Any, stock: Stock, ours: Ours, options: dict[str, Any]) -> None:
    check(model_of, stock, ours, "llama, tied", **options)


def test_quantised_lookup_of_untied_embeddings(model_of: Any, stock: Stock, ours: Ours) -> None:
    check(model_of, stock, ours, "phi3", op_types_to_quantize=["MatMul", "Gather"], is_symmetric=False)


@pytest.mark.parametrize("precision", ["int4", "int8"])
def test_experts_come_with_the_model_in_memory(
    model_of: Any, stock: Stock, ours: Ours, log: Any, precision: str
) -> None:
    """The files hold experts otherwise than the model's class does, so transformers has to load them."""
    check(model_of, stock, ours, "granite experts", precision, way="in-memory")
    assert log.said("block_sparse_moe")


def test_what_is_not_covered_takes_the_stock_way_and_says_so(
    model_of: Any, stock: Stock, ours: Ours, log: Any
) -> None:
    check(model_of, stock, ours, "phi3", "int4", "cuda", "stock", matmulnbits_weights_prepacked=1)
    assert log.said("matmulnbits_weights_prepacked")


def test_many_threads_give_the_same_bytes(model_of: Any, stock: Stock, ours: Ours) -> None:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        check(model_of, stock, ours, "phi3", is_symmetric=False)
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
