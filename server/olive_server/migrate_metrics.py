"""Loaders of metrics and passes: functions of a script became components of a data config (0.7.0).

What can be written is written; the function itself has to be registered in the script by a person, and the note says how.
"""

from __future__ import annotations

from typing import Any

from olive_schemas.catalog import pass_schema
from olive_schemas.releases import known_in
from olive_schemas.tree import join, unescape

from .migrate_data import add, metrics, rooted
from .migrate_draft import Draft

_GONE = (
    "data_dir",
    "dataloader_func",
    "post_processing_func",
    "func_kwargs",
    "batch_size",
    "input_names",
    "input_shapes",
    "input_types",
)
_SHAPES = ("input_names", "input_shapes", "input_types")
_LOADING = ("data_dir", "batch_size", "dataloader_func", "dataloader_func_kwargs")


def migrate(draft: Draft) -> None:
    if not draft.reaches("0.7.0"):
        return
    for pointer in metrics(draft):
        _metric(draft, pointer)
    for name, entry in (draft.get("passes") or {}).items() if isinstance(draft.get("passes"), dict) else ():
        if isinstance(entry, dict):
            _pass(draft, join("/passes", name))


def _metric(draft: Draft, pointer: str) -> None:
    config = draft.at(f"{pointer}/user_config")
    if not isinstance(config, dict) or not any(key in config for key in _GONE):
        return
    place = f"{pointer}/user_config"
    metric = draft.at(pointer)
    kwargs: dict[str, Any] = config["func_kwargs"] if isinstance(config.get("func_kwargs"), dict) else {}
    loader, post = config.get("dataloader_func"), config.get("post_processing_func")
    evaluated = config.get("evaluate_func") if metric.get("type") == "custom" else None
    if isinstance(evaluated, str):
        _evaluate_func(draft, place, config, kwargs)
    elif config.get("metric_func") and kwargs.get("metric_func"):
        draft.insert(place, "metric_func_kwargs", kwargs["metric_func"], after="metric_func")
    if isinstance(loader, str) and not evaluated:
        _loader(draft, pointer, config, kwargs)
    elif isinstance(post, str):
        draft.person(
            f"post-processing belongs to a data config since 0.7.0: register `{post}` in the script with "
            '@Registry.register_post_process(), and write "post_process_data_config": {"type": "'
            + post
            + '"} into the '
            "metric's data config",
            f"{place}/post_processing_func",
        )
    elif _shapes(config) and metric.get("data_config") is None and not evaluated:
        label = f"{metric.get('name') or metric.get('type')}_data"
        _dummy(draft, pointer, label, config, f"{place}/input_shapes", "type" if "type" in metric else "name")
    for key in _GONE:
        if key in config:
            if key == "batch_size" and not loader and not evaluated:
                draft.exact("`batch_size` went to `dataloader_func` only: removed", f"{place}/batch_size")
            draft.remove(join(place, key))
    _idle_script(draft, place)


def _shapes(config: dict[str, Any]) -> bool:
    return bool(config.get("input_names") and config.get("input_shapes"))


def _idle_script(draft: Draft, place: str) -> None:
    """The script is named where its functions are; a `user_config` that names nothing more goes."""
    config = draft.at(place)
    if isinstance(config, dict) and not any(key.endswith("_func") for key in config):
        for key in ("user_script", "script_dir"):
            draft.remove(join(place, key))
        if not draft.at(place):
            draft.remove(place)


def _loader(draft: Draft, pointer: str, config: dict[str, Any], kwargs: dict[str, Any]) -> None:
    place, name = f"{pointer}/user_config", config["dataloader_func"]
    made: dict[str, Any] = {key: config[key] for key in ("user_script", "script_dir") if config.get(key)}
    loading = {"data_dir": rooted(draft, config["data_dir"])} if config.get("data_dir") else {}
    made["load_dataset_config"] = {"type": "local_dataset", **loading}
    post = config.get("post_processing_func")
    if isinstance(post, str):
        given = kwargs.get("post_processing_func")
        made["post_process_data_config"] = {"type": post, **(given if isinstance(given, dict) else {})}
    given = kwargs.get("dataloader_func")
    made["dataloader_config"] = {
        "type": name,
        **loading,
        "batch_size": config.get("batch_size", 1),
        **(given if isinstance(given, dict) else {}),
    }
    metric = draft.at(pointer)
    label = add(draft, f"{metric.get('name') or metric.get('type')}_data", made, f"{place}/dataloader_func")
    if draft.at(f"{pointer}/data_config") is not None:
        draft.replace(f"{pointer}/data_config", label)
    else:
        draft.remove(f"{pointer}/data_config")
        draft.insert(pointer, "data_config", label, after="type" if "type" in metric else "name")
    also = f", and `{post}` with @Registry.register_post_process()" if isinstance(post, str) else ""
    draft.person(
        f"the loader is a component of the data config `{label}` since 0.7.0: register `{name}` in the script with "
        f"@Registry.register_dataloader(); its first argument is the data set then (nothing here){also}",
        f"{place}/dataloader_func",
    )


