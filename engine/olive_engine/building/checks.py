"""What would stop a build, told before anything starts; and what is worth knowing. Standard library only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from olive_schemas.problems import Problem, Severity
from olive_schemas.workflow import PassStep, Workflow

from .. import providers
from ..artifact import Kind
from . import support
from .check_options import SHOWN, error, option_problems, pointer_of
from .options import PAIRS, PRECISIONS, provider_of, request, why_not_shared


def problems(step: PassStep, source: Kind, workflow: Workflow) -> list[Problem]:
    """Every problem of a ModelBuilder step, errors and hints, in the order in which a reader would look for them."""
    found: list[Problem] = []
    for look in (_input, _packages, _precision_and_provider, option_problems, _architecture, _embeddings):
        found.extend(look(step, source, workflow))
    return found


def _input(step: PassStep, source: Kind, workflow: Workflow) -> Iterator[Problem]:
    only_settings = bool(step.parameters.get("metadata_only"))
    if only_settings and source != "onnx_model":
        yield error(
            "needs-onnx-model",
            "metadata_only writes the settings beside an ONNX model that is there already, and a transformers model "
            "arrives here. Remove metadata_only, or give an ONNX model as input_model.",
            pointer_of(step, "metadata_only"),
        )
    elif source == "adapter":
        yield error(
            "adapter-not-merged",
            f"{step.name}: ModelBuilder builds from a whole model, and an adapter arrives here. Put a pass of type "
            "MergeAdapterWeights between them.",
            step.pointer,
        )
    elif source == "onnx_model" and not only_settings:
        yield error(
            "needs-hf-model",
            f"{step.name}: ModelBuilder builds from a transformers model, and an ONNX model arrives here. Give a "
            "transformers model as input_model, or set metadata_only to write only the settings beside it.",
            step.pointer,
        )


def _packages(step: PassStep, source: Kind, workflow: Workflow) -> Iterator[Problem]:
    genai = support.genai_installed()
    if genai is None:
        yield error(
            "genai-missing",
            'ModelBuilder needs onnxruntime-genai, which is not installed. Install it with: pip install "olivepress[engine]"',
            step.pointer,
        )
        return
    name, version = genai
    if support.number(version)[:2] < support.OLDEST:
        oldest = support.dotted(support.OLDEST)
        yield error(
            "genai-too-old",
            f"{name} {version} is installed, and ModelBuilder needs {oldest} or later. Install it with: "
            f'pip install "{name}>={oldest}"',
            step.pointer,
        )
    elif support.number(version)[:2] > support.NEWEST_TRIED:
        yield Problem(
            "genai-newer",
            Severity.INFORMATION,
            f"{name} {version} is newer than {support.dotted(support.NEWEST_TRIED)}, the newest that ModelBuilder was "
            "tried with; where its builder differs, its own way of quantising is taken.",
            step.pointer,
        )
    yield from _other_packages(step, name)


def _other_packages(step: PassStep, genai: str) -> Iterator[Problem]:
    runtime = support.onnxruntime_installed()
    lowest = support.onnxruntime_needed(genai)
    if runtime is None or support.number(runtime[1]) < lowest:
        have = "it is not installed" if runtime is None else f"{runtime[0]} {runtime[1]} is installed"
        yield error(
            "onnxruntime-too-old",
            f"{genai} needs onnxruntime {support.dotted(lowest)} or later, and {have}. Install it with: "
            f'pip install "{runtime[0] if runtime else "onnxruntime"}>={support.dotted(lowest)}"',
            step.pointer,
        )
    for package, least in support.NEEDED.items():
        version = support.version_of(package)
        if version is None or support.number(version) < least:
            have = "is not installed" if version is None else f"{version} is installed"
            yield error(
                "package-missing",
                f"ModelBuilder needs {package} {support.dotted(least)} or later: {have}. Install it with: "
                f'pip install "{package}>={support.dotted(least)}"',
                step.pointer,
            )
    if lacking := support.transformers_lacks():
        yield error(
            "transformers-too-old",
            f"{genai}'s builder uses {lacking[0]}, which transformers {support.version_of('transformers')} does not "
            "have. Install a newer one with: pip install --upgrade transformers",
            step.pointer,
        )


def _precision_and_provider(step: PassStep, source: Kind, workflow: Workflow) -> Iterator[Problem]:
    target = workflow.target
    precision = str(step.parameters.get("precision") or "fp32")
    place = pointer_of(step, "precision")
    known = precision in PRECISIONS
    if not known:
        yield error(
            "precision-not-built",
            f"ModelBuilder builds {', '.join(PRECISIONS)}; precision is {precision!r}.",
            place,
        )
    provider = provider_of(target)
    if provider is None:
        named = target.execution_providers[0] if target.execution_providers else f"device {target.device}"
        yield error(
            "provider-not-built",
            f"The target system names {named}, and onnxruntime-genai builds for CPUExecutionProvider, "
            "CUDAExecutionProvider, DmlExecutionProvider and WebGpuExecutionProvider.",
            target.pointer or step.pointer,
        )
        return
    if known and precision not in PAIRS[provider]:
        fitting = [name for name, precisions in PAIRS.items() if precision in precisions and name in SHOWN]
        yield error(
            "precision-not-on-provider",
            f"{precision} cannot be built for {SHOWN.get(provider, provider)}, which runs "
            f"{', '.join(PAIRS[provider])}. Choose one of those, or a target system with "
            f"{' or '.join(SHOWN[name] for name in fitting)}.",
            place,
        )
    if len(target.execution_providers) > 1:
        yield Problem(
            "one-provider-built",
            Severity.INFORMATION,
            f"One model is built for one provider: {target.execution_providers[0]}, the first of "
            f"{len(target.execution_providers)} that the target system names.",
            target.pointer or step.pointer,
        )
    brought = providers.find(provider)
    if brought is not None and not providers.package_is_here(brought):
        where = " (it runs on Windows)" if brought.only_on else ""
        yield Problem(
            "built-for-elsewhere",
            Severity.INFORMATION,
            f"The model is built for {SHOWN.get(provider, provider)}, which this machine's packages cannot run; the "
            f"model is for another machine{where}, with {brought.package}.",
            target.pointer or step.pointer,
        )


def _model_config(workflow: Workflow) -> dict[str, Any]:
    """config.json of the input model where it is on this machine and whole; empty otherwise."""
    model = workflow.input_model
    if model.kind != "hf":
        return {}
    folder = Path(model.path) if Path(model.path).is_dir() else support.cached_snapshot(model.path)
    try:
        config = json.loads((folder / "config.json").read_text("utf-8")) if folder is not None else {}
    except (OSError, ValueError):
        return {}
    return config if isinstance(config, dict) else {}


def _embeddings(step: PassStep, source: Kind, workflow: Workflow) -> Iterator[Problem]:
    if provider_of(workflow.target) is None or step.parameters.get("metadata_only"):
        return
    if cause := why_not_shared(request(step, workflow), _model_config(workflow)):
        yield Problem(
            "embeddings-kept-apart",
            Severity.INFORMATION,
            f"{workflow.input_model.path} shares one matrix between input and output embeddings. With these options "
            f"it is stored twice, and the model gets larger: {cause}.",
            step.pointer,
        )


def _architecture(step: PassStep, source: Kind, workflow: Workflow) -> Iterator[Problem]:
    model = workflow.input_model
    known = support.architectures()
    names = _model_config(workflow).get("architectures")
    if not known or step.parameters.get("metadata_only") or not isinstance(names, list) or not names:
        return
    architecture = names[0]
    if architecture in known or not isinstance(architecture, str):
        return
    near = support.nearest(architecture)
    genai = support.genai_installed()
    yield error(
        "architecture-not-built",
        f"{' '.join(genai) if genai else 'onnxruntime-genai'} cannot build {architecture}, the architecture of "
        f"{model.path}. "
        + (f"The nearest that it can build is {near}. " if near else "")
        + f"It builds {len(known)} architectures, among them LlamaForCausalLM, Phi3ForCausalLM and Qwen2ForCausalLM; "
        "choose another model, or leave ModelBuilder out.",
        model.path_pointer,
    )
