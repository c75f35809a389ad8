"""`input_model` in every spelling -> `InputModel`.

Current: `HfModel` with `model_path`, `task`, `load_kwargs`. Classic: `PyTorchModel` with `hf_config`
(`model_name`, `from_pretrained_args` or `model_loading_args`). Anything else is described, and refused.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from . import catalog
from .dialect_resource import resource_path
from .nearest import did_you_mean
from .parameters import Era, Parameters, read_parameters
from .paths import absolute
from .report import Field, Fields, Report, expect_object, fields_of, hoist, kind_of
from .tree import MISSING, join
from .workflow import InputModel

_TASK = "text-generation"
_LOADING = ("model_loading_args", "from_pretrained_args")
_CLASSIC_HF = ("pytorchmodel", "optimummodel")


def read_model(field: Field | None, base: Path, report: Report, era: Era) -> InputModel | None:
    """None where the config has no usable input model; the report says why."""
    if field is None:
        report.error("missing", "the config needs an `input_model`", "", "key")
        return None
    if field.value is MISSING:
        return None
    if not isinstance(field.value, dict):
        report.error(
            "wrong-type",
            f"`input_model` must be an object {{ ... }}, found {kind_of(field.value)}",
            field.pointer,
        )
        return None
    fields = hoist(fields_of(field.value, field.pointer), "config", ("type",), report)
    type_field = fields.pop("type", None)
    if type_field is None:
        report.error("missing", '`input_model` needs a `type`, such as "HfModel"', field.pointer, "key")
        return None
    if not isinstance(type_field.value, str):
        if type_field.value is not MISSING:
            report.error(
                "wrong-type",
                f"`type` must be a string, found {kind_of(type_field.value)}",
                type_field.pointer,
            )
        return None
    name = catalog.find(catalog.models(), type_field.value)
    if name is None:
        known = list(catalog.models())
        usual = "hf" in type_field.value.lower() or "hugging" in type_field.value.lower()
        report.error(
            "unknown-type",
            f"no model type is named `{type_field.value}`"
            + (
                "; did you mean `HfModel`?"
                if usual
                else did_you_mean(type_field.value, known, '; this engine takes "HfModel"')
            ),
            type_field.pointer,
        )
        return None
    lower = name.lower()
    if lower in _CLASSIC_HF and "hf_config" in fields:
        return _classic(name, fields, field.pointer, base, report)
    if lower == "hfmodel":
        return _current(name, fields, field.pointer, base, report, era)
    return _other(name, fields, field.pointer, base, report, era)


def _current(
    name: str, fields: Fields, pointer: str, base: Path, report: Report, era: Era
) -> InputModel | None:
    schema = catalog.models()[name]
    raw = read_parameters(
        {key: entry for key, entry in fields.items() if key != "load_kwargs"},
        {key: prop for key, prop in schema.get("properties", {}).items() if key != "load_kwargs"},
        name,
        report,
        era=era,
        required=[
            key for key in schema.get("required", ("model_path",)) if key in fields or key == "model_path"
        ],
        pointer=pointer,
        besides=("load_kwargs",),
        elsewhere=_elsewhere(name),
    )
    kwargs: dict[str, Any] = {}
    if "load_kwargs" in fields:
        kwargs = _load_kwargs(fields["load_kwargs"], report, base)
    if raw.values.get("model_path") is None:
        return None
    path = resource_path(Field(raw.values["model_path"], raw.pointers["model_path"]), base, report)
    return InputModel(
        kind="hf",
        path=path or "",
        task=_task(raw.values.get("task")),
        load_kwargs=kwargs,
        adapter_path=_adapter(
            raw.values.get("adapter_path"), raw.pointers.get("adapter_path", pointer), base, report
        ),
        pointer=pointer,
        path_pointer=raw.pointers["model_path"],
        type=name,
    )


def _classic(name: str, fields: Fields, pointer: str, base: Path, report: Report) -> InputModel | None:
    hf_field = fields["hf_config"]
    hf = expect_object(hf_field, "`hf_config`", report)
    known = _properties(name)
    outer = read_parameters(
        {key: entry for key, entry in fields.items() if key != "hf_config"},
        {key: prop for key, prop in known.items() if key != "hf_config"},
        name,
        report,
        era="classic",
        pointer=pointer,
        besides=("hf_config",),
        elsewhere=_elsewhere(name),
        defaults=False,
    )
    hf_known = _properties("PyTorchModel").get("hf_config", {}).get("properties", {})
    inner = read_parameters(
        {key: entry for key, entry in hf.items() if key not in _LOADING},
        {key: prop for key, prop in hf_known.items() if key not in _LOADING},
        "hf_config",
        report,
        era="classic",
        pointer=hf_field.pointer,
        besides=_LOADING,
        defaults=False,
    )
    kwargs: dict[str, Any] = {}
    for key in _LOADING:
        if key in hf:
            kwargs.update(_load_kwargs(hf[key], report, base))
    source, place = outer.values.get("model_path"), outer.pointers.get("model_path", "")
    if source is None:
        source, place = inner.values.get("model_name"), inner.pointers.get("model_name", "")
    elif "model_name" in inner.given and isinstance(source, str):
        report.information(
            "written-twice",
            "`model_path` names the model; `model_name` beside it is not used",
            inner.pointers["model_name"],
            "key",
        )
    coded = _code(outer, inner, report)
    if source is None:
        if coded:
            return InputModel(kind="other", path="", pointer=pointer, path_pointer=pointer, type=name)
        if "model_name" not in hf and "model_path" not in fields:
            report.error(
                "missing", "`hf_config` needs a `model_name`: a folder or a hub name", hf_field.pointer, "key"
            )
        return None
    return InputModel(
        kind="hf",
        path=resource_path(Field(source, place), base, report) or "",
        task=_task(inner.values.get("task")),
        load_kwargs=kwargs,
        adapter_path=_adapter(
            outer.values.get("adapter_path"), outer.pointers.get("adapter_path", pointer), base, report
        ),
        pointer=pointer,
        path_pointer=place,
        type=name,
    )


def _code(outer: Parameters, inner: Parameters, report: Report) -> bool:
    """Refuses models that come from someone's code or are taken apart; True where one does."""
    found = False
    for key in ("model_loader", "model_script", "components", "model_class"):
        value = outer.values.get(key) or inner.values.get(key)
        usual = key == "model_class" and str(value).endswith(("ForCausalLM", "LMHeadModel"))
        if value and not usual:
            found = True
            report.refuse(
                "model-code",
                f"`{key}` needs code or parts of a model that this engine does not run",
                outer.pointers.get(key) or inner.pointers[key],
                "key",
            )
    return found


