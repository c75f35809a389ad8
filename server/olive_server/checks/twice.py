"""What is written twice, of which one counts.

`written-twice`: a key of `engine` that stands at the top level too: the one in `engine` counts, and Olive logs a line
(parameters both in `config` and beside it are told by the same code). A key that stands twice in one object is
`json-duplicate-key`: the last one counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from olive_schemas.problems import Problem, Related, Severity
from olive_schemas.releases import FIRST_CURRENT

from ._told import remove, told, within

if TYPE_CHECKING:
    from ..document import Document

CODES = {"written-twice": "a key is written at two places, and one of them counts"}


def check(document: Document) -> Iterable[Problem]:
    # Up to 0.6.2 what stands at the top level is not read at all: the rules tell that.
    if not within(document.scope, FIRST_CURRENT) and not document.scope.embedded:
        return
    for kept, lost in document.parts.twice:
        name = lost.pointer.removeprefix("/")
        same = kept.value == lost.value and type(kept.value) is type(lost.value)
        yield told(
            Severity.WARNING,
            "written-twice",
            f"`{name}` is also written in `engine`, and that one counts: this one has no effect",
            lost.pointer,
            "key",
            remedies=[remove(lost.pointer, exact=same, title=f"Remove this `{name}`")],
            related=[Related(kept.pointer, "this one counts", "key")],
            tags=["unnecessary"],
        )
