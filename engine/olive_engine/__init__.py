"""The engine of Olive Press: an olive-config.json in, a fine-tuned, merged, quantised model out.

    import olive_engine

    plan = olive_engine.plan("olive-config.json")
    result = olive_engine.run("olive-config.json")

Importing this package imports nothing else; each name is loaded when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import RunResult as RunResult
    from .api import plan as plan
    from .api import run as run
    from .errors import RunError as RunError
    from .planning import Plan as Plan

_WHERE = {"run": "api", "plan": "api", "RunResult": "api", "Plan": "planning", "RunError": "errors"}

__all__ = ["Plan", "RunError", "RunResult", "plan", "run"]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    value = getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
