"""Where in the config an error belongs that showed up deep inside, where nobody knows the config."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from olive_schemas.workflow import PassStep, Workflow

from ..errors import RunError

_ABOUT_THE_MODEL = ("weights-", "model-")
_ABOUT_THE_OPTIONS = ("builder-options",)


@contextmanager
def placed(step: PassStep, workflow: Workflow) -> Iterator[None]:
    """Within it a RunError that has no place yet gets one: the model's path, the step's options, or the step."""
    try:
        yield
    except RunError as error:
        if not error.pointer:
            error.pointer = _pointer(error.code, step, workflow)
        raise


def _pointer(code: str, step: PassStep, workflow: Workflow) -> str:
    if code.startswith(_ABOUT_THE_MODEL):
        return workflow.input_model.path_pointer
    if code in _ABOUT_THE_OPTIONS:
        return step.pointers.get("extra_options", step.pointer)
    if code == "disk-full":
        return workflow.engine.cache_dir_pointer or step.pointer
    return step.pointer
