"""What a pass gets from the run that it is part of: a place to write, a voice, and the wish to stop."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from olive_schemas.workflow import PassStep, Workflow

from .errors import Cancelled

Emit = Callable[[str, str | None, Mapping[str, Any]], None]
"""emit(type, pass_name, data): one event."""


def _silent(type: str, pass_name: str | None, data: Mapping[str, Any]) -> None:
    del type, pass_name, data


@dataclass
class PassContext:
    """One per pass and run. Passes talk through it and touch nothing else of the run directory."""

    workflow: Workflow
    step: PassStep
    output: Path
    """An empty folder to write the artifact into; it is moved into the cache when the pass returns."""
    checkpoints: Path
    """Kept over a crash and given to the resumed run; removed when the pass is done."""
    emit: Emit = _silent
    stop_requested: Callable[[], bool] = lambda: False
    trust_user_script: bool = False
    next_type: str | None = None
    """Type of the pass that takes this one's output; None for the last."""
    clock: Callable[[], float] = time.monotonic
    _last_progress: float = field(default=-1e9, repr=False)

    def log(self, message: str, level: str = "info") -> None:
        """level: debug, info, warning, error. Never with a secret in it."""
        self.emit("log", self.step.name, {"level": level, "message": message})

    def metric(self, **values: float | int | None) -> None:
        """One optimiser step's numbers: step, loss, learning_rate, grad_norm, epoch, tokens_per_second, ..."""
        self.emit("metric", self.step.name, values)

    def progress(self, phase: str, done: float, total: float | None, unit: str = "step", **more: Any) -> None:
        """At most ten a second reach the log, the first and the last of a phase always.

        phase: imports, load, data, train, merge, build, save, ... `more`: seconds_left, tokens_per_second, loss.
        """
        now = self.clock()
        if done > 0 and (total is None or done < total) and now - self._last_progress < 0.1:
            return
        self._last_progress = now
        self.emit(
            "progress", self.step.name, {"phase": phase, "done": done, "total": total, "unit": unit, **more}
        )

    def check_stop(self) -> None:
        """Call between steps; raises Cancelled once a stop was asked for."""
        if self.stop_requested():
            raise Cancelled()
