"""The input model: `PyTorchModel` with `hf_config` becomes `HfModel` (0.7.0), and what releases dropped since."""

from __future__ import annotations

from typing import Any

from olive_schemas.tree import join

from .migrate_draft import Draft

MODEL = "/input_model"
_HF_CONFIG = "/input_model/hf_config"
_KEPT = ("model_path", "task", "load_kwargs", "io_config", "adapter_path", "model_attributes", "type")
"""What an HfModel takes."""
_RESOURCES_GONE = {"azureml_job_output": "0.9.2", "azureml_model": "0.9.3", "azureml_datastore": "0.9.3"}


def migrate(draft: Draft) -> None:
    if not isinstance(draft.get("input_model"), dict):
        return
    draft.run((_flat, _optimum, _hugging_face, _loading, _distributed, _file_format))


def _flat(draft: Draft) -> None:
    """`config` laid flat; a `type` inside it stays where it is."""
    if draft.flatten and isinstance(draft.get("input_model", "config"), dict):
        for name in draft.get("input_model", "config"):
            if name in draft.get("input_model") and name not in ("type", "config"):
                draft.exact(
                    f"`{name}` beside `config` was not read, the one inside was: removed", join(MODEL, name)
                )
                draft.remove(join(MODEL, name))
        draft.unwrap(f"{MODEL}/config", keep=("type",))


def _type(draft: Draft) -> str:
    found = draft.get("input_model", "type")
    return found.lower() if isinstance(found, str) else ""


def _optimum(draft: Draft) -> None:
    if draft.reaches("0.5.0") and _type(draft) == "optimummodel":
        draft.lossy(
            "OptimumModel is gone since 0.5.0: written as HfModel; OptimumConversion exports the same model, its "
            "`components` name the parts",
            f"{MODEL}/type",
        )
        draft.replace(f"{MODEL}/type", "PyTorchModel" if draft.has(_HF_CONFIG) else "HfModel")
        if draft.has(f"{MODEL}/model_components"):
            draft.lossy(
                "`model_components` is gone with OptimumModel: name them in `components` of OptimumConversion",
                f"{MODEL}/model_components",
            )
            draft.remove(f"{MODEL}/model_components")


def _hugging_face(draft: Draft) -> None:
    hf_config = draft.get("input_model", "hf_config")
    if not draft.reaches("0.7.0") or not isinstance(hf_config, dict):
        return
    if _type(draft) != "pytorchmodel":
        draft.exact("`hf_config` had no effect in this model: removed", _HF_CONFIG)
        draft.remove(_HF_CONFIG)
        return
    if draft.get("input_model", "model_loader"):
        draft.lossy(
            "`hf_config` beside a `model_loader` only described inputs; PyTorchModel has none since 0.7.0: removed, give "
            "`io_config` or `dummy_inputs_func`",
            _HF_CONFIG,
        )
        draft.remove(_HF_CONFIG)
        return
    _to_hf_model(draft, hf_config)


def _to_hf_model(draft: Draft, hf_config: dict[str, Any]) -> None:
    draft.exact("PyTorchModel with `hf_config` is HfModel since 0.7.0", f"{MODEL}/type")
    draft.replace(f"{MODEL}/type", "HfModel")
    if hf_config.get("model_name") is not None:
        if draft.get("input_model", "model_path") is None:
            draft.remove(f"{MODEL}/model_path")
            draft.move(f"{_HF_CONFIG}/model_name", MODEL, name="model_path", after="type")
        else:
            draft.exact(
                "`model_path` was loaded, not `model_name`: it stays, the name goes",
                f"{_HF_CONFIG}/model_name",
            )
            draft.remove(f"{_HF_CONFIG}/model_name")
    for name, text in (
        ("feature", _feature(hf_config)),
        ("model_class", _model_class(hf_config)),
        ("components", None),
        ("dataset", None),
    ):
        pointer = f"{_HF_CONFIG}/{name}"
        if name not in hf_config or name == "dataset":
            continue
        if name == "components":
            draft.person(
                "`components` of `hf_config` have no counterpart in HfModel: write a CompositeModel of PyTorchModel "
                "parts, each with a `model_loader`, or let OptimumConversion split the model",
                pointer,
            )
        elif text:
            draft.lossy(text, pointer)
        draft.remove(pointer)
    task = hf_config.get("task")
    past = hf_config.get("feature")
    if isinstance(task, str):
        with_past = isinstance(past, str) and past.endswith("-with-past") and not task.endswith("-with-past")
        draft.move(f"{_HF_CONFIG}/task", MODEL, after="model_path")
        if with_past:
            draft.replace(f"{MODEL}/task", f"{task}-with-past")
    for name in ("from_pretrained_args", "model_loading_args"):
        if isinstance(hf_config.get(name), dict):
            draft.move(f"{_HF_CONFIG}/{name}", MODEL, name="load_kwargs", after="task")
    for name in draft.get("input_model", "hf_config") or {}:
        if name == "dataset":
            draft.move(f"{_HF_CONFIG}/dataset", MODEL)
        elif name in _KEPT and name != "type":
            _ahead(draft, name)
        else:
            draft.lossy(f"`{name}` of `hf_config` has no counterpart: removed", f"{_HF_CONFIG}/{name}")
    draft.remove(_HF_CONFIG)
    _unfit(draft)


