"""Which rows meet in which step, in the order of transformers' Trainer, and how they are put together here.

The Trainer makes micro-batches of `batch_size` rows, and an optimiser step of `accumulation` of them. The loss of a
step, as Olive trains, is the mean over its micro-batches of the mean over the tokens that have a label. Here the
rows of one step are sorted by length and fused into as few passes as a budget of tokens allows, each token carrying
the weight it has in that mean: equal losses and gradients, nothing computed on padding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import torch

IGNORED = -100
Sampling = Literal["random", "sequential", "group_by_length"]


def epoch_order(lengths: Sequence[int], sampling: Sampling, group: int, seed: int, epoch: int) -> list[int]:
    """Row numbers in the order in which this epoch sees them, as transformers with accelerate draws them.

    random: a permutation seeded with `seed + epoch`. group_by_length: drawn from torch's global generator, rows of
    like length together in groups of `group` (batch size times accumulation). Call once an epoch, at its start: like
    the Trainer's data loader it takes one number from the global generator.
    """
    import torch

    torch.empty((), dtype=torch.int64).random_()  # the data loader's own seed
    count = len(lengths)
    if sampling == "sequential":
        return list(range(count))
    if sampling == "random":
        generator = torch.Generator()
        generator.manual_seed(seed + epoch)
        order: list[int] = torch.randperm(count, generator=generator).tolist()
        return order
    return _by_length(lengths, group)


def _by_length(lengths: Sequence[int], group: int) -> list[int]:
    """Shuffled, then sorted by falling length inside blocks of up to 50 groups; the longest row of all comes first."""
    import torch

    block = max(min(len(lengths) // (group * 4), 50), 1) * group
    shuffled: list[int] = torch.randperm(len(lengths)).tolist()
    blocks = [
        sorted(shuffled[start : start + block], key=lambda row: lengths[row], reverse=True)
        for start in range(0, len(shuffled), block)
    ]
    # argmax: the first of the longest, as torch's
    longest = max(range(len(blocks)), key=lambda at: (lengths[blocks[at][0]], -at))
    blocks[0][0], blocks[longest][0] = blocks[longest][0], blocks[0][0]
    return [row for one in blocks for row in one]


def micro_batches(order: Sequence[int], size: int, drop_last: bool) -> list[list[int]]:
    batches = [list(order[start : start + size]) for start in range(0, len(order), size)]
    if drop_last and batches and len(batches[-1]) < size:
        batches.pop()
    return batches


def steps(batches: Sequence[list[int]], accumulation: int) -> list[list[list[int]]]:
    """Micro-batches of each optimiser step; the last of an epoch may have fewer."""
    return [list(batches[start : start + accumulation]) for start in range(0, len(batches), accumulation)]


@dataclass(frozen=True)
class Row:
    """One sequence and the weight that each of its labelled tokens has in the step's loss."""

    ids: Sequence[int]
    labels: Sequence[int]
    attention: Sequence[int] | None
    weight: float


@dataclass(frozen=True)
class Batch:
    """Tensors of one pass through the model. `positions` picks labelled tokens out of the flattened hidden states."""

    ids: torch.Tensor
    attention: torch.Tensor | None
    positions: torch.Tensor
    labels: torch.Tensor
    weights: torch.Tensor
    first_position: int
    """Position of a line's first token in the row as Olive pads it."""
    tokens: int
    """Tokens of text, padding not counted."""


def labelled(labels: Sequence[int], lead: bool) -> int:
    """Tokens whose loss counts. The first has no predecessor to be predicted from, unless padding leads the row."""
    import numpy

    return int((numpy.asarray(labels)[0 if lead else 1 :] != IGNORED).sum())


