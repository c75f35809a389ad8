"""Names of data configs: letters, digits and the underscore only, since 0.5.0.

`name-characters`: Olive refuses another name before any work. What refers to it has to be renamed as well (F2 does).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from olive_schemas.problems import Problem, Related

from ._told import gravity, replace, told

if TYPE_CHECKING:
    from ..document import Document

CODES = {"name-characters": "a data config's name has characters that Olive refuses"}
_ALLOWED = re.compile(r"[A-Za-z0-9_]+")
_OTHER = re.compile(r"[^A-Za-z0-9_]+")


def check(document: Document) -> Iterable[Problem]:
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
