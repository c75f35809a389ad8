"""From texts to sequences, one function a strategy, token for token as Olive does it in either era.

Olive's habits that look odd are kept, for the ids must be the same: `join` leaves out a last block that would fit
exactly; `join-sliding-window` masks the overlap in the first window too and starts anew after every
`processing_batch_size` texts; `line-by-line-random` keeps the last short line it drew when all its draws were short.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from .settings import TextSettings
from .tokens import IGNORED, Tokens

if TYPE_CHECKING:
    from .tokens import Ids

Encode = Callable[[Sequence[str]], "list[list[int]]"]


@dataclass
class Collected:
    """Sequences so far. `masked_id`: the token that the classic era hides from attention and loss wherever it is."""

    masked_id: int | None
    ids: list[Ids] = field(default_factory=list)
    labels: list[Ids | None] = field(default_factory=list)
    attention: list[Ids | None] = field(default_factory=list)
    truncated: int = 0
    cut_tokens: int = 0
    dropped: int = 0

    def add(self, ids: Sequence[int], context: int | None = None) -> None:
        """`context`: so many tokens at the front are no labels (negative: all but so many at the end)."""
        import numpy

        sequence = numpy.asarray(ids, dtype=numpy.int32)
        hidden = sequence == self.masked_id if self.masked_id is not None else None
        masked = hidden is not None and bool(hidden.any())
        labels = None
        if context or masked:
            labels = sequence.copy()
            if context:
                labels[:context] = IGNORED
            if masked:
                labels[hidden] = IGNORED
        self.ids.append(sequence)
        self.labels.append(labels)
        self.attention.append((~hidden).astype(numpy.int32) if masked and hidden is not None else None)


def encoder(tokenizer: Any) -> Encode:
    """Texts to ids, nothing added and nothing cut."""

    def encode(texts: Sequence[str]) -> list[list[int]]:
        if not texts:
            return []
        encoded = tokenizer(
            list(texts),
            add_special_tokens=False,
            truncation=False,
            return_attention_mask=False,
            verbose=False,
        )
        return [list(ids) for ids in encoded["input_ids"]]

    return encode


def masked_id(settings: TextSettings, tokenizer: Any) -> int | None:
    """The classic era makes its attention mask by comparing with the padding token; the current one does not."""
    if settings.era == "classic" and settings.use_attention_mask:
        pad: int | None = tokenizer.pad_token_id
        return pad
    return None


def sequences(texts: Sequence[str], settings: TextSettings, tokenizer: Any, rows: int) -> Tokens:
    """Applies `settings.strategy`; `texts` are the rendered rows, `rows` how many rows there were before rendering."""
    collected = Collected(masked_id(settings, tokenizer), dropped=rows - len(texts))
    encode = encoder(tokenizer)
    strategy = {
        "line-by-line": _line_by_line,
        "line-by-line-random": _line_by_line_random,
        "join": _join,
        "join-sliding-window": _join,
        "join-random": _join_random,
    }[settings.strategy]
    strategy(texts, settings, encode, tokenizer, collected)
    kept = len(collected.ids)
    if settings.max_samples is not None and kept > settings.max_samples:
        collected.dropped += kept - settings.max_samples
        kept = settings.max_samples
    side = settings.padding_side or getattr(tokenizer, "padding_side", "right")
    pads = settings.pad_to_max_len and not settings.joined
    return Tokens(
        ids=collected.ids[:kept],
        labels=collected.labels[:kept],
        attention=collected.attention[:kept],
        padded_to=settings.max_seq_len if pads else None,
        padding_side="left" if side == "left" else "right",
        use_attention_mask=settings.use_attention_mask,
        rows=rows,
        truncated=collected.truncated,
        cut_tokens=collected.cut_tokens,
        dropped=collected.dropped,
    )


def cut(ids: list[int], length: int, tokenizer: Any) -> list[int]:
    """At most `length` tokens, taken from the side that the tokenizer truncates at."""
    if len(ids) <= length:
        return ids
    if getattr(tokenizer, "truncation_side", "right") == "left":
        return ids[len(ids) - length :]
    return ids[:length]


def _line_by_line(
    texts: Sequence[str], settings: TextSettings, encode: Encode, tokenizer: Any, collected: Collected
) -> None:
    wanted = settings.max_samples or None
    for start in range(0, len(texts), settings.processing_batch_size):
        for whole in encode(texts[start : start + settings.processing_batch_size]):
            if wanted is not None and len(collected.ids) >= wanted:
                collected.dropped += 1
                continue
            if settings.drop_short_sequences and len(whole) < settings.max_seq_len:
                collected.dropped += 1
                collected.cut_tokens += len(whole)
                continue
            _count_cut(whole, settings, collected)
            collected.add(cut(whole, settings.max_seq_len, tokenizer))
        if wanted is not None and len(collected.ids) >= wanted:
            collected.dropped += max(len(texts) - start - settings.processing_batch_size, 0)
            return


def _count_cut(whole: Sequence[int], settings: TextSettings, collected: Collected) -> None:
    if len(whole) > settings.max_seq_len:
        collected.truncated += 1
        collected.cut_tokens += len(whole) - settings.max_seq_len


def _line_by_line_random(
    texts: Sequence[str], settings: TextSettings, encode: Encode, tokenizer: Any, collected: Collected
) -> None:
    draw = Random(settings.random_seed or 0)
    known: dict[int, list[int]] = {}
    for _ in range(settings.max_samples or 0):
        whole: list[int] | None = None
        for _ in range(settings.random_retries):
            chosen = draw.randint(0, len(texts) - 1)
            if chosen not in known:
                known[chosen] = encode([texts[chosen]])[0]
            whole = known[chosen]
            # The length that counts is the one after padding: with padding on, nothing is ever short.
            if (
                settings.pad_to_max_len
                or not settings.drop_short_sequences
                or len(whole) >= settings.max_seq_len
            ):
                break
        if whole is None:
            continue
        _count_cut(whole, settings, collected)
        collected.add(cut(whole, settings.max_seq_len, tokenizer))


def _joiner_ids(settings: TextSettings, tokenizer: Any) -> list[int]:
    return list(tokenizer.encode(settings.joiner, add_special_tokens=False)) if settings.joiner else []


def _batches(texts: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), size):
        yield texts[start : start + size]


def _join(
    texts: Sequence[str], settings: TextSettings, encode: Encode, tokenizer: Any, collected: Collected
) -> None:
    length = settings.max_seq_len
    step, context = length, None
    if settings.strategy == "join-sliding-window":
        step = settings.stride or 0
        context = length - step
    joiner = _joiner_ids(settings, tokenizer)
    wanted = settings.max_samples
    left_over: list[int] = []
    for batch in _batches(texts, settings.processing_batch_size):
        if wanted is not None and len(collected.ids) >= wanted:
            break
        joined = left_over
        for ids in encode(batch):
            joined += ids
            joined += joiner
        end = 0
        for begin in range(0, len(joined) - length, step):
            end = begin + length
            collected.add(joined[begin:end], context)
            if wanted is not None and len(collected.ids) >= wanted:
                break
        left_over = joined[end:]
    collected.cut_tokens += len(left_over)


def _join_random(
    texts: Sequence[str], settings: TextSettings, encode: Encode, tokenizer: Any, collected: Collected
) -> None:
    joiner = _joiner_ids(settings, tokenizer)
    draw = Random(settings.random_seed or 0)
    known: dict[int, list[int]] = {}
    for _ in range(settings.max_samples or 0):
        for _ in range(settings.random_retries):
            joined: list[int] = []
            for index in range(draw.randint(0, len(texts) - 1), len(texts)):
                if index not in known:
                    known[index] = encode([texts[index]])[0]
                joined += known[index]
                joined += joiner
                if len(joined) >= settings.max_seq_len:
                    break
            if len(joined) >= settings.max_seq_len:
                collected.add(joined[: settings.max_seq_len])
                break
        else:
            collected.dropped += 1