def rows_of(tokens: Any, batches: Sequence[Sequence[int]]) -> list[Row]:
    """The rows of one optimiser step, weighted: 1 / (micro-batches * labelled tokens of the row's micro-batch)."""
    found = []
    left = tokens.padded_to if tokens.padding_side == "left" and tokens.padded_to is not None else 0
    for batch in batches:
        labels = [tokens.ids[row] if tokens.labels[row] is None else tokens.labels[row] for row in batch]
        count = sum(labelled(one, len(one) < left) for one in labels)
        weight = 1.0 / (len(batches) * count) if count else 0.0
        for row, label in zip(batch, labels, strict=True):
            found.append(Row(tokens.ids[row], label, tokens.attention[row], weight))
    return found


def fuse(rows: Sequence[Row], budget: int) -> list[list[Row]]:
    """Rows by falling length, in groups of at most `budget` tokens (each row counted as long as its group's longest);
    a longer row stands alone."""
    groups: list[list[Row]] = []
    for row in sorted(rows, key=lambda one: -len(one.ids)):
        if groups and (len(groups[-1]) + 1) * len(groups[-1][0].ids) <= budget:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


LANES = 16
"""Float32 values that a vector register holds at most."""


@dataclass(frozen=True)
class Filling:
    """What stands around the text of a row, so that the numbers are those of rows padded as Olive pads them.

    `none`: right of the text, where causal attention never looks, so no mask is needed. `lead`: Olive pads at the
    left, and the last padding token, which sees nothing, predicts the first token of the text; so each row keeps one
    at least. `whole`: every row as long as Olive makes it, for models that see the padding (see `planning`).

    `width` is Olive's length, 0 where it does not pad. Rows get shorter than that by whole vector registers, so that
    attention adds up in the same order: the losses in bfloat16 are then equal to the bit, not just nearly so.
    """

    kind: Literal["none", "lead", "whole"] = "none"
    width: int = 0
    side: Literal["left", "right"] = "right"
    token: int = 0
    mask: bool = True

    def width_of(self, lengths: Sequence[int]) -> int:
        """Tokens in a line of a batch with rows of these lengths."""
        if self.kind == "whole":
            return max(*lengths, self.width)
        longest = max(one + (self.kind == "lead" and one < self.width) for one in lengths)
        return longest + (self.width - longest) % LANES if longest < self.width else longest


def collate(rows: Sequence[Row], device: torch.device, filling: Filling) -> Batch:
    """Tensors of the rows. There is an attention mask only where something would be seen that must not be."""
    import numpy
    import torch

    lengths = [len(row.ids) for row in rows]
    longest = filling.width_of(lengths)
    at_left = filling.kind == "lead" or (filling.kind == "whole" and filling.side == "left")
    masked = (filling.kind == "lead" and min(lengths) < longest) or (filling.kind == "whole" and filling.mask)
    ids = numpy.full((len(rows), longest), filling.token, dtype=numpy.int64)
    labels = numpy.full((len(rows), longest), IGNORED, dtype=numpy.int64)
    weights = numpy.zeros((len(rows), 1), dtype=numpy.float32)
    mask = numpy.zeros((len(rows), longest), dtype=numpy.int64)
    for at, row in enumerate(rows):
        length = len(row.ids)
        start = longest - length if at_left else 0
        place = slice(start, start + length)
        ids[at, place] = row.ids
        labels[at, place] = row.labels
        weights[at] = row.weight
        mask[at, place] = 1 if row.attention is None else row.attention
        if row.attention is not None and not all(row.attention):
            masked = True
    # the token at p predicts the label at p + 1
    wanted = labels[:, 1:] != IGNORED
    line, column = numpy.nonzero(wanted)
    return Batch(
        ids=torch.from_numpy(ids).to(device),
        attention=torch.from_numpy(mask).to(device) if masked else None,
        positions=torch.from_numpy(line * longest + column).to(device),
        labels=torch.from_numpy(labels[:, 1:][wanted]).to(device),
        weights=torch.from_numpy(numpy.broadcast_to(weights, wanted.shape)[wanted].copy()).to(device),
        first_position=filling.width - longest if filling.kind == "lead" else 0,
        tokens=sum(lengths),
    )
