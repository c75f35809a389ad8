"""The text-generation parameters of a data config as one typed value, with each era's defaults.

The classic era is Olive 0.2 to 0.6, the current one 0.7 and later. They differ in defaults, in which tokens the
attention mask leaves out (classic: every token equal to the padding token, also inside the text), in the padding
side (classic: the tokenizer's own) and in what becomes of empty texts (current: left out).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from olive_schemas.workflow import Component, DataConfig, Workflow

STRATEGIES = ("line-by-line", "line-by-line-random", "join", "join-random", "join-sliding-window")
PAIR_FORMATS = ("alpaca", "chip2", "self_instruct", "default", "custom")
TEXT_GENERATION = "text_generation_huggingface_pre_process"

READY_MADE = frozenset({"skip_pre_process", "pre_process", "default_pre_process_data"})
"""Pre-processing that changes nothing: the rows hold token ids already."""

_IMPLIED_BY = MappingProxyType({"message_col": "chat_template", "pair_format": "dataset_type"})
"""Parameter -> the one that brings its default into play, for pointing at."""

_OLD_NAMES = MappingProxyType({"max_seq_len": "source_max_len", "strategy": "corpus_strategy"})


@dataclass(frozen=True)
class TextSettings:
    """Everything that decides which tokens a row becomes."""

    era: Literal["classic", "current"]
    max_seq_len: int
    strategy: str = "join"
    joiner: str | None = None
    stride: int | None = None
    max_samples: int | None = None
    random_seed: int | None = None
    """None counts as 0: Olive would draw differently each time, and a run could not be repeated."""
    random_retries: int = 10
    processing_batch_size: int = 1024
    add_special_tokens: bool = True
    pad_to_max_len: bool = True
    padding_side: Literal["left", "right"] | None = None
    """None: the tokenizer's own."""
    drop_short_sequences: bool = False
    use_attention_mask: bool = True
    chat_template: bool | str | None = None
    message_col: str = "messages"
    text_formatting_func: Any = None
    text_template: str | None = None
    text_cols: tuple[str, ...] = ()
    dataset_type: Literal["corpus", "pair"] = "corpus"
    pair_format: str = "default"
    target_max_len: int = 0
    input_formatting_func: Any = None
    input_template: str | None = None
    input_col: str | None = None
    output_formatting_func: Any = None
    output_template: str | None = None
    output_col: str | None = None
    ignore_source_in_labels: bool = True

    @property
    def joined(self) -> bool:
        return self.dataset_type == "corpus" and "join" in self.strategy


def text_settings(config: DataConfig) -> TextSettings:
    """The settings of a data config whose pre-processing is text generation. KeyError: no maximum length given."""
    written = config.pre_process.params
    values: dict[str, Any] = {"era": config.era}
    for name in TextSettings.__dataclass_fields__:
        if name in written:
            values[name] = written[name]
        elif _OLD_NAMES.get(name) in written:
            values[name] = written[_OLD_NAMES[name]]
    classic = config.era == "classic"
    if values.get("max_seq_len") is None:
        if classic:
            raise KeyError("source_max_len")
        values["max_seq_len"] = 1024
    if values.get("strategy") is None:
        values["strategy"] = "line-by-line" if classic else "join"
    if not classic and "joiner" not in values:
        values["joiner"] = "\n\n"
    columns = values.get("text_cols")
    if columns is None:
        columns = () if classic else ("text",)
    values["text_cols"] = (columns,) if isinstance(columns, str) else tuple(columns)
    if classic and not ({"padding_side"} & config.pre_process.given):
        values["padding_side"] = None
    elif values.get("padding_side") is None:
        values["padding_side"] = None if classic else "right"
    return TextSettings(**_without_nones(values))


def _without_nones(values: Mapping[str, Any]) -> dict[str, Any]:
    """Null means "the default" for every setting whose default is not None; `joiner` alone tells null from unsaid."""
    return {
        name: value
        for name, value in values.items()
        if value is not None or TextSettings.__dataclass_fields__[name].default is None
    }


def length_name(config: DataConfig) -> str:
    """How the era of this data config spells the maximum length."""
    return "source_max_len" if config.era == "classic" else "max_seq_len"


def is_text_generation(config: DataConfig) -> bool:
    return config.pre_process.type.lower() == TEXT_GENERATION


def is_own_pre_process(config: DataConfig) -> bool:
    """Whether a function of the workspace makes the sequences; it may expect all that a `datasets.Dataset` can do."""
    return not is_text_generation(config) and config.pre_process.type.lower() not in READY_MADE


def own_tokenizer(config: DataConfig, workflow: Workflow) -> str | None:
    """The model whose tokenizer the data config asks for, a folder or a hub name, if it is not the input model's.

    Olive fills `model_name` in with the input model; whoever writes another gets that one's tokens.
    """
    written = config.pre_process.params.get("model_name")
    if not written or not is_text_generation(config):
        return None
    beside = workflow.base_dir / Path(str(written)).expanduser()
    name = os.path.normpath(beside) if beside.exists() else str(written)
    return None if name == workflow.input_model.path else name


def pointer_of(component: Component, *names: str) -> str:
    """Where the file writes one of these parameters, first come first served; else the component's own place."""
    for name in names:
        for spelling in (name, _OLD_NAMES.get(name, name), _IMPLIED_BY.get(name, name)):
            if spelling in component.pointers:
                return component.pointers[spelling]
    return component.pointer
