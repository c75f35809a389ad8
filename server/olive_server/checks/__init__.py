"""The checks: one file each, found by themselves. A file's docstring is the documentation of its codes.

A check is a module with `CODES` (code -> one line) and `check(document)`, which yields problems without line and
column. Names that begin with `_` are helpers. A check may raise on what it did not foresee: it is logged by its name.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from olive_schemas.problems import Problem

    from ..document import Document


@cache
def modules() -> tuple[ModuleType, ...]:
    """Every check's module, by name."""
    names = sorted(entry.name for entry in pkgutil.iter_modules(__path__) if not entry.name.startswith("_"))
    return tuple(importlib.import_module(f"{__name__}.{name}") for name in names)


@cache
def all_checks() -> tuple[Callable[[Document], Iterable[Problem]], ...]:
    return tuple(module.check for module in modules())
