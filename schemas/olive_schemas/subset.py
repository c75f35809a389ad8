"""Part of a workflow: from a pass on, or up to one.

"Up to" is a matter of the text: the passes behind it are taken out, so that what is kept of a run says what was run.
"From" is the engine's: it makes those passes anew whatever its cache holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .nearest import nearest
from .problems import Problem, Severity
from .reading import Reading
from .tree import Tree

UNKNOWN = "unknown-pass"
Spans = Sequence[tuple[int, int]]
Gone = Sequence[bool]


def problems(reading: Reading, from_pass: str | None, to_pass: str | None) -> list[Problem]:
    """What is wrong with the choice: names that no pass has, or an end before the beginning."""
    if reading.workflow is None:
        return []
    names = [step.name for step in reading.workflow.passes]
    found = [_unknown(name, names) for name in (from_pass, to_pass) if name is not None and name not in names]
    if not found and from_pass and to_pass and names.index(from_pass) > names.index(to_pass):
        message = f"`{to_pass}` comes before `{from_pass}`: there is nothing from the one up to the other."
        found.append(Problem(UNKNOWN, Severity.ERROR, message, "/passes"))
    return found


def up_to(reading: Reading, name: str) -> str:
    """The text without the passes that run after `name`; the same text where there are none, or no such pass."""
    steps = reading.workflow.passes if reading.workflow is not None else ()
    names = [step.name for step in steps]
    later = set(names[names.index(name) + 1 :]) if name in names else set()
    if not later:
        return reading.text
    text, tree = reading.text, reading.tree
    cuts = [cut for spans, gone in _places(tree, later) for cut in _cuts(spans, gone)]
    for start, end in sorted(cuts, reverse=True):
        text = text[:start] + text[end:]
    return text


def _unknown(name: str, names: list[str]) -> Problem:
    near = nearest(name, names)
    remedy = f"did you mean `{near}`?" if near else f"there are {', '.join(f'`{one}`' for one in names)}"
    return Problem(UNKNOWN, Severity.ERROR, f"No pass is named `{name}`; {remedy}", "/passes")


def _places(tree: Tree, later: set[str]) -> Iterator[tuple[Spans, Gone]]:
    """The object and the lists that name passes: where their entries stand, and which of them go."""
    passes, flows = tree.find("/passes"), tree.find("/pass_flows")
    if passes is not None:
        members = passes.members
        yield [(one.key.start, one.value.end) for one in members], [one.name in later for one in members]
    for flow in flows.items if flows is not None else ():
        yield [(one.start, one.end) for one in flow.items], [one.value in later for one in flow.items]


def _cuts(spans: Spans, gone: Gone) -> Iterator[tuple[int, int]]:
    """Each entry goes with the comma before it; the first ones with the comma behind."""
    kept = False
    for index, (start, end) in enumerate(spans):
        if not gone[index]:
            kept = True
        elif kept:
            yield spans[index - 1][1], end
        else:
            yield start, spans[index + 1][0] if index + 1 < len(spans) else end
