"""What is written twice, of which one counts.

`written-twice`: a key of `engine` that stands at the top level too, or a parameter both in `config` (`params`,
`user_config`) and beside it: the nested one counts, and Olive logs a line. A key that stands twice in one object is
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

CODES = {"written-twice": "written in two places, of which one has no effect"}


def check(document: Document) -> Iterable[Problem]:
    # Up to 0.6.2 what stands outside is not read at all: the rules tell that by themselves.
    if not within(document.scope, FIRST_CURRENT) and not document.scope.embedded:
        return
    for clash in document.parts.clashes:
        inside = clash.kept.pointer.startswith(clash.lost.pointer.rpartition("/")[0] + f"/{clash.nested}/")
        where = f"inside `{clash.nested}`" if inside else f"beside `{clash.nested}`"
        same = clash.kept.value == clash.lost.value and type(clash.kept.value) is type(clash.lost.value)
        yield told(
            Severity.WARNING,
            "written-twice",
            f"`{clash.name}` is also written {where}, and that one counts: this one has no effect",
            clash.lost.pointer,
            "key",
            remedies=[remove(clash.lost.pointer, exact=same, title=f"Remove this `{clash.name}`")],
            related=[Related(clash.kept.pointer, "this one counts", "key")],
            tags=["unnecessary"],
        )
