"""Token sequences as they go into training: unpadded, with what padding would have added kept as facts.

Olive pads every row to the full length and trains on the padding; a trainer that knows where the text ends need not.
`pad` brings the padded rows back, number for number, for tests and for trainers that want them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Ids = NDArray[numpy.int32]

IGNORED = -100
"""Label of a token that the loss does not look at."""


@dataclass(frozen=True)
class Tokens:
    """Sequences in the order in which Olive would feed them, before any shuffling by the trainer.

    `ids`, `labels` and `attention` run in parallel, one int32 array a sequence. `labels[i]` is None where every token
    is its own label (the model shifts by one, not the data); `attention[i]` is None where every token is attended to.
    """

    ids: Sequence[Ids]
    labels: Sequence[Ids | None]
    attention: Sequence[Ids | None]
    padded_to: int | None = None
    """Length to which Olive would fill up each sequence; None: it would leave them as they are."""
    padding_side: Literal["left", "right"] = "right"
    use_attention_mask: bool = True
    """False: Olive feeds no attention mask at all."""
    rows: int = 0
    """Rows that went in."""
    truncated: int = 0
    """Rows that lost tokens to the maximum length."""
    cut_tokens: int = 0
    """Tokens that maximum length, `max_samples`, short ends and dropped sequences cost."""
    dropped: int = 0
    """Rows or sequences left out: empty text, too short, beyond `max_samples`."""
    notes: tuple[str, ...] = ()
    """What the user should know about these sequences, in whole sentences."""

    @property
    def sequences(self) -> int:
        return len(self.ids)

    @property
    def tokens(self) -> int:
        return sum(len(one) for one in self.ids)

    @property
    def padding(self) -> int:
        """Padding tokens that Olive would add."""
        return 0 if self.padded_to is None else self.padded_to * self.sequences - self.tokens

    def __len__(self) -> int:
        return len(self.ids)

    def select(self, indices: Sequence[int]) -> Tokens:
        """The same sequences in another order or fewer; counters of rows stay those of the whole."""
        return replace(
            self,
            ids=[self.ids[i] for i in indices],
            labels=[self.labels[i] for i in indices],
            attention=[self.attention[i] for i in indices],
        )

    def counters(self) -> Mapping[str, int]:
        """For the plan and the summary."""
        return {
            "rows": self.rows,
            "sequences": self.sequences,
            "tokens": self.tokens,
            "truncated": self.truncated,
            "cut_tokens": self.cut_tokens,
            "dropped": self.dropped,
            "padding": self.padding,
        }


def pad(tokens: Tokens, pad_token_id: int) -> list[dict[str, Ids]]:
    """What Olive feeds, one dict a sequence: `input_ids`, `labels` and, if it is used, `attention_mask`.

    Filled to `padded_to` on the padding side: ids with `pad_token_id`, labels with -100, the mask with 0.
    """
    import numpy

    padded = []
    for ids, labels, attention in zip(tokens.ids, tokens.labels, tokens.attention, strict=True):
        missing = 0 if tokens.padded_to is None else max(tokens.padded_to - len(ids), 0)
        around = (missing, 0) if tokens.padding_side == "left" else (0, missing)
        row = {
            "input_ids": numpy.pad(ids, around, constant_values=pad_token_id),
            "labels": numpy.pad(ids if labels is None else labels, around, constant_values=IGNORED),
        }
        if tokens.use_attention_mask:
            mask = numpy.ones_like(ids) if attention is None else attention
            row["attention_mask"] = numpy.pad(mask, around, constant_values=0)
        padded.append(row)
    return padded


def collate(rows: Sequence[Mapping[str, Ids]], pad_token_id: int) -> dict[str, Ids]:
    """A batch as Olive's trainer gets it: rows of unequal length filled up at the right, whatever the padding side."""
    import numpy

    fill = {"input_ids": pad_token_id, "labels": IGNORED, "attention_mask": 0}
    longest = max(len(row["input_ids"]) for row in rows)
    return {
        name: numpy.stack(
            [numpy.pad(row[name], (0, longest - len(row[name])), constant_values=fill[name]) for row in rows]
        )
        for name in fill
        if name in rows[0]
    }
