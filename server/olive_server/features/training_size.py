"""How much a training pass does, in numbers: samples, batch, steps, epochs, parameters that learn.

As Hugging Face's Trainer counts, on one device. What is not certain from the text and the local files is None.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from olive_schemas.shapes import find_property
from olive_schemas.tree import Node, join

from ..document import Document
from ..local_models import linear_layers, model_folder
from ..parts import DataPart, Part, PassPart
from .links import data_source

_SLICE = re.compile(r"\w+(?:\[(?P<start>-?\d+%?)?:(?P<stop>-?\d+%?)?\])?")
_LOW_RANK = frozenset(("LoRA", "QLoRA", "LoftQ"))
"""Adapters of one pair of matrices a layer."""


@dataclass(frozen=True)
class Found:
    """A value in force, and where it is written; `node` is None for a default."""

    value: Any
    node: Node | None = None

    @property
    def number(self) -> float | None:
        fits = isinstance(self.value, (int, float)) and not isinstance(self.value, bool)
        return self.value if fits and math.isfinite(self.value) else None

    @property
    def count(self) -> int | None:
        """A whole number above 0."""
        return (
            self.value if isinstance(self.value, int) and self.number is not None and self.value > 0 else None
        )


def in_force(document: Document, pointer: str, key: str) -> Found:
    """The value of a key, under whichever spelling the object at the pointer has it; else its default."""
    node = document.tree.find(pointer)
    shape = document.view.shape(pointer)
    for member in reversed(node.members if node is not None else ()):
        present = find_property(shape, member.name)
        if member.name == key or (present is not None and present[0] == key):
            return Found(member.value.value, member.value)
    return Found(document.view.value_in_force(pointer, key))


def parameter(document: Document, part: Part, key: str) -> Found:
    """The same for a pass or component, whose parameters may be nested or not."""
    shape = document.view.shape(part.pointer)
    for name, entry in part.fields.items():
        present = find_property(shape, name)
        if name == key or (present is not None and present[0] == key):
            node = document.tree.find(entry.pointer)
            return Found(entry.value, node)
    return Found(document.view.value_in_force(part.pointer, key))


@dataclass(frozen=True)
class Training:
    """`pointer` is that of the training arguments. `samples`: rows that are trained on."""

    pointer: str
    batch: Found
    accumulation: Found
    max_steps: Found
    epochs: Found
    samples: int | None = None

    @property
    def effective_batch(self) -> int | None:
        if self.batch.count is None or self.accumulation.count is None:
            return None
        return self.batch.count * self.accumulation.count

    @property
    def limited(self) -> bool:
        """Whether `max_steps` decides, and not the epochs."""
        return self.max_steps.count is not None

    @property
    def steps_per_epoch(self) -> int | None:
        if self.samples is None or self.batch.count is None or self.accumulation.count is None:
            return None
        return max(math.ceil(math.ceil(self.samples / self.batch.count) / self.accumulation.count), 1)

    @property
    def steps(self) -> int | None:
        if self.limited:
            return self.max_steps.count
        if self.steps_per_epoch is None or self.epochs.number is None or self.epochs.number <= 0:
            return None
        return math.ceil(self.epochs.number * self.steps_per_epoch)

    @property
    def epochs_done(self) -> float | None:
        if not self.limited:
            return self.epochs.number
        if self.steps_per_epoch is None or self.max_steps.count is None:
            return None
        return self.max_steps.count / self.steps_per_epoch


def training_of(document: Document, part: PassPart) -> Training | None:
    """None for a pass without training arguments in the text."""
    written = part.get("training_args")
    if written is None or not isinstance(written.value, dict):
        return None
    at = written.pointer
    return Training(
        at,
        in_force(document, at, "per_device_train_batch_size"),
        in_force(document, at, "gradient_accumulation_steps"),
        in_force(document, at, "max_steps"),
        in_force(document, at, "num_train_epochs"),
        _samples(document, part),
    )


def _samples(document: Document, part: PassPart) -> int | None:
    data = data_of(document, part)
    rows = rows_of(document, data) if data is not None else None
    if data is None or rows is None:
        return None
    prepared = data.components["pre_process_data"]
    place = prepared.pointer
    if place == data.pointer:
        place = join(data.pointer, "pre_process_data_config")
    strategy = prepared.value("strategy", "corpus_strategy") or document.view.value_in_force(
        place, "strategy"
    )
    if strategy not in (None, "line-by-line") or prepared.value("drop_short_sequences"):
        return None
    limit = prepared.value("max_samples")
    if isinstance(limit, int) and limit > 0:
        rows = min(rows, limit)
    return _trained_on(rows, part.value("eval_dataset_size"))


def _trained_on(rows: int, held_back: Any) -> int | None:
    """What is left after `eval_dataset_size` of old releases: a share, or a number of rows."""
    if isinstance(held_back, bool) or not isinstance(held_back, (int, float)) or held_back <= 0:
        return rows
    away = math.ceil(held_back * rows) if held_back < 1 else int(held_back)
    return rows - away if away < rows else None


def data_of(document: Document, part: PassPart) -> DataPart | None:
    """The data config that a pass trains on."""
    reference = part.value("train_data_config")
    if isinstance(reference, str):
        return document.parts.data_config(reference)
    written = part.get("train_data_config")
    return next(
        (data for data in document.parts.data_configs if written and data.pointer == written.pointer), None
    )


def rows_of(document: Document, data: DataPart) -> int | None:
    """Rows of the one local file that a data config reads, after its `split`."""
    load = data.components["load_dataset"]
    if isinstance(load.value("data_files"), dict):
        return None
    source = data_source(document, data.pointer)
    if source is None or source.others:
        return None
    table = source.table()
    return _split(table.total, load.value("split")) if table is not None and table.total is not None else None


def _split(total: int, split: Any) -> int | None:
    """`train`, `train[:100]`, `train[10%:]`: how many of the rows."""
    if split is None:
        return total
    match = _SLICE.fullmatch(split) if isinstance(split, str) else None
    if match is None:
        return None

    def at(written: str | None, default: int) -> int:
        if not written:
            return default
        number = round(total * int(written[:-1]) / 100) if written.endswith("%") else int(written)
        return max(0, min(number if number >= 0 else total + number, total))

    return max(at(match["stop"], total) - at(match["start"], 0), 0)


def trainable(document: Document, part: PassPart) -> int | None:
    """Parameters of the adapter, where the model is here and the modules are named."""
    if part.schema is None or part.schema.type not in _LOW_RANK:
        return None
    rank, modules = parameter(document, part, "r").count, part.value("target_modules")
    written = _model(document)
    folder = model_folder(written, document.folder) if written else None
    if rank is None or folder is None or not isinstance(modules, list):
        return None
    names = {name for name in modules if isinstance(name, str)}
    layers = [layer for layer in linear_layers(folder) or () if layer.name in names]
    if not layers or any(layer.shape is None or len(layer.shape) != 2 for layer in layers):
        return None
    return rank * sum(layer.layers * sum(layer.shape) for layer in layers if layer.shape)


def _model(document: Document) -> str:
    """The input model's path or hub name."""
    model = document.parts.model
    if model is None:
        return ""
    hub = model.value("hf_config")
    for written in (model.value("model_path"), hub.get("model_name") if isinstance(hub, dict) else None):
        if isinstance(written, str) and written:
            return written
    return ""
