"""What goes by in a pass's events: its first and last metrics for the summary, the memory held for the progress."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from .context import Emit
from .memory_watch import gpu_memory_used, memory_used


class MetricWatch:
    """Hands every event on to `emit` and remembers what the summary tells of each pass."""

    def __init__(self, emit: Emit, earlier: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        self._emit = emit
        self._earlier = dict(earlier or {})
        self._first: dict[str, dict[str, Any]] = {}
        self._last: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()

    def emit(self, type: str, pass_name: str | None, data: Mapping[str, Any]) -> None:
        if type == "progress" and "memory_bytes" not in data:
            data = {**data, "memory_bytes": memory_used()}
            gpu = gpu_memory_used()
            if gpu is not None:
                data = {**data, "gpu_memory_bytes": gpu}
        if type == "metric" and pass_name is not None:
            with self._lock:
                known = {name: value for name, value in data.items() if value is not None}
                self._first.setdefault(pass_name, {**known, **self._earlier.get(pass_name, {})})
                self._last.setdefault(pass_name, {}).update(known)
        self._emit(type, pass_name, data)

    def metrics(self, pass_name: str) -> dict[str, Any]:
        """The last of each number, and the first and last loss as `first_loss`, `last_loss`."""
        first, last = self._first.get(pass_name, {}), dict(self._last.get(pass_name, {}))
        if "loss" in last:
            last["last_loss"] = last.pop("loss")
            last["first_loss"] = first.get("loss")
        if "step" in last:
            last["steps"] = last.pop("step")
        return last
