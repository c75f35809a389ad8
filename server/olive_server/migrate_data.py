"""Data configs: a list (0.6.0) of named components (0.6.2) with flat parameters (0.7.0), and the text parameters of old.

The token sequences stay the same: strategy, joiner and length are written out where their defaults changed.
"""

from __future__ import annotations

import re
from typing import Any

from olive_schemas.catalog import component_properties, data_components, earlier_names, find
from olive_schemas.releases import known_in
from olive_schemas.sections import STAGES
from olive_schemas.shapes_data import component_of
from olive_schemas.tree import join

from .migrate_draft import Draft

_NAME = re.compile(r"[A-Za-z0-9_]+")
_MODEL_DATA = "__input_model_data_config__"
_TEXT = "text_generation_huggingface_pre_process"
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


def migrate(draft: Draft) -> None:
    _listed(draft)
    _inside_the_model(draft)
    for pointer in places(draft):
        config = draft.at(pointer)
        if not isinstance(config, dict):
            continue
        _components(draft, pointer)
        _parameters(draft, pointer)
        _without_task(draft, pointer)
        for stage in STAGES:
            place = f"{pointer}/{stage}_config"
            if isinstance(draft.at(place), dict):
                _flat(draft, place)
                _label(draft, place)
        _text_generation(draft, pointer)
        _data_root(draft, pointer)


def places(draft: Draft) -> list[str]:
    """Pointers of the data configs of the list, and of those written in place of a name."""
    found = []
    named = draft.get("data_configs")
    if isinstance(named, list):
        found += [join("/data_configs", number) for number in range(len(named))]
    for holder in _holders(draft):
        value = draft.at(holder)
        for key, inner in value.items() if isinstance(value, dict) else ():
            if key.endswith("data_config") and isinstance(inner, dict):
                found.append(join(holder, key))
    return found


def _holders(draft: Draft) -> list[str]:
    """The objects whose keys may name a data config."""
    found = []
    for name in draft.get("passes") or () if isinstance(draft.get("passes"), dict) else ():
        found += [join("/passes", name), join("/passes", name, "config")]
    return [*found, *metrics(draft)]


def metrics(draft: Draft) -> list[str]:
    """Pointers of every metric, of the named evaluators and of those written in place."""
    evaluators = draft.get("evaluators")
    holders = [join("/evaluators", name) for name in evaluators] if isinstance(evaluators, dict) else []
    passes = draft.get("passes")
    inline = ["/evaluator", "/engine/evaluator"]
    inline += [join("/passes", name, "evaluator") for name in passes] if isinstance(passes, dict) else []
    holders += [pointer for pointer in inline if isinstance(draft.at(pointer), dict)]
    found = [
        join("/passes", name, *steps)
        for name in (passes if isinstance(passes, dict) else ())
        for steps in (("metric",), ("config", "metric"))
    ]
    for holder in holders:
        listed = draft.at(f"{holder}/metrics")
        found += [join(holder, "metrics", n) for n in range(len(listed))] if isinstance(listed, list) else []
    return [pointer for pointer in found if isinstance(draft.at(pointer), dict)]


def refer(draft: Draft, old: str, new: str) -> None:
    """Every reference to a data config of one name leads to another."""
    for holder in _holders(draft):
        value = draft.at(holder)
        for key, written in value.items() if isinstance(value, dict) else ():
            if key.endswith("data_config") and written == old:
                draft.replace(join(holder, key), new)


def _listed(draft: Draft) -> None:
    """An object by name becomes a list; references go by the key, which becomes the `name`."""
    named = draft.get("data_configs")
    if not isinstance(named, dict) or not draft.reaches("0.6.0"):
        return
    draft.exact("data configs are a list since 0.6.0, and each says its `name`", "/data_configs")
    for number, key in enumerate(draft.to_list("/data_configs")):
        place = join("/data_configs", number)
        if not isinstance(draft.at(place), dict):
            continue
        name = key if _NAME.fullmatch(key) else re.sub(r"[^A-Za-z0-9_]+", "_", key).strip("_") or "data"
        if draft.at(f"{place}/name") is None:
            draft.remove(f"{place}/name")
            draft.insert(place, "name", name, first=True)
        elif draft.at(f"{place}/name") != name:
            draft.exact(f"`{key}` was what it was referred to by, not its `name`", f"{place}/name")
            draft.replace(f"{place}/name", name)
        if name != key:
            refer(draft, key, name)


