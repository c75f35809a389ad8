"""Parameters that stand too far out: beside `training_args`, or at the top level.

`misplaced`: `learning_rate` as a parameter of LoRA is known to nobody: Olive ignores it, and trains with its default. `r`
at the top level belongs to nothing; Olive refuses it since 0.7.0, and ignored it before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from olive_schemas import catalog
from olive_schemas.catalog import earlier_names, pass_fields
from olive_schemas.mistaken import key_meant
from olive_schemas.problems import Problem, Remedy, Severity
from olive_schemas.report import Field
from olive_schemas.tree import join

from ._told import insert, told

if TYPE_CHECKING:
    from ..document import Document
    from ..parts import PassPart

CODES = {"misplaced": "a parameter stands at the top level, or a training argument beside `training_args`"}

_MOST = 3


def check(document: Document) -> Iterable[Problem]:
    yield from _at_the_top(document)
    for part in document.parts.every_pass():
        known = part.schema.properties if part.schema is not None else {}
        if "training_args" not in known:
            continue
        earlier = earlier_names(known)
        for name, entry in part.fields.items():
            if name in known or name in earlier or name in pass_fields() or key_meant(name, known):
                continue
            argument = _argument(name)
            if argument is not None:
                yield _told(name, argument, entry, part)


def _at_the_top(document: Document) -> Iterator[Problem]:
    """Names that a pass of the config has; where several have them, which is meant is for a person to say."""
    config = document.config
    known = {**catalog.workflow_properties(), **catalog.engine_properties()}
    earlier = earlier_names(known)
    for name in config if isinstance(config, dict) else ():
        if name in known or name in earlier:
            continue
        owners = [part for part in document.parts.every_pass() if _has(part, name)]
        inside = ""
        argument = _argument(name)
        if not owners and argument == name:
            owners = [
                part for part in document.parts.every_pass() if _has(part, "training_args", written=True)
            ]
            inside = "`training_args` of "
        if not owners:
            continue
        pointer = join("", name)
        remedies = []
        for part in owners[:_MOST]:
            holder = part.get("training_args") if inside else part.get("type")
            if holder is not None:
                target = holder.pointer if inside else holder.pointer.rpartition("/")[0]
                title = f"Move `{name}` into {inside}`{part.name}`"
                remedies.append(Remedy("move", pointer, target=target, title=title))
        where = " or ".join(f"`{part.name}`" for part in owners[:_MOST])
        yield told(
            Severity.WARNING,
            "misplaced",
            f"`{name}` is no setting of the whole config: it belongs in {inside}{where}, and has no effect here",
            pointer,
            "key",
            remedies=remedies,
        )


def _has(part: PassPart, name: str, *, written: bool = False) -> bool:
    """Whether a pass takes a parameter and does not say it yet; with `written`, whether it says it."""
    if part.schema is None or (part.get(name) is not None) != written:
        return False
    return name in part.schema.properties or name in earlier_names(part.schema.properties)


def _argument(name: str) -> str | None:
    """The training argument that a key means."""
    arguments = catalog.training_arguments()
    return name if name in arguments or name in earlier_names(arguments) else key_meant(name, arguments)


def _told(name: str, argument: str, entry: Field, part: PassPart) -> Problem:
    training = part.get("training_args")
    other = "" if argument == name else f", called `{argument}`"
    if training is not None and isinstance(training.value, dict) and argument != name:
        remedy = insert(
            training.pointer, argument, entry.value, title=f"Write `{argument}` in `training_args`"
        )
    elif training is not None and isinstance(training.value, dict):
        remedy = Remedy(
            "move", entry.pointer, target=training.pointer, title=f"Move `{name}` into `training_args`"
        )
    else:
        above = entry.pointer.rpartition("/")[0]
        title = f"Write `{argument}` in `training_args`"
        remedy = insert(above, "training_args", {argument: entry.value}, title=title)
    return told(
        Severity.WARNING,
        "misplaced",
        f"`{name}` is a training argument{other}: it belongs in `training_args`, and beside it has no effect on {part.type}",
        entry.pointer,
        "key",
        remedies=[remedy],
    )
