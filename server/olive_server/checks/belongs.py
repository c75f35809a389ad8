"""Arguments of the training that stand beside `training_args` instead of in it.

`misplaced`: `learning_rate` as a parameter of LoRA is known to nobody: Olive ignores it, and trains with its default.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from olive_schemas import catalog
from olive_schemas.catalog import earlier_names, pass_fields
from olive_schemas.problems import Problem, Remedy, Severity
from olive_schemas.report import Field

from ._told import insert, told

if TYPE_CHECKING:
    from ..document import Document
    from ..parts import PassPart

CODES = {"misplaced": "a training argument stands beside `training_args`"}


def check(document: Document) -> Iterable[Problem]:
    for part in document.parts.every_pass():
        known = part.schema.properties if part.schema is not None else {}
        if "training_args" not in known:
            continue
        earlier = earlier_names(known)
        for name, entry in part.fields.items():
            if name not in known and name not in earlier and name not in pass_fields() and _is_training(name):
                yield _told(name, entry, part)


def _is_training(name: str) -> bool:
    arguments = catalog.training_arguments()
    return name in arguments or name in earlier_names(arguments)


def _told(name: str, entry: Field, part: PassPart) -> Problem:
    training = part.get("training_args")
    if training is not None and isinstance(training.value, dict):
        remedy = Remedy(
            "move", entry.pointer, target=training.pointer, title=f"Move `{name}` into `training_args`"
        )
    else:
        above = entry.pointer.rpartition("/")[0]
        title = f"Write `{name}` in `training_args`"
        remedy = insert(above, "training_args", {name: entry.value}, title=title)
    return told(
        Severity.WARNING,
        "misplaced",
        f"`{name}` is a training argument: it belongs in `training_args`, and beside it has no effect on {part.type}",
        entry.pointer,
        "key",
        remedies=[remedy],
    )