def _inside_the_model(draft: Draft) -> None:
    """`dataset` of `hf_config` (to 0.5.2) becomes a data config."""
    place = "/input_model/dataset"
    if not isinstance(draft.at(place), dict):
        return
    used = any(
        value == _MODEL_DATA
        for holder in _holders(draft)
        if isinstance(draft.at(holder), dict)
        for value in draft.at(holder).values()
    )
    if not used:
        draft.exact(f"`dataset` was not used: nothing refers to `{_MODEL_DATA}`; removed", place)
        draft.remove(place)
        return
    name = "input_model_data"
    while any(
        isinstance(entry, dict) and entry.get("name") == name for entry in draft.get("data_configs") or ()
    ):
        name += "_"
    draft.exact(f"the model's `dataset` is the data config `{name}` now", place)
    params = draft.at(place)
    if not isinstance(draft.get("data_configs"), list):
        draft.insert("", "data_configs", [], after="input_model")
    draft.append(
        "/data_configs", {"name": name, "type": "HuggingfaceContainer", "params_config": params}, place
    )
    draft.remove(place)
    refer(draft, _MODEL_DATA, name)


def _components(draft: Draft, pointer: str) -> None:
    """`components: {"load_dataset": {...}}` becomes `load_dataset_config: {...}`."""
    place = f"{pointer}/components"
    components = draft.at(place)
    if not isinstance(components, dict) or not draft.reaches("0.6.2"):
        return
    draft.exact("each component stands by itself since 0.6.2: `load_dataset_config`, ...", place)
    after = "components"
    for stage, value in components.items():
        if stage not in STAGES or not isinstance(value, dict) or draft.has(f"{pointer}/{stage}_config"):
            continue
        if "name" in value:
            draft.remove(join(place, stage, "name"))
        draft.move(join(place, stage), pointer, name=f"{stage}_config", after=after)
        after = f"{stage}_config"
    for stage in draft.at(place) or ():
        draft.lossy(f"`{stage}` is no component: removed", join(place, stage))
    draft.remove(place)


def _parameters(draft: Draft, pointer: str) -> None:
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
        chosen = _chosen(draft, config, stage)
        properties = component_properties(stage, chosen)
        if properties is None:
            properties = component_properties(stage, _COMMON[stage]) or {}
        earlier = earlier_names(properties)
        if key in earlier or (key in properties and known_in(properties[key], draft.source)):
            if chosen == _TEXT and key not in _SIGNATURE:
                draft.person(
                    f"`{key}` was not read from `params_config`; in `pre_process_data_config` it comes alive",
                    join(pointer, "params_config", key),
                )
            return stage
    own = [stage for stage in STAGES if component_properties(stage, _chosen(draft, config, stage)) is None]
    return own[0] if len(own) == 1 else None


def _chosen(draft: Draft, config: dict[str, Any], stage: str) -> str:
    """The component of a stage: the written one, else the container's for the task."""
    written = (
        (config.get(f"{stage}_config") or {}).get("type")
        if isinstance(config.get(f"{stage}_config"), dict)
        else None
    )
    if isinstance(written, str):
        return find(data_components(stage), written) or written
    return component_of(stage, str(config.get("type") or ""), _task(draft, config)) or f"default_{stage}"


