"""What can be done from the text: run it, see its plan, see who uses a definition.

The commands are the client's own; their arguments are these.
`olivepress.run` (uri): run the config. `olivepress.plan` (uri) or (uri, pass name): show the plan, at that pass.
`olivepress.references` (uri, offset, spans): show these places; the handlers turn offsets into positions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from olive_schemas.tree import Node

from ..checks._kinds import SAYS
from ..document import Document
from .names import Occurrence, occurrences
from .plan import Step, gives, steps
from .spans import Span, whole

RUN = "olivepress.run"
PLAN = "olivepress.plan"
REFERENCES = "olivepress.references"


@dataclass(frozen=True)
class Lens:
    span: Span
    """What it stands above."""
    title: str
    command: str = ""
    """Empty: only the title is shown."""
    arguments: tuple[str, ...] = ()
    places: tuple[Span, ...] = ()
    """Of `olivepress.references`: where the name is used."""


def lenses(document: Document) -> tuple[Lens, ...]:
    """In the order of the text; those of one place in the order in which they are to be shown."""
    root = document.tree.root
    if root.kind != "object":
        return ()
    found = list(_of_the_whole(document, Span(root.start, root.start + 1)))
    passes = document.tree.member("/passes")
    if passes is not None:
        found += _of_the_whole(document, whole(passes.key))
        found += _of_passes(document, passes.value)
    found += _of_definitions(document)
    return tuple(sorted(found, key=lambda lens: lens.span.start))


def _of_the_whole(document: Document, span: Span) -> Iterator[Lens]:
    yield Lens(span, "▶ Run", RUN, (document.uri,))
    yield Lens(span, "Plan", PLAN, (document.uri,))


def _of_passes(document: Document, passes: Node) -> Iterator[Lens]:
    """Which step each is, and what it makes of what; where several flows order them differently, only the plan."""
    order = {step.part.name: step for step in steps(document)} if len(document.parts.flows) == 1 else {}
    for member in passes.members:
        if member.value.kind not in ("object", "array"):
            continue
        step = order.get(member.name)
        title = (
            f"Step {step.number} of {step.total}{_effect(step)}"
            if step
            else "Not in the flow"
            if order
            else "Plan"
        )
        yield Lens(whole(member.key), title, PLAN, (document.uri, member.name))


def _effect(step: Step) -> str:
    made = gives(step.part, step.gets)
    if not made:
        return ""
    return f": {_called(step.gets)} → {_called(made)}" if step.gets else f": → {_called(made)}"


def _called(kind: str) -> str:
    """`hf_model` is a transformers model."""
    words = SAYS.get(kind, "") if kind != "adapter" else ""
    return words.partition(" ")[2] or kind.replace("_", " ")


def _of_definitions(document: Document) -> Iterator[Lens]:
    """How often data configs, systems and evaluators are used. Passes are used by standing there."""
    found = occurrences(document)
    uses: dict[tuple[str, str], list[Occurrence]] = {}
    for entry in found:
        if not entry.defines:
            uses.setdefault((entry.kind, entry.name), []).append(entry)
    for entry in found:
        if not entry.defines or entry.kind == "pass":
            continue
        places = tuple(use.span for use in uses.get((entry.kind, entry.name), ()))
        if not places:
            yield Lens(entry.quoted, "not used")
            continue
        title = "1 reference" if len(places) == 1 else f"{len(places)} references"
        yield Lens(entry.quoted, title, REFERENCES, (document.uri,), places)
