"""What a finding's code means: one line, and the text that explains it. Read from where the findings are made."""

from __future__ import annotations

from .codes import ENGINE, SYNTAX, all_codes


def explain(code: str) -> tuple[str, str]:
    """(one line, some paragraphs)"""
    known = all_codes().get(code)
    if known is not None:
        return known[0], known[1].text
    group = SYNTAX if code.startswith("json-") else ENGINE
    return group.title.lower(), group.text
