"""What a single release of Olive stops at although nothing is wrong with the config.

`release-fault`: 0.7.1.1 fails on a pass without any parameter while it searches; any parameter, or another release,
helps.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from olive_schemas.problems import Problem
from olive_schemas.releases import known_in

from ._told import gravity, olive, told

if TYPE_CHECKING:
    from ..document import Document
    from ..parts import PassPart

CODES = {"release-fault": "a release stops here, and nothing is wrong with the config"}
EMPTY_PASS = "0.7.1.1"
_BESIDE = frozenset(("type", "host", "evaluator"))


def check(document: Document) -> Iterable[Problem]:
    severity = gravity(document.scope, EMPTY_PASS, EMPTY_PASS)
    if severity is None or not document.scope.single or not document.parts.searching:
        return
    for part in document.parts.every_pass():
        if part.fields.keys() <= _BESIDE and _is_searched(part):
            yield told(
                severity,
                "release-fault",
                f"{olive(document.scope)} fails on a pass without parameters while it searches: write one of them",
                part.pointer,
                "key",
            )


def _is_searched(part: PassPart) -> bool:
    """Whether the release has values of its own to search for the pass."""
    properties = part.schema.properties if part.schema else {}
    return any("x-search" in prop and known_in(prop, EMPTY_PASS) for prop in properties.values())
