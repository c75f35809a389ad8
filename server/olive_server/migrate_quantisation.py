"""Quantisation of ONNX models: onnxruntime's names of types and options gave way to Olive's (0.9.0)."""

from __future__ import annotations

from typing import Any

from olive_schemas.catalog import pass_fields
from olive_schemas.tree import join

from .migrate_draft import Draft

_TYPES = {f"Q{sign}Int{bits}": f"{sign.lower()}int{bits}" for sign in ("", "U") for bits in (4, 8, 16, 32)}
"""onnxruntime's names of types, and Olive's since 0.9.0."""
_QUANTISERS = ("onnxquantization", "onnxstaticquantization", "onnxdynamicquantization")
_NEED_ONE = ("0.7.0", "0.7.1.1")
_EXTRA = ("extra.Sigmoid.nnapi", "EnableSubgraph", "ForceQuantizeNoInputCheck", "MatMulConstBOnly")


def quantisation(draft: Draft, pointer: str, place: str) -> None:
    """onnxruntime's names of types and options gave way to Olive's (0.9.0)."""
    type_name = str(draft.at(f"{pointer}/type")).lower()
    if type_name not in _QUANTISERS:
        return
    if draft.target in _NEED_ONE and not set(draft.at(place)) - pass_fields().keys():
        draft.note(
            "default", f"{draft.target} stops at this pass without any parameter: one is written out", pointer
        )
        draft.insert(place, "per_channel", False)
    if not draft.reaches("0.9.0"):
        return
    written = draft.at(place)
    weight = written.get("weight_type", "QInt8")
    _retyped(draft, place, "weight_type", "precision")
    _retyped(draft, place, "activation_type", "activation_type")
    for old, new in (
        ("ActivationSymmetric", "activation_symmetric"),
        ("WeightSymmetric", "weight_symmetric"),
    ):
        if old in written:
            draft.exact(f"`{old}` is called `{new}` since 0.9.0", join(place, old))
            draft.rename(join(place, old), new)
    if (
        draft.crosses("0.9.0")
        and "WeightSymmetric" not in written
        and isinstance(weight, str)
        and weight.startswith("QU")
    ):
        draft.note(
            "default",
            "unsigned weights were symmetric by default, and are not since 0.9.0: `weight_symmetric` is written out",
            join(place, "weight_type") if "weight_type" in written else place,
        )
        draft.insert(place, "weight_symmetric", True)
    options = [key for key in _EXTRA if key in written]
    if options and not isinstance(written.get("extra_options"), dict):
        draft.remove(join(place, "extra_options"))
        draft.insert(place, "extra_options", {}, after=options[-1])
    for key in options:
        draft.exact(f"`{key}` stands in `extra_options` since 0.9.0", join(place, key))
        draft.move(join(place, key), join(place, "extra_options"))
    if type_name != "onnxdynamicquantization":
        _qnn(draft, place, written)


def _retyped(draft: Draft, place: str, old: str, new: str) -> None:
    pointer = join(place, old)
    value = draft.at(pointer)
    if value is None:
        return
    values = (
        [_TYPES.get(each, each) for each in value] if isinstance(value, list) else _TYPES.get(value, value)
    )
    if old != new or values != value:
        text = (
            f"`{old}` is called `{new}` since 0.9.0, and its values int8, uint8, ..."
            if old != new
            else (f"the values of `{old}` are int8, uint8, ... since 0.9.0")
        )
        draft.exact(text, pointer)
    draft.replace(pointer, values)
    draft.rename(pointer, new)


def _qnn(draft: Draft, place: str, written: dict[str, Any]) -> None:
    """`prepare_qnn_config` was off, `prepare_qdq_config` is on by default."""
    if str(written.get("quant_mode")).lower() == "dynamic":
        return
    pointer = join(place, "prepare_qnn_config")
    if written.get("prepare_qnn_config"):
        draft.lossy(
            "`prepare_qnn_config` is `prepare_qdq_config` since 0.9.0, which prepares for the target's own execution "
            "provider",
            pointer,
        )
        draft.rename(pointer, "prepare_qdq_config")
        if "qnn_extra_options" in written:
            draft.lossy(
                "`qnn_extra_options` is gone since 0.9.0: removed; `min_real_range` and `tensor_quant_overrides` are "
                "parameters of their own",
                join(place, "qnn_extra_options"),
            )
    elif "prepare_qnn_config" in written or draft.crosses("0.9.0"):
        draft.note(
            "default",
            "`prepare_qdq_config` is on by default since 0.9.0: written out as off",
            pointer if "prepare_qnn_config" in written else place,
        )
        draft.remove(pointer)
        draft.insert(place, "prepare_qdq_config", False)
    draft.remove(join(place, "qnn_extra_options"))
