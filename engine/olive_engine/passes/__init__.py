"""The passes this engine can run, one module each, found by name: `MergeAdapterWeights` is
`merge_adapter_weights.py` beside this file, described by `olive_schemas/passes/MergeAdapterWeights.json`.

A pass module has four functions and shares code with others by calling, never by inheriting:

    check(step, source, workflow) -> list[Problem]
        Before any work, and cheap (no torch): versions, files, what the input must be. `source` is the kind of
        artifact that arrives ("hf_model", "adapter", "onnx_model").
    estimate(step, source, context) -> Estimate
        For the plan: may read the tokenizer, the data and the model's config and weight headers, loads no weights.
    fingerprint(step, source, workflow) -> Mapping[str, JSON]
        What the result depends on beyond the step's type, its parameters, the input's fingerprint and the content of
        its data configs (those are always part of the cache key): library versions that change the bytes, mostly.
    run(step, source, context) -> Artifact
        Does it. Writes into `context.output` only. Raises RunError for what is the user's to mend.
    GIVES: Kind
        The kind of artifact that comes out.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from olive_schemas.problems import Problem
from olive_schemas.workflow import PassStep, Workflow

from ..artifact import Artifact, Kind
from ..context import PassContext


@dataclass(frozen=True)
class Estimate:
    """What the plan tells of a pass before it runs. Bytes; None where it cannot be told."""

    peak_memory_bytes: int | None = None
    disk_bytes: int | None = None
    trainable_parameters: int | None = None
    total_parameters: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    """sequences, tokens, truncated, dropped, padded, steps, epochs"""
    notes: tuple[str, ...] = ()


class PassModule(Protocol):
    GIVES: Kind

    def check(self, step: PassStep, source: Kind, workflow: Workflow) -> list[Problem]: ...
    def estimate(self, step: PassStep, source: Artifact, context: PassContext) -> Estimate: ...
    def fingerprint(self, step: PassStep, source: Artifact, workflow: Workflow) -> Mapping[str, Any]: ...
    def run(self, step: PassStep, source: Artifact, context: PassContext) -> Artifact: ...


_ONE_WORD = {"LoRA", "QLoRA", "DoRA", "LoHa", "LoKr", "LoftQ"}


def module_name(pass_type: str) -> str:
    """`MergeAdapterWeights` -> `merge_adapter_weights`, `QLoRA` -> `qlora`."""
    if pass_type in _ONE_WORD:
        return pass_type.lower()
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", pass_type).lower()


def load(pass_type: str) -> PassModule:
    """The module of a pass type; KeyError where this engine has none."""
    name = f"{__name__}.{module_name(pass_type)}"
    if importlib.util.find_spec(name) is None:
        raise KeyError(pass_type)
    return cast(PassModule, importlib.import_module(name))
