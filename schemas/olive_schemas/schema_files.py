"""The JSON files beside this module: each is read when first asked for, and kept.

Read-only: whoever gets a mapping from here must not change it. A missing file is an empty one.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.abc import Traversable


@cache
def folder() -> Traversable:
    return files("olive_schemas")


@cache
def read(name: str) -> dict[str, Any]:
    """A file by its name, with `/` between folders."""
    resource = folder()
    for part in name.split("/"):
        resource = resource.joinpath(part)
    if not resource.is_file():
        return {}
    content = json.loads(resource.read_text(encoding="utf-8"))
    return content if isinstance(content, dict) else {}
