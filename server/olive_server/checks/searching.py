"""Values that are searched, and the search itself.

`search-without-evaluator`: from 0.8.0 on Olive refuses a `search_strategy` without an `evaluator`: nothing tells which
result is the better one.

`search-values`: a parameter asks for a search ("SEARCHABLE_VALUES", or a list of candidates where one value belongs),
and the config has no `search_strategy`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from olive_schemas.catalog import Property, at
from olive_schemas.parameters import SEARCHABLE
from olive_schemas.problems import Problem, Severity
from olive_schemas.values import fit

from ._told import gravity, insert, olive, remove, replace, shown, told

if TYPE_CHECKING:
    from ..document import Document
    from ..parts import PassPart

CODES = {
    "search-without-evaluator": "a search needs an evaluator that tells which result is better",
    "search-values": "a parameter is to be searched, and there is no search",
}

LAST_WITH_DISABLE_SEARCH = "0.7.0"


def check(document: Document) -> Iterable[Problem]:
    parts = document.parts
    if parts.searching:
        yield from _evaluator(document)
        yield from _left_out(document)
        return
    for part in parts.every_pass():
        if part.value("disable_search") is not False:
            yield from _values(part, document)


def _evaluator(document: Document) -> Iterator[Problem]:
    engine = document.parts.engine
    if engine.value("evaluator"):
        return
    severity = gravity(document.scope, "0.8.0", here=False)
    written = engine.get("search_strategy")
    if severity is None or written is None:
        return
    evaluators = document.view.definitions.get("evaluator", {})
    place = written.pointer.rpartition("/")[0]
    remedies = [insert(place, "evaluator", name) for name in list(evaluators)[:3]]
    remedies.append(replace(written.pointer, False, title="Do not search"))
    hint = (
        f'write "evaluator": "{next(iter(evaluators))}"'
        if evaluators
        else "define one in `evaluators` and name it in `evaluator`"
    )
    yield told(
        severity,
        "search-without-evaluator",
        f"{olive(document.scope, '0.8.0')} does not search without an evaluator: {hint}, or set `search_strategy` to false",
        written.pointer,
        "key",
        remedies=remedies,
    )


def _left_out(document: Document) -> Iterator[Problem]:
    """A pass that keeps itself out of the search, as releases up to 0.7.0 allowed, and asks for one."""
    severity = gravity(document.scope, "0.5.0", LAST_WITH_DISABLE_SEARCH)
    if severity is None:
        return
    for part in document.parts.every_pass():
        if part.value("disable_search") is not True:
            continue
        for name, entry in part.fields.items():
            if entry.value == SEARCHABLE:
                tried = _tried(part.schema.properties.get(name, {})) if part.schema else []
                yield _told(
                    name, entry.pointer, "asks for a search", tried, severity, "the pass has `disable_search`"
                )


def _values(part: PassPart, document: Document) -> Iterator[Problem]:
    properties = part.schema.properties if part.schema else {}
    for name, entry in part.fields.items():
        value = entry.value
        if value == SEARCHABLE or (
            isinstance(value, dict) and value.get("olive_parameter_type") == "SearchParameter"
        ):
            severity = gravity(document.scope, "0.5.0")
            if severity is not None:
                yield _told(
                    name, entry.pointer, "asks for a search", _tried(properties.get(name, {})), severity
                )
        elif isinstance(value, list) and len(value) > 0:
            prop = _property(document, entry.pointer)
            if prop and _candidates(value, prop):
                yield _told(name, entry.pointer, f"lists {len(value)} candidates", value, Severity.ERROR)


def _property(document: Document, pointer: str) -> Property:
    return at(document.view.shape(pointer).prop, document.scope.newest)


def _tried(prop: Property) -> list[Any]:
    found = prop.get("x-search")
    return list(found) if isinstance(found, (list, tuple)) else []


def _candidates(value: list[Any], prop: Property) -> bool:
    """Whether the property takes each of the values and not the list of them."""
    if not ("type" in prop or "enum" in prop) or not fit(value, prop).wrong:
        return False
    plain = all(not isinstance(entry, (list, dict)) for entry in value)
    return plain and all(entry is None or not fit(entry, prop).wrong for entry in value)


def _told(
    name: str,
    pointer: str,
    what: str,
    values: list[Any],
    severity: Severity,
    why: str = "the config has no `search_strategy`",
) -> Problem:
    remedies = [replace(pointer, value, title=f"Use {shown(value)}") for value in values[:5]]
    remedies.append(remove(pointer, title=f"Leave `{name}` at its default"))
    return told(
        severity,
        "search-values",
        f"`{name}` {what}, and {why}: write one value",
        pointer,
        remedies=remedies,
    )
