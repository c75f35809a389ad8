"""The defaults of an object that count because their keys are not written, in a line."""

from __future__ import annotations

from olive_schemas.shape import Shape
from olive_schemas.tree import MISSING

from ..document import Document
from . import described
from .wording import default_here

_MATTERING = 8
_FIRST = {
    name: rank
    for rank, name in enumerate(
        (
            "learning_rate",
            "num_train_epochs",
            "per_device_train_batch_size",
            "gradient_accumulation_steps",
            "lr_scheduler_type",
            "warmup_ratio",
            "optim",
            "seed",
        )
    )
}
"""Of many defaults those that are shown."""


def defaults_in_force(document: Document, pointer: str) -> str:
    """The defaults of the object at the pointer that count because their keys are not written, a few of them.

    What is off by default, or empty, is not told.
    """
    shape = document.view.shape(pointer)
    written = _written(document, pointer, shape)
    training = shape.kind == "training_args"
    found = []
    for name, prop in shape.properties.items():
        spelt = described.spelling(name, prop, document.scope)
        if (
            name in shape.own
            or {name, spelt} & written
            or prop.get("x-here")
            or (training and name not in _FIRST)
        ):
            continue
        if not document.scope.always(prop):
            continue
        default = default_here(document, pointer, name, prop)
        if default is not MISSING and default:
            found.append((_FIRST.get(name, 0), f"`{spelt}` {described.shown(default, 30)}"))
    words = [text for _, text in sorted(found, key=lambda entry: entry[0])][:_MATTERING]
    return f"not written, so in force: {', '.join(words)}" if words else ""


def _written(document: Document, pointer: str, shape: Shape) -> set[str]:
    node = document.tree.find(pointer)
    members = node.members if node is not None else ()
    found = {member.name for member in members}
    for member in members:
        if shape.nested and member.name == shape.nested:
            found |= {inner.name for inner in member.value.members}
    return found
