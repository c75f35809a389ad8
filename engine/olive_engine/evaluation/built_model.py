"""Asks a built model (ONNX, any precision) through onnxruntime-genai: greedy, several prompts of one length at once.

Prompts of equal length need no padding, so that a batch gives the very tokens that one prompt after another gives.
Tokens come from the model folder's tokenizer.json without anything added, as in training; where there is none, from
genai's own tokenizer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from ..errors import RunError
from ..generate import Loaded
from .answers import is_decided

Encode = Callable[[str], "list[int]"]
Progress = Callable[[int, int], None]
BATCH_TOKENS = 1024
"""Tokens of prompts at once: more gain nothing on a CPU."""


def encoder(folder: Path, loaded: Loaded) -> Encode:
    """Text to ids, nothing added."""
    file = folder / "tokenizer.json"
    if not file.is_file():
        return lambda text: [int(token) for token in loaded.tokenizer.encode(text)]
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    return lambda text: list(tokenizer.encode(text, add_special_tokens=False).ids)


def answer_limit(labels: Sequence[str], encode: Encode) -> int:
    """Tokens that an answer may take: the longest label's and a few, for a model that says some words before it."""
    return max(len(encode(label)) for label in labels) + 6


def answer_all(
    loaded: Loaded,
    prompts: Sequence[str],
    labels: Sequence[str],
    progress: Progress = lambda done, total: None,
) -> list[str]:
    """What the model writes after each prompt, in their order; a prompt is left as soon as its answer is decided."""
    encode = encoder(loaded.built.folder, loaded)
    limit = answer_limit(labels, encode)
    ids = [encode(prompt) for prompt in prompts]
    _refuse_unfit(ids, limit, loaded)
    texts = [""] * len(prompts)
    done = 0
    order = sorted(range(len(prompts)), key=lambda index: len(ids[index]))
    for length, group in groupby(order, key=lambda index: len(ids[index])):
        same = list(group)
        size = max(1, BATCH_TOKENS // length)
        for start in range(0, len(same), size):
            batch = same[start : start + size]
            answers = _answer_batch(loaded, [ids[index] for index in batch], labels, limit)
            for index, text in zip(batch, answers, strict=True):
                texts[index] = text
            done += len(batch)
            progress(done, len(prompts))
    return texts


def _refuse_unfit(ids: Sequence[Sequence[int]], limit: int, loaded: Loaded) -> None:
    room = loaded.built.context_length - limit
    for number, one in enumerate(ids, 1):
        if not one or len(one) > room:
            said = "has no tokens" if not one else f"has {len(one):,} tokens, and the model takes {room:,}"
            raise RunError(f"The prompt of row {number} {said}.", code="evaluation-prompt")


def _answer_batch(
    loaded: Loaded, ids: Sequence[Sequence[int]], labels: Sequence[str], limit: int
) -> list[str]:
    import numpy
    import onnxruntime_genai as og

    parameters = og.GeneratorParams(loaded.model)
    parameters.set_search_options(
        max_length=len(ids[0]) + limit,
        batch_size=len(ids),
        do_sample=False,
        num_beams=1,
        repetition_penalty=1.0,
    )
    generator = og.Generator(loaded.model, parameters)
    generator.append_tokens(numpy.array(ids, dtype=numpy.int32))
    ends = _ends(loaded)
    tokens: list[list[int]] = [[] for _ in ids]
    texts = [""] * len(ids)
    open_ = set(range(len(ids)))
    while open_ and not generator.is_done():
        generator.generate_next_token()
        chosen = generator.get_next_tokens()
        for index in sorted(open_):
            token = int(chosen[index])
            if token in ends:
                open_.discard(index)
                continue
            tokens[index].append(token)
            texts[index] = str(loaded.tokenizer.decode(numpy.array(tokens[index], dtype=numpy.int32)))
            if is_decided(texts[index], labels):
                open_.discard(index)
    return texts


def _ends(loaded: Loaded) -> frozenset[int]:
    ends: Any = loaded.built.settings["model"].get("eos_token_id", [])
    return frozenset(ends if isinstance(ends, list) else [ends])
