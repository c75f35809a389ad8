"""MergeAdapterWeights: folds an adapter into the model it was trained on.

When the next pass builds from the merged model, nothing is written: the artifact is deferred, and each weight is merged
when its turn comes. Otherwise a transformers folder is written, a weight at a time. The unquantised base is always
used, so that an adapter trained on a quantised base (QLoRA, LoftQ) merges too; the log says so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from olive_schemas.problems import Problem, Severity
from olive_schemas.workflow import PassStep, Workflow

from ..artifact import Artifact, Kind
from ..context import PassContext
from ..errors import RunError
from . import Estimate

GIVES: Kind = "hf_model"
TAKES_DEFERRED = frozenset({"ModelBuilder"})
"""Passes that build from a merged model without having it whole."""
_QUANTISED = frozenset({"quantization_method", "quantization_config", "load_in_4bit", "load_in_8bit"})


def check(step: PassStep, source: Kind, workflow: Workflow) -> list[Problem]:
    """An adapter must arrive, and one that is given in the config must be there and readable."""
    if source != "adapter":
        return [
            Problem(
                "no-adapter",
                Severity.ERROR,
                f"{step.name}: MergeAdapterWeights needs an adapter, and {_called(source)} arrives here. Put a pass that "
                "trains one before it, or name one as adapter_path of input_model.",
                step.pointer,
            )
        ]
    given = workflow.input_model.adapter_path
    if given is None or workflow.passes[0].name != step.name:
        return []
    from ..weights.adapter import adapter_entries, read_config

    try:
        read_config(Path(given))
        adapter_entries(Path(given))
    except RunError as error:
        return [
            Problem(
                "adapter-unusable",
                Severity.ERROR,
                error.message,
                f"{workflow.input_model.pointer}/adapter_path",
            )
        ]
    return []


def _called(kind: Kind) -> str:
    return {"hf_model": "a model without an adapter", "onnx_model": "an ONNX model", "adapter": "an adapter"}[
        kind
    ]


def estimate(step: PassStep, source: Artifact, context: PassContext) -> Estimate:
    from ..building.estimate import adapter_bytes, entries_of, merge_memory
    from ..weights.headers import total_bytes

    entries = entries_of(source)
    if context.next_type in TAKES_DEFERRED:
        return Estimate(0, 0, notes=("merged while the model is built; no merged model is written",))
    if not entries:
        return Estimate()
    return Estimate(merge_memory(entries, adapter_bytes(source)), total_bytes(entries))


def fingerprint(step: PassStep, source: Artifact, workflow: Workflow) -> Mapping[str, Any]:
    return {"merge": 1, "dtype": _dtype(source)}


def run(step: PassStep, source: Artifact, context: PassContext) -> Artifact:
    """Gives a deferred hf_model when the next pass can take one, otherwise the folder written into context.output."""
    base = source.base
    if source.kind != "adapter" or base is None or source.path is None:
        raise RunError(
            "MergeAdapterWeights needs an adapter with the model it belongs to.",
            code="no-adapter",
            pointer=step.pointer,
        )
    if quantised := source.notes.get("quantization"):
        into = (
            "the base that LoftQ made for it, dequantised"
            if source.notes.get("method") == "LoftQ"
            else "the unquantised model, as the next passes need it; answers can differ slightly from those in training"
        )
        context.log(f"The adapter was trained on weights quantised to {quantised}; it is merged into {into}.")
    plain = _unquantised(base)
    notes = {**plain.notes, **{key: value for key, value in source.notes.items() if key != "quantization"}}
    merged = Artifact(
        "hf_model",
        _merged_fingerprint(source, plain),
        base=plain,
        adapter_path=source.path,
        load_kwargs=plain.load_kwargs,
        notes=notes,
    )
    if context.next_type in TAKES_DEFERRED:
        context.log(
            "The adapter is merged weight by weight while the model is built; no merged model is written."
        )
        return merged
    from ..weights import materialise
    from ..weights.place import placed

    def told(done: int, total: int) -> None:
        context.check_stop()
        context.progress("merge", done, total, unit="byte")

    with placed(step, context.workflow):
        folder = materialise(merged, context.output, context.log, told)
    return Artifact(
        "hf_model", merged.fingerprint, path=str(folder), load_kwargs=plain.load_kwargs, notes=notes
    )


def _unquantised(base: Artifact) -> Artifact:
    """The same model, to be loaded as it is stored."""
    kept = {key: value for key, value in base.load_kwargs.items() if key not in _QUANTISED}
    return Artifact(base.kind, base.fingerprint, base.path, base.base, base.adapter_path, kept, base.notes)


def _dtype(source: Artifact) -> str:
    options = source.base.load_kwargs if source.base is not None else {}
    return str(options.get("dtype") or options.get("torch_dtype") or "auto")


def _merged_fingerprint(adapter: Artifact, base: Artifact) -> str:
    parts = json.dumps(["merged", 1, base.fingerprint, adapter.fingerprint, _dtype(adapter)])
    return hashlib.sha256(parts.encode()).hexdigest()
