"""The first rows of the data, as a template or columns make text of them: for hover. Cut to a few lines; no secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..checks.secrets import scrubbed
from ..local_data import Table

_LONGEST = 1200
_LONGEST_CELL = 400
_FIELD = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_NAME = re.compile(r"[^.\[!:]*")


def rendered(template: str, row: Mapping[str, Any]) -> str | None:
    """The template with the row's values; None where it names a column that the row lacks or cannot be read.

    Python's `str.format` would follow attributes of values: only names, `[0]` and `["key"]` are followed here.
    """
    missing = False

    def replaced(found: re.Match[str]) -> str:
        nonlocal missing
        if found.group(1) is None:
            return found.group()[0]
        name, _, rest = _parts(found.group(1))
        if name not in row:
            missing = True
            return ""
        return _cell(_followed(row[name], rest))

    text = _FIELD.sub(replaced, template)
    unpaired = re.sub(r"\{\{|\}\}|\{[^{}]*\}", "", template)
    return None if missing or "{" in unpaired or "}" in unpaired else text


def _parts(inside: str) -> tuple[str, str, str]:
    """(name, "", what follows it but for conversion and format)."""
    match = _NAME.match(inside)
    name = match.group() if match else inside
    rest = re.split(r"[!:]", inside[len(name) :], maxsplit=1)[0]
    return name, "", rest


def _followed(value: Any, rest: str) -> Any:
    for key in re.findall(r"\[([^\]]*)\]", rest):
        if isinstance(value, Mapping):
            value = value.get(key, "")
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return ""
    return value


def joined(columns: list[str], row: Mapping[str, Any]) -> str | None:
    """The values of some columns with blanks between them."""
    if any(name not in row for name in columns):
        return None
    return " ".join(_cell(row[name]) for name in columns)


def conversation(row: Mapping[str, Any], column: str) -> str | None:
    """The messages of a chat, one a line; how the model's template writes them only its tokenizer knows."""
    messages = row.get(column)
    if not isinstance(messages, list):
        return None
    lines = [
        f"{message.get('role', '?')}: {_cell(message.get('content', ''))}"
        for message in messages
        if isinstance(message, Mapping)
    ]
    return "\n".join(lines) if lines else None


def _cell(value: Any) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 1] + "…"


def block(text: str) -> str:
    """The text in a fence that nothing in it can close."""
    shown = scrubbed(text)
    shown = shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"
    longest = max((len(run) for run in re.findall(r"`{3,}", shown)), default=2)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{shown}\n{fence}"


def count_text(table: Table, others: int) -> str:
    """ "16 rows; columns phrase, tone"."""
    rows = f"{table.total} rows" if table.total is not None else ""
    columns = ", ".join(f"`{name}`" for name in table.columns[:20])
    more = f"{others} further file{'s' if others > 1 else ''}" if others else ""
    return "; ".join(part for part in (rows, f"columns {columns}" if columns else "", more) if part)