def _other(name: str, fields: Fields, pointer: str, base: Path, report: Report, era: Era) -> InputModel:
    known = _properties(name)
    read = read_parameters(
        fields,
        known,
        name,
        report,
        era=era,
        pointer=pointer,
        elsewhere=_elsewhere(name),
        open_names=not known,
        defaults=False,
    )
    is_onnx = name.lower() == "onnxmodel"
    if not is_onnx:
        report.refuse(
            "model-type",
            f"input models of type {name} are not run here: this engine takes HfModel (transformers) and ONNXModel",
            join(pointer, "type"),
        )
    path, place = read.values.get("model_path"), read.pointers.get("model_path", pointer)
    if is_onnx and path is None:
        report.error("missing", "ONNXModel needs a `model_path`", pointer, "key")
    resolved = resource_path(Field(path, place), base, report, must_exist=is_onnx) if path is not None else ""
    return InputModel(
        kind="onnx" if is_onnx else "other",
        path=resolved or "",
        pointer=pointer,
        path_pointer=place,
        type=name,
    )


def _task(written: Any) -> str:
    """The task without `-with-past`: what is built here always keeps the past."""
    return written.removesuffix("-with-past") if isinstance(written, str) and written else _TASK


def _elsewhere(name: str) -> Any:
    """Keys that another model type, or the same one in another release, has."""

    def look(key: str) -> str | None:
        if key in ("hf_config", "generative"):
            return f"`{key}` belongs to the classic PyTorchModel and has no effect in {name}"
        others = [other for other in catalog.models() if other != name and key in _properties(other)]
        return f"`{key}` belongs to {others[0]} and has no effect in {name}" if others else None

    return look


def _properties(name: str) -> catalog.Properties:
    properties: catalog.Properties = catalog.models().get(name, {}).get("properties", {})
    return properties


def _load_kwargs(field: Field, report: Report, base: Path) -> dict[str, Any]:
    """Keyword arguments of from_pretrained as they are written; `extra_args` are hoisted among them."""
    fields = hoist(expect_object(field, "the loading arguments", report), "extra_args", (), report)
    known = {name: prop for name, prop in catalog.loading_arguments().items() if name != "extra_args"}
    read = read_parameters(
        fields, known, "from_pretrained", report, pointer=field.pointer, open_names=True, defaults=False
    )
    values = {name: value for name, value in read.values.items() if name in read.given and value is not None}
    for name, value in values.items():
        if isinstance(value, str) and known.get(name, {}).get("x-ref") == "folder":
            values[name] = absolute(value, base)
    return values


def _adapter(value: Any, pointer: str, base: Path, report: Report) -> str | None:
    if value is None:
        return None
    return resource_path(Field(value, pointer), base, report, what="adapter") or None
