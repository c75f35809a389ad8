"""`target_modules` that name no module but mean all of them.

`wrong-value`: "all" and the like; what Olive and peft call so is "all-linear", every linear layer but the output head.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from olive_schemas.problems import Problem, Severity

from ._told import replace, told

if TYPE_CHECKING:
    from ..document import Document

CODES = {"wrong-value": "a value that is not taken here"}
_ALL = "all-linear"
_MEANT = frozenset(("all", "alllinear", "linear", "alllinearlayers", "alllayers", "allmodules", "*"))


def check(document: Document) -> Iterable[Problem]:
    for part in document.parts.every_pass():
        entry = part.get("target_modules")
        if entry is None or part.schema is None or "target_modules" not in part.schema.properties:
            continue
        value = entry.value[0] if isinstance(entry.value, list) and len(entry.value) == 1 else entry.value
        if not isinstance(value, str) or entry.value == _ALL:
            continue
        bare = value.lower().replace("_", "").replace("-", "").replace(" ", "")
        if bare in _MEANT:
            yield told(
                Severity.WARNING,  # the rules know which releases refuse it
                "wrong-value",
                f'`target_modules`: no module is called "{value}"; did you mean "{_ALL}", every linear layer but the output '
                "head? It stands there as it is, in no list",
                entry.pointer,
                remedies=[replace(entry.pointer, _ALL, exact=bare == "alllinear")],
            )
