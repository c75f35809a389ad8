"""What a finding's code means: one line, and the text that explains it. Read from where the findings are made."""

from __future__ import annotations

import inspect
from functools import cache

from . import checks

_SYNTAX = "the file is not JSON"
_SYNTAX_TEXT = """\
Olive reads its configs with Python's json: a comment, a trailing comma, single quotes or a word such as None stop it
before any work. The finding says at its place what JSON wants there. What was meant is taken as meant, so that the rest
of the file is checked all the same."""
_ENGINE = "the config does not fit what is known of it"
_ENGINE_TEXT = """\
The value, the name or the place is none that Olive, or the engine that comes with this tool, can work with. The message
names the key, what was found, and the remedy."""
_SHORT = {
    "json-comment": "JSON has no comments",
    "json-duplicate-key": "a key is written twice, and only the last one counts",
    "json-trailing-comma": "JSON allows no comma after the last entry",
    "json-missing-comma": "a comma is missing",
    "json-encoding": "the file is not UTF-8",
    "unknown-name": "a key that nothing knows",
    "wrong-type": "a value of the wrong type",
    "wrong-value": "a value that is not allowed",
    "missing": "a required key is missing",
    "no-effect": "a key that is written and has no effect",
    "written-twice": "a key is written at two places, and one of them counts",
}


@cache
def explain(code: str) -> tuple[str, str]:
    """(one line, some paragraphs)"""
    for module in checks.modules():
        short = getattr(module, "CODES", {}).get(code)
        if short is not None:
            return short, inspect.cleandoc(module.__doc__ or short)
    from olive_schemas import rules

    short = getattr(rules, "CODES", {}).get(code) or _SHORT.get(code)
    if code.startswith("json-"):
        return short or _SYNTAX, _SYNTAX_TEXT
    return short or _ENGINE, _ENGINE_TEXT
