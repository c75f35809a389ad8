"""From rows to `Tokens`, for every kind of pre-processing that training can use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from olive_schemas.nearest import listing
from olive_schemas.workflow import DataConfig, Workflow

from ..errors import RunError
from .corpus import Collected, encoder, sequences
from .pairs import pair_sequences
from .rendering import Rendering, Row
from .rows import Rows, TableRows
from .settings import (
    TEXT_GENERATION,
    TextSettings,
    is_own_pre_process,
    is_text_generation,
    length_name,
    pointer_of,
    text_settings,
)
from .tokens import IGNORED, Tokens


def tokenise(
    config: DataConfig,
    rows: Rows,
    tokenizer: Any,
    *,
    workflow: Workflow | None = None,
    trust_user_script: bool = False,
) -> Tokens:
    """The sequences that Olive would make of these rows. RunError for what the user can mend, none at all included.

    `tokenizer` as transformers gives it; it is only read. Keep its own padding token (or None) in the classic era:
    the attention mask depends on it.
    """
    if not is_text_generation(config):
        return _ready_made(config, rows, tokenizer, workflow, trust_user_script)
    settings = text_settings(config)
    rendering = Rendering(settings, tokenizer, partial(pointer_of, config.pre_process))
    functions = _formatting_functions(config, settings, workflow, trust_user_script)
    rendering.function = functions.get("text_formatting_func")
    texts: list[str] = []
    _refuse_no_rows(config, rows)
    if settings.dataset_type == "pair":
        tokens = pair_sequences(rows, settings, tokenizer, rendering, functions)
    else:
        texts = rendering.texts(rows)
        _refuse_no_text(config, texts, len(rows))
        tokens = sequences(texts, settings, tokenizer, len(rows))
    if not tokens.sequences:
        raise _nothing_left(config, settings, tokenizer, texts)
    findings = [text for _, text in rendering.findings()]
    return replace(tokens, notes=(*findings, *_notes(settings, tokenizer, tokens)))


@dataclass(frozen=True)
class FirstSample:
    """The first row, the text it becomes, its ids and each id's own text."""

    row: Mapping[str, Any]
    text: str
    ids: list[int]
    pieces: list[str]


def first_sample(config: DataConfig, rows: Rows, tokenizer: Any) -> FirstSample:
    """How the first row looks to the model, before joining, cutting and padding. For pairs: input and output."""
    settings = text_settings(config)
    rendering = Rendering(settings, tokenizer, partial(pointer_of, config.pre_process))
    row: Row = rows[0]
    if settings.dataset_type == "pair":
        one = replace(settings, max_samples=1, drop_short_sequences=False, pad_to_max_len=False)
        ids = [
            int(i) for i in pair_sequences(TableRows([row], tuple(row)), one, tokenizer, rendering, {}).ids[0]
        ]
        text = tokenizer.decode(ids)
    else:
        text = rendering.text(row, 1)
        ids = encoder(tokenizer)([text])[0]
    return FirstSample(row, text, ids, [tokenizer.decode([i]) for i in ids])


def _formatting_functions(
    config: DataConfig, settings: TextSettings, workflow: Workflow | None, trust_user_script: bool
) -> dict[str, Callable[[Row], Any] | None]:
    functions: dict[str, Callable[[Row], Any] | None] = {}
    for name in ("text_formatting_func", "input_formatting_func", "output_formatting_func"):
        named = getattr(settings, name)
        if callable(named):
            functions[name] = named
        elif named:
            from .scripts import open_script

            script = open_script(config, workflow, trust=trust_user_script)
            functions[name] = script.function(str(named), pointer_of(config.pre_process, name))
    return functions


def _refuse_no_rows(config: DataConfig, rows: Rows) -> None:
    if not len(rows):
        raise RunError(
            f"data config `{config.name}` has no rows: the files, or the slice of the split, are empty",
            code="data-empty",
            pointer=pointer_of(config.load, "split", "data_files", "data_name"),
            hint="look at the file and at the split",
        )


def _refuse_no_text(config: DataConfig, texts: list[str], rows: int) -> None:
    if not any(texts):
        raise RunError(
            f"all {rows:,} rows of data config `{config.name}` give an empty text",
            code="data-empty",
            pointer=pointer_of(config.pre_process, "text_template", "text_cols"),
            hint="look at the columns that text_cols or text_template name",
        )


