"""The four functions of an adapter pass, the same for all six: what differs hangs on the step's type.

Light to import; torch and transformers come in with `estimate` and `run`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from olive_schemas.problems import Problem
from olive_schemas.workflow import PassStep, Workflow

from ..artifact import Artifact, Kind
from ..context import PassContext
from . import preflight

if TYPE_CHECKING:
    from ..passes import Estimate


def check(step: PassStep, source: Kind, workflow: Workflow) -> list[Problem]:
    """Problems of the pass, all at once, before any work."""
    return preflight.problems(step, source, workflow)


def estimate(step: PassStep, source: Artifact, context: PassContext) -> Estimate:
    """Trainable parameters, sequences, tokens, steps and peak memory, without loading weights."""
    from . import estimating

    return estimating.estimate(step, source, context)


def fingerprint(step: PassStep, source: Artifact, workflow: Workflow) -> Mapping[str, Any]:
    """Versions that change the bytes of the adapter, and the kind of device."""
    del source, workflow
    from importlib.metadata import PackageNotFoundError, version

    names = ["torch", "transformers"]
    if step.type in preflight.QUANTISED:
        names.append("bitsandbytes")
    if step.type in ("DoRA", "LoHa", "LoKr"):
        names.append("peft")
    found: dict[str, Any] = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found


def run(step: PassStep, source: Artifact, context: PassContext) -> Artifact:
    """Trains; the adapter's PEFT folder is `context.output`."""
    from . import finetune

    return finetune.run(step, source, context)
