"""An ONNX model without a path beside data configs.

`model-path`: from 0.7.0 on Olive looks into the input model for what a data config leaves out, and stops where an ONNX
model has no `model_path`; from 0.9.0 on `model_attributes` do as well. Without data configs the run gets further.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from olive_schemas.problems import Problem

from ._told import gravity, insert, olive, told

if TYPE_CHECKING:
    from ..document import Document

CODES = {"model-path": "data configs are filled in from a model, and the model has no path"}
FIRST_TO_FILL_IN = "0.7.0"


def check(document: Document) -> Iterable[Problem]:
    model = document.parts.model
    if model is None or model.type.lower() != "onnxmodel" or model.get("model_path") is not None:
        return
    config = document.config
    if not isinstance(config, dict) or not config.get("data_configs"):
        return
    attributes = isinstance(model.value("model_attributes"), dict)
    severity = gravity(document.scope, FIRST_TO_FILL_IN, "0.8.0" if attributes else "")
    if severity is not None:
        nested = document.tree.find("/input_model/config")
        place = "/input_model/config" if nested is not None and nested.kind == "object" else "/input_model"
        yield told(
            severity,
            "model-path",
            f"{olive(document.scope)} fills the data configs in from the model, and stops without a `model_path`",
            place,
            "key",
            remedies=[insert(place, "model_path", "")],
        )