def _nothing_left(config: DataConfig, settings: TextSettings, tokenizer: Any, texts: list[str]) -> RunError:
    length_key, length = length_name(config), settings.max_seq_len
    strategy_key = "corpus_strategy" if config.era == "classic" else "strategy"
    if settings.max_samples is not None and settings.max_samples <= 0:
        return RunError(
            f"max_samples is {settings.max_samples}, so no sequence is left to train on",
            code="data-no-sequences",
            pointer=pointer_of(config.pre_process, "max_samples"),
            hint="write a number above 0, or null for all",
        )
    if settings.joined:
        joiner = encoder(tokenizer)([settings.joiner])[0] if settings.joiner else []
        total = sum(len(ids) + len(joiner) for ids in encoder(tokenizer)(texts))
        relation = "are fewer than" if total < length else "are not more than"
        return RunError(
            f"{settings.strategy} gives 0 sequences: {total:,} tokens joined {relation} {length_key} {length:,}",
            code="data-no-sequences",
            pointer=pointer_of(config.pre_process, "max_seq_len", "strategy"),
            hint=f'set {length_key} below {total:,}, write "{strategy_key}": "line-by-line", or add data',
        )
    kind = "the pair format" if settings.dataset_type == "pair" else settings.strategy
    return RunError(
        f"{kind} gives 0 sequences: drop_short_sequences leaves out every row, "
        f"for none has {length + settings.target_max_len:,} tokens",
        code="data-no-sequences",
        pointer=pointer_of(config.pre_process, "drop_short_sequences"),
        hint=f"set drop_short_sequences to false, or {length_key} lower",
    )


def _notes(settings: TextSettings, tokenizer: Any, tokens: Tokens) -> list[str]:
    notes = []
    empty = sum(not len(ids) for ids in tokens.ids)
    if empty:
        notes.append(f"{empty:,} of {tokens.sequences:,} sequences are empty: their rows give no text")
    if settings.add_special_tokens and not settings.chat_template:
        for name in ("bos_token", "eos_token"):
            if getattr(tokenizer, name) is None:
                notes.append(
                    f"the tokenizer has no {name}: with add_special_tokens the word None stands in its place, as in "
                    "Olive; set add_special_tokens to false and write the tokens you want into text_template"
                )
    pads = settings.pad_to_max_len and not settings.joined
    if settings.era == "classic" and pads and tokenizer.pad_token_id is None:
        notes.append(
            "the tokenizer has no padding token: Olive 0.6 stops here, this run goes on without padding"
        )
    return notes


def _ready_made(
    config: DataConfig, rows: Rows, tokenizer: Any, workflow: Workflow | None, trust_user_script: bool
) -> Tokens:
    """Rows that hold `input_ids` (and maybe `labels`, `attention_mask`), or become so by a function of the workspace."""
    made: Any = rows
    if is_own_pre_process(config):
        if not config.user_script:
            raise RunError(
                f"pre_process_data_config is `{config.pre_process.type}`, which gives no token sequences to train on",
                code="data-pre-process",
                pointer=config.pre_process.pointer,
                hint=f'write "type": "{TEXT_GENERATION}", or "task": "text-generation"',
            )
        from .scripts import open_script

        script = open_script(config, workflow, trust=trust_user_script)
        made = script.call("pre_process_data", config.pre_process, rows)
    _refuse_no_rows(config, made)
    collected = Collected(None)
    use_mask = True
    for index in range(len(made)):
        ids, labels, mask = _parts(config, made[index], index + 1)
        use_mask = use_mask and mask is not None
        collected.add(ids)
        if labels is not None:
            collected.labels[-1] = _array(labels) if list(labels) != list(ids) else None
        if mask is not None and not all(mask):
            collected.attention[-1] = _array(mask)
    return Tokens(
        collected.ids, collected.labels, collected.attention, use_attention_mask=use_mask, rows=len(rows)
    )


def _parts(
    config: DataConfig, example: Any, number: int
) -> tuple[list[int], list[int] | None, list[int] | None]:
    if isinstance(example, tuple) and len(example) == 2:
        example = {**example[0], "labels": example[1]}
    if not isinstance(example, Mapping) or "input_ids" not in example:
        there = listing(example) if isinstance(example, Mapping) else type(example).__name__
        raise RunError(
            f"row {number} of data config `{config.name}` has no input_ids after pre-processing (it has {there})",
            code="data-pre-process",
            pointer=config.pre_process.pointer,
            hint=f'write "type": "{TEXT_GENERATION}", or return input_ids from the function',
        )
    label = example.get("labels", example.get("label"))
    mask = example.get("attention_mask")
    return (
        _list(example["input_ids"]),
        None if label is None else _list(label),
        None if mask is None else _list(mask),
    )


def _list(values: Any) -> list[int]:
    return [int(value) for value in (values.tolist() if hasattr(values, "tolist") else values)]


def _array(values: list[int]) -> Any:
    import numpy

    return numpy.asarray(values, dtype=numpy.int32)


__all__ = ["IGNORED", "FirstSample", "first_sample", "tokenise"]
