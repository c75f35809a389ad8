"""One section on the page of the config: heading, what its releases do with unknown keys, and its table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .. import catalog
from ..releases import RELEASES
from .anchors import anchor
from .tables import heading, table
from .words import code, releases

_DOES = {
    "ignored": "ignored in silence",
    "warned": "ignored, with a line in the log",
    "error": "refused",
    "open": "handed on",
}


def part(title: str, owner: str, name: str, about: str = "", level: int = 2) -> str:
    """One section with its table."""
    content = catalog.section(name)
    return block(title, owner, content, about or content.get("description", ""), level)


def block(title: str, owner: str, content: Mapping[str, Any], about: str = "", level: int = 4) -> str:
    facts = [
        _life(content),
        _nesting(content),
        _unknown("Unknown keys", content.get("x-unknown", ())),
        _unknown(f"Beside {code(content.get('x-nested', ''))}", content.get("x-unknown-flat", ())),
        f"Now: {content['x-instead']}" if "x-instead" in content else "",
    ]
    lines = [heading(level, title, owner), "", about or content.get("description", "")]
    told = " ".join(fact for fact in facts if fact)
    if told:
        lines.extend(["", told])
    if content.get("properties"):
        lines.extend(["", table(owner, content["properties"], content.get("required", ()))])
    return "\n".join(lines) + "\n"


def _life(content: Mapping[str, Any]) -> str:
    known = releases(content)
    others = [
        f"{code(alias['name'])} {releases({f'x-{k}': alias[k] for k in ('since', 'until') if k in alias})}".strip()
        for alias in content.get("x-names", ())
    ]
    return " ".join(
        [f"Olive {known}." if known else "", f"Also written {', '.join(others)}." if others else ""]
    ).strip()


def _nesting(content: Mapping[str, Any]) -> str:
    nested, since = content.get("x-nested"), content.get("x-flat-since")
    if not nested:
        return ""
    if not since:
        return f"Settings stand in {code(nested)}."
    return f"Settings may stand in {code(nested)}, and since {since} beside it."


def _unknown(what: str, spans: Iterable[Mapping[str, str]]) -> str:
    told = []
    after = ""
    for span in spans:
        when = " in the run" if span.get("when") == "run" else ""
        until = f" up to {span['until']}" if "until" in span else f" from {after}" if after else ""
        told.append(f"{_DOES[span['does']]}{when}{until}")
        if "until" in span:
            after = RELEASES[RELEASES.index(span["until"]) + 1]
    return f"{what}: {', '.join(told)}." if told else ""


def settings(title: str, owner: str, about: str, types: Mapping[str, Any]) -> str:
    """Types that share their settings: one table, and which type has which."""
    every = {key: prop for entry in types.values() for key, prop in entry["properties"].items()}
    lines = [heading(3, title, owner), "", about, ""]
    for name, entry in types.items():
        known = releases(entry)
        keys = ", ".join(code(key) for key in entry["properties"]) or "nothing"
        lines.append(
            f'- <a id="{anchor(owner, name)}"></a>{code(name)}{f" ({known})" if known else ""}: '
            f"{entry['description']} Takes {keys}."
        )
    lines.extend(["", table(owner, every)])
    return "\n".join(lines) + "\n"
