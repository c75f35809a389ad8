"""How long this thread has spent importing modules, so that a pass's seconds can be told without them.

A finder just before the ordinary one times the execution of each module; nested imports count once. Only modules that the
ordinary path finder finds are timed; all are imported exactly as without it.
"""

from __future__ import annotations

import importlib.machinery
import sys
import threading
import time
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


class ImportClock:
    """`install()` once; `seconds` grows with each import of the thread that installed it."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._depth = 0
        self._thread = 0

    def install(self) -> None:
        self._thread = threading.get_ident()
        # Not in front of all: a finder with something of its own to say goes first.
        ordinary = importlib.machinery.PathFinder
        sys.meta_path.insert(sys.meta_path.index(ordinary) if ordinary in sys.meta_path else 0, self)

    def remove(self) -> None:
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if threading.get_ident() != self._thread:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        run = getattr(spec.loader, "exec_module", None) if spec is not None else None
        if spec is None or run is None:
            return spec

        def timed(module: ModuleType) -> None:
            if self._depth or threading.get_ident() != self._thread:
                run(module)
                return
            self._depth, begin = 1, time.perf_counter()
            try:
                run(module)
            finally:
                self.seconds += time.perf_counter() - begin
                self._depth = 0

        loader: Any = spec.loader
        try:
            loader.exec_module = timed
        except AttributeError:
            pass
        return spec
