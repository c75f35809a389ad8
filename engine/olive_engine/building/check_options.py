"""Problems of a ModelBuilder step's options, each for itself. Standard library only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from olive_schemas.problems import Problem, Severity
from olive_schemas.workflow import PassStep, Workflow

from ..artifact import Kind
from .options import BLOCK_SIZES, METHODS, PRECISIONS, RENAMED, provider_of

_QUANTISING_ONLY = frozenset(RENAMED) | {"use_qdq", "use_8bits_moe"}
_ONLY_FOR = {"use_webgpu_fp32": "webgpu", "use_cuda_bf16": "cuda", "enable_cuda_graph": "cuda"}
SHOWN = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "dml": "DmlExecutionProvider",
    "webgpu": "WebGpuExecutionProvider",
}
"""genai's name of a provider -> the one that a config uses."""


def pointer_of(step: PassStep, parameter: str) -> str:
    return step.pointers.get(parameter, step.pointer)


def error(code: str, message: str, pointer: str) -> Problem:
    return Problem(code, Severity.ERROR, message, pointer)


def option_problems(step: PassStep, source: Kind, workflow: Workflow) -> Iterator[Problem]:
    values = {name: value for name, value in step.parameters.items() if value is not None}
    precision = str(values.get("precision") or "fp32")
    if precision in PRECISIONS and precision not in ("int4", "int8"):
        for name in sorted(_QUANTISING_ONLY & step.given):
            if values.get(name):
                yield Problem(
                    "option-without-effect",
                    Severity.WARNING,
                    f"{name} has no effect: it is about int4 and int8, and precision is {precision}.",
                    pointer_of(step, name),
                    "key",
                )
    provider = provider_of(workflow.target)
    for name, needed in _ONLY_FOR.items():
        if name in step.given and values.get(name) and provider not in (needed, None):
            yield Problem(
                "option-without-effect",
                Severity.WARNING,
                f"{name} has no effect: it is about {SHOWN[needed]}, and the model is built for "
                f"{SHOWN.get(str(provider), provider)}.",
                pointer_of(step, name),
                "key",
            )
    yield from _one_of(step, "int4_block_size", BLOCK_SIZES, int)
    yield from _one_of(step, "int4_algo_config", METHODS, str)
    if values.get("exclude_lm_head") and values.get("include_hidden_states"):
        yield error(
            "options-exclude-each-other",
            "exclude_lm_head and include_hidden_states exclude each other: without the head the hidden states are the "
            "output anyway. Remove one of them.",
            pointer_of(step, "include_hidden_states"),
        )
    if precision == "int8" and values.get("use_qdq"):
        yield error(
            "options-exclude-each-other",
            "use_qdq works with int4 only, and precision is int8. Remove use_qdq, or set precision to int4.",
            pointer_of(step, "use_qdq"),
        )
    for name in sorted(
        set(dict(values.get("extra_options") or {})) & {"hf_token", "config_only", "adapter_path"}
    ):
        yield error(
            "option-not-taken",
            f"extra_options.{name} is set by the engine itself; remove it"
            + (" and set metadata_only instead." if name == "config_only" else "."),
            f"{pointer_of(step, 'extra_options')}/{name}",
        )


def _one_of(
    step: PassStep, name: str, allowed: tuple[Any, ...], kind: Callable[[Any], Any]
) -> Iterator[Problem]:
    value = step.parameters.get(name)
    if value is None:
        return
    try:
        fits = kind(value) in allowed
    except (TypeError, ValueError):
        fits = False
    if not fits:
        yield error(
            "option-value",
            f"{name} is {value!r}; it can be {', '.join(str(each) for each in allowed)}.",
            pointer_of(step, name),
        )
