"""A stand-in for `olive.data.registry` while a user script that imports it is being loaded.

It exists only where Olive is not installed, only for the time of loading, and holds nothing but the decorators. A real
installation is never hidden: scripts then register with the real one, and are found there.
"""

from __future__ import annotations

import contextlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

KINDS = ("load_dataset", "pre_process_data", "post_process_data", "dataloader")


@dataclass
class _Registry:
    """Olive's `Registry` as far as scripts use it: decorators that remember a function under a kind and a name."""

    functions: dict[tuple[str, str], Callable[..., Any]] = field(default_factory=dict)

    def register(self, sub_type: Any, name: str | None = None) -> Callable[[Any], Any]:
        kind = str(getattr(sub_type, "value", sub_type))

        def decorator(component: Any) -> Any:
            self.functions[kind, (name or component.__name__).lower()] = component
            return component

        return decorator

    def register_dataset(self, name: str | None = None) -> Callable[[Any], Any]:
        return self.register("load_dataset", name)

    def register_pre_process(self, name: str | None = None) -> Callable[[Any], Any]:
        return self.register("pre_process_data", name)

    def register_post_process(self, name: str | None = None) -> Callable[[Any], Any]:
        return self.register("post_process_data", name)

    def register_dataloader(self, name: str | None = None) -> Callable[[Any], Any]:
        return self.register("dataloader", name)

    def register_default_dataset(self) -> Callable[[Any], Any]:
        return self.register_dataset("default_load_dataset")

    def register_default_pre_process(self) -> Callable[[Any], Any]:
        return self.register_pre_process("default_pre_process_data")

    def register_default_post_process(self) -> Callable[[Any], Any]:
        return self.register_post_process("default_post_process_data")

    def register_default_dataloader(self) -> Callable[[Any], Any]:
        return self.register_dataloader("default_dataloader")


@contextlib.contextmanager
def registry_for(registered: dict[tuple[str, str], Callable[..., Any]]) -> Iterator[None]:
    """`olive.data.registry` and `.constants` for the time of loading, unless Olive is there."""
    if "olive" in sys.modules or importlib.util.find_spec("olive") is not None:
        yield
        return
    names = ("olive", "olive.data", "olive.data.registry", "olive.data.constants")
    modules = {name: ModuleType(name) for name in names}
    for name in names[:2]:
        modules[name].__path__ = []
    modules["olive.data.registry"].Registry = _Registry(registered)  # type: ignore[attr-defined]
    constants = modules["olive.data.constants"]
    constants.IGNORE_INDEX = -100  # type: ignore[attr-defined]
    constants.DataComponentType = type("DataComponentType", (), {kind.upper(): kind for kind in KINDS})  # type: ignore[attr-defined]
    sys.modules.update(modules)
    try:
        yield
    finally:
        for name in names:
            sys.modules.pop(name, None)


def in_real_registry(kind: str, name: str) -> Callable[..., Any] | None:
    """What a script registered with an installed Olive that it imported itself."""
    real = getattr(sys.modules.get("olive.data.registry"), "Registry", None)
    if real is None:
        return None
    try:
        found: Callable[..., Any] = real.get_component(kind, name)
    except KeyError:
        return None
    return found
