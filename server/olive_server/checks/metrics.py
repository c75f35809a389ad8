"""Metrics, their sub types, priorities and goals, as every release of Olive checks them before it starts.

`metric-priority`: the priorities of all sub types of an evaluator must be 1, 2, 3, ... each once; sub types without
one are only measured. Several sub types of which none has a priority are refused.

`metric-direction`: a ranked sub type of a custom metric must say `higher_is_better`.

`no-metrics`: an evaluator without metrics, or a metric without sub types: Olive takes it, and measures nothing.

`metric-goal`: a goal's value that its type does not take: below zero, or beyond what a percentage can be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from olive_schemas.nearest import nearest
from olive_schemas.problems import Problem, Related, Severity
from olive_schemas.report import Field, fields_of
from olive_schemas.tree import join

from ._told import insert, remove, rename, replace, shown, told

if TYPE_CHECKING:
    from ..document import Document
    from ..parts import Metric, Part

CODES = {
    "metric-priority": "priorities of an evaluator's sub types must be 1, 2, 3, ... each once",
    "metric-direction": "a ranked custom sub type must say whether higher is better",
    "no-metrics": "nothing is measured",
    "metric-goal": "the goal's type does not take this value",
}
_NOT_NEGATIVE = ("min-improvement", "max-degradation", "percent-min-improvement", "percent-max-degradation")


def check(document: Document) -> Iterable[Problem]:
    by_evaluator: dict[str, list[Metric]] = {}
    for metric in document.parts.metrics:
        by_evaluator.setdefault(metric.evaluator, []).append(metric)
    yield from _nothing_measured(document, by_evaluator)
    for name, metrics in by_evaluator.items():
        if not all(map(_understood, metrics)):
            continue
        # A metric without sub types may have them under a misspelt key: nothing certain can be said then.
        if all("sub_types" in metric.fields for metric in metrics):
            yield from _priorities(name, metrics)
        else:
            yield from _misspelt(name, metrics)
        for metric in metrics:
            for part in metric.sub_types:
                yield from _direction(metric, part)
                yield from _goal(metric, part)


def _understood(metric: Metric) -> bool:
    """Whether each sub type is written as one: of others the priority is not known."""
    written = metric.value("sub_types")
    return written is None or (isinstance(written, list) and all(isinstance(one, dict) for one in written))


def _nothing_measured(document: Document, by_evaluator: dict[str, list[Metric]]) -> Iterator[Problem]:
    for name, evaluator in document.parts.evaluators.items():
        if evaluator.value("metrics") in (None, []) and not evaluator.type and len(evaluator.fields) < 2:
            yield _empty(evaluator, "metrics", f"the evaluator `{name}` has no metrics")
    for metric in (metric for metrics in by_evaluator.values() for metric in metrics):
        others = [key for key in metric.fields if key not in _KNOWN and key != "sub_types"]
        if metric.value("sub_types") in (None, []) and metric.type and not nearest("sub_types", others):
            yield _empty(metric, "sub_types", f"the metric `{metric.name}` has no sub types")


def _empty(part: Part, key: str, lacking: str) -> Problem:
    entry = part.get(key)
    pointer = entry.pointer if entry else part.pointer
    return told(Severity.WARNING, "no-metrics", f"{lacking}: nothing is measured", pointer, "key")


def _priority(part: Part) -> tuple[Field | None, int | None]:
    """(where it is written, the number), None where it is none; -1 is the same as nothing written."""
    entry = part.get("priority")
    if entry is None:
        return None, -1
    value = entry.value
    if isinstance(value, str) and value.strip().lstrip("+-").isdecimal():
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return entry, value if isinstance(value, int) and not isinstance(value, bool) else None


def _priorities(evaluator: str, metrics: list[Metric]) -> Iterator[Problem]:
    parts = [part for metric in metrics for part in metric.sub_types]
    ranked: list[tuple[Field, int]] = []
    for part in parts:
        entry, number = _priority(part)
        if number is None:
            return
        if entry is not None and number != -1:
            ranked.append((entry, number))
    if not ranked:
        if len(parts) > 1:
            yield told(
                Severity.ERROR,
                "metric-priority",
                f"none of the {len(parts)} sub types of the evaluator `{evaluator}` has a `priority`: give them 1, 2, ... "
                "(-1 measures only)",
                parts[0].pointer,
                "key",
                remedies=[insert(parts[0].pointer, "priority", 1)],
            )
        return
    expected = list(range(1, len(ranked) + 1))
    seen: dict[int, str] = {}
    free = [number for number in expected if number not in {number for _, number in ranked}]
    for entry, number in ranked:
        if number in seen:
            yield _told(
                entry,
                number,
                f"two sub types of the evaluator `{evaluator}` have the priority {number}",
                free,
                seen[number],
            )
            return
        seen[number] = entry.pointer
    for entry, number in ranked:
        if number not in expected:
            wanted = "1" if len(ranked) == 1 else f"1 to {len(ranked)}, each once"
            yield _told(
                entry,
                number,
                f"the priorities of the evaluator `{evaluator}` must be {wanted}, found {number}",
                free,
            )
            return


def _misspelt(evaluator: str, metrics: list[Metric]) -> Iterator[Problem]:
    """Sub types under a misspelt key are not seen, so that the priorities of the others have a gap: Olive stops."""
    present = [metric for metric in metrics if "sub_types" in metric.fields]
    if not any(problem for problem in _priorities(evaluator, present)):
        return
    for metric in metrics:
        key = (
            ""
            if metric in present
            else nearest("sub_types", [name for name in metric.fields if name not in _KNOWN])
        )
        if key:
            place = join(metric.pointer, key)
            yield told(
                Severity.ERROR,
                "unknown-name",
                f"the metric `{metric.name}` has no `{key}`; did you mean `sub_types`? As it is, the priorities have a gap",
                place,
                "key",
                remedies=[rename(place, "sub_types", exact=True)],
            )


_KNOWN = frozenset(("name", "type", "backend", "user_config", "data_config"))


def _told(entry: Field, number: int, text: str, free: list[int], other: str = "") -> Problem:
    hint = f": write {free[0]}" if free else ""
    return told(
        Severity.ERROR,
        "metric-priority",
        f"{text}{hint}",
        entry.pointer,
        remedies=[replace(entry.pointer, value, exact=len(free) == 1) for value in free[:1]],
        related=[Related(other, f"the other priority {number}")] if other else [],
    )


def _direction(metric: Metric, part: Part) -> Iterator[Problem]:
    if metric.type.lower() != "custom":
        return
    entry, number = _priority(part)
    if entry is not None and number not in (None, -1) and part.value("higher_is_better") is None:
        yield told(
            Severity.ERROR,
            "metric-direction",
            f"`{part.name}` is ranked and of your own making: write `higher_is_better`, true or false",
            entry.pointer,
            "key",
            remedies=[
                insert(part.pointer, "higher_is_better", value, title=f"Write that {text} is better")
                for value, text in ((True, "higher"), (False, "lower"))
            ],
        )


def _goal(metric: Metric, part: Part) -> Iterator[Problem]:
    goal = part.get("goal")
    if goal is None or not isinstance(goal.value, dict):
        return
    fields = fields_of(goal.value, goal.pointer)
    kind, entry = fields.get("type"), fields.get("value")
    value: Any = entry.value if entry else None
    if kind is None or entry is None or isinstance(value, bool) or not isinstance(value, (int, float)):
        return
    text = ""
    if kind.value in _NOT_NEGATIVE and value < 0:
        text = f"a goal of type `{kind.value}` must not be negative, found {shown(value)}: its type says the direction"
    elif kind.value in ("percent-min-improvement", "percent-max-degradation"):
        better = part.value("higher_is_better")
        higher = better if isinstance(better, bool) else _higher(metric, part)
        bounded = (kind.value == "percent-max-degradation") == higher
        if value <= 0 or (bounded and value >= 100):
            limit = "between 0 and 100" if bounded else "above 0"
            text = f"a goal of type `{kind.value}` is a percentage {limit}, found {shown(value)}"
    if text:
        remedies = [replace(entry.pointer, -value)] if value < 0 else [remove(join(part.pointer, "goal"))]
        yield told(Severity.ERROR, "metric-goal", text, entry.pointer, remedies=remedies)


def _higher(metric: Metric, part: Part) -> bool:
    kind = metric.type.lower()
    return kind in ("accuracy", "throughput") and part.name != "wer" if kind != "custom" else False
