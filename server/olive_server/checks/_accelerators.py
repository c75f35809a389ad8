"""The accelerators that a config names: devices, execution providers, and what the target of a run is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from olive_schemas import catalog
from olive_schemas.releases import Scope, known_in
from olive_schemas.report import Field, fields_of
from olive_schemas.tree import MISSING, join

if TYPE_CHECKING:
    from ..document import Document
    from ..parts import Part

CPU = "CPUExecutionProvider"
SUFFIX = "ExecutionProvider"


class Accelerator(NamedTuple):
    """`device`: as it is written, lower-cased; empty where none is. `providers`: the written names with their places."""

    pointer: str
    device: str
    device_field: Field | None
    providers: tuple[Field, ...]
    providers_field: Field | None


def accelerators_of(system: Part) -> list[Accelerator]:
    written = system.get("accelerators")
    if written is None:
        return []
    entries = written.value if isinstance(written.value, list) else [written.value]
    return [
        accelerator(
            Field(entry, join(written.pointer, index) if entries is written.value else written.pointer)
        )
        for index, entry in enumerate(entries)
        if isinstance(entry, (str, dict))
    ]


def accelerator(entry: Field) -> Accelerator:
    if isinstance(entry.value, str):
        return Accelerator(entry.pointer, entry.value.lower(), entry, (), None)
    fields = fields_of(entry.value, entry.pointer)
    device, providers = fields.get("device"), fields.get("execution_providers")
    written = device.value.lower() if device and isinstance(device.value, str) else ""
    return Accelerator(entry.pointer, written, device, tuple(providers_of(providers)), providers)


def providers_of(entry: Field | None) -> Iterator[Field]:
    """Names with their places; a provider may be a pair of name and library."""
    if entry is None or entry.value is MISSING:
        return
    values = entry.value if isinstance(entry.value, list) else [entry.value]
    for index, value in enumerate(values):
        place = join(entry.pointer, index) if isinstance(entry.value, list) else entry.pointer
        name, place = (
            (value[0], join(place, 0)) if isinstance(value, list) and len(value) == 2 else (value, place)
        )
        if isinstance(name, str):
            yield Field(name, place)


def known_providers() -> Mapping[str, Any]:
    providers: Mapping[str, Any] = catalog.accelerators().get("providers", {})
    return providers


def devices() -> Mapping[str, Any]:
    found: Mapping[str, Any] = catalog.accelerators().get("devices", {})
    return found


def fits(provider: str, device: str, scope: Scope) -> bool:
    """Whether some release of the scope runs the provider on the device."""
    entry = devices().get(device)
    if entry is None or provider == CPU:
        return True
    if provider not in entry.get("execution_providers", ()):
        return False
    times = entry.get("x-values", {}).get(provider, {})
    return any(known_in(times, release) for release in scope.releases)


def first_release(provider: str, device: str) -> str:
    """The release that began to run a provider on a device; empty for always."""
    times = devices().get(device, {}).get("x-values", {}).get(provider, {})
    since: str = times.get("x-since", "")
    return since


def full_name(written: str) -> str | None:
    """The provider that a short or mis-cased name means."""
    lower = written.lower().removesuffix("executionprovider") or written.lower()
    for name, entry in known_providers().items():
        if name.lower().removesuffix("executionprovider") == lower or lower in entry.get("short", ()):
            return name
    return None


class Target(NamedTuple):
    """What passes are made for: a device and one provider, each empty where only the machine tells."""

    device: str
    provider: str
    pointer: str


def target_of(document: Document) -> Target | None:
    """The accelerator of the target system; None where several are named, or what is named is not understood.

    Without a target Olive takes the CPU from 0.10.0 on; before, whatever the machine's onnxruntime offers.
    """
    written = document.parts.engine.get("target")
    system: Part | None = None
    if written is not None and isinstance(written.value, str):
        system = document.parts.systems.get(written.value)
        if system is None:
            return None
    elif written is not None and isinstance(written.value, dict):
        return None
    found = accelerators_of(system) if system is not None else []
    if len(found) > 1:
        return None
    if not found:
        modern = not document.scope.embedded and len(within_single_accelerator(document.scope)) == len(
            document.scope.releases
        )
        return Target("cpu", CPU, system.pointer if system else "") if modern else Target("", "", "")
    one = found[0]
    names = [field.value for field in one.providers]
    if not names and not isinstance(document.parts.engine.value("execution_providers"), list):
        provider = {"cpu": CPU, "gpu": "CUDAExecutionProvider"}.get(one.device, "")
        # Up to 0.9.3 the machine's onnxruntime decides; of a CPU it is certain all the same.
        certain = one.device == "cpu" or len(within_single_accelerator(document.scope)) == len(
            document.scope.releases
        )
        return Target(one.device, provider if certain else "", one.pointer)
    if not names:
        names = [field.value for field in providers_of(document.parts.engine.get("execution_providers"))]
    fitting = [name for name in names if not one.device or fits(name, one.device, document.scope)]
    if not fitting and one.device in devices() and document.scope.single:
        return Target(one.device, CPU, one.pointer)
    if len(fitting) != 1:
        return Target(one.device, "", one.pointer)
    device = one.device or _inferred(fitting[0])
    return Target(device, fitting[0], one.pointer)


def within_single_accelerator(scope: Scope) -> tuple[str, ...]:
    """The releases of the scope that take one accelerator with one provider."""
    from ._told import within

    return within(scope, "0.10.0")


def _inferred(provider: str) -> str:
    found = [
        device for device, entry in devices().items() if provider in entry.get("execution_providers", ())
    ]
    return found[0] if len(found) == 1 else ""
