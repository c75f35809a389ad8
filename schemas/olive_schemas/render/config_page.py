"""`docs/config.md`: everything of a config but the passes' own parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import catalog
from ..sections import STAGES
from .anchors import anchor
from .entries import block, part, settings
from .tables import heading
from .words import code, releases

INTRODUCTION = """# The config

What stands in an `olive-config.json` beside the passes' parameters, which have [a page of their own](passes.md). It holds for
every release of Microsoft Olive from 0.2.1 to 0.13.0 and its main branch; releases are left out where all have a key.

Two forms are in use. Up to 0.6.2 settings are nested (`config`, `params`, `user_config`) and those of the run stand in `engine`.
Since 0.7.0 they may stand beside `type`, and those of the run at the top level; the nested form is still understood.

This page is generated from `schemas/olive_schemas/`; `make docs` renders it anew.
"""


def render() -> str:
    """The whole page."""
    parts = [
        INTRODUCTION,
        part("Top level", "config", "workflow"),
        part(
            "Engine", "engine", "engine", "Settings of the run: at the top level since 0.7.0, or in `engine`."
        ),
        part("Cache", "cache_config", "cache_config", level=3),
        _search(),
        _packaging(),
        part("Automatic choice of passes", "auto_optimizer_config", "auto_optimizer_config", level=3),
        part("Builds", "build", "build", level=3),
        _models(),
        _systems(),
        _data(),
        _evaluators(),
        part(
            "Passes",
            "pass",
            "pass",
            "What every pass may have beside its parameters, which are in [passes.md](passes.md).",
        ),
        _training(),
    ]
    return "\n".join(parts).rstrip() + "\n"


def _search() -> str:
    content = catalog.section("search_strategy")
    own = {
        key: {k: v for k, v in prop.items() if k != "properties"}
        for key, prop in content["properties"].items()
    }
    return "\n".join(
        [
            block("Search", "search_strategy", {**content, "properties": own}, level=3),
            settings("Samplers", "sampler", "How candidates are chosen since 0.8.0.", catalog.samplers()),
            settings(
                "Search algorithms",
                "search_algorithm",
                "The same up to 0.7.1.1.",
                catalog.search_algorithms(),
            ),
        ]
    )


def _packaging() -> str:
    parts = [part("Packaging", "packaging_config", "packaging_config", level=3)]
    parts += [block(name, f"packaging-{name}", entry) for name, entry in catalog.packaging().items()]
    parts += [
        part("model_package", "model_package", "model_package", level=4),
        part("deployment_config", "deployment_config", "deployment_config", level=4),
    ]
    return "\n".join(parts)


def _models() -> str:
    parts = [part("Input model", "input_model", "model")]
    parts += [block(name, name, entry, level=3) for name, entry in catalog.models().items()]
    parts += [
        part(title, name, name, level=3)
        for title, name in (
            ("Loading arguments", "load_kwargs"),
            ("Inputs and outputs", "io_config"),
            ("Key-value cache", "kv_cache"),
            ("Inference settings", "inference_settings"),
            ("hf_config", "hf_config"),
            ("Parts of hf_config", "hf_component"),
        )
    ]
    parts.append(
        part("Resources", "resource", "resource", "A place written as an object instead of a path.", 3)
    )
    parts.append(
        settings("Types of resources", "resource_type", "What each of them needs.", catalog.resources())
    )
    return "\n".join(parts)


def _systems() -> str:
    types = catalog.systems()
    parts = [part("Systems", "system", "system")]
    parts += [block(name, name, entry, level=3) for name, entry in types.items() if "x-alias-of" not in entry]
    parts.append(_aliases(types))
    parts.append(part("Accelerators", "accelerator", "accelerator", level=3))
    parts.append(_providers())
    parts += [
        part(title, name, name, level=3)
        for title, name in (
            ("Docker up to 0.9.1", "local_docker_config"),
            ("Docker image of Azure ML", "aml_docker_config"),
            ("Environment of Azure ML", "aml_environment_config"),
            ("Workspace of Azure ML", "azureml_client"),
        )
    ]
    return "\n".join(parts)


def _aliases(types: Mapping[str, Any]) -> str:
    lines = [
        heading(3, "Short names", "system-aliases"),
        "",
        "| Name | Stands for | Releases | |",
        "|---|---|---|---|",
    ]
    for name, entry in types.items():
        if "x-alias-of" in entry:
            target = entry["x-alias-of"]
            lines.append(
                f'| <a id="{anchor("alias", name)}"></a>`{name}` | [{target}](#{anchor(target)}) | {releases(entry)} | '
                f"{entry['description']} |"
            )
    return "\n".join(lines) + "\n"


def _providers() -> str:
    content = catalog.accelerators()
    lines = [
        heading(3, "Execution providers", "execution_providers"),
        "",
        "Which provider fits which device. CPUExecutionProvider fits every one: what another cannot compute runs there.",
        "",
        "| Provider | cpu | gpu | npu | Releases | |",
        "|---|---|---|---|---|---|",
    ]
    for name, entry in content["providers"].items():
        cells = []
        for device in content["devices"].values():
            if name in device["execution_providers"] or name == "CPUExecutionProvider":
                cells.append(releases(device["x-values"].get(name, {})) or "yes")
            else:
                cells.append("")
        lines.append(
            f'| <a id="{anchor(name)}"></a>`{name}` | {" | ".join(cells)} | {releases(entry)} | {entry["description"]} |'
        )
    return "\n".join(lines) + "\n"


def _data() -> str:
    parts = [
        part(
            "Data",
            "data_config",
            "data_config",
            "One entry of `data_configs`: where rows come from and how they are prepared.",
        ),
        part("Components", "component", "component", "One of a data config's four stages.", 3),
        part("params_config", "params_config", "params_config", level=4),
        _containers(),
    ]
    for stage in STAGES:
        parts.append(f"{heading(3, stage, stage)}\n")
        parts += [block(name, name, entry) for name, entry in catalog.data_components(stage).items()]
    return "\n".join(parts)


def _containers() -> str:
    lines = [
        heading(3, "Containers", "containers"),
        "",
        "Which components a data config has where it names none. HuggingfaceContainer chooses by the model's task.",
        "",
        "| Container | Releases | load_dataset | pre_process_data | post_process_data | dataloader | |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, entry in catalog.data_containers().items():
        rows = [(f'<a id="{anchor(name)}"></a>`{name}`', entry.get("defaults", {}), entry)]
        rows += [
            (f"with the task {code(task)}", chosen, chosen) for task, chosen in entry.get("tasks", {}).items()
        ]
        for label, chosen, life in rows:
            cells = [f"[{chosen[s]}](#{anchor(chosen[s])})" if s in chosen else "" for s in STAGES]
            lines.append(
                f"| {label} | {releases(life)} | {' | '.join(cells)} | {life.get('description', '')} |"
            )
    return "\n".join(lines) + "\n"


def _evaluators() -> str:
    parts = [part("Evaluators", "evaluator", "evaluator")]
    parts += [block(name, name, entry, level=3) for name, entry in catalog.evaluator_types().items()]
    parts += [
        part("Metrics", "metric", "metric", level=3),
        part("user_config", "user_config", "user_config", level=4),
        part("Numbers of a metric", "sub_type", "sub_type", level=3),
        _sub_types(),
        part("Goals", "goal", "goal", level=4),
        part("metric_config", "metric_config", "metric_config", level=4),
    ]
    return "\n".join(parts)


def _sub_types() -> str:
    lines = ["| Metric | Number | Releases | |", "|---|---|---|---|"]
    for metric in catalog.section("sub_type_names"):
        for name, entry in catalog.sub_types(metric).items():
            lines.append(f"| {metric} | `{name}` | {releases(entry)} | {entry['description']} |")
    return "\n".join(lines) + "\n"


def _training() -> str:
    about = (
        "`training_args` of the passes that train: the arguments of transformers' trainer. Releases in this table are those of "
        "transformers; `in Olive` is what Olive takes instead of the trainer's own default."
    )
    return part("Training arguments", "training_args", "training_arguments", about)
