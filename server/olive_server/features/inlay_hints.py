"""What follows from the text and is not in it: effective batch, steps and epochs, scaling, defaults that matter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from olive_schemas.shape import Shape
from olive_schemas.tree import Node

from ..checks._accelerators import target_of
from ..document import Document
from ..parts import PassPart
from .training_size import (
    Found,
    Training,
    in_force,
    parameter,
    rows_of,
    trainable,
    training_of,
)

_TEXT_GENERATION = "text_generation_huggingface_pre_process"


@dataclass(frozen=True)
class Hint:
    """Shown behind `offset`, with a blank before it."""

    offset: int
    label: str
    tooltip: str


Wanted = Callable[[Node | None], bool]


def inlay_hints(document: Document, start: int = 0, end: int | None = None) -> tuple[Hint, ...]:
    """Those within a range, in the order of the text. Local files are looked at only for places in it."""
    last = len(document.text) if end is None else end

    def wanted(node: Node | None) -> bool:
        return node is not None and node.kind != "missing" and start <= node.end and node.start <= last

    found = list(_hints(document, wanted))
    return tuple(
        sorted((hint for hint in found if start <= hint.offset <= last), key=lambda hint: hint.offset)
    )


def _hints(document: Document, wanted: Wanted) -> Iterator[Hint]:
    for part in document.parts.every_pass():
        if not wanted(document.tree.find(part.pointer)):
            continue
        training = training_of(document, part)
        if training is not None and wanted(document.tree.find(training.pointer)):
            yield from _of_training(document, training)
        yield from _of_adapter(document, part, wanted)
        yield from _of_precision(document, part, wanted)
    for data in document.parts.data_configs:
        files = data.components["load_dataset"].get("data_files")
        node = document.tree.find(files.pointer) if files is not None else None
        rows = rows_of(document, data) if wanted(node) else None
        if node is not None and rows is not None:
            yield Hint(node.end, _counted(rows, "row"), "Rows of the local file that the split takes.")
    for place in document.view.places:
        if place.node.kind == "object" and wanted(place.node) and _holds_text(place.shape):
            yield from _of_text(document, place.pointer, place.node)


def _of_training(document: Document, training: Training) -> Iterator[Hint]:
    size = training.effective_batch
    node = training.accumulation.node or (training.batch.node if training.accumulation.value != 1 else None)
    if size is not None and node is not None:
        parts = f"{training.batch.value} × {training.accumulation.value}"
        yield Hint(
            node.end,
            f"effective batch {size}",
            f"Rows that one step learns from, on one device: per_device_train_batch_size × gradient_accumulation_steps = {parts}.",
        )
    if training.limited:
        yield from _limited(training)
        return
    steps = training.steps
    if steps is None:
        return
    about = f"{_counted(training.samples or 0, 'row')}, {training.effective_batch} a step."
    if training.epochs.node is not None:
        yield Hint(training.epochs.node.end, _counted(steps, "step"), about)
        return
    opening = document.tree.find(training.pointer)
    if opening is not None:
        epochs = f"{training.epochs.value:g} epochs"
        yield Hint(opening.start + 1, f"{epochs}, {_counted(steps, 'step')}", f"By default: {about}")


def _limited(training: Training) -> Iterator[Hint]:
    done = training.epochs_done
    if training.max_steps.node is not None and done is not None:
        yield Hint(
            training.max_steps.node.end,
            f"{done:.3g} epoch{'' if done == 1 else 's'}",
            f"{_counted(training.samples or 0, 'row')}, {training.effective_batch} a step.",
        )
    if training.epochs.node is not None:
        by_default = "" if training.max_steps.node is not None else " (the default)"
        yield Hint(
            training.epochs.node.end,
            f"max_steps {training.max_steps.value} decides",
            f"Training ends after max_steps {training.max_steps.value}{by_default}; -1 lets the epochs count.",
        )


def _of_adapter(document: Document, part: PassPart, wanted: Wanted) -> Iterator[Hint]:
    if part.schema is None or not {"r", "alpha"} <= part.schema.properties.keys():
        return
    rank, alpha = parameter(document, part, "r"), parameter(document, part, "alpha")
    if wanted(rank.node):
        count = trainable(document, part)
        if rank.node is not None and count is not None:
            yield Hint(
                rank.node.end, f"{_short(count)} trainable", f"{count:,} parameters of the adapter learn."
            )
    at = alpha.node or rank.node
    if at is None or not wanted(at) or rank.count is None or alpha.number is None:
        return
    scaling = f"scaling {alpha.number / rank.count:g}"
    label = scaling if alpha.node is not None else f"alpha {alpha.number:g}, {scaling}"
    yield Hint(at.end, label, "What the adapter's change is multiplied by: alpha / r.")


def _of_precision(document: Document, part: PassPart, wanted: Wanted) -> Iterator[Hint]:
    if part.schema is None or part.schema.type != "ModelBuilder":
        return
    node = parameter(document, part, "precision").node
    if node is None or not wanted(node):
        return
    target = target_of(document)
    if target is not None and target.provider:
        yield Hint(
            node.end,
            f"for {target.provider}",
            "The execution provider of the target, which the model is built for.",
        )


def _holds_text(shape: Shape) -> bool:
    return shape.kind in ("component", "component_params") and shape.type_name == _TEXT_GENERATION


def _of_text(document: Document, pointer: str, node: Node) -> Iterator[Hint]:
    """Length and strategy that a text-generation component leaves unsaid."""
    if any(member.name == "params" and member.value.kind == "object" for member in node.members):
        return
    found: dict[str, Found] = {key: in_force(document, pointer, key) for key in ("max_seq_len", "strategy")}
    labels = [
        f"{key} {entry.value}"
        for key, entry in found.items()
        if entry.node is None and entry.value is not None
    ]
    if labels:
        yield Hint(node.start + 1, ", ".join(labels), "In force by default.")


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _short(number: int) -> str:
    for size, name in ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "K")):
        if number >= size:
            return f"{number / size:.3g}{name}"
    return str(number)
