"""Where the documentation lies: the one place that knows its address."""

from __future__ import annotations

from urllib.parse import quote

DOCS = "https://olivepress.readthedocs.io/en/stable"


def of_code(code: str) -> str:
    """What a finding means and how to mend it."""
    return f"{DOCS}/checks.html#{quote(code)}"


def of_pass(type_name: str) -> str:
    return f"{DOCS}/passes.html#{quote(type_name.lower())}"


def of_place(place: str) -> str:
    """A place of the generated pages, as `olive_schemas.render.anchors` names it: `passes.md#lora-r`."""
    page, _, anchor = place.partition(".md#")
    return f"{DOCS}/{page}.html#{quote(anchor)}"
