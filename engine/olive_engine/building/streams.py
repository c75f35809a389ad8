"""Initializers that are computed while they are written to the external data file, a chunk at a time.

`Stream` is a weight that is only cast; `Weight` is a matrix that is quantised, in up to three initializers which the
data file holds one after another: `Part` is one of them. What the first leaves over is kept for the next.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO
from math import ceil, prod
from typing import Any, Literal

import onnx_ir as ir
import torch
from onnx_ir.tensor_adapters import to_torch_dtype

from .quantise import CHUNK, Rows, pack_search_zeros, row_chunks

PartName = Literal["packed", "scales", "zeros"]
Quantiser = Callable[[torch.Tensor], Rows]
Note = Callable[[str, bool], None]
"""note(name, whether it is a matrix): called before an initializer is written."""
_AHEAD = 4


_pool: ThreadPoolExecutor | None = None


@contextmanager
def several_at_once(workers: int) -> Iterator[None]:
    """Within it chunks are worked on by `workers` threads, one core each: faster than many threads on each small step.

    Not to be nested; onnx-ir writes one tensor after the other meanwhile.
    """
    global _pool
    if workers < 2:
        yield
        return
    threads = torch.get_num_threads()
    with ThreadPoolExecutor(workers, "quantise", lambda: torch.set_num_threads(1)) as pool:
        _pool = pool
        torch.set_num_threads(1)
        try:
            yield
        finally:
            _pool = None
            torch.set_num_threads(threads)


def in_order(work: Callable[[slice], Rows], chunks: Iterable[slice]) -> Iterator[Rows]:
    """Results in the chunks' order, at most a few of them made ahead."""
    if _pool is None:
        yield from map(work, chunks)
        return
    ahead: deque[Future[Rows]] = deque()
    try:
        for chunk in chunks:
            ahead.append(_pool.submit(work, chunk))
            if len(ahead) > _AHEAD:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        for future in ahead:
            future.cancel()


def as_bytes(tensor: torch.Tensor) -> memoryview:
    return memoryview(tensor.contiguous().view(torch.uint8).reshape(-1).numpy())


class _Written:
    """What both kinds share: all that onnx-ir's TensorProtocol asks of a tensor, in terms of `tofile`."""

    def __init__(self, name: str, dtype: ir.DataType, shape: Any, note: Note) -> None:
        self.name: str | None = name
        self.doc_string: str | None = None
        self.metadata_props: dict[str, str] = {}
        self.meta: dict[str, Any] = {}
        self.dtype = dtype
        self.shape = shape if isinstance(shape, ir.Shape) else ir.Shape(shape)
        self.note = note

    @property
    def size(self) -> int:
        return prod(int(each) for each in self.shape)

    @property
    def nbytes(self) -> int:
        return ceil(float(self.dtype.itemsize) * self.size)

    @property
    def raw(self) -> Any:
        return self

    def tofile(self, file: Any) -> None:
        raise NotImplementedError

    def tobytes(self) -> bytes:
        file = BytesIO()
        self.tofile(file)
        return file.getvalue()

    def numpy(self) -> Any:
        return ir.from_proto(ir.to_proto(self)).numpy()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        found = self.numpy()
        return found if dtype is None else found.astype(dtype)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name}, {self.dtype}, {self.shape})"


class Stream(_Written):
    """A float weight: `source` gives its values in some type, they are written as `dtype`."""

    def __init__(
        self, name: str, dtype: ir.DataType, shape: Any, source: Callable[[], torch.Tensor], note: Note
    ) -> None:
        super().__init__(name, dtype, shape, note)
        self.source = source

    def values(self) -> torch.Tensor:
        return self.source().to(to_torch_dtype(self.dtype))

    def tofile(self, file: Any) -> None:
        self.note(self.name or "", len(self.shape) > 1)
        with torch.no_grad():
            tensor = self.source().detach()
            kind = to_torch_dtype(self.dtype)
            if tensor.dim() < 2 or tensor.numel() <= CHUNK:
                file.write(as_bytes(tensor.to(kind)))
                return
            for rows in row_chunks(tensor.shape[0], tensor[0].numel()):
                file.write(as_bytes(tensor[rows].to(kind)))


class Weight:
    """A matrix [N, K] to quantise: `source` gives it in the model's own type, `kind` is the type to quantise from.

    Whoever asks for a part first makes the others too; each is handed over once and forgotten.
    """

    def __init__(
        self,
        source: Callable[[], torch.Tensor],
        kind: torch.dtype,
        quantiser: Quantiser,
        bits: int,
        *,
        zeros_over_rows: bool = False,
        step: int = 1,
    ) -> None:
        self.source = source
        self.kind = kind
        self.quantiser = quantiser
        self.bits = bits
        self.zeros_over_rows = zeros_over_rows
        self.step = step
        self._kept: dict[PartName, list[torch.Tensor]] = {}

    def write(self, part: PartName, file: Any) -> None:
        if part not in self._kept:
            self._make(part, file)
            if part == "packed":
                return
        kept = self._kept.pop(part)
        if part == "zeros" and self.zeros_over_rows:
            kept = [pack_search_zeros(torch.cat(kept), self.bits)]
        for tensor in kept:
            file.write(as_bytes(tensor))

    def _make(self, part: PartName, file: Any) -> None:
        """Quantises all rows; packed values go straight to `file` when they are what is asked for."""
        kept: dict[PartName, list[torch.Tensor]] = {"scales": [], "zeros": []}
        if part != "packed":
            kept["packed"] = []
        with torch.no_grad():
            matrix = self.source().detach()
            chunks = row_chunks(matrix.shape[0], matrix.shape[1], self.step)
            for packed, scales, zeros in in_order(lambda rows: self._quantised(matrix[rows]), chunks):
                if part == "packed":
                    file.write(as_bytes(packed))
                else:
                    kept["packed"].append(packed)
                kept["scales"].append(scales)
                if zeros is not None:
                    kept["zeros"].append(zeros)
        self._kept = kept

    def _quantised(self, rows: torch.Tensor) -> Rows:
        with torch.no_grad():
            return self.quantiser(rows.to(self.kind))


class Part(_Written):
    """One initializer of a quantised weight."""

    def __init__(
        self, name: str, dtype: ir.DataType, shape: Any, weight: Weight, part: PartName, note: Note
    ) -> None:
        super().__init__(name, dtype, shape, note)
        self.weight = weight
        self.part = part

    def tofile(self, file: Any) -> None:
        self.note(self.name or "", len(self.shape) > 1)
        self.weight.write(self.part, file)
