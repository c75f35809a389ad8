"""The classic pair format: an input and an output a row, tokenised apart and put together.

Labels are the output's tokens; with `ignore_source_in_labels` off, the input's too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import RunError
from .corpus import Collected, cut, encoder, masked_id
from .rendering import Rendering, Row, unknown_column
from .rows import Rows
from .settings import TextSettings
from .tokens import Tokens

# The prompt of the public Alpaca data set: these exact words are what models of that family were trained on.
_ALPACA_INTRODUCTION = "Below is an instruction that describes a task"
_ALPACA_WITH_INPUT = ", paired with an input that provides further context"
_ALPACA_REQUEST = ". Write a response that appropriately completes the request.\n\n"

NEEDED_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "alpaca": ("instruction", "output"),
    "chip2": ("text",),
    "self_instruct": ("prompt", "completion"),
    "default": ("input", "output"),
}

Pair = tuple[str, str]


def pair_sequences(
    rows: Rows,
    settings: TextSettings,
    tokenizer: Any,
    rendering: Rendering,
    functions: Mapping[str, Callable[[Row], Any] | None],
) -> Tokens:
    """`functions`: "input_formatting_func" and "output_formatting_func" where the custom format names them."""
    formatted = pair_texts(rows, settings, rendering, functions)
    seen = len(rows)
    sources = [source for source, _ in formatted]
    targets = [target for _, target in formatted]
    if settings.add_special_tokens:
        sources = [f"{tokenizer.bos_token} {source}" for source in sources]
        targets = [f"{target} {tokenizer.eos_token}" for target in targets]

    longest = settings.max_seq_len + settings.target_max_len
    collected = Collected(masked_id(settings, tokenizer), dropped=seen - len(formatted))
    encode = encoder(tokenizer)
    for whole_source, whole_target in zip(encode(sources), encode(targets), strict=True):
        source = cut(whole_source, settings.max_seq_len, tokenizer)
        target = cut(whole_target, settings.target_max_len, tokenizer)
        ids = source + target
        if settings.drop_short_sequences and len(ids) < longest:
            collected.dropped += 1
            collected.cut_tokens += len(whole_source) + len(whole_target)
            continue
        lost = len(whole_source) + len(whole_target) - len(ids)
        collected.truncated += bool(lost)
        collected.cut_tokens += lost
        collected.add(ids, len(source) if settings.ignore_source_in_labels else None)
    return Tokens(
        ids=collected.ids,
        labels=collected.labels,
        attention=collected.attention,
        padded_to=longest if settings.pad_to_max_len else None,
        padding_side="right",
        use_attention_mask=settings.use_attention_mask,
        rows=seen,
        truncated=collected.truncated,
        cut_tokens=collected.cut_tokens,
        dropped=collected.dropped,
    )


def pair_texts(
    rows: Rows,
    settings: TextSettings,
    rendering: Rendering,
    functions: Mapping[str, Callable[[Row], Any] | None],
) -> list[Pair]:
    """Input and output of each of the first `max_samples` rows, without special tokens. RunError names the row."""
    wanted = len(rows) if settings.max_samples is None else min(settings.max_samples, len(rows))
    return [_pair(rows[index], index + 1, settings, rendering, functions) for index in range(wanted)]


def _pair(
    row: Row,
    number: int,
    settings: TextSettings,
    rendering: Rendering,
    functions: Mapping[str, Callable[[Row], Any] | None],
) -> Pair:
    if settings.pair_format == "custom":
        return _custom(row, number, settings, rendering, functions)
    for column in NEEDED_COLUMNS[settings.pair_format]:
        if column not in row:
            raise unknown_column(
                column,
                list(row),
                rendering.pointers("pair_format", "dataset_type"),
                f"pair_format {settings.pair_format}",
            )
    if settings.pair_format == "alpaca":
        return _alpaca(row, number, rendering)
    if settings.pair_format == "chip2":
        return _chip2(row, number, rendering)
    names = NEEDED_COLUMNS[settings.pair_format]
    return _text(row, names[0], number, rendering), _text(row, names[1], number, rendering)


def _alpaca(row: Row, number: int, rendering: Rendering) -> Pair:
    given = row.get("input") or ""
    introduction = _ALPACA_INTRODUCTION + (_ALPACA_WITH_INPUT if given else "") + _ALPACA_REQUEST
    middle = f"### Input:\n{given}\n\n" if given else ""
    instruction = _text(row, "instruction", number, rendering)
    return (
        f"{introduction}### Instruction:\n{instruction}\n\n{middle}### Response: ",
        _text(row, "output", number, rendering),
    )


def _chip2(row: Row, number: int, rendering: Rendering) -> Pair:
    parts = _text(row, "text", number, rendering).split("\n<bot>: ")
    if len(parts) < 2:
        raise RunError(
            f"row {number} is not in the chip2 format: its text has no line that starts with `<bot>: `",
            code="data-pair-format",
            pointer=rendering.pointers("pair_format"),
            hint="each text reads `<human>: ...` and, on a line of its own, `<bot>: ...`",
        )
    return parts[0].replace("<human>: ", ""), parts[1]


def _custom(
    row: Row,
    number: int,
    settings: TextSettings,
    rendering: Rendering,
    functions: Mapping[str, Callable[[Row], Any] | None],
) -> Pair:
    def side(name: str, template: str | None, column: str | None) -> str:
        function = functions.get(f"{name}_formatting_func")
        if function is not None:
            return str(function(dict(row)))
        if template:
            return rendering.filled(template, row, number, f"{name}_template")
        if column:
            return rendering.column_text([column], row, number, f"{name}_col")
        raise RunError(
            f"pair_format is custom, but nothing says what the {name} is",
            code="data-pair-format",
            pointer=rendering.pointers("pair_format"),
            hint=f"write {name}_col, {name}_template or {name}_formatting_func",
        )

    return (
        side("input", settings.input_template, settings.input_col),
        side("output", settings.output_template, settings.output_col),
    )


def _text(row: Row, column: str, number: int, rendering: Rendering) -> str:
    return rendering.column_text([column], row, number, rendering.settings.pair_format + " pair_format")
