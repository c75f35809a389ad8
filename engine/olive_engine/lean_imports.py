"""Keeps out of a worker what torch and transformers import for compiling and for several machines.

A model class of transformers pulls in `torch._dynamo` (and with it sympy) for three decorators, and
`torch.distributed.tensor`, `.fsdp` and `.checkpoint` for runs on several devices: together about a second and 75 MB
(torch 2.13, transformers 5.23). A worker is one process and compiles nothing, so that

- `torch._dynamo` is a stand-in whose decorators leave a function as it is. The first use of anything else loads the
  real package in its place: whoever compiles after all is served.
- `torch.distributed.is_available()` is false, as in builds of torch without it, which transformers, accelerate and peft
  support.

For processes that are the engine's own alone: `install()` changes what the whole process sees.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import spec_from_loader
from types import ModuleType
from typing import Any

DYNAMO = "torch._dynamo"
_ALONE = ("torch._dynamo._trace_wrapped_higher_order_op",)
"""The submodules that need nothing of their package: attention masks import a class of this one."""
_DECORATORS = ("disable", "assume_constant_result", "allow_in_graph", "forbid_in_graph", "disallow_in_graph")
_DO_NOTHING = ("graph_break",)
"""What the code of optimizers calls for the compiler's sake alone."""
_BEFORE = ("transformers.core_model_loading", "transformers.modeling_utils")
"""The first modules that ask whether torch is built for several processes."""


def install() -> None:
    """Once, before torch or transformers are imported; a process that has dynamo already is left as it is."""
    if DYNAMO not in sys.modules and not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name == DYNAMO:
            spec = PathFinder.find_spec(name, path)
            if spec is not None and spec.loader is not None:
                spec.loader = _Later(spec.loader)
            return spec
        if name.startswith(f"{DYNAMO}.") and name not in _ALONE:
            _wake(sys.modules.get(DYNAMO))
            if name in sys.modules:
                return spec_from_loader(name, _There())
        if name in _BEFORE:
            _one_process()
        return None


class _Later(Loader):
    """Makes the stand-in; `real` is what fills it if anything of the package is needed."""

    def __init__(self, real: Any) -> None:
        self.real = real

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        for name in _DECORATORS:
            setattr(module, name, _as_it_is)
        for name in _DO_NOTHING:
            setattr(module, name, _nothing)


class _There(Loader):
    """For a module that its package's own loading has brought in meanwhile."""

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return sys.modules[spec.name]

    def exec_module(self, module: ModuleType) -> None:
        pass


class _StandIn(ModuleType):
    """`torch._dynamo` until something of it is needed; then the package is loaded into this very module."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        _wake(self)
        return getattr(self, name)


def _wake(module: ModuleType | None) -> None:
    if isinstance(module, _StandIn):
        loader = module.__spec__.loader if module.__spec__ is not None else None
        module.__class__ = ModuleType  # type: ignore[assignment]
        if isinstance(loader, _Later) and module.__spec__ is not None:
            module.__spec__.loader = module.__loader__ = loader.real
            loader.real.exec_module(module)


def _as_it_is(function: Callable[..., Any] | None = None, *_: Any, **__: Any) -> Any:
    return function if function is not None else _as_it_is


def _nothing(*_: Any, **__: Any) -> None:
    """In a function that is not compiled there is no graph to break."""


def _one_process() -> None:
    import torch

    if torch.distributed.is_available() and not torch.distributed.is_initialized():
        torch.distributed.is_available = lambda: False
