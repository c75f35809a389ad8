"""Names of data configs: letters, digits and the underscore only, since 0.5.0.

`name-characters`: Olive refuses another name before any work. What refers to it has to be renamed as well (F2 does).

`missing`: a data config without a name, which nothing can refer to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from olive_schemas.nearest import nearest
from olive_schemas.problems import Problem, Related, Severity
from olive_schemas.tree import join

from ._told import dangling, gravity, insert, replace, told

if TYPE_CHECKING:
    from ..document import Document

CODES = {
    "missing": "something needed is not written",
    "name-characters": "a data config's name has characters that Olive refuses",
}
_ALLOWED = re.compile(r"[A-Za-z0-9_]+")
_OTHER = re.compile(r"[^A-Za-z0-9_]+")


def check(document: Document) -> Iterable[Problem]:
    yield from _nameless(document)
    severity = gravity(document.scope, "0.5.0", here=False)
    if severity is None:
        return
    for name, pointer in document.view.definitions.get("data_config", {}).items():
        if _ALLOWED.fullmatch(name) or not isinstance(name, str):
            continue
        usable = _OTHER.sub("_", name).strip("_") or "data"
        in_list = pointer.endswith("/name") and pointer.startswith("/data_configs/")
        uses = [use for use in document.view.uses if use.kind == "data_config" and use.name == name]
        yield told(
            severity,
            "name-characters",
            f"the name `{name}` may hold letters, digits and _ only: write `{usable}`"
            + (", and likewise what refers to it" if uses else ""),
            pointer,
            "value" if in_list else "key",
            remedies=[replace(pointer, usable)]
            if in_list and usable not in document.view.definitions["data_config"]
            else [],
            related=[Related(use.pointer, f"this refers to `{name}`") for use in uses[:8]],
        )


def _nameless(document: Document) -> Iterator[Problem]:
    """A data config without a name: it gets the one that is referred to and that none has, else a new one."""
    written = document.config.get("data_configs") if isinstance(document.config, dict) else None
    if not isinstance(written, list):
        return
    taken = document.view.definitions.get("data_config", {})
    wanted = [use.name for use in dangling(document.view) if use.kind == "data_config"]
    for number, entry in enumerate(written):
        if not isinstance(entry, dict) or "name" in entry or nearest("name", entry):
            continue
        free = (f"data_{count}" for count in range(number + 1, len(written) + len(taken) + 2))
        name = wanted[0] if wanted else next(name for name in free if name not in taken)
        place = join("/data_configs", number)
        yield told(
            Severity.WARNING,  # the rules know which releases refuse it
            "missing",
            "the data config needs a `name`, by which the rest refers to it",
            place,
            "key",
            remedies=[insert(place, "name", name, title=f"Name it `{name}`")],
        )
