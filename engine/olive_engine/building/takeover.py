"""Takes genai's builder over for one build: its own classes, with three of their functions exchanged and put back.

`make_initializer` registers tensors that are computed while they are written, `to_nbits` rewrites the graph without
the weights, `load_weights` gives a model whose parameters are read when needed. The layers that the builder makes only to hold parts
of a fused weight are not filled with random values first. Nothing of the builder is copied, so
that a new architecture or operator of genai works here as it does there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import onnx_ir as ir
import torch
from onnx_ir.tensor_adapters import from_torch_dtype

from .deferred import CannotDefer, Deferred, real
from .graph import quantised_model
from .streams import Note, Stream, several_at_once

_ONE_AT_A_TIME = threading.RLock()
LoadWeights = Callable[[Any], Any]
"""builder -> the model to build from."""


@contextmanager
def taken_over(model_class: Any, note: Note, load: LoadWeights | None) -> Iterator[None]:
    """Within it `model_class` (genai's `Model`) builds as described above; `load` None leaves loading to genai."""
    with _ONE_AT_A_TIME:
        names = ("make_initializer", "to_nbits", "load_weights", "make_moe")
        own = {name: getattr(model_class, name) for name in names}
        model_class.make_initializer = _make_initializer(own["make_initializer"], note)
        model_class.to_nbits = lambda builder: quantised_model(builder, note)
        model_class.make_moe = _make_moe(own["make_moe"])
        initialise = torch.nn.Linear.reset_parameters
        torch.nn.Linear.reset_parameters = lambda layer: None
        if load is not None:
            model_class.load_weights = lambda builder, input_path: load(builder)
        try:
            with several_at_once(torch.get_num_threads()):
                yield
        finally:
            torch.nn.Linear.reset_parameters = initialise
            for name, function in own.items():
                setattr(model_class, name, function)


def _make_initializer(stock: Any, note: Note) -> Any:
    def make_initializer(
        self: Any, tensor: Any, /, name: str, *, to: ir.DataType | None = None, raw: bool = False
    ) -> None:
        if isinstance(tensor, torch.Tensor) and tensor.device.type == "meta":
            raise CannotDefer(f"{name} comes from a buffer that only a loaded model has")
        later = isinstance(tensor, Deferred)
        if raw or not isinstance(tensor, torch.Tensor) or (to is None and not later):
            stock(self, tensor, name, to=to, raw=raw)
            return
        dtype = ir.DataType(to) if to is not None else from_torch_dtype(tensor.dtype)
        source = tensor.evaluate if later else (lambda: tensor)
        stream = Stream(name, dtype, [int(size) for size in tensor.shape], source, note)
        value = self.make_value(name, stream.dtype, stream.shape)
        value.const_value = stream
        self.model.graph.register_initializer(value)

    return make_initializer


def _make_moe(stock: Any) -> Any:
    """Experts are quantised one by one by genai itself, so a layer's experts are read before and dropped after."""

    def make_moe(self: Any, layer_id: int, moe: Any, root_input: Any) -> None:
        owners = [(owner, dict(owner._parameters)) for owner in moe.modules()]
        try:
            for owner, parameters in owners:
                owner._parameters.update(
                    {
                        name: torch.nn.Parameter(real(each), requires_grad=False)
                        for name, each in parameters.items()
                        if isinstance(each, Deferred)
                    }
                )
            stock(self, layer_id, moe, root_input)
        finally:
            for owner, parameters in owners:
                owner._parameters.update(parameters)

    return make_moe
