"""Going on with a training: which checkpoint fits, and what it must share with the training to be taken."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from olive_schemas.workflow import PassStep

from ..artifact import Artifact
from ..context import PassContext
from ..errors import RunError
from . import checkpoints
from .arguments import Settings


def find_checkpoint(
    context: PassContext, settings: Settings, fingerprint: str
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The run's own newest checkpoint, else one that the config names or left in its output_dir."""
    found = checkpoints.newest(context.checkpoints, fingerprint, context.log)
    if found is not None:
        return found
    if settings.resume_from:
        named = context.workflow.base_dir / settings.resume_from
        found = checkpoints.newest(named.parent, fingerprint, context.log, only=named.name)
        if found is None:
            raise RunError(
                f"resume_from_checkpoint {named} is no checkpoint of this training",
                code="checkpoint-unusable",
                hint="checkpoints of transformers' Trainer cannot be continued here; remove the argument",
            )
        return found
    if settings.output_dir and not settings.overwrite_output_dir:
        return checkpoints.newest(context.workflow.base_dir / settings.output_dir, fingerprint, context.log)
    return None


def training_fingerprint(
    step: PassStep, source: Artifact, settings: Settings, tokens: Any, held_out: Any
) -> str:
    """What a checkpoint must share to be continued: model, parameters, data, versions that change bits."""
    import numpy
    import torch

    digest = hashlib.sha256()
    parameters = {name: value for name, value in step.parameters.items() if not name.endswith("data_config")}
    training = {name: value for name, value in settings.raw.items() if name not in _PLACES}
    parameters.pop("training_args", None)
    facts = [step.type, parameters, training, source.fingerprint, torch.__version__]
    digest.update(json.dumps(facts, sort_keys=True, default=_plain).encode())
    for one in (tokens, held_out):
        if one is None:
            continue
        for part in (one.ids, one.labels, one.attention):
            for row in part:
                digest.update(b"|" if row is None else numpy.asarray(row, dtype=numpy.int32).tobytes() + b";")
        digest.update(str((one.padded_to, one.padding_side, one.use_attention_mask)).encode())
    return digest.hexdigest()


_PLACES = frozenset(
    {
        "output_dir",
        "resume_from_checkpoint",
        "overwrite_output_dir",
        "save_steps",
        "save_strategy",
        "save_total_limit",
    }
)
"""Arguments that say where and when to save; they change nothing of what is trained."""


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else str(value)
