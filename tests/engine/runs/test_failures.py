"""What went wrong, in the user's words: libraries tell a full disk or a lack of memory in their own ways."""

from __future__ import annotations

import errno
import os

import pytest

from olive_engine import failures
from olive_engine.errors import RunError
from olive_engine.space import is_disk_full

FULL = [
    OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
    OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)),
    RuntimeError("Error while serializing: I/O error: No space left on device (os error 28)"),
    RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 435840 vs 435792"),
    RuntimeError("PytorchStreamWriter failed writing file data/3: file write failed"),
]
MEMORY = [
    MemoryError(),
    RuntimeError("[enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory"),
    RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    type("OutOfMemoryError", (RuntimeError,), {})("HIP ran dry"),
    RuntimeError("std::bad_alloc"),
]


@pytest.mark.parametrize("error", FULL, ids=str)
def test_a_full_disk_is_known_however_it_is_told(error):
    assert failures.describe(error)["code"] == "disk-full"


def test_a_full_disk_is_known_behind_another_error():
    try:
        try:
            raise FULL[0]
        except OSError as inner:
            raise ValueError("cannot save the model") from inner
    except ValueError as outer:
        assert is_disk_full(outer)


@pytest.mark.parametrize("error", MEMORY, ids=str)
def test_lack_of_memory_is_known_however_it_is_told(error):
    told = failures.describe(error)
    assert told["code"] == "out-of-memory" and "gradient_checkpointing" in told["hint"]


@pytest.mark.parametrize(
    "error",
    [
        ValueError("bad value"),
        RuntimeError("shapes do not fit"),
        OSError(errno.EACCES, "Permission denied"),
        KeyError("x"),
    ],
)
def test_other_errors_are_not_taken_for_these(error):
    assert failures.describe(error)["code"] == "internal-error"


def test_a_run_error_keeps_its_own_words():
    told = failures.describe(
        RunError("no layer matches", code="no-layer", pointer="/passes/lora", hint="q_proj")
    )
    assert told == {
        "code": "no-layer",
        "message": "no layer matches",
        "pointer": "/passes/lora",
        "hint": "q_proj",
        "line": 0,
        "column": 0,
    }


def test_a_package_that_is_not_there_is_named_with_the_remedy():
    told = failures.describe(ModuleNotFoundError("No module named 'jsonschema.x'", name="jsonschema.x"))
    assert told["code"] == "package-missing"
    assert "jsonschema is not installed" in told["message"]
    assert "pip install" in told["hint"]
