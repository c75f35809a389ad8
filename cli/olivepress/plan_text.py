"""A plan for people: what each pass will do with which parameters, and what the whole will need."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .terminal import paint
from .words import amount, short_path, size

if TYPE_CHECKING:
    from olive_engine.planning import Plan, PlannedPass

_COUNTS = {
    "rows": "rows",
    "sequences": "sequences",
    "tokens": "tokens",
    "truncated": "cut",
    "cut_tokens": "tokens cut off",
    "dropped": "dropped",
    "padding": "tokens of padding",
    "evaluation_sequences": "sequences to evaluate",
    "steps": "steps",
}
_ALWAYS = ("sequences", "tokens", "truncated", "dropped", "steps")
"""Told even where they are 0."""
_PLAN_LINE = 15


def plan_text(plan: Plan, colour: bool) -> str:
    if not plan.passes:
        return paint("no plan: the config has errors", "error", colour)
    lines: list[str] = []
    for number, each in enumerate(plan.passes, 1):
        lines += [*_pass(number, each, colour), ""]
    lines += _needs(plan, colour)
    lines += [f"{name + ':':<{_PLAN_LINE}}{short_path(path)}" for name, path in plan.outputs.items()]
    lines.append(f"{'cache:':<{_PLAN_LINE}}{short_path(plan.cache_dir)}")
    cached = sum(each.cached for each in plan.passes)
    if cached == len(plan.passes):
        lines.append("everything is cached: a run only puts it in place")
    lines.append(
        f"parameters marked {paint('*', 'bold', colour)} are written in the config, the others are defaults"
    )
    return "\n".join(lines)


def _pass(number: int, each: PlannedPass, colour: bool) -> Iterator[str]:
    state = paint("cached", "good", colour) if each.cached else "fresh"
    yield f"{number}. {paint(each.name, 'bold', colour)} ({each.type}), {state}"
    yield from (f"     {line}" for line in _parameters(each, colour))
    estimate = each.estimate
    if estimate.trainable_parameters is not None:
        share = ""
        if estimate.total_parameters:
            share = f" of {amount(estimate.total_parameters)} ({estimate.trainable_parameters / estimate.total_parameters:.2%})"
        yield f"   trains {amount(estimate.trainable_parameters)} parameters{share}"
    if estimate.data:
        yield f"   data: {_data(estimate.data)}"
    if not each.cached and (estimate.peak_memory_bytes or estimate.disk_bytes):
        yield f"   about {size(estimate.peak_memory_bytes)} of memory, {size(estimate.disk_bytes)} of disk"
    yield from (f"   note: {note}" for note in estimate.notes)


def _parameters(each: PlannedPass, colour: bool) -> list[str]:
    """`*r 16`: those that the file writes are marked and come first; empty defaults are left out."""
    given = [name for name in each.parameters if name in each.given]
    others = [
        name for name in each.parameters if name not in each.given and not _empty(each.parameters[name])
    ]
    return [
        f"{paint('*', 'bold', colour) if name in given else ' '}{line}"
        for name in [*given, *others]
        for line in _assignments(name, each.parameters[name])
    ]


def _assignments(name: str, value: Any) -> list[str]:
    """`r = 4`; an object one line for each of its entries, `training_args.max_steps = 10`."""
    if isinstance(value, Mapping) and value:
        return [line for inner, entry in value.items() for line in _assignments(f"{name}.{inner}", entry)]
    return [f"{name} = {json.dumps(value, ensure_ascii=False, default=str)}"]


def _empty(value: Any) -> bool:
    return value is None or value in ({}, [], "")


def _data(data: Mapping[str, Any]) -> str:
    told = [name for name in _COUNTS if data.get(name) or (name in _ALWAYS and name in data)]
    known = [f"{amount(data[name])} {_COUNTS[name]}" for name in told]
    if data.get("epochs"):
        known.append(f"{data['epochs']:.3g} epochs")
    return ", ".join(known)


def _needs(plan: Plan, colour: bool) -> Iterator[str]:
    for what, needed, there in (
        ("memory:", plan.peak_memory_bytes, plan.memory_available_bytes),
        ("disk:", plan.disk_bytes, plan.disk_free_bytes),
    ):
        if needed is None:
            continue
        short = there is not None and needed > there
        text = f"{what:<{_PLAN_LINE}}about {size(needed)} at the most, {size(there)} free"
        yield paint(text + ": too little", "warning", colour) if short else text
