"""Split instructions give the rows that the `datasets` library takes for them."""

from __future__ import annotations

import pytest

from olive_engine import data
from olive_engine.data.splits import SplitError, parse_split, taken
from olive_engine.errors import RunError

INSTRUCTIONS = [
    "train",
    "train[:80%]",
    "train[80%:]",
    "train[33%:67%]",
    "train[-20%:]",
    "train[:-20%]",
    "train[5:9]",
    "train[-4:]",
    "train[:1_0]",
    "train[100:]",
    "train[:0]",
    "train[50%:10%]",
    "train+test",
    "train[:3] + test[1:]",
    "test[:50%](closest)",
    "train[:10%](pct1_dropremainder)",
]


@pytest.mark.parametrize("instruction", INSTRUCTIONS)
@pytest.mark.parametrize("rows", [1, 7, 100, 1013])
def test_same_rows_as_the_library(instruction: str, rows: int) -> None:
    from datasets.arrow_reader import ReadInstruction

    lengths = {"train": rows, "test": 5}
    try:
        absolute = ReadInstruction.from_spec(instruction).to_absolute(lengths)
    except ValueError:
        with pytest.raises(SplitError):
            taken(parse_split(instruction), lengths)
        return
    theirs = [(one.splitname, one.from_, one.to) for one in absolute]
    assert taken(parse_split(instruction), lengths) == theirs


@pytest.mark.parametrize(
    "text", ["train[", "train[5]", "train[:x]", "train[:101%]", "tr ain", "", "train[:5%](up)"]
)
def test_no_split(text: str) -> None:
    with pytest.raises(SplitError):
        parse_split(text)


@pytest.mark.parametrize("size", [0.25, 0.1, 0.9, 1, 3, 3.7])
@pytest.mark.parametrize("seed", [0, 42])
def test_held_out_rows_are_the_librarys(size: float, seed: int) -> None:
    import numpy
    from datasets import Dataset

    rows = 23
    theirs = Dataset.from_dict({"i": list(range(rows))}).train_test_split(
        test_size=int(size) if size >= 1 else size, shuffle=True, seed=seed
    )
    ids = [numpy.asarray([number], dtype=numpy.int32) for number in range(rows)]
    tokens = data.Tokens(ids, [None] * rows, [None] * rows)
    train, held_out = data.split_for_eval(tokens, size, seed=seed)
    assert [int(one[0]) for one in train.ids] == theirs["train"]["i"]
    assert [int(one[0]) for one in held_out.ids] == theirs["test"]["i"]


@pytest.mark.parametrize(
    ("size", "says"), [(23, "leave none"), (0, "not above 0"), (-1, "not above 0"), (0.99, "leave none")]
)
def test_sizes_that_cannot_be(size: float, says: str) -> None:
    import numpy

    ids = [numpy.asarray([1], dtype=numpy.int32)] * 23
    with pytest.raises(RunError, match=says) as failure:
        data.split_for_eval(
            data.Tokens(ids, [None] * 23, [None] * 23), size, pointer="/passes/a/eval_dataset_size"
        )
    assert failure.value.pointer == "/passes/a/eval_dataset_size"
