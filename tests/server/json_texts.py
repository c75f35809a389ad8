"""Generated JSON in many layouts, for the tests of edits: hypothesis strategies."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

NAMES = st.text(st.characters(blacklist_categories=(), max_codepoint=0x2FFFF), max_size=6) | st.sampled_from(
    ["type", "config", "a/b", "m~n", "", "0", "ключ", 'quo"te']
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-999, 999)
    | st.floats(allow_nan=False, allow_infinity=False)
    | NAMES
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=16,
)
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=5)
_COMMENTS = ("", "", "", "", " // note, }", " /* a, b */", " # {", " /* two\n lines */")


@st.composite
def layouts(draw: st.DrawFn, value: Any) -> str:
    """A text of the value: one-line and spread containers mixed, trailing commas, comments, any line end."""
    newline = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    unit = draw(st.sampled_from(["  ", "    ", "\t", " "]))
    ascii_only = draw(st.booleans())
    commented = draw(st.booleans())
    trailing = draw(st.booleans())
    compact = draw(st.sampled_from([None, None, (",", ":"), (", ", ": ")]))
    if compact:
        return json.dumps(value, separators=compact)

    def comment(on_own_line: bool) -> str:
        found = draw(st.sampled_from(_COMMENTS)) if commented else ""
        return found.replace("\n", newline) if on_own_line or found.endswith("*/") else ""

    def plain(value: Any) -> str:
        return json.dumps(value, ensure_ascii=ascii_only)

    def container(opening: str, closing: str, entries: list[tuple[str, Any]], indent: str) -> str:
        if not entries:
            return opening + draw(st.sampled_from(["", " ", newline + indent])) + closing
        if draw(st.booleans()):
            texts = [head + written(entry, indent) for head, entry in entries]
            space = draw(st.sampled_from(["", " "]))
            return opening + space + f",{space}".join(texts) + space + closing
        inner = indent + unit
        lines = [opening + comment(True)]
        for number, (head, entry) in enumerate(entries):
            last = number + 1 == len(entries)
            comma = "," if not last or trailing else ""
            before = comment(False) if comma else ""
            lines.append(inner + head + written(entry, inner) + before + comma + comment(True))
        return newline.join([*lines, indent + closing])

    def written(value: Any, indent: str) -> str:
        if isinstance(value, dict):
            colon = draw(st.sampled_from([": ", ":", " : "]))
            return container("{", "}", [(plain(key) + colon, value[key]) for key in value], indent)
        if isinstance(value, list):
            return container("[", "]", [("", entry) for entry in value], indent)
        return plain(value)

    return written(value, "") + draw(st.sampled_from(["", newline]))
