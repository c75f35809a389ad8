"""Sections in the form of another release: an object where a list belongs, a list where an object belongs.

`wrong-form`: `data_configs` as an object keyed by name (up to 0.5.2), `passes` as a list, an accelerator as a plain
string (up to 0.5.0). The rewritten form is offered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from olive_schemas.problems import Problem, Severity
from olive_schemas.report import Field

from ._accelerators import accelerators_of, devices
from ._told import dangling, gravity, olive, replace, told

if TYPE_CHECKING:
    from ..document import Document

CODES = {"wrong-form": "a section in the form of another release"}

_NAMED = (
    ("systems", "system", '{"gpu": {"type": "LocalSystem"}}'),
    ("evaluators", "evaluator", '{"quality": {"metrics": [...]}}'),
)


def check(document: Document) -> Iterable[Problem]:
    config = document.config
    if not isinstance(config, dict):
        return
    yield from _data(config.get("data_configs"), document)
    yield from _passes(config.get("passes"))
    for section, kind, example in _NAMED:
        free = [use.name for use in dangling(document.view) if use.kind == kind]
        yield from _named(config.get(section), section, kind, example, list(dict.fromkeys(free)))
    for system in document.parts.systems.values():
        for one in accelerators_of(system):
            if one.device_field is not None and one.device_field.pointer == one.pointer:
                yield from _accelerator(one.device_field, document)


def _data(written: Any, document: Document) -> Iterator[Problem]:
    if isinstance(written, str):
        yield told(
            Severity.ERROR,
            "wrong-form",
            '`data_configs` must be a list of data configs [{"name": "train_data", ...}], found a string',
            "/data_configs",
        )
    severity = gravity(document.scope, "0.6.0")
    if severity is None or not isinstance(written, dict):
        return
    named = all(isinstance(entry, dict) for entry in written.values())
    as_list = [{**entry, "name": name} for name, entry in written.items()] if named else []
    remedies = [replace("/data_configs", as_list, title="Write them as a list")] if as_list else []
    yield told(
        severity,
        "wrong-form",
        f"`data_configs` must be a list, found an object: {olive(document.scope, '0.6.0')} takes a list, each entry with "
        "its key as `name`",
        "/data_configs",
        remedies=remedies,
    )


def _passes(written: Any) -> Iterator[Problem]:
    if not isinstance(written, list):
        return
    named: dict[str, Any] = {}
    for entry in written:
        kind = entry.get("type") if isinstance(entry, dict) else None
        if not isinstance(kind, str) or not kind:
            named = {}
            break
        name, number = kind.lower(), 2
        while name in named:
            name, number = f"{kind.lower()}_{number}", number + 1
        named[name] = entry
    yield told(
        Severity.ERROR,
        "wrong-form",
        '`passes` must be an object of named passes {"lora": {"type": "LoRA"}}, found a list',
        "/passes",
        remedies=[replace("/passes", named, title="Give each pass a name")] if named else [],
    )


def _named(written: Any, section: str, kind: str, example: str, free: Sequence[str]) -> Iterator[Problem]:
    """A list where an object of named things belongs. free: names that are referred to and that nothing has."""
    if not isinstance(written, list):
        return
    things: dict[str, Any] = {}
    for number, entry in enumerate(written):
        things[free[number] if number < len(free) else f"{kind}_{number + 1}"] = entry
    usable = things and all(isinstance(entry, dict) for entry in written)
    yield told(
        Severity.ERROR,
        "wrong-form",
        f"`{section}` must be an object of named {section} {example}, found a list",
        f"/{section}",
        remedies=[replace(f"/{section}", things, title=f"Give each {kind} a name")] if usable else [],
    )


def _accelerator(entry: Field, document: Document) -> Iterator[Problem]:
    severity = gravity(document.scope, "0.5.1")
    if severity is None or not isinstance(entry.value, str):
        return
    device = entry.value.lower()
    known = device in devices()
    alone = entry.pointer.endswith("/accelerators")
    value = [{"device": device}] if alone else {"device": device}
    yield told(
        severity,
        "wrong-form",
        f'an accelerator must be an object such as {{"device": "{device if known else "gpu"}"}}, found a string: '
        f"{olive(document.scope, '0.5.1')} takes no other",
        entry.pointer,
        remedies=[replace(entry.pointer, value, exact=True)] if known else [],
    )
