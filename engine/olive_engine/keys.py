"""What a pass's result depends on, as a cache key: the pass and its parameters, the content of what comes in, the
content of its data, versions. Never a path, a time or a secret; equal keys are equal results.
"""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from olive_schemas.workflow import DataConfig, InputModel, PassStep, System, Workflow

from .artifact import Artifact
from .hashes import HashMemory, digest, plain
from .passes import PassModule
from .store import FORMAT

_SECRET = frozenset({"token", "hf_token", "hub_token", "use_auth_token", "push_to_hub_token"})


def version() -> str:
    try:
        return importlib.metadata.version("olivepress")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def key_parts(
    step: PassStep,
    source: Artifact,
    workflow: Workflow,
    module: PassModule,
    data: Mapping[str, str],
    next_type: str | None,
) -> dict[str, Any]:
    """Everything that the key is made of, by topic, so that a checkpoint can say what changed.

    `data`: name of a data config -> fingerprint of its content. A module may name parameters that do not touch the
    result in `IRRELEVANT`.
    """
    irrelevant = frozenset(getattr(module, "IRRELEVANT", frozenset()))
    parameters = {name: value for name, value in step.parameters.items() if name not in irrelevant}
    used = data_configs(step, workflow)
    return {
        "format": FORMAT,
        "engine": version(),
        "pass": step.type,
        "parameters": [without_secrets(parameters), sorted(step.given - irrelevant)],
        "input": _chain(source),
        "data settings": {name: _settings(config) for name, config in used.items()},
        "data": {name: data[config.name] for name, config in used.items()},
        "system": [_system(workflow.systems.get(step.host or "", workflow.host)), _system(workflow.target)],
        "versions": plain(module.fingerprint(step, source, workflow)),
        # Only a merge asks who comes next; an adapter stays the same when a merge is added behind it.
        "next": next_type if module.GIVES == "hf_model" else None,
    }


def data_configs(step: PassStep, workflow: Workflow) -> dict[str, DataConfig]:
    """Parameter name -> the data config that it names."""
    return {
        name: workflow.data_configs[value]
        for name, value in step.parameters.items()
        if name.endswith("data_config") and isinstance(value, str) and value in workflow.data_configs
    }


def without_secrets(value: Any) -> Any:
    """A JSON-like copy in which nothing stands under a name that holds tokens."""
    value = plain(value)
    if isinstance(value, dict):
        return {name: without_secrets(inner) for name, inner in value.items() if name not in _SECRET}
    if isinstance(value, list):
        return [without_secrets(inner) for inner in value]
    return value


def _chain(artifact: Artifact) -> list[Any]:
    below = [] if artifact.base is None else _chain(artifact.base)
    return [artifact.kind, artifact.fingerprint, without_secrets(artifact.load_kwargs), *below]


def _settings(config: DataConfig) -> Any:
    """The stages that the content's fingerprint leaves out: what feeds the sequences."""
    stages = (config.post_process, config.dataloader)
    return [[stage.type, without_secrets(stage.params)] for stage in stages]


def _system(system: System) -> list[Any]:
    return [system.type, system.device, list(system.execution_providers)]


# -- the input model --------------------------------------------------------------------------------------------


def input_files(model: InputModel) -> list[Path]:
    """The files that make up a model on disk, without hidden ones and notes; empty for a hub name."""
    path = Path(model.path)
    if not path.exists():
        return []
    if path.is_file():
        # An ONNX file and its external data.
        return sorted(
            one for one in path.parent.iterdir() if one.is_file() and one.name.startswith(path.stem)
        )
    folders = [path, *(one for one in (path / "additional_chat_templates",) if one.is_dir())]
    return sorted(
        one
        for folder in folders
        for one in folder.iterdir()
        if one.is_file() and not one.name.startswith(".") and one.suffix != ".md"
    )


def quick_fingerprint(model: InputModel) -> str:
    """Tells a changed model from an unchanged one by names, sizes and times, at once, without reading any content."""
    files = _all_files(model)
    stats = [[str(path), path.stat().st_size, path.stat().st_mtime_ns] for path in files]
    return "quick:" + digest([model.path, stats, hub_revision(model) if not files else None])


def content_fingerprint(model: InputModel, memory: HashMemory) -> str | None:
    """By content for a model on disk (SHA-256 of every file), by name and revision for one of the hub.

    None for a hub model that is not in the local cache, before it was fetched.
    """
    files = _all_files(model)
    if not input_files(model):
        revision = hub_revision(model)
        return None if revision is None else digest(["hub", model.path, revision, *_adapter(model, memory)])
    hashes = memory.hashes(files)
    return digest([[path.name, hashes[path]] for path in files])


def known_fingerprint(model: InputModel, memory: HashMemory) -> str | None:
    """The content's fingerprint if it costs nothing to tell."""
    if memory.known(_all_files(model)) is None:
        return None
    return content_fingerprint(model, memory)


def hub_revision(model: InputModel) -> str | None:
    """The commit that a hub name stands for in the local cache; None if it is not there."""
    revision = str(model.load_kwargs.get("revision") or "main")
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    hub = Path(os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE") or home / "hub")
    place = hub / ("models--" + model.path.replace("/", "--"))
    try:
        return (place / "refs" / revision).read_text().strip()
    except OSError:
        return revision if (place / "snapshots" / revision).is_dir() else None


def settle(artifact: Artifact, quick: str, content: str) -> Artifact:
    """The same artifact with the input model's quick fingerprint replaced by that of its content, all the way down."""
    base = None if artifact.base is None else settle(artifact.base, quick, content)
    fingerprint = content if artifact.fingerprint == quick else artifact.fingerprint
    return replace(artifact, fingerprint=fingerprint, base=base)


def _all_files(model: InputModel) -> list[Path]:
    adapter = Path(model.adapter_path) if model.adapter_path else None
    extra = sorted(one for one in adapter.iterdir() if one.is_file()) if adapter and adapter.is_dir() else []
    return [*input_files(model), *extra]


def _adapter(model: InputModel, memory: HashMemory) -> list[str]:
    hashes = memory.hashes(_all_files(model))
    return [hashes[path] for path in sorted(hashes)]
