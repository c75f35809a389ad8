"""Devices and execution providers of a system.

`provider-device`: a provider that does not run on the device; Olive takes it out with a log line, and works for the
CPU where none is left.

`unknown-provider`: there is no such provider. A name that does not end in "ExecutionProvider" is refused from 0.7.1 on.

`several-accelerators`: from 0.10.0 on a system has one accelerator with one provider; before, every pair of them was
a run of its own.

`provider-missing`: from 0.9.2 on an NPU needs its execution provider to be written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from olive_schemas.nearest import listing, nearest, unmistakable
from olive_schemas.problems import Problem, Related, Severity
from olive_schemas.report import Field

from ._accelerators import (
    CPU,
    SUFFIX,
    Accelerator,
    accelerators_of,
    devices,
    first_release,
    fits,
    full_name,
    known_providers,
    providers_of,
)
from ._told import gravity, insert, olive, remove, replace, told, within

if TYPE_CHECKING:
    from ..document import Document
    from ..parts import Part

CODES = {
    "provider-device": "the execution provider does not run on the device",
    "unknown-provider": "there is no such execution provider",
    "several-accelerators": "one run serves one accelerator with one execution provider",
    "provider-missing": "the device needs its execution provider to be written",
}
FIRST_WITHOUT_MACHINE = "0.9.2"
"""Until then the machine's onnxruntime said which providers a device has."""


def check(document: Document) -> Iterable[Problem]:
    for system in document.parts.systems.values():
        yield from _system(system, document)
    engine = document.parts.engine.get("execution_providers")
    if engine is not None:
        target = document.parts.systems.get(str(document.parts.engine.value("target")))
        found = accelerators_of(target) if target is not None else []
        named = {one.device for one in found} if found and not any(one.providers for one in found) else set()
        for entry in providers_of(engine):
            problem = _unknown(entry, document)
            if (
                problem is None
                and named
                and all(not fits(entry.value, device, document.scope) for device in named)
            ):
                problem = _unfit(entry, sorted(named)[0], document)
            if problem is not None:
                yield problem


def _system(system: Part, document: Document) -> Iterator[Problem]:
    found = accelerators_of(system)
    if len(found) > 1:
        yield from _several(found, document)
    for one in found:
        yield from _device(one, document)
        unknown = False
        for entry in one.providers:
            problem = _unknown(entry, document)
            unknown = unknown or problem is not None
            if (
                problem is None
                and one.device in devices()
                and not fits(entry.value, one.device, document.scope)
            ):
                problem = _unfit(entry, one.device, document)
            if problem is not None:
                yield problem
        if len(one.providers) > 1 and not unknown:
            yield from _several_providers(one, document)
        if one.device == "npu" and not one.providers:
            yield from _missing(one, system, document)


def _device(one: Accelerator, document: Document) -> Iterator[Problem]:
    """A provider's short name where a device belongs; other names are the rules' to tell."""
    provider = full_name(one.device) if one.device and one.device not in devices() else None
    entry = one.device_field
    if provider is None or entry is None or entry.pointer == one.pointer:
        return
    home = next((name for name in ("gpu", "npu", "cpu") if fits(provider, name, document.scope)), None)
    if home is not None:
        yield told(
            Severity.ERROR,
            "wrong-value",
            f"there is no device `{entry.value}`; did you mean `{home}`, with the execution provider {provider}?",
            entry.pointer,
            remedies=[replace(entry.pointer, home, exact=True)],
        )


def _unknown(entry: Field, document: Document) -> Problem | None:
    name = entry.value
    known = known_providers()
    if name in known:
        return None
    meant = full_name(name) or nearest(name, known)
    suffixed = name.endswith(SUFFIX)
    severity: Severity | None
    if document.scope.embedded:
        severity = Severity.ERROR
    elif suffixed:
        severity = Severity.WARNING
    else:
        severity = gravity(document.scope, "0.7.1.1") or Severity.WARNING
    effect = (
        "" if severity is Severity.ERROR else f": {olive(document.scope)} leaves it out and works for the CPU"
    )
    hint = f"; did you mean `{meant}`?" if meant else f"; there is {listing(known)}"
    exact = meant is not None and (full_name(name) is not None or unmistakable(name, known) is not None)
    return told(
        severity,
        "unknown-provider",
        f"there is no execution provider `{name}`{effect}{hint}",
        entry.pointer,
        remedies=[replace(entry.pointer, meant, exact=exact)] if meant else [],
    )


def _unfit(entry: Field, device: str, document: Document) -> Problem:
    offered = [
        name
        for name in devices()[device].get("execution_providers", ())
        if fits(name, device, document.scope)
    ]
    known_later = entry.value in devices()[device].get("execution_providers", ())
    when = f" before {first_release(entry.value, device)}" if known_later else ""
    homes = [name for name in devices() if fits(entry.value, name, document.scope) and name != device]
    above = entry.pointer.rpartition("/execution_providers")[0]
    home = f"; it runs on the device `{homes[0]}`" if homes else ""
    return told(
        Severity.WARNING,
        "provider-device",
        f"{entry.value} does not run on the device `{device}`{when}{home}: it is left out, and {CPU} used where no "
        f"other is named; `{device}` has {listing(offered, 4)}",
        entry.pointer,
        remedies=[
            *(replace(entry.pointer, name) for name in sorted(offered, key=lambda name: name != CPU)[:4]),
            *(
                replace(f"{above}/device", name, title=f"Change the device to `{name}`")
                for name in homes[:1]
                if above
            ),
        ],
    )


def _several(found: list[Accelerator], document: Document) -> Iterator[Problem]:
    severity = gravity(document.scope, "0.10.0")
    if severity is None:
        return
    second = found[1].pointer
    yield told(
        severity,
        "several-accelerators",
        f"{olive(document.scope, '0.10.0')} serves one accelerator a run, and {len(found)} are written: keep one "
        "(one config for each)",
        second,
        remedies=[remove(second)],
        related=[Related(found[0].pointer, "the first accelerator")],
    )


def _several_providers(one: Accelerator, document: Document) -> Iterator[Problem]:
    severity = gravity(document.scope, "0.10.0")
    if severity is None or one.providers_field is None:
        return
    names = [entry.value for entry in one.providers]
    special = [name for name in names if name != CPU]
    yield told(
        severity,
        "several-accelerators",
        f"{olive(document.scope, '0.10.0')} takes one execution provider in an accelerator, and {len(names)} are "
        f"written: keep one (`{special[0] if special else names[0]}`?), with one config for each",
        one.providers_field.pointer,
        remedies=[replace(one.providers_field.pointer, [name]) for name in dict.fromkeys([*special, *names])],
    )


def _missing(one: Accelerator, system: Part, document: Document) -> Iterator[Problem]:
    engine = document.parts.engine.value("execution_providers")
    if document.parts.engine.value("target") != system.name or engine:
        return
    refusing = within(document.scope, FIRST_WITHOUT_MACHINE)
    if not refusing or not isinstance(one.pointer, str) or one.device_field is None:
        return
    severity = Severity.ERROR if len(refusing) == len(document.scope.releases) else Severity.WARNING
    offered = [name for name in devices().get("npu", {}).get("execution_providers", ()) if name != CPU]
    yield told(
        severity,
        "provider-missing",
        f"{olive(document.scope, FIRST_WITHOUT_MACHINE)} has no usual execution provider for the device `npu`: write "
        f"`execution_providers`, one of {listing(offered)}",
        one.device_field.pointer,
        remedies=[insert(one.pointer, "execution_providers", [name]) for name in offered],
    )
