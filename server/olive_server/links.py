"""Where the documentation lies: the pages that come with the package, so that a link works without a network too.

A link names the line, which editors go to (`file:///.../checks.md#L42`); empty where the pages were left out.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_FOLDERS = (_HERE / "docs", _HERE.parents[1] / "docs")
"""Installed, and in a checkout."""
_ANCHOR = re.compile(r'<a id="([^"]+)"></a>')


def of_code(code: str) -> str:
    """What a finding means and how to mend it."""
    return of_place(f"checks.md#{code}")


def of_place(place: str) -> str:
    """A place of the generated pages, as `olive_schemas.render.anchors` names it: `passes.md#lora-r`."""
    name, _, anchor = place.partition("#")
    page = _page(name)
    if page is None:
        return ""
    address, lines = page
    return f"{address}#L{lines[anchor]}" if anchor in lines else address


@cache
def _page(name: str) -> tuple[str, dict[str, int]] | None:
    """The page's address, and the line of each of its anchors."""
    for folder in _FOLDERS:
        try:
            text = (folder / name).read_text("utf-8")
        except OSError:
            continue
        lines = {
            anchor: number
            for number, line in enumerate(text.splitlines(), 1)
            for anchor in _ANCHOR.findall(line)
        }
        return (folder / name).as_uri(), lines
    return None
