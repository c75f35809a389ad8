"""The components of a data config: each stands by itself since 0.6.2, with the names that `params_config` had for all."""

from __future__ import annotations

from typing import Any

from olive_schemas.catalog import component_properties, data_components, earlier_names, find
from olive_schemas.releases import known_in
from olive_schemas.sections import STAGES
from olive_schemas.shapes_data import component_of
from olive_schemas.tree import join

from .migrate_draft import Draft

TEXT = "text_generation_huggingface_pre_process"
_SIGNATURE = ("model_name", "source_max_len", "seqlen", "dataset_type", "max_samples", "trust_remote_code")
"""The parameters of the text component that `params_config` reached."""
_ASKED = ("pre_process_data", "load_dataset", "dataloader", "post_process_data")
_COMMON = {
    "load_dataset": "huggingface_dataset",
    "pre_process_data": "huggingface_pre_process",
    "post_process_data": "text_generation_post_process",
    "dataloader": "default_dataloader",
}
"""Whose parameters a component of the user's own is taken to have."""


def components(draft: Draft, pointer: str) -> None:
    """`components: {"load_dataset": {...}}` becomes `load_dataset_config: {...}`."""
    place = f"{pointer}/components"
    written = draft.at(place)
    if not isinstance(written, dict) or not draft.reaches("0.6.2"):
        return
    draft.exact("each component stands by itself since 0.6.2: `load_dataset_config`, ...", place)
    after = "components"
    for stage, value in written.items():
        if stage not in STAGES or not isinstance(value, dict) or draft.has(f"{pointer}/{stage}_config"):
            continue
        if "name" in value:
            draft.remove(join(place, stage, "name"))
        draft.move(join(place, stage), pointer, name=f"{stage}_config", after=after)
        after = f"{stage}_config"
    for stage in draft.at(place) or ():
        draft.lossy(f"`{stage}` is no component: removed", join(place, stage))
    draft.remove(place)


def parameters(draft: Draft, pointer: str) -> None:
    """The names of `params_config`, each to the component that has it."""
    place = f"{pointer}/params_config"
    params = draft.at(place)
    if not draft.reaches("0.6.2") or not isinstance(params, dict):
        if draft.reaches("0.6.2") and draft.has(place):
            draft.remove(place)
        return
    draft.exact(
        "`params_config` is gone since 0.6.2: its names stand in the components that have them", place
    )
    kwargs = params.get("component_kwargs")
    goals: dict[str, list[str]] = {stage: [] for stage in STAGES}
    for key in params:
        if key == "component_kwargs":
            continue
        stage = _owner(draft, pointer, key, draft.at(pointer))
        if stage is None:
            draft.person(
                f"no component has a parameter `{key}`, and it was not read: removed; write it into the component "
                "that it is meant for",
                join(place, key),
            )
        else:
            goals[stage].append(key)
    after = "params_config"
    for stage in STAGES:
        inner = kwargs.get(stage) if isinstance(kwargs, dict) else None
        own = f"{pointer}/{stage}_config"
        if not goals[stage] and not isinstance(inner, dict):
            continue
        if not isinstance(draft.at(own), dict):
            draft.remove(own)
            draft.insert(pointer, f"{stage}_config", {}, after=after)
            after = f"{stage}_config"
        goal = f"{own}/params" if isinstance(draft.at(f"{own}/params"), dict) else own
        for key in goals[stage]:
            if not (isinstance(inner, dict) and key in inner):
                draft.move(join(place, key), goal)
        for key in inner if isinstance(inner, dict) else ():
            draft.move(join(place, "component_kwargs", stage, key), goal)
    draft.remove(place)


def _owner(draft: Draft, pointer: str, key: str, config: dict[str, Any]) -> str | None:
    """The component whose function takes the parameter."""
    if key == "task":
        return "pre_process_data"
    for stage in _ASKED:
        name = chosen(draft, config, stage)
        properties = component_properties(stage, name)
        if properties is None:
            properties = component_properties(stage, _COMMON[stage]) or {}
        earlier = earlier_names(properties)
        if key in earlier or (key in properties and known_in(properties[key], draft.source)):
            if name == TEXT and key not in _SIGNATURE:
                draft.person(
                    f"`{key}` was not read from `params_config`; in `pre_process_data_config` it comes alive",
                    join(pointer, "params_config", key),
                )
            return stage
    own = [stage for stage in STAGES if component_properties(stage, chosen(draft, config, stage)) is None]
    return own[0] if len(own) == 1 else None


def chosen(draft: Draft, config: dict[str, Any], stage: str) -> str:
    """The component of a stage: the written one, else the container's for the task."""
    written = (
        (config.get(f"{stage}_config") or {}).get("type")
        if isinstance(config.get(f"{stage}_config"), dict)
        else None
    )
    if isinstance(written, str):
        return find(data_components(stage), written) or written
    return component_of(stage, str(config.get("type") or ""), task_of(draft, config)) or f"default_{stage}"


def task_of(draft: Draft, config: dict[str, Any]) -> str:
    for holder in ("params_config", "pre_process_data_config", "post_process_data_config"):
        value = config.get(holder)
        inner = value.get("params") if isinstance(value, dict) else None
        for place in (inner, value):
            if isinstance(place, dict) and isinstance(place.get("task"), str):
                return str(place["task"])
    task = draft.get("input_model", "task")
    return task if isinstance(task, str) else ""
