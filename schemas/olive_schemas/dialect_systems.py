"""`systems`, `host` and `target` in every spelling -> `System`.

Accelerators are strings in the oldest files, objects later; execution providers stood in `engine` up to 0.5.0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, cast

from . import catalog
from .nearest import did_you_mean, listing
from .parameters import Era, read_parameters
from .report import Field, Fields, Report, expect_object, fields_of, hoist, kind_of
from .tree import MISSING, join
from .workflow import System

Device = Literal["cpu", "gpu", "npu"]
_MEMORY = re.compile(r"(\d+)\s*(KB|MB|GB|TB)?", re.IGNORECASE)
_UNITS = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


def device_providers(device: str) -> list[str]:
    """The execution providers that a device has."""
    providers: list[str] = (
        catalog.accelerators().get("devices", {}).get(device, {}).get("execution_providers", [])
    )
    return providers


def _short_names() -> dict[str, str]:
    known = catalog.accelerators().get("providers", {})
    return {short: name for name, entry in known.items() for short in entry.get("short", ())}


def read_systems(field: Field | None, report: Report, era: Era) -> dict[str, System]:
    """Every system that the config names."""
    if field is None:
        return {}
    systems: dict[str, System] = {}
    for name, entry in expect_object(field, "`systems`", report).items():
        system = read_system(name, entry, report, era)
        if system is not None:
            systems[name] = system
    return systems


def read_system(name: str, field: Field, report: Report, era: Era) -> System | None:
    if field.value is MISSING:
        return System(name, pointer=field.pointer)
    if not isinstance(field.value, dict):
        report.error(
            "wrong-type",
            f"system `{name}` must be an object {{ ... }}, found {kind_of(field.value)}",
            field.pointer,
        )
        return None
    fields = hoist(fields_of(field.value, field.pointer), "config", ("type",), report)
    type_field = fields.pop("type", None)
    if type_field is None or not isinstance(type_field.value, str):
        if type_field is None or type_field.value is not MISSING:
            report.error(
                "missing", f'system `{name}` needs a `type`, such as "LocalSystem"', field.pointer, "key"
            )
        return System(name, pointer=field.pointer)
    known = catalog.systems()
    kind = catalog.find(known, type_field.value)
    if kind is None:
        report.error(
            "unknown-type",
            f"no system type is named `{type_field.value}`"
            + did_you_mean(type_field.value, known, f": there is {listing(known)}"),
            type_field.pointer,
        )
        return System(name, pointer=field.pointer)
    kind = known[kind].get("x-alias-of", kind)
    schema = known[kind]
    own = {key: entry for key, entry in fields.items() if key not in ("accelerators",)}
    properties = {key: prop for key, prop in schema.get("properties", {}).items() if key != "accelerators"}

    def elsewhere(key: str) -> str | None:
        others = [other for other in known if key in known[other].get("properties", {})]
        return f"`{key}` belongs to {others[0]} and has no effect in {kind}" if others else None

    local = kind == "LocalSystem"
    read = read_parameters(
        own,
        properties,
        kind,
        report,
        era=era,
        pointer=field.pointer,
        required=schema.get("required", ()),
        besides=("accelerators",),
        elsewhere=elsewhere,
        open_names=not properties,
        defaults=False,
    )
    system = System(name, type=kind, hf_token=bool(read.values.get("hf_token")), pointer=field.pointer)
    if not local:
        return _with_accelerators(system, fields.get("accelerators"), Report())
    return _with_accelerators(system, fields.get("accelerators"), report)


def _with_accelerators(system: System, field: Field | None, report: Report) -> System:
    if field is None or field.value is None or field.value is MISSING:
        return system
    entries: list[Field]
    if isinstance(field.value, list):
        entries = [Field(value, join(field.pointer, index)) for index, value in enumerate(field.value)]
    elif isinstance(field.value, (str, dict)):
        entries = [field]
    else:
        report.error(
            "wrong-type", f"`accelerators` must be a list, found {kind_of(field.value)}", field.pointer
        )
        return system
    read = [
        accelerator for entry in entries if (accelerator := _accelerator(system, entry, report)) is not None
    ]
    if len(read) > 1:
        report.warning(
            "several-accelerators",
            "one run serves one accelerator: the first is used, and the others have no effect (one config for each)",
            entries[1].pointer,
        )
    return read[0] if read else system


def _accelerator(system: System, field: Field, report: Report) -> System | None:
    value = field.value
    if isinstance(value, str):
        device = _device(field, report)
        return None if device is MISSING else replace(system, device=cast("Device | None", device))
    if not isinstance(value, dict):
        if value is not MISSING:
            report.error(
                "wrong-type",
                f'an accelerator must be an object such as {{"device": "gpu"}}, found {kind_of(value)}',
                field.pointer,
            )
        return None
    fields = fields_of(value, field.pointer)
    known = ("device", "execution_providers", "memory")
    for name, entry in fields.items():
        if name not in known:
            report.unknown(name, "an accelerator", known, entry.pointer)
    if "device" in fields and fields["device"].value is not None:
        device = _device(fields["device"], report)
        if device is not MISSING:
            system = replace(system, device=cast("Device | None", device))
    if "memory" in fields:
        system = replace(system, memory_bytes=_memory(fields["memory"], report))
    if "execution_providers" in fields:
        system = with_providers(system, fields["execution_providers"], report)
    elif system.device is None and "device" not in fields and not any(name not in known for name in fields):
        report.error("missing", "an accelerator needs a `device` or `execution_providers`", field.pointer)
    return system


def _device(field: Field, report: Report) -> Any:
    """The device; MISSING where it is none."""
    value = field.value
    if value is MISSING:
        return MISSING
    if not isinstance(value, str):
        report.error("wrong-type", f"`device` must be a string, found {kind_of(value)}", field.pointer)
        return MISSING
    lower = value.lower()
    devices, old = catalog.accelerators().get("devices", {}), catalog.accelerators().get("old_devices", {})
    if lower in devices:
        return lower
    if lower == "any" or old.get(lower, {}).get("device"):
        return old.get(lower, {}).get("device")
    if lower in old:
        report.refuse(
            "device",
            f"the device `{value}` is not run here: this engine runs on {listing(devices)}",
            field.pointer,
        )
        return MISSING
    provider = _short_names().get(lower)
    hint = next((device for device in ("gpu", "npu", "cpu") if provider in device_providers(device)), None)
    meant = (
        f"; did you mean `{hint}`?"
        if hint
        else did_you_mean(value, devices, f": there is {listing(devices)}")
    )
    report.error("wrong-value", f"there is no device `{value}`{meant}", field.pointer)
    return MISSING


def _memory(field: Field, report: Report) -> int | None:
    value = field.value
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    match = _MEMORY.fullmatch(value.strip()) if isinstance(value, str) else None
    if match:
        return int(match[1]) * _UNITS[(match[2] or "").upper()]
    if value is not None and value is not MISSING:
        report.error(
            "wrong-value",
            f'`memory` must be bytes or text such as "16GB", found {kind_of(value)}',
            field.pointer,
        )
    return None


def read_providers(field: Field, report: Report) -> list[Field]:
    """Execution providers as they were written, each checked; a string counts as a list of one."""
    value = field.value
    if value is None or value is MISSING:
        return []
    entries = [Field(value, field.pointer)] if isinstance(value, str) else []
    if isinstance(value, list):
        entries = [Field(entry, join(field.pointer, index)) for index, entry in enumerate(value)]
    elif not entries:
        report.error(
            "wrong-type", f"`execution_providers` must be a list, found {kind_of(value)}", field.pointer
        )
    result = []
    for entry in entries:
        name = entry.value[0] if isinstance(entry.value, list) and len(entry.value) == 2 else entry.value
        if not isinstance(name, str):
            if name is not MISSING:
                report.error(
                    "wrong-type",
                    f"an execution provider must be a string, found {kind_of(name)}",
                    entry.pointer,
                )
            continue
        known = catalog.accelerators().get("providers", {})
        if name not in known:
            full = catalog.find(known, name) or _short_names().get(name.lower())
            meant = (
                f"; did you mean `{full}`?"
                if full
                else did_you_mean(name, known, f": there is {listing(known)}")
            )
            report.error("wrong-value", f"there is no execution provider `{name}`{meant}", entry.pointer)
            continue
        result.append(Field(name, entry.pointer))
    return result


def with_providers(system: System, field: Field, report: Report) -> System:
    """The system with those of the providers that its device has; the device is inferred where it is not said."""
    providers = read_providers(field, report)
    if not providers:
        return system
    device = system.device or _infer([entry.value for entry in providers])
    fitting = []
    for entry in providers:
        if device is None or entry.value == "CPUExecutionProvider" or entry.value in device_providers(device):
            fitting.append(entry.value)
        else:
            report.warning(
                "no-effect",
                f"{entry.value} does not run on the device `{device}`: it has no effect",
                entry.pointer,
            )
    return replace(system, device=device, execution_providers=tuple(fitting))


def _infer(providers: list[str]) -> Device | None:
    devices: list[Device] = ["gpu", "npu", "cpu"]
    special = [name for name in providers if name != "CPUExecutionProvider"]
    if not special:
        return "cpu"
    return next((device for device in devices if special[0] in device_providers(device)), None)


def resolve_system(
    fields: Fields,
    key: str,
    systems: Mapping[str, System],
    report: Report,
    era: Era,
    *,
    declared: bool = True,
    name: str = "",
) -> System | None:
    """`host` or `target`: a name among `systems` or an object in place. None where nothing is written.

    declared: False where `systems` itself is broken, so that a name that is not found is no news. name: what an
    object in place is called.
    """
    field = fields.get(key)
    if field is None or field.value is None or field.value is MISSING:
        return None
    if isinstance(field.value, str):
        if field.value in systems:
            return systems[field.value]
        if declared:
            report.dangling(field.value, "system", systems, field.pointer)
        return None
    return read_system(name or key, field, report, era)
