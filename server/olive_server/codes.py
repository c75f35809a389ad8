"""Every code that a finding can have: what it says in one line, and where it is explained.

Those of the checks stand in the checks themselves (`CODES`, and the docstring); those of the parser, of the schemas'
rules and of the embedded engine's reader stand here.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from . import checks


@dataclass(frozen=True)
class Group:
    """Codes that are explained together."""

    name: str
    title: str
    text: str
    codes: Mapping[str, str]


SYNTAX = Group(
    "json",
    "The file is not JSON",
    "Olive reads its configs with Python's json: a comment, a trailing comma, single quotes or a word such as None stop "
    "it before any work. The finding says at its place what JSON wants there. What was meant is taken as meant, so that "
    "the rest of the file is checked all the same; while braces or values are missing, nothing is told that may only come "
    "of that.",
    {
        "json-colon": "a name and its value need a colon between them",
        "json-comma": "a comma with nothing before it",
        "json-comment": "JSON has no comments",
        "json-control-character": "a line break or another control character stands in a string",
        "json-depth": "nested too deep to be meant",
        "json-duplicate-key": "a key is written twice in one object, and only the last one counts",
        "json-empty": "the file is empty",
        "json-encoding": "the file is not UTF-8",
        "json-escape": "a backslash that begins no escape of JSON",
        "json-extra": "more text after the end of the config",
        "json-missing-comma": "a comma is missing",
        "json-no-value": "a name without a value",
        "json-number": "a number that JSON does not write so",
        "json-prefix": "something before the quotes of a string, as Python has it",
        "json-quotes": "strings stand in double quotes",
        "json-space": "a space that JSON does not take for one",
        "json-trailing-comma": "JSON allows no comma after the last entry",
        "json-unclosed": "a bracket is never closed",
        "json-unclosed-string": "a string is never closed",
        "json-unexpected": "something that JSON does not expect here",
        "json-unquoted": "text without quotes",
        "json-unquoted-name": "a name without quotes",
        "json-word": "a word that is not JSON's: None, True, NaN and the like",
    },
)
RULES = Group(
    "rules",
    "Keys, types and values",
    "What Olive's releases know, from the schema files (`docs/passes.md`, `docs/config.md`). A key that a release "
    "ignores is a warning, one that it refuses an error: the same key may be either by release, and the message says "
    "which release does what. Where no release is asked for, the embedded engine has its say too: it refuses names that "
    "nothing knows.",
    {
        "unknown-name": "a key that nothing knows",
        "outdated-name": "a key under a name of other releases",
        "too-new": "a key, type or value that later releases brought",
        "removed": "a key, type or value that later releases dropped",
        "no-effect": "a key that is written and has no effect",
        "missing": "a required key is missing",
        "wrong-type": "a value of the wrong type",
        "wrong-value": "a value that is not allowed",
        "unknown-pass": "no release of Olive has such a pass",
        "unknown-type": "no release of Olive has such a type",
    },
)
ENGINE = Group(
    "engine",
    "What the embedded engine cannot do",
    "Olive Press runs fine-tuning and builds on this machine. What it leaves to Olive is information, never an error: "
    "the config may be meant for Olive.",
    {
        "pass-not-run-here": "a pass that only Olive runs",
        "pass-alternatives": "several passes under one name, which a search chooses from",
        "several-flows": "several orders of passes, and one run does one",
        "search": "a search over parameters",
        "precision-not-built": "a precision that is not built here",
        "model-type": "a kind of input model that is not run here",
        "model-code": "a model that needs code, or parts of it",
        "data-not-text": "data that is not prepared as text",
        "system-not-local": "a system that is not this machine",
        "device": "a device that is not used here",
        "azureml": "something that lies in Azure ML",
        "no-evaluation": "evaluators are not run here",
        "no-passes": "nothing to run",
        "no-default": "a parameter that has no default is left to it",
        "not-a-config": "the file is no config of Olive",
    },
)


@cache
def groups() -> tuple[Group, ...]:
    """The checks one by one, between what the parser and the schemas and what the embedded engine says."""
    own = tuple(
        Group(
            module.__name__.rpartition(".")[2],
            _title(module.__doc__ or ""),
            _text(module.__doc__ or ""),
            module.CODES,
        )
        for module in checks.modules()
    )
    return (SYNTAX, RULES, *own, ENGINE)


def _title(docstring: str) -> str:
    """The first sentence; the rest of the first paragraph belongs to the text."""
    first = " ".join(inspect.cleandoc(docstring).partition("\n\n")[0].split())
    for end in (": ", ". "):
        if end in first:
            return first.partition(end)[0].rstrip(".")
    return first.rstrip(".")


def _text(docstring: str) -> str:
    return inspect.cleandoc(docstring)


@cache
def all_codes() -> Mapping[str, tuple[str, Group]]:
    """Code -> (one line, the group that explains it). A code that several tell is explained where most is said."""
    found: dict[str, tuple[str, Group]] = {}
    for group in groups():
        for code, short in group.codes.items():
            found.setdefault(code, (short, group))
    return found