def _evaluate_func(draft: Draft, place: str, config: dict[str, Any], kwargs: dict[str, Any]) -> None:
    given = kwargs.get("evaluate_func")
    arguments = {
        **({"data_dir": rooted(draft, config["data_dir"])} if config.get("data_dir") else {}),
        **({"batch_size": config["batch_size"]} if "batch_size" in config else {}),
        **(given if isinstance(given, dict) else {}),
    }
    if arguments:
        draft.insert(place, "evaluate_func_kwargs", arguments, after="evaluate_func")
    draft.person(
        f"`{config['evaluate_func']}` is called with (model, device, execution_providers) and `evaluate_func_kwargs` since "
        "0.7.0; before, with (model, data_dir, batch_size, device, execution_providers): change its arguments",
        f"{place}/evaluate_func",
    )


def _dummy(draft: Draft, holder: str, name: str, config: dict[str, Any], place: str, after: str) -> None:
    """Made-up inputs of given shapes, as a data config."""
    shapes = {key: config[key] for key in _SHAPES if config.get(key)}
    label = add(draft, name, {"type": "DummyDataContainer", "load_dataset_config": shapes}, place)
    draft.insert(holder, "data_config", label, after=after)
    draft.exact(f"made-up inputs of these shapes come from the data config `{label}` since 0.7.0", place)


def _pass(draft: Draft, pointer: str) -> None:
    """`dataloader_func` of a pass, as of a metric."""
    place = f"{pointer}/config" if isinstance(draft.at(f"{pointer}/config"), dict) else pointer
    config, type_name = draft.at(place), draft.at(f"{pointer}/type")
    schema = pass_schema(type_name) if isinstance(type_name, str) else None
    if schema is None:
        return
    gone = [
        key
        for key in _LOADING
        if key in config and not known_in(schema.properties.get(key, {"x-until": draft.source}), draft.target)
    ]
    loader = config.get("dataloader_func")
    if "dataloader_func" in gone and isinstance(loader, str):
        _pass_loader(draft, pointer, place, config, loader)
    elif schema.type == "OrtPerfTuning" and "data_config" in schema.properties and _shapes(config):
        if config.get("data_config") is None:
            draft.remove(f"{place}/data_config")
            name = f"{unescape(pointer.rpartition('/')[2])}_data"
            _dummy(draft, place, name, config, f"{place}/input_shapes", "input_shapes")
        else:
            draft.exact("`data_config` counted, not the shapes beside it: removed", f"{place}/input_shapes")
        for key in _SHAPES:
            draft.remove(join(place, key))
    for key in gone:
        if not isinstance(loader, str):
            draft.exact(
                f"`{key}` goes to `dataloader_func` only, which is not written: removed", join(place, key)
            )
        draft.remove(join(place, key))
    _pass_script(draft, place, schema.properties)


def _pass_loader(draft: Draft, pointer: str, place: str, config: dict[str, Any], loader: str) -> None:
    made: dict[str, Any] = {key: config[key] for key in ("user_script", "script_dir") if config.get(key)}
    loading = {"data_dir": rooted(draft, config["data_dir"])} if config.get("data_dir") else {}
    given = config.get("dataloader_func_kwargs")
    made["load_dataset_config"] = {"type": "local_dataset", **loading}
    made["dataloader_config"] = {
        "type": loader,
        **loading,
        "batch_size": config.get("batch_size", 1),
        **(given if isinstance(given, dict) else {}),
    }
    name = unescape(pointer.rpartition("/")[2])
    label = add(draft, f"{name}_data", made, f"{place}/dataloader_func")
    draft.remove(f"{place}/data_config")
    draft.insert(place, "data_config", label, after="dataloader_func")
    draft.person(
        f"the loader is a component of the data config `{label}` since 0.7.0: register `{loader}` in the script with "
        "@Registry.register_dataloader(); its first argument is the data set then (nothing here)",
        f"{place}/dataloader_func",
    )


def _pass_script(draft: Draft, place: str, properties: Any) -> None:
    """A script that no function of the pass is left in."""
    config = draft.at(place)
    functions = [key for key in config if properties.get(key, {}).get("x-ref") == "function"]
    for key in ("user_script", "script_dir"):
        if key in config and not functions and not known_in(properties.get(key, {}), draft.target):
            draft.exact("no function of the script is used by the pass: removed", join(place, key))
            draft.remove(join(place, key))
