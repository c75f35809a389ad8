"""Accuracy of a classification by generation: each model of a run is asked for the answer to phrases it has not seen.

    evaluation = evaluate_run("output_dir", "held-out.json", "tone")
    evaluation.scores["int4"].accuracy

`task` makes prompts from rows, `answers` reads labels out of what came back, `torch_model` and `built_model` ask,
`outputs` knows what a run left, `evaluate` puts it together, remembers it and writes it into run-summary.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .answers import Score as Score
    from .evaluate import Evaluation as Evaluation
    from .evaluate import evaluate_run as evaluate_run

_WHERE = {"evaluate_run": "evaluate", "Evaluation": "evaluate", "Score": "answers"}

__all__ = ["Evaluation", "Score", "evaluate_run"]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
