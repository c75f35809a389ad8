"""Holding sequences out for evaluation, as the classic `eval_dataset_size` does."""

from __future__ import annotations

from ..errors import RunError
from .splits import SplitError, split_for_eval_indices
from .tokens import Tokens


def split_for_eval(
    tokens: Tokens, eval_dataset_size: float, *, seed: int = 42, pointer: str = ""
) -> tuple[Tokens, Tokens]:
    """(training, held out) in the very order of Olive 0.6.2: a shuffle by `seed` (`training_args.data_seed`).

    `eval_dataset_size` from 1 on is a number of sequences, below 1 a share. RunError where one part would be empty.
    """
    try:
        training, held_out = split_for_eval_indices(len(tokens), eval_dataset_size, seed)
    except SplitError as error:
        raise RunError(
            str(error),
            code="data-eval-size",
            pointer=pointer,
            hint="write a share below 1, such as 0.1, or a smaller number",
        ) from None
    return tokens.select(training), tokens.select(held_out)
