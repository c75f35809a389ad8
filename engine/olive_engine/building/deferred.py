"""Tensors that are not there yet: shape and type now, values when somebody asks.

A `Deferred` goes through any torch operation and comes out as another one that remembers what to do, so that genai's
builder can transpose, join and shift weights which are read from disk only while they are written. Limits: an
operation that changes a tensor in place cannot be put off and raises `CannotDefer`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
from torch.utils import _pytree as trees

if TYPE_CHECKING:
    from collections.abc import Sequence


class CannotDefer(Exception):
    """What the builder wants to do with a weight needs the weight itself."""


_ASKS_FOR_VALUES = {"numpy", "tolist", "item", "__array__", "__bool__", "__float__", "__int__", "data_ptr"}


class Deferred(torch.Tensor):  # type: ignore[misc,unused-ignore]
    """`evaluate` gives the real tensor; it is called each time the values are needed and nothing is kept."""

    _meta: torch.Tensor
    evaluate: Callable[[], torch.Tensor]

    @staticmethod
    def __new__(cls, meta: torch.Tensor, evaluate: Callable[[], torch.Tensor]) -> Deferred:
        made: Deferred = torch.Tensor._make_wrapper_subclass(
            cls, meta.size(), strides=meta.stride(), dtype=meta.dtype, device="cpu", requires_grad=False
        )
        made._meta = meta
        made.evaluate = evaluate
        return made

    def __init__(self, meta: torch.Tensor, evaluate: Callable[[], torch.Tensor]) -> None:
        pass

    def __repr__(self, *, tensor_contents: Any = None) -> str:
        return f"Deferred({tuple(self.shape)}, {self.dtype})"

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if getattr(func, "__name__", "") in _ASKS_FOR_VALUES:
            return func(*real(args), **real(kwargs or {}))
        return super().__torch_function__(func, types, args, kwargs or {})

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Sequence[Any], args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func._schema.is_mutable:
            raise CannotDefer(f"it changes a weight in place ({func})")
        if func is torch.ops.aten._local_scalar_dense.default:
            return func(*real(args), **real(kwargs))
        on_meta = dict(kwargs)
        if on_meta.get("device") is not None:
            on_meta["device"] = torch.device("meta")
        shapes = func(*_metas(args), **_metas(on_meta))
        leaves, layout = trees.tree_flatten(shapes)
        if not all(isinstance(leaf, torch.Tensor) for leaf in leaves):
            return func(*real(args), **real(kwargs))

        def part(index: int) -> Callable[[], torch.Tensor]:
            def evaluate() -> torch.Tensor:
                result = func(*real(args), **real(kwargs))
                found: torch.Tensor = trees.tree_flatten(result)[0][index]
                return found

            return evaluate

        return trees.tree_unflatten([Deferred(leaf, part(i)) for i, leaf in enumerate(leaves)], layout)


def _metas(values: Any) -> Any:
    def one(value: Any) -> Any:
        if isinstance(value, Deferred):
            return value._meta
        return value.to("meta") if isinstance(value, torch.Tensor) else value

    return trees.tree_map(one, values)


def real(values: Any) -> Any:
    """The same structure with every deferred tensor's values in its place."""
    return trees.tree_map(lambda value: value.evaluate() if isinstance(value, Deferred) else value, values)


def deferred(shape: Sequence[int], dtype: torch.dtype, evaluate: Callable[[], torch.Tensor]) -> Deferred:
    return Deferred(torch.empty(tuple(shape), dtype=dtype, device="meta"), evaluate)
