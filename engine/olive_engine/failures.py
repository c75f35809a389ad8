"""What went wrong in a run, as the error of its last event: for the user, with a place in the config and a remedy."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from olive_schemas.problems import as_message

from .errors import RunError
from .preflight import ChecksFailed
from .space import free_bytes, is_disk_full

if TYPE_CHECKING:
    from olive_schemas import Reading

LESS_MEMORY = (
    "Lower per_device_train_batch_size or max_seq_len, turn on gradient_checkpointing, close other programs, or take "
    "a smaller model or QLoRA; then resume the run."
)


def describe(error: BaseException, places: tuple[Path, ...] = ()) -> dict[str, Any]:
    """{"code", "message", "pointer", "hint", "line", "column"}; `places`: folders whose disks may be full."""
    if isinstance(error, ChecksFailed):
        return {
            **_error(error.code, error.message, error.pointer),
            "problems": [as_message(one) for one in error.problems],
        }
    if is_out_of_memory(error):
        return _error("out-of-memory", f"Memory ran out: {_first_line(error)}", _pointer(error), LESS_MEMORY)
    if is_disk_full(error, *places) and not isinstance(error, RunError):
        free = ", ".join(f"{free / 1e6:,.1f} MB free at {place}" for place, free in _free(places))
        return _error(
            "disk-full",
            f"A disk is full{f' ({free})' if free else ''}: {_first_line(error)}",
            "",
            "Free some space (`olivepress runs clean --cache`), then resume the run.",
        )
    if isinstance(error, ModuleNotFoundError) and error.name:
        return _error(
            "package-missing",
            f"The package {error.name.partition('.')[0]} is not installed for {sys.executable}.",
            "",
            f"Install what runs need: {sys.executable} -m pip install 'olivepress[engine]'",
        )
    if isinstance(error, RunError):
        return _error(error.code, error.message, error.pointer, error.hint)
    return _error(
        "internal-error",
        f"{type(error).__name__}: {_first_line(error)}",
        "",
        "This is a defect of olivepress or of a library; the traceback is in worker.log.",
    )


def locate(error: dict[str, Any] | None, reading: Reading | None) -> None:
    """Adds the line and column that the error's pointer has in the config as it was run."""
    if error is None or reading is None:
        return
    for one in (error, *error.get("problems", ())):
        if one.get("line"):
            continue
        if one.get("pointer") or one is not error:
            one["line"], one["column"] = reading.locate(one["pointer"])[:2]
    if not error["line"] and error.get("problems"):
        first = next(one for one in error["problems"] if one["severity"] == "error")
        error["line"], error["column"] = first["line"], first["column"]


def is_out_of_memory(error: BaseException) -> bool:
    """Python's, torch's (CPU and GPU) and onnxruntime's ways of saying it."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(
        words in text
        for words in (
            "can't allocate memory",
            "out of memory",
            "not enough memory",
            "bad_alloc",
            "bad allocation",
        )
    )


def _error(code: str, message: str, pointer: str = "", hint: str = "") -> dict[str, Any]:
    return {"code": code, "message": message, "pointer": pointer, "hint": hint, "line": 0, "column": 0}


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _pointer(error: BaseException) -> str:
    return error.pointer if isinstance(error, RunError) else ""


def _free(places: tuple[Path, ...]) -> list[tuple[Path, int]]:
    found = ((place, free_bytes(place)) for place in places)
    return [(place, free) for place, free in found if free is not None and free < (64 << 20)]
