"""Systems named after a machine, such as AzureNDV2System: they stand for a system type with a device.

`alias-accelerators`: from 0.6.0 on Olive looks for that device in `accelerators`, and stops where an entry names none,
or, for machines of AzureML, where there is no entry.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from olive_schemas.problems import Problem
from olive_schemas.sections import systems

from ._accelerators import accelerators_of
from ._told import gravity, insert, olive, told

if TYPE_CHECKING:
    from ..document import Document

CODES = {"alias-accelerators": "a system named after a machine has no accelerator with a device"}
FIRST_TO_LOOK = "0.6.0"


def check(document: Document) -> Iterable[Problem]:
    for part in document.parts.systems.values():
        entry = systems().get(part.type, {})
        severity = gravity(document.scope, FIRST_TO_LOOK, entry.get("x-until", ""))
        if "x-alias-of" not in entry or severity is None:
            continue
        who, device = olive(document.scope), entry["x-device"]
        found = accelerators_of(part)
        if entry["x-alias-of"] == "AzureML" and not found:
            inner = part.pointer + "/config"
            place = inner if document.tree.find(inner) is not None else part.pointer
            yield told(
                severity,
                "alias-accelerators",
                f"{part.type} needs `accelerators` with a {device}: {who} refuses it",
                place,
                "key",
                remedies=[insert(place, "accelerators", [_accelerator(device)])],
            )
        for one in found:
            if one.device_field is None:
                yield told(
                    severity,
                    "alias-accelerators",
                    f"an accelerator of {part.type} needs its `device`: {who} stops there",
                    one.pointer,
                    "key",
                    remedies=[insert(one.pointer, "device", device)],
                )


def _accelerator(device: str) -> dict[str, Any]:
    return {"device": device}
