"""A ModelBuilder step in genai's words: precision, provider and options. Standard library only.

genai 0.18 renamed the `int4_` options and drops the old names without a word, so they are translated here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import metadata
from typing import Any

from olive_schemas.workflow import PassStep, System, Workflow

PRECISIONS = ("fp32", "fp16", "bf16", "int8", "int4")
PAIRS: Mapping[str, tuple[str, ...]] = {
    "cpu": ("fp32", "int8", "int4"),
    "cuda": ("fp32", "fp16", "bf16", "int8", "int4"),
    "dml": ("fp16", "int4"),
    "webgpu": ("fp32", "fp16", "int8", "int4"),
    "NvTensorRtRtx": ("fp16", "bf16", "int4"),
}
"""Provider -> the precisions that make a model which it can run."""
PROVIDERS: Mapping[str, str] = {
    "CPUExecutionProvider": "cpu",
    "CUDAExecutionProvider": "cuda",
    "DmlExecutionProvider": "dml",
    "WebGpuExecutionProvider": "webgpu",
    "NvTensorRTRTXExecutionProvider": "NvTensorRtRtx",
}
RENAMED: Mapping[str, str] = {
    "int4_accuracy_level": "accuracy_level",
    "int4_block_size": "block_size",
    "int4_is_symmetric": "is_symmetric",
    "int4_op_types_to_quantize": "op_types_to_quantize",
    "int4_nodes_to_exclude": "nodes_to_exclude",
    "int4_algo_config": "algo_config",
}
BLOCK_SIZES = (16, 32, 64, 128, 256)
METHODS = ("default", "rtn", "k_quant", "rtn_last", "k_quant_last", "k_quant_mixed", "k_quant_linear")
ACCURACY = {"fp32": 1, "fp16": 2, "bf16": 3, "int8": 4}
_OURS = ("precision", "metadata_only", "search", "extra_options")


@dataclass(frozen=True)
class Request:
    """`options` are genai's extra options as it takes them from a caller in Python; `search` goes into
    genai_config.json's section of that name, over what the model's own settings say."""

    precision: str
    provider: str
    options: Mapping[str, Any] = field(default_factory=dict)
    search: Mapping[str, Any] = field(default_factory=dict)
    metadata_only: bool = False


def provider_of(system: System) -> str | None:
    """genai's name of the provider to build for; None where the system names one that genai does not build for.

    Without a provider the device decides, and without a device the installed build of onnxruntime-genai.
    """
    if system.execution_providers:
        return PROVIDERS.get(system.execution_providers[0])
    if system.device == "cpu":
        return "cpu"
    if system.device == "npu":
        return None
    if _installed("onnxruntime-genai-directml") or _installed("onnxruntime-genai-winml"):
        return "dml"
    if system.device == "gpu" or _installed("onnxruntime-genai-cuda"):
        return "cuda"
    return "cpu"


def _installed(distribution: str) -> bool:
    try:
        metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


def request(step: PassStep, workflow: Workflow) -> Request:
    """The step as a request; ValueError for a provider that genai does not build for (`check` says so before)."""
    provider = provider_of(workflow.target)
    if provider is None:
        raise ValueError(f"no provider for {workflow.target}")
    given = {key: value for key, value in step.parameters.items() if key not in _OURS and value is not None}
    options = {RENAMED.get(key, key): value for key, value in given.items()}
    for key, value in dict(step.parameters.get("extra_options") or {}).items():
        options[RENAMED.get(key, key)] = value
    level = options.get("accuracy_level")
    if isinstance(level, str) and level in ACCURACY:
        options["accuracy_level"] = ACCURACY[level]
    precision = str(step.parameters.get("precision") or "fp32")
    if precision not in ("int4", "int8"):
        options = {key: value for key, value in options.items() if key not in RENAMED.values()}
    return Request(
        precision,
        provider,
        options,
        dict(step.parameters.get("search") or {}),
        bool(step.parameters.get("metadata_only")),
    )


def why_not_shared(wanted: Request, config: Mapping[str, Any]) -> str | None:
    """Why a model that shares one matrix between input and output embeddings cannot share it once quantised.

    genai 0.18 then writes a graph that no runtime loads, or breaks off; with the matrix stored twice both work. None
    where sharing works, where there is nothing to share, and where the step says itself what it wants.
    """
    options = wanted.options
    if wanted.precision != "int4" or not config.get("tie_word_embeddings") or "shared_embeddings" in options:
        return None
    if _is_on(options.get("exclude_embeds")) or _is_on(options.get("exclude_lm_head")):
        return None
    excluded = options.get("nodes_to_exclude") or ()
    if "/lm_head/MatMul" in excluded or "/model/embed_tokens/Gather" in excluded:
        return None
    if _is_on(options.get("use_qdq")) or wanted.provider == "NvTensorRtRtx":
        return "the QDQ form has no lookup of 4-bit embeddings"
    if str(options.get("algo_config") or "default") != "default":
        return None
    if not _is_on(options.get("is_symmetric", True)):
        return "the default method without symmetry names the matrix in a way that the lookup does not"
    if "last_matmul:int8" in str(options.get("matmul_mixed_precision") or "").replace(" ", ""):
        return "the lookup reads 4 bits and the output layer has 8"
    return None


def _is_on(value: Any) -> bool:
    return value is True or str(value).lower() in ("true", "1")


def kept_apart(wanted: Request) -> Request:
    return replace(wanted, options={**wanted.options, "shared_embeddings": False})
