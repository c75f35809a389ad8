"""Parameters that are known, but not to this pass.

`foreign-parameter`: a parameter of another pass type, such as `double_quant` of QLoRA in LoRA: Olive ignores it.

`misplaced`: an argument of training that stands beside `training_args` instead of in it, or a parameter of the pass
that stands in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from olive_schemas import catalog
from olive_schemas.catalog import PassSchema, earlier_names, pass_fields, passes_with
from olive_schemas.nearest import listing, nearest
from olive_schemas.problems import Problem, Remedy, Severity
from olive_schemas.report import Field, fields_of

from ._told import insert, remove, told

if TYPE_CHECKING:
    from ..document import Document
    from ..parts import PassPart

CODES = {
    "foreign-parameter": "a parameter of another pass type",
    "misplaced": "a training argument beside `training_args`, or a parameter of the pass in it",
}


def check(document: Document) -> Iterable[Problem]:
    for part in document.parts.every_pass():
        if part.schema is not None and part.schema.properties:
            yield from _pass(part, part.schema)


def _pass(part: PassPart, schema: PassSchema) -> Iterator[Problem]:
    earlier = earlier_names(schema.properties)
    trains = "training_args" in schema.properties
    for name, entry in part.fields.items():
        if name in schema.properties or name in earlier or name in pass_fields() or name == "config":
            continue
        if trains and _is_training(name):
            yield _move_in(name, entry, part, schema)
        elif nearest(name, schema.properties, 0.86) is None:
            others = [other for other in passes_with(name) if other != schema.type]
            if others:
                yield _foreign(name, entry, others, schema)
    training = part.get("training_args") if trains else None
    if training is not None and isinstance(training.value, dict):
        for name, entry in fields_of(training.value, training.pointer).items():
            if (
                name in schema.properties
                and name != "training_args"
                and not _is_training(name)
                and name != "extra_args"
            ):
                yield _move_out(name, entry, training, schema)


def _is_training(name: str) -> bool:
    known = catalog.training_arguments()
    return name in known or name in earlier_names(known)


def _foreign(name: str, entry: Field, others: list[str], schema: PassSchema) -> Problem:
    runnable = [other for other in others if other in catalog.runnable_passes()]
    return told(
        Severity.WARNING,
        "foreign-parameter",
        f"`{name}` is a parameter of {listing(runnable or others, 3)}; {schema.type} has none of that name, so it has "
        "no effect",
        entry.pointer,
        "key",
        remedies=[remove(entry.pointer, exact=True, title=f"Remove `{name}`, which has no effect")],
        tags=["unnecessary"],
    )


def _move_in(name: str, entry: Field, part: PassPart, schema: PassSchema) -> Problem:
    above = entry.pointer.rpartition("/")[0]
    training = part.get("training_args")
    if training is not None and isinstance(training.value, dict):
        remedy = Remedy(
            "move", entry.pointer, target=training.pointer, title=f"Move `{name}` into `training_args`"
        )
    else:
        remedy = insert(
            above, "training_args", {name: entry.value}, title=f"Write `{name}` in `training_args`"
        )
    return told(
        Severity.WARNING,
        "misplaced",
        f"`{name}` is a training argument: it belongs in `training_args`, and beside it has no effect on {schema.type}",
        entry.pointer,
        "key",
        remedies=[remedy],
    )


def _move_out(name: str, entry: Field, training: Field, schema: PassSchema) -> Problem:
    return told(
        Severity.WARNING,
        "misplaced",
        f"`{name}` is a parameter of {schema.type} and no training argument: it belongs beside `training_args`, and "
        "in it has no effect",
        entry.pointer,
        "key",
        remedies=[
            Remedy(
                "move",
                entry.pointer,
                target=training.pointer.rpartition("/")[0],
                title=f"Move `{name}` out of `training_args`",
            )
        ],
    )
