"""Data configs: a list (0.6.0) of named components (0.6.2) with flat parameters (0.7.0), and the text parameters of old.

The token sequences stay the same: strategy, joiner and length are written out where their defaults changed.
"""

from __future__ import annotations

import re
from typing import Any

from olive_schemas.catalog import component_properties, earlier_names
from olive_schemas.sections import STAGES
from olive_schemas.shapes_data import component_of
from olive_schemas.tree import join

from .migrate_components import chosen, components, parameters, task_of
from .migrate_draft import Draft
from .migrate_text import text_generation

_NAME = re.compile(r"[A-Za-z0-9_]+")
_MODEL_DATA = "__input_model_data_config__"


def migrate(draft: Draft) -> None:
    _listed(draft)
    _inside_the_model(draft)
    for pointer in places(draft):
        config = draft.at(pointer)
        if not isinstance(config, dict):
            continue
        components(draft, pointer)
        parameters(draft, pointer)
        _withouttask_of(draft, pointer)
        for stage in STAGES:
            place = f"{pointer}/{stage}_config"
            if isinstance(draft.at(place), dict):
                _flat(draft, place)
                _label(draft, place)
        text_generation(draft, pointer)
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


def _flat(draft: Draft, place: str) -> None:
    """`params` laid flat (0.7.0); what stood beside it was not read before."""
    if not draft.flatten:
        return
    for name in list(draft.at(place)) if draft.crosses("0.7.0") else ():
        if name in ("type", "params"):
            continue
        if not draft.has(f"{place}/params") and _moved_here(draft, join(place, name)):
            continue
        if _meant(draft, place, name):
            draft.person(
                f"`{name}` beside `params` was not read, and counts since 0.7.0: kept; take it out if the data shall "
                "stay what it was",
                join(place, name),
            )
        else:
            draft.exact(f"`{name}` beside `params` was not read: removed", join(place, name))
            draft.remove(join(place, name))
    if isinstance(draft.at(f"{place}/params"), dict):
        draft.unwrap(f"{place}/params", keep=("type",))
    elif draft.has(f"{place}/params"):
        draft.remove(f"{place}/params")


def _meant(draft: Draft, place: str, name: str) -> bool:
    """Whether the component has such a parameter, and `params` does not say it."""
    inside = draft.at(f"{place}/params")
    if isinstance(inside, dict) and name in inside:
        return False
    pointer, _, key = place.rpartition("/")
    stage = key.removesuffix("_config")
    config = draft.at(pointer)
    properties = (
        component_properties(stage, chosen(draft, config, stage)) if isinstance(config, dict) else None
    )
    return name in (properties or ()) or name in earlier_names(properties or {})


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


def _withouttask_of(draft: Draft, pointer: str) -> None:
    """Without a task a container took its usual components; since 0.7.0 the task is text generation then."""
    config = draft.at(pointer)
    model = str(draft.get("input_model", "type")).lower()
    if (
        not draft.crosses("0.7.0")
        or str(config.get("type")).lower() != "huggingfacecontainer"
        or model not in ("hfmodel", "onnxmodel")
        or task_of(draft, config)
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
