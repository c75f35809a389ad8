"""`training_args` of the passes that train.

`eval-without-data`: an evaluation during training is asked for, and there is no data to evaluate on: Olive sets
`eval_strategy` to "no" without a word.

`not-resumable`: with `save_strategy` "no" a training that was cut off begins anew (information).

`precision-clash`: `bf16` and `fp16` at once: transformers refuses it before the first step.

`overridden`: `max_steps` counts, and `num_train_epochs` beside it does not (hint).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from olive_schemas.problems import Problem, Related, Severity
from olive_schemas.releases import FIRST_CURRENT
from olive_schemas.report import Field, Fields, fields_of

from ._told import insert, remove, replace, told, within

if TYPE_CHECKING:
    from ..document import Document
    from ..parts import PassPart

CODES = {
    "eval-without-data": "an evaluation during training without data for it",
    "not-resumable": "nothing is saved that a training could be resumed from",
    "precision-clash": "`bf16` and `fp16` exclude one another",
    "overridden": "`max_steps` counts, and `num_train_epochs` does not",
}


def check(document: Document) -> Iterable[Problem]:
    for part in document.parts.every_pass():
        if part.schema is None or "training_args" not in part.schema.properties:
            continue
        written = part.get("training_args")
        if written is None or not isinstance(written.value, dict):
            continue
        fields = fields_of(written.value, written.pointer)
        extra = fields.get("extra_args")
        if extra is not None and isinstance(extra.value, dict):
            fields = {**fields_of(extra.value, extra.pointer), **fields}
        yield from _evaluation(part, fields, document)
        yield from _saving(fields)
        yield from _exclusive(fields)


def _evaluation(part: PassPart, fields: Fields, document: Document) -> Iterator[Problem]:
    if "eval_data_config" not in part.schema.properties if part.schema else True:
        return
    strategy = fields.get("eval_strategy") or fields.get("evaluation_strategy")
    if strategy is None or not isinstance(strategy.value, str) or strategy.value.lower() == "no":
        return
    if part.value("eval_data_config"):
        return
    # Up to 0.6.2 a share of the training data could serve.
    if part.value("eval_dataset_size") and (
        document.era == "classic" or not within(document.scope, FIRST_CURRENT)
    ):
        return
    name = strategy.pointer.rpartition("/")[2]
    above = part.get("training_args")
    assert above is not None
    configs = document.view.definitions.get("data_config", {})
    others = [config for config in configs if config != part.value("train_data_config")]
    yield told(
        Severity.WARNING,
        "eval-without-data",
        f"`{name}` asks for an evaluation, and {part.schema.type if part.schema else part.type} has no "
        "`eval_data_config`: nothing is evaluated",
        strategy.pointer,
        remedies=[
            *(insert(above.pointer.rpartition("/")[0], "eval_data_config", config) for config in others[:3]),
            replace(strategy.pointer, "no", exact=True, title="Do not evaluate"),
        ],
    )


def _saving(fields: Fields) -> Iterator[Problem]:
    strategy = fields.get("save_strategy")
    if strategy is not None and isinstance(strategy.value, str) and strategy.value.lower() == "no":
        yield told(
            Severity.INFORMATION,
            "not-resumable",
            'with `save_strategy` "no" nothing is saved on the way: a training that is cut off begins anew; "steps" '
            'or "epoch" lets it be resumed',
            strategy.pointer,
            remedies=[replace(strategy.pointer, value) for value in ("steps", "epoch")],
        )


def _on(entry: Field | None) -> bool:
    return entry is not None and entry.value is True


def _exclusive(fields: Fields) -> Iterator[Problem]:
    half, brain = fields.get("fp16"), fields.get("bf16")
    if half is not None and brain is not None and _on(half) and _on(brain):
        yield told(
            Severity.ERROR,
            "precision-clash",
            "`fp16` and `bf16` exclude one another: keep bf16 on a GPU that has it, fp16 otherwise",
            half.pointer,
            remedies=[remove(half.pointer), remove(brain.pointer)],
            related=[Related(brain.pointer, "`bf16` is here", "key")],
        )
    steps, epochs = fields.get("max_steps"), fields.get("num_train_epochs")
    if (
        steps is not None
        and epochs is not None
        and isinstance(steps.value, int)
        and not isinstance(steps.value, bool)
        and steps.value > 0
    ):
        yield told(
            Severity.HINT,
            "overridden",
            f"`max_steps` ends the training after {steps.value} steps: `num_train_epochs` does not count",
            epochs.pointer,
            "key",
            remedies=[remove(epochs.pointer)],
            related=[Related(steps.pointer, "this one counts", "key")],
            tags=["unnecessary"],
        )
