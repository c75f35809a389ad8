"""The JSON files beside this module: each is read when first asked for, and kept.

Read-only: whoever gets a mapping from here must not change it. A missing file is an empty one.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.abc import Traversable

PLACES = {
    "workflow": ("workflow.json",),
    "pass": ("workflow.json", "pass"),
    "build": ("workflow.json", "build"),
    "auto_optimizer_config": ("workflow.json", "auto_optimizer_config"),
    "engine": ("engine.json",),
    "cache_config": ("engine.json", "cache_config"),
    "search_strategy": ("search.json", "search_strategy"),
    "packaging_config": ("packaging.json", "packaging_config"),
    "model_package": ("packaging.json", "model_package"),
    "deployment_config": ("packaging.json", "deployment_config"),
    "model": ("models.json", "_model"),
    "load_kwargs": ("models.json", "_groups", "load_kwargs"),
    "io_config": ("models.json", "_groups", "io_config"),
    "kv_cache": ("models.json", "_groups", "kv_cache"),
    "hf_config": ("models.json", "_groups", "hf_config"),
    "hf_component": ("models.json", "_groups", "hf_component"),
    "inference_settings": ("models.json", "_groups", "inference_settings"),
    "resource": ("resource_paths.json", "resource"),
    "system": ("systems.json", "_system"),
    "accelerator": ("systems.json", "_accelerator"),
    "azureml_client": ("systems.json", "_azureml_client"),
    "local_docker_config": ("systems.json", "_local_docker_config"),
    "aml_docker_config": ("systems.json", "_aml_docker_config"),
    "aml_environment_config": ("systems.json", "_aml_environment_config"),
    "data_config": ("data.json", "data_config"),
    "component": ("data.json", "component"),
    "params_config": ("data.json", "params_config"),
    "evaluator": ("evaluators.json", "evaluator"),
    "metric": ("evaluators.json", "metric"),
    "sub_type": ("evaluators.json", "sub_type"),
    "goal": ("evaluators.json", "goal"),
    "user_config": ("evaluators.json", "user_config"),
    "metric_config": ("evaluators.json", "metric_config"),
    "training_arguments": ("training_arguments.json",),
}
"""Section -> its file, and the way to it inside."""


@cache
def folder() -> Traversable:
    return files("olive_schemas")


@cache
def read(name: str) -> dict[str, Any]:
    """A file by its name, with `/` between folders."""
    resource = folder()
    for part in name.split("/"):
        resource = resource.joinpath(part)
    if not resource.is_file():
        return {}
    content = json.loads(resource.read_text(encoding="utf-8"))
    return content if isinstance(content, dict) else {}
