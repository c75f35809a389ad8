"""What one config needs of an environment on this machine: which extras of ours, and what pip has to be told.

A config that cannot be read as text needs what most need. Reads metadata and the config's text; imports nothing heavy.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from .doctor_packages import Package, asked_for, base, variants
from .errors import RunError
from .machine import Gpu

if TYPE_CHECKING:
    from olive_schemas import Reading
    from olive_schemas.workflow import Workflow

Hardware = Literal["cpu", "cuda", "directml"]
_EXTRAS: dict[Hardware, str] = {"cpu": "engine", "cuda": "cuda", "directml": "directml"}
_IN_FOUR_BITS = frozenset(("QLoRA", "LoftQ"))
_CUDA = "CUDAExecutionProvider"
_DIRECTML = "DmlExecutionProvider"


@dataclass(frozen=True)
class Needs:
    hardware: Hardware
    because: str
    """Why this hardware, in a sentence's words."""
    extras: tuple[str, ...]
    requirements: tuple[str, ...]
    """All that the extras ask for, as pip takes it."""
    missing: tuple[str, ...]
    """Those of them that are not installed, or in a version that does not fit."""
    replaces: tuple[str, ...]
    """Installed packages that carry the same files as one that is missing, built for other hardware."""


def needs(
    config: Path | None, found: Sequence[Package], gpus: Sequence[Gpu], hardware: Hardware | None = None
) -> Needs:
    """hardware: what the user wants, whatever the config says."""
    reading = _reading(config)
    workflow = reading.workflow if reading else None
    chosen, because = (hardware, "asked for") if hardware else _hardware(workflow, gpus)
    extras = [_EXTRAS[chosen]]
    if reading and _IN_FOUR_BITS & _pass_types(reading):
        extras.append("qlora")
    groups = (base(), *(asked_for(extra) for extra in extras))
    wanted = {wanted.name: str(wanted) for group in groups for wanted in group}
    requirements = tuple(text.partition(";")[0].strip() for text in wanted.values())
    lacking = {package.name for package in found if package.state != "fits"}
    missing = tuple(name for name in wanted if name in lacking)
    return Needs(chosen, because, tuple(extras), requirements, missing, _replaced(missing, tuple(wanted)))


def _replaced(missing: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """A runtime of the one family takes that of the other with it: the GPU build of genai brings its onnxruntime."""
    if not any(name.startswith("onnxruntime") for name in missing):
        return ()
    return tuple(name for _, names in variants() for name in names if name not in wanted)


def _reading(config: Path | None) -> Reading | None:
    if config is None:
        return None
    from olive_schemas import read

    from .checked import read_text

    try:
        return read(read_text(config), path=config)
    except RunError:
        return None


def _pass_types(reading: Reading) -> set[str]:
    """As they are written, also in a config with mistakes."""
    from olive_schemas.tree import to_python

    passes = reading.tree.find("/passes")
    written = to_python(passes) if passes is not None else None
    entries = written.values() if isinstance(written, dict) else ()
    return {str(one.get("type")) for one in entries if isinstance(one, dict)}


def _hardware(workflow: Workflow | None, gpus: Sequence[Gpu]) -> tuple[Hardware, str]:
    """The target's first provider decides, then the machine."""
    for provider in workflow.target.execution_providers if workflow is not None else ():
        if provider == _DIRECTML and sys.platform == "win32":
            return "directml", "the config's target runs on DirectML"
        if provider == _CUDA and gpus:
            return "cuda", f"the config's target runs on CUDA, and there is {gpus[0].name}"
        if provider == _CUDA:
            return "cpu", "the config's target runs on CUDA, and there is no NVIDIA GPU here"
    if gpus:
        return "cuda", f"there is {gpus[0].name}, which training uses"
    return "cpu", "no NVIDIA GPU is here"
