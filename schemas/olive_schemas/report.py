"""Where findings are gathered while a config is read, and the fields of an object with the place of each."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

from .nearest import did_you_mean
from .problems import Problem, Severity
from .tree import join

On = Literal["key", "value"]
_SECRET = re.compile(r"\b(hf_|sk-|ghp_|github_pat_)\w{8,}")
"""Tokens that people paste into configs; they are never repeated."""


class Field(NamedTuple):
    """A value as it was written and the pointer of its place."""

    value: Any
    pointer: str


Fields = dict[str, Field]


class Report:
    """Collects problems (not yet located). `refusals` are what Olive does and this engine does not."""

    def __init__(self, lenient: bool = False) -> None:
        self.lenient = lenient
        self.problems: list[Problem] = []
        self.refusals: list[Problem] = []
        self._told: set[tuple[Problem, bool]] = set()
        """What is in these lists already: (problem, whether it is a refusal)."""
        self._danglings = 0
        """References that were told of: looking for the nearest name of thousands, thousands of times, takes too long."""

    def add(self, severity: Severity, code: str, message: str, pointer: str, on: On = "value") -> None:
        self._once(Problem(code, severity, message, pointer, on), self.problems)

    def error(self, code: str, message: str, pointer: str, on: On = "value") -> None:
        self.add(Severity.ERROR, code, message, pointer, on)

    def warning(self, code: str, message: str, pointer: str, on: On = "value") -> None:
        self.add(Severity.WARNING, code, message, pointer, on)

    def information(self, code: str, message: str, pointer: str, on: On = "value") -> None:
        self.add(Severity.INFORMATION, code, message, pointer, on)

    def refuse(self, code: str, message: str, pointer: str, on: On = "value") -> None:
        """Legal for some release of Olive; this engine cannot do it."""
        self._once(Problem(code, Severity.ERROR, message, pointer, on), self.refusals)

    def _once(self, problem: Problem, into: list[Problem]) -> None:
        if (problem, into is self.refusals) not in self._told:
            self._told.add((problem, into is self.refusals))
            into.append(problem)

    def unknown(
        self, name: str, where: str, known: Iterable[str], pointer: str, meant: str | None = None
    ) -> None:
        """A name that no release and no part of this engine knows: an error, or a warning when lenient. meant: the
        known one that it stands for, where that is sure; else the nearest is."""
        after = (
            f"; did you mean `{meant}`?"
            if meant
            else did_you_mean(name, known, ": remove it, or check the spelling")
        )
        text = f"{where} has no `{name}`{after}"
        if self.lenient:
            self.warning("unknown-name", f"{text} It is ignored.", pointer, "key")
        else:
            self.error("unknown-name", text, pointer, "key")

    def dangling(self, name: str, what: str, known: Iterable[str], pointer: str) -> None:
        """A reference to something that is nowhere defined."""
        names = list(known)
        self._danglings += 1
        otherwise = (
            f"; there is {', '.join(f'`{n}`' for n in names)}" if names else f"; the config defines no {what}"
        )
        self.error(
            "unknown-reference",
            f"no {what} is named `{name}`"
            + (did_you_mean(name, names, otherwise) if self._danglings * len(names) < 5000 else otherwise),
            pointer,
        )


def fields_of(value: Any, pointer: str) -> Fields:
    """The fields of an object with their pointers; nothing for anything else."""
    if not isinstance(value, dict):
        return {}
    return {name: Field(entry, join(pointer, name)) for name, entry in value.items()}


def kind_of(value: Any) -> str:
    """What a value is, in JSON's words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        if _SECRET.search(value):
            return "a secret"
        return f'the string "{value}"' if len(value) <= 60 else "a long string"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    return "a list" if isinstance(value, list) else "an object"


def expect_object(field: Field, what: str, report: Report) -> Fields:
    """The fields of an object; a complaint and nothing where it is none (null counts as empty)."""
    if isinstance(field.value, dict):
        return fields_of(field.value, field.pointer)
    if field.value is not None and type(field.value).__name__ != "Missing":
        report.error(
            "wrong-type", f"{what} must be an object {{ ... }}, found {kind_of(field.value)}", field.pointer
        )
    return {}


def hoist(fields: Fields, nested: str, own: Iterable[str], report: Report) -> Fields:
    """The fields with those of `fields[nested]` beside them: classic files nest, current ones need not.

    On a clash the nested one wins, as in Olive (for names in `own` the other way round), and the other is told of.
    """
    inner = fields.get(nested)
    if inner is None or inner.value is None:
        return {name: field for name, field in fields.items() if name != nested}
    result = {name: field for name, field in fields.items() if name != nested}
    for name, field in expect_object(inner, f"`{nested}`", report).items():
        kept, lost = (result.get(name), field) if name in own else (field, result.get(name))
        if kept is not None and lost is not None:
            where = "beside" if name in own else "inside"
            report.warning(
                "written-twice",
                f"`{name}` is also written {where} `{nested}`, and that one counts: this one has no effect",
                lost.pointer,
                "key",
            )
        result[name] = kept or field
    return result
