"""Definitions that nothing uses: legal, and often what is left of an experiment, or a sign of a wrong reference.

`unused`: no pass, metric or engine key refers to the data config, system or evaluator.

`not-run`: a pass that `pass_flows` (0.3.1 to 0.7.1.1) leaves out: it does not run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from olive_schemas.nearest import nearest
from olive_schemas.problems import Problem, Related, Severity

from ._told import dangling, olive, remove, replace, suggested, told, within

if TYPE_CHECKING:
    from ..document import Document

CODES = {
    "unused": "a data config, system or evaluator that nothing refers to",
    "not-run": "a pass that `pass_flows` leaves out",
}
_WORDS = {"data_config": "data config", "system": "system", "evaluator": "evaluator"}


def check(document: Document) -> Iterable[Problem]:
    config = document.config
    if not isinstance(config, dict):
        return
    yield from _not_run(document)
    # The optimiser of 0.5.0 to 0.9.2 chooses passes, and takes data, by itself.
    by_itself = "auto_optimizer_config" in config or not document.parts.passes
    used: set[str] | None = None
    for kind, word in _WORDS.items():
        names = document.view.definitions.get(kind, {})
        if not names or (kind == "data_config" and by_itself):
            continue
        if kind == "evaluator" and document.parts.searching and not document.parts.engine.value("evaluator"):
            continue
        used = used if used is not None else _strings(document)
        for name, pointer in names.items():
            if name not in used:
                in_list = pointer.startswith("/data_configs/") and pointer.endswith("/name")
                whole = pointer.removesuffix("/name") if in_list else pointer
                yield told(
                    Severity.HINT,
                    "unused",
                    f"nothing refers to the {word} `{name}`",
                    pointer,
                    "value" if in_list else "key",
                    remedies=[remove(whole, title=f"Remove the {word} `{name}`")],
                    tags=["unnecessary"],
                )


def _strings(document: Document) -> set[str]:
    """Every string that could be a reference, also at places that are not known to hold one, and what a misspelt
    reference most likely means."""
    strings = {
        place.node.value
        for place in document.view.places
        if place.node.kind == "string"
        and not (place.pointer.startswith("/data_configs/") and place.pointer.endswith("/name"))
    }
    for number, use in enumerate(dangling(document.view)):
        names = document.view.definitions.get(use.kind, {})
        if number >= suggested(len(names)):
            # Too many to look for what each means: nothing is called unused then.
            strings.update(names)
        elif meant := nearest(use.name, names):
            strings.add(meant)
    return strings


def _not_run(document: Document) -> Iterator[Problem]:
    flows = document.config.get("pass_flows")
    releases = within(document.scope, "0.3.1", "0.7.1.1")
    if not isinstance(flows, list) or not flows or not releases:
        return
    named = {name for flow in flows if isinstance(flow, list) for name in flow if isinstance(name, str)}
    whole = len(flows) == 1 and isinstance(flows[0], list)
    passes = document.view.definitions.get("pass", {})
    left = [(name, pointer) for name, pointer in passes.items() if name not in named]
    if not left or not named <= passes.keys():
        # What a misspelt name leaves out is told of the name.
        return
    (name, pointer), *others = left
    names = [name for name, _ in left]
    which = f"the pass `{name}`"
    if others:
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        which = f"the passes {', '.join(f'`{each}`' for each in names[:3])}{more}"
    remedies = [] if others else [remove(pointer, title=f"Remove the pass `{name}`")]
    if whole:
        last = "Run them last" if others else f"Run `{name}` last"
        remedies.insert(0, replace("/pass_flows/0", [*flows[0], *names], title=last))
    yield told(
        Severity.WARNING,
        "not-run",
        f"no flow in `pass_flows` names {which}: {olive(document.scope, '0.3.1', '0.7.1.1')} does not run "
        f"{'them' if others else 'it'}",
        pointer,
        "key",
        remedies=remedies,
        related=[Related(place, f"`{each}` does not run either", "key") for each, place in others],
        tags=["unnecessary"],
    )
