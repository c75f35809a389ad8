"""Names that refer to something the config defines: data configs, systems, evaluators and passes.

`unknown-reference`: the name is nowhere defined; Olive stops before any work. The nearest name is offered, and applied
by itself where nothing else can be meant.

`duplicate-name`: two definitions have one name (from 0.5.0 on Olive refuses two data configs of one name; before, and
of metrics in one evaluator, the later one is not told apart).

Nothing is said while the place of the definitions is itself broken: a list where an object belongs, an entry without
a name, a misspelt section.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from olive_schemas.dialect_data import MODEL_DATA
from olive_schemas.nearest import nearest, unmistakable
from olive_schemas.problems import On, Problem, Related, Severity
from olive_schemas.releases import index
from olive_schemas.tree import join

from ._told import dangling, gravity, remove, replace, suggested, told

if TYPE_CHECKING:
    from olive_schemas.shapes import Use

    from ..document import Document

CODES = {
    "unknown-reference": "a name refers to nothing that the config defines",
    "duplicate-name": "two definitions have the same name",
}
_SECTIONS = {"data_config": "data_configs", "system": "systems", "evaluator": "evaluators", "pass": "passes"}
LAST_WITH_MODEL_DATA = "0.5.2"
"""The last release in which the input model's `hf_config` could define a data config."""
_WORDS = {"data_config": "data config", "system": "system", "evaluator": "evaluator", "pass": "pass"}


def check(document: Document) -> Iterable[Problem]:
    view = document.view
    uncertain = {
        kind: _uncertain(kind, document) for kind in {use.kind for use in view.uses} & _SECTIONS.keys()
    }
    for number, use in enumerate(dangling(view)):
        names = view.definitions.get(use.kind, {})
        old_data = use.kind == "data_config" and use.name == MODEL_DATA
        if old_data and index(document.scope.oldest) <= index(LAST_WITH_MODEL_DATA):
            continue
        if not uncertain.get(use.kind, True):
            yield _dangling(use, dict(names), suggest=number < suggested(len(names)))
    for kind, name, places in view.duplicates:
        if kind == "data_config":
            yield from _twice(name, places, document)
    yield from _metrics(document)


def _dangling(use: Use, names: dict[str, str], *, suggest: bool) -> Problem:
    word = _WORDS[use.kind]
    near = nearest(use.name, names) if suggest else None
    if near is not None:
        text = f"no {word} is named `{use.name}`; did you mean `{near}`?"
    elif names:
        text = (
            f"no {word} is named `{use.name}`; there is {', '.join(f'`{name}`' for name in list(names)[:12])}"
        )
    else:
        text = f"no {word} is named `{use.name}`: the config defines none in `{_SECTIONS[use.kind]}`"
    remedies = []
    if near is not None:
        remedies.append(replace(use.pointer, near, exact=unmistakable(use.name, names) is not None))
    elif len(names) <= 5:
        remedies += [replace(use.pointer, name) for name in names]
    if use.kind in ("system", "evaluator") or use.kind == "pass":
        remedies.append(remove(use.pointer))
    related = [Related(names[near], f"`{near}` is defined here", _on(use.kind))] if near else []
    return told(Severity.ERROR, "unknown-reference", text, use.pointer, remedies=remedies, related=related)


def _on(kind: str) -> On:
    return "value" if kind == "data_config" else "key"


def _uncertain(kind: str, document: Document) -> bool:
    """Whether definitions may be there, and only their place is not understood."""
    config = document.config if isinstance(document.config, dict) else {}
    section = _SECTIONS[kind]
    written = config.get(section)
    if not written:
        known = document.view.shape("").properties
        strange = [key for key in config if key not in known or not document.scope.knows(known[key])]
        return any(nearest(key, [section]) for key in strange)
    if kind == "data_config" and isinstance(written, list):
        return any(not isinstance(entry, dict) or not isinstance(entry.get("name"), str) for entry in written)
    return not isinstance(written, dict) or any(
        not isinstance(entry, (dict, list)) for entry in written.values()
    )


def _twice(name: str, places: tuple[str, ...], document: Document) -> Iterator[Problem]:
    severity = gravity(document.scope, "0.5.0")
    if severity is None or not name:
        return
    taken = document.view.definitions["data_config"]
    number = 2
    for place in places[1:]:
        while f"{name}_{number}" in taken:
            number += 1
        yield told(
            severity,
            "duplicate-name",
            f"two data configs are named `{name}`: rename one, and what refers to it",
            place,
            remedies=[replace(place, f"{name}_{number}")],
            related=[Related(places[0], f"the other `{name}` is here")],
        )
        number += 1


def _metrics(document: Document) -> Iterator[Problem]:
    """Metrics of one evaluator have names of their own, in every release."""
    seen: dict[tuple[str, str], str] = {}
    for metric in document.parts.metrics:
        key = (metric.evaluator, metric.name)
        place = join(metric.pointer, "name")
        if not metric.name:
            continue
        if key in seen:
            yield told(
                Severity.ERROR,
                "duplicate-name",
                f"two metrics of the evaluator `{metric.evaluator}` are named `{metric.name}`: rename one",
                place,
                remedies=[replace(place, f"{metric.name}_2")],
                related=[Related(seen[key], f"the other `{metric.name}` is here")],
            )
        else:
            seen[key] = place