def _task(draft: Draft, config: dict[str, Any]) -> str:
    for holder in ("params_config", "pre_process_data_config", "post_process_data_config"):
        value = config.get(holder)
        inner = value.get("params") if isinstance(value, dict) else None
        for place in (inner, value):
            if isinstance(place, dict) and isinstance(place.get("task"), str):
                return str(place["task"])
    task = draft.get("input_model", "task")
    return task if isinstance(task, str) else ""


def _flat(draft: Draft, place: str) -> None:
    """`params` laid flat (0.7.0); what stood beside it was not read before."""
    if not draft.flatten:
        return
    for name in list(draft.at(place)) if draft.crosses("0.7.0") else ():
        if name in ("type", "params"):
            continue
        if draft.has(f"{place}/params") or not _moved_here(draft, join(place, name)):
            draft.exact(f"`{name}` beside `params` was not read: removed", join(place, name))
            draft.remove(join(place, name))
    if isinstance(draft.at(f"{place}/params"), dict):
        draft.unwrap(f"{place}/params", keep=("type",))
    elif draft.has(f"{place}/params"):
        draft.remove(f"{place}/params")


def _moved_here(draft: Draft, pointer: str) -> bool:
    """Whether this migration put it here."""
    return "params_config" in draft.origin(pointer) or draft.origin(pointer).startswith("/input_model/")


def _label(draft: Draft, place: str) -> None:
    """`label_cols: ["label"]` becomes `label_col: "label"`."""
    pointer = f"{place}/label_cols"
    written = draft.at(pointer)
    if not draft.reaches("0.7.0") or not draft.has(pointer) or "pre_process" not in place:
        return
    if (isinstance(written, list) and len(written) == 1) or isinstance(written, str):
        draft.exact("`label_cols` with its one column is `label_col` since 0.7.0", pointer)
        draft.replace(pointer, written if isinstance(written, str) else written[0])
        draft.rename(pointer, "label_col")
    elif written:
        draft.lossy(f"there is one label column since 0.7.0: the first, `{written[0]}`, is kept", pointer)
        draft.replace(pointer, written[0])
        draft.rename(pointer, "label_col")
    else:
        draft.remove(pointer)


def _without_task(draft: Draft, pointer: str) -> None:
    """Without a task a container took its usual components; since 0.7.0 the task is text generation then."""
    config = draft.at(pointer)
    model = str(draft.get("input_model", "type")).lower()
    if (
        not draft.crosses("0.7.0")
        or str(config.get("type")).lower() != "huggingfacecontainer"
        or model not in ("hfmodel", "onnxmodel")
        or _task(draft, config)
    ):
        return
    for stage in ("pre_process_data", "post_process_data"):
        place = f"{pointer}/{stage}_config"
        if not isinstance(draft.at(place), dict):
            draft.remove(place)
            draft.insert(
                pointer, f"{stage}_config", {"type": component_of(stage, "HuggingfaceContainer", "")}
            )
        elif draft.at(f"{place}/type") is None:
            draft.remove(f"{place}/type")
            draft.insert(place, "type", component_of(stage, "HuggingfaceContainer", ""), first=True)
    draft.note(
        "default",
        "there is no `task`, which means text-generation since 0.7.0: the components that were taken are written out",
        pointer,
    )


