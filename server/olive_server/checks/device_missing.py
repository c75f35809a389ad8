"""An accelerator that names an execution provider and no device.

`device-missing`: Olive works the device out from the execution provider. Where several devices run it, or none, it stops
before any work (from 0.5.1 on). CPUExecutionProvider says nothing of the device where another provider stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from olive_schemas.catalog import device_providers
from olive_schemas.problems import Problem, Severity
from olive_schemas.report import Field, fields_of
from olive_schemas.rules_told import Does, severity
from olive_schemas.tree import join

from ._accelerators import CPU, Accelerator, accelerator, devices
from ._told import insert, olive, told, within

if TYPE_CHECKING:
    from ..document import Document

CODES = {"device-missing": "the execution provider does not tell the device"}
ALWAYS_NPU = "QNNExecutionProvider"
FIRST_TO_INFER = "0.5.1"


def check(document: Document) -> Iterable[Problem]:
    for one in _of_target(document):
        if one.device or one.device_field is not None or not one.providers:
            continue
        names = [field.value for field in one.providers]
        does: dict[str, Does] = {
            release: "error"
            for release in within(document.scope, FIRST_TO_INFER)
            if not _one_device(names, release)
        }
        grave = severity(document.scope, does)
        if grave not in (Severity.ERROR, Severity.WARNING):
            continue
        fitting = [device for device in devices() if _fits(names, device, document.scope.newest)]
        choice = f": write one, {' or '.join(fitting)}" if fitting else ""
        yield told(
            grave,
            "device-missing",
            f"{olive(document.scope)} cannot tell the device from {', '.join(names)}{choice}",
            one.pointer,
            "key",
            remedies=[insert(one.pointer, "device", device) for device in fitting],
        )


def _of_target(document: Document) -> list[Accelerator]:
    """The accelerators of the system that models are made for."""
    target = document.parts.engine.get("target")
    if target is None:
        return []
    pointer, value = target.pointer, target.value
    if isinstance(value, str):
        config = document.config if isinstance(document.config, dict) else {}
        systems = config.get("systems")
        pointer = join("", "systems", value)
        value = systems.get(value) if isinstance(systems, dict) else None
    for nested in ("config", ""):
        fields = fields_of(value, pointer)
        inner = fields.get(nested) if nested else None
        inside = fields_of(inner.value, inner.pointer) if inner else fields
        written = inside.get("accelerators")
        if written is not None and isinstance(written.value, list):
            entries = [
                Field(entry, join(written.pointer, index)) for index, entry in enumerate(written.value)
            ]
            return [accelerator(entry) for entry in entries if isinstance(entry.value, dict)]
    return []


def _one_device(names: list[str], release: str) -> bool:
    """Whether the providers name the same single device."""
    if names in ([CPU], [ALWAYS_NPU]):
        return True
    found = {
        tuple(device for device in devices() if name in device_providers(device, release))
        for name in names
        if name != CPU
    }
    return len(found) == 1 and len(next(iter(found))) == 1


def _fits(names: list[str], device: str, release: str) -> bool:
    return all(name in device_providers(device, release) for name in names)