def _ahead(draft: Draft, name: str) -> None:
    """What HfModel has under the very name, and `hf_config` had not."""
    place = f"{_HF_CONFIG}/{name}"
    if draft.get("input_model", name) is not None:
        draft.exact(f"`{name}` of `hf_config` was not read, and the model has its own: removed", place)
        return
    draft.person(
        f"`{name}` of `hf_config` was not read; it counts in HfModel: kept; take it out if the model shall load as it did",
        place,
    )
    draft.remove(join(MODEL, name))
    draft.move(place, MODEL)


def _feature(hf_config: dict[str, Any]) -> str | None:
    feature, task = hf_config.get("feature"), hf_config.get("task")
    if not isinstance(feature, str) or feature == task:
        return None
    if isinstance(task, str) and feature in (f"{task}-with-past", "causal-lm-with-past", "causal-lm"):
        return None
    return f'`feature` "{feature}" chose how the model is exported; the `task` does it since 0.7.0: removed'


def _model_class(hf_config: dict[str, Any]) -> str | None:
    """Only where there is no task did the class decide."""
    if hf_config.get("task"):
        return None
    return (
        f'`model_class` "{hf_config.get("model_class")}" chose the class; HfModel takes it from the `task`, which is '
        "text-generation-with-past where none is written: removed, write the task"
    )


def _unfit(draft: Draft) -> None:
    """What PyTorchModel had and HfModel has not."""
    for name, value in list((draft.get("input_model") or {}).items()):
        pointer = join(MODEL, name)
        if name == "io_config" and isinstance(value, str):
            draft.lossy(
                f"`io_config` was the function `{value}` of the model's script, which HfModel does not have: removed, "
                "write the names and shapes out if those of the task do not fit",
                pointer,
            )
            draft.remove(pointer)
        elif name == "model_file_format":
            if value not in ("PyTorch.EntireModel", "PyTorch.MLflow", None):
                draft.lossy(f'HfModel does not load the format "{value}": removed', pointer)
            draft.remove(pointer)
        elif name in ("model_script", "script_dir"):
            draft.remove(pointer)
        elif name == "dummy_inputs_func" and value is not None:
            draft.lossy(
                "HfModel has no `dummy_inputs_func`: it makes inputs up by `io_config` or the task; removed",
                pointer,
            )
            draft.remove(pointer)
        elif name == "mlflow_transformer_model_cache_dir":
            draft.exact("HfModel unpacks MLflow models into the cache: removed", pointer)
            draft.remove(pointer)
        elif name not in _KEPT and name != "dataset":
            if value is not None:
                draft.lossy(f"HfModel has no `{name}`: removed", pointer)
            draft.remove(pointer)


def _loading(draft: Draft) -> None:
    """`extra_args` of the loading arguments stand beside them since 0.7.0."""
    pointer = f"{MODEL}/load_kwargs"
    if draft.flatten and isinstance(draft.at(f"{pointer}/extra_args"), dict):
        draft.unwrap(f"{pointer}/extra_args")


def _distributed(draft: Draft) -> None:
    if draft.reaches("0.7.0") and _type(draft) == "distributedpytorchmodel":
        draft.lossy("DistributedPyTorchModel is DistributedHfModel since 0.7.0", f"{MODEL}/type")
        draft.replace(f"{MODEL}/type", "DistributedHfModel")


def _file_format(draft: Draft) -> None:
    """Whole pickled models are not loaded any more since 0.12.0, and the default follows."""
    model = draft.get("input_model")
    if not draft.reaches("0.12.0") or _type(draft) != "pytorchmodel" or not isinstance(model, dict):
        return
    written = model.get("model_file_format")
    if model.get("model_loader"):
        if written == "PyTorch.EntireModel":
            draft.exact(
                "a `model_loader` loads the model, so that `model_file_format` has no effect; 0.12.0 dropped "
                '"PyTorch.EntireModel": removed',
                f"{MODEL}/model_file_format",
            )
            draft.remove(f"{MODEL}/model_file_format")
    elif model.get("model_path") is not None and (
        written == "PyTorch.EntireModel" or (written is None and draft.crosses("0.12.0"))
    ):
        draft.person(
            "whole pickled models are not loaded since 0.12.0: write a `model_loader` that loads this one",
            f"{MODEL}/model_file_format" if written else f"{MODEL}/model_path",
        )
        draft.remove(f"{MODEL}/model_file_format")


def resources(draft: Draft) -> None:
    """Places in Azure ML that releases cannot read any more, wherever a path may stand."""
    for pointer, node, shape in list(draft.view(draft.source).walk()):
        if node.kind != "object" or shape.section.get("x-section") != "resource":
            continue
        kind = str((draft.at(pointer) or {}).get("type")).lower()
        gone = _RESOURCES_GONE.get(kind)
        if gone and draft.reaches(gone):
            draft.person(f"{kind} is gone since {gone}: download it, and write its path here", pointer)
