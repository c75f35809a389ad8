"""ModelBuilder: the ONNX model that onnxruntime-genai runs, from a transformers model or a deferred merge.

Everything that can stop it is looked at before training starts: the installed packages, the pair of precision and
provider, and the model's architecture.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from olive_schemas.problems import Problem
from olive_schemas.workflow import PassStep, Workflow

from ..artifact import Artifact, Kind
from ..context import PassContext
from . import Estimate

GIVES: Kind = "onnx_model"


def check(step: PassStep, source: Kind, workflow: Workflow) -> list[Problem]:
    from ..building.checks import problems

    return problems(step, source, workflow)


def estimate(step: PassStep, source: Artifact, context: PassContext) -> Estimate:
    from ..building.estimate import adapter_bytes, build_disk, build_memory, entries_of, folder_of
    from ..building.options import request
    from ..weights.merged import read_model_config

    if source.kind == "onnx_model":
        return Estimate(notes=("only the settings beside the model are written",))
    entries, folder = entries_of(source), folder_of(source)
    if not entries or folder is None:
        return Estimate()
    wanted = request(step, context.workflow)
    return Estimate(
        build_memory(entries, adapter_bytes(source), wanted),
        build_disk(entries, read_model_config(folder), wanted),
        total_parameters=sum(entry.elements for entry in entries.values()),
    )


def fingerprint(step: PassStep, source: Artifact, workflow: Workflow) -> Mapping[str, Any]:
    from ..building import support
    from ..building.options import provider_of

    genai, runtime = support.genai_installed(), support.onnxruntime_installed()
    return {
        "build": 1,
        "provider": provider_of(workflow.target),
        "genai": genai[1] if genai else None,
        "onnxruntime": runtime[1] if runtime else None,
        "transformers": support.version_of("transformers"),
        "torch": support.version_of("torch"),
    }


def run(step: PassStep, source: Artifact, context: PassContext) -> Artifact:
    """Builds into context.output; the artifact's notes say which way was taken, for which provider and precision."""
    from ..building.options import request
    from ..weights.place import placed

    wanted = request(step, context.workflow)
    if wanted.metadata_only:
        from ..building.settings_only import build_settings

        with placed(step, context.workflow):
            build_settings(wanted, source, context.output, say=context.log)
        return Artifact(
            "onnx_model", _fingerprint(source, context), path=str(context.output), notes=_notes(wanted)
        )
    from ..building.build import build

    def layers(done: int, total: int) -> None:
        context.progress("build", done, total, unit="layer")

    context.progress("imports", 0, 1, unit="package")
    from ..building.genai import builder_module

    builder_module()
    context.progress("imports", 1, 1, unit="package")
    started = time.monotonic()
    with placed(step, context.workflow):
        built = build(
            wanted, source, context.output, say=context.log, progress=layers, check_stop=context.check_stop
        )
    context.log(f"Built {wanted.precision} for {wanted.provider} in {time.monotonic() - started:.1f} s.")
    notes = {**_notes(wanted), "way": built.way, **({"reason": built.reason} if built.reason else {})}
    return Artifact("onnx_model", _fingerprint(source, context), path=str(context.output), notes=notes)


def _notes(wanted: Any) -> dict[str, Any]:
    return {"precision": wanted.precision, "provider": wanted.provider}


def _fingerprint(source: Artifact, context: PassContext) -> str:
    import hashlib
    import json

    parameters = {key: value for key, value in context.step.parameters.items() if value is not None}
    parts = [source.fingerprint, parameters, dict(fingerprint(context.step, source, context.workflow))]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()