def _text_generation(draft: Draft, pointer: str) -> None:
    """Pairs become a template where that is possible; the joiner of old was none."""
    config = draft.at(pointer)
    place = f"{pointer}/pre_process_data_config"
    pre = draft.at(place)
    if (
        not draft.reaches("0.7.0")
        or not isinstance(pre, dict)
        or _chosen(draft, config, "pre_process_data") != _TEXT
    ):
        return
    if pre.get("dataset_type") == "pair":
        _pair(draft, place, pre)
    if draft.has(f"{place}/dataset_type"):
        draft.exact("`dataset_type` is gone since 0.7.0: there is only the corpus", f"{place}/dataset_type")
        draft.remove(f"{place}/dataset_type")
    pre = draft.at(place)
    strategy = pre.get("corpus_strategy", pre.get("strategy")) or "line-by-line"
    if not draft.crosses("0.7.0"):
        return
    if "join" in str(strategy) and not pre.get("joiner"):
        draft.note(
            "default",
            "`joiner` was nothing by default, and is two line breaks since 0.7.0: written out as nothing",
            f"{place}/joiner" if "joiner" in pre else place,
        )
        draft.remove(f"{place}/joiner")
        draft.insert(place, "joiner", "")
    elif "joiner" in pre and pre["joiner"] is None:
        draft.remove(f"{place}/joiner")
    if "join" not in str(strategy) and pre.get("pad_to_max_len", True):
        draft.note(
            "default",
            "padding goes to the right since 0.7.0; before, the tokenizer said the side: write `padding_side` if its was "
            "the left. The tokens of the text are the same",
            place,
        )
    if pre.get("text_cols") is None and not pre.get("text_template") and not pre.get("text_formatting_func"):
        draft.remove(f"{place}/text_cols")


def _pair(draft: Draft, place: str, pre: dict[str, Any]) -> None:
    """Pairs are gone: one template of both columns comes near, but the answer's own length and mask are lost."""
    template = _template(pre)
    draft.lossy(
        "pairs are gone since 0.7.0: "
        + (
            "one `text_template` has both columns now; "
            if template
            else "write a `text_template` with both columns; "
        )
        + "the labels cover the question too, and the whole has one length",
        f"{place}/dataset_type",
    )
    target = pre.get("target_max_len")
    source = pre.get("source_max_len", pre.get("max_seq_len"))
    for name in (
        "pair_format",
        "input_formatting_func",
        "input_template",
        "input_col",
        "output_formatting_func",
        "output_template",
        "output_col",
        "target_max_len",
        "ignore_source_in_labels",
    ):
        draft.remove(join(place, name))
    if isinstance(target, int) and isinstance(source, int):
        for name in ("source_max_len", "max_seq_len"):
            if draft.has(join(place, name)):
                draft.replace(join(place, name), source + target)
    if template:
        draft.insert(place, "text_template", template)


def _template(pre: dict[str, Any]) -> str:
    form = pre.get("pair_format", "default")
    if form == "self_instruct":
        return "{prompt}{completion}"
    if form == "default":
        return "{input}{output}"
    if form == "custom":
        parts = [
            pre.get(f"{side}_template") or (f"{{{pre[f'{side}_col']}}}" if pre.get(f"{side}_col") else "")
            for side in ("input", "output")
        ]
        return "".join(str(part) for part in parts) if all(parts) else ""
    return ""


def _data_root(draft: Draft, pointer: str) -> None:
    for name in ("data_dir", "data_files"):
        place = f"{pointer}/load_dataset_config/{name}"
        written = draft.at(place)
        if isinstance(written, str) and written:
            draft.replace(place, rooted(draft, written))
        elif isinstance(written, list):
            draft.replace(place, [rooted(draft, each) for each in written])


def rooted(draft: Draft, path: Any) -> Any:
    """A path with the `data_root` before it, where there is one that the target does not read."""
    root = draft.get("data_root")
    if not draft.reaches("0.7.0") or not isinstance(root, str) or not root or not isinstance(path, str):
        return path
    absolute = path.startswith(("/", "\\")) or "://" in path or re.match(r"[A-Za-z]:[\\/]", path)
    return path if absolute else f"{root.rstrip('/')}/{path}"


def add(draft: Draft, name: str, config: dict[str, Any], origin: str) -> str:
    """A new data config at the end of the list. Returns the name that it got."""
    if not isinstance(draft.get("data_configs"), list):
        draft.remove("/data_configs")
        draft.insert("", "data_configs", [], after="systems" if draft.has("/systems") else "input_model")
    taken = {entry.get("name") for entry in draft.get("data_configs") or () if isinstance(entry, dict)}
    name = base = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_") or "data"
    number = 2
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    draft.append("/data_configs", {"name": name, **config}, origin)
    return name
