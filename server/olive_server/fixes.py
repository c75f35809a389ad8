"""From a problem's remedies to edits of the text.

A remedy speaks of the config, a fix of its text. Exact ones leave the config's meaning, or give it the one that its
writer certainly meant; only those are applied without being asked, all together by `fix_all`.
"""

from __future__ import annotations

import bisect
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from olive_schemas.problems import Problem, Remedy, Severity
from olive_schemas.tree import Tree, unescape

from . import edits as text_edits
from .edits import Edit, apply, overlap
from .syntax_fixes import syntax_fix

if TYPE_CHECKING:
    from .document import Document

ROUNDS = 20
"""What one fix uncovers, the next round mends; no config needs more."""
_LONGEST = 40


@dataclass(frozen=True)
class Fix:
    title: str
    """A short imperative: "Rename to `target_modules`"."""
    edits: tuple[Edit, ...]
    exact: bool = False


@dataclass(frozen=True)
class Fixed:
    text: str
    done: tuple[tuple[Problem, Fix], ...] = ()
    """What was applied, in its order; places are those of the text that the problem was found in."""


def fixes(document: Document, problem: Problem) -> list[Fix]:
    """The alternatives, the best first; none where nothing can be done by a change of the text."""
    if problem.code.startswith("json-") and problem.line:
        found = syntax_fix(document.tree, problem)
        return [Fix(*found)] if found else []
    made = (_fix(document.tree, remedy) for remedy in problem.remedies)
    return [fix for fix in made if fix is not None]


def fix_all(document: Document, problems: Iterable[Problem]) -> str:
    """The text after every exact fix, and those of what came to light by them."""
    return fixed(document, problems).text


def fixed(
    document: Document,
    problems: Iterable[Problem],
    check: Check | None = None,
) -> Fixed:
    """As `fix_all`, with what was done. `check` finds the problems of later rounds; `checking.problems` if unsaid.

    A fix after which there are more errors than before is left out, exact though it may be; unless exact fixes of what it
    lays bare mend them: a key gets its right name, and then its value the right form.
    """
    if check is None:
        from .checking import problems as all_problems

        check = all_problems
    done: list[tuple[Problem, Fix]] = []
    seen, errors = {document.text}, -1
    for _ in range(ROUNDS):
        chosen = _together(document, problems)
        if not chosen:
            break
        if errors < 0:
            errors = _errors(check(document))
        step = _step(document, chosen, check, errors)
        if step.errors > errors:
            chosen = [each for each in chosen if _step(document, [each], check, errors).errors <= errors]
            step = _step(document, chosen, check, errors)
        worse = step.errors > errors or (step.document.tree.broken and not document.tree.broken)
        if not chosen or step.document.text in seen or worse:
            break
        seen.add(step.document.text)
        done += step.done
        document, problems, errors = step.document, step.problems, step.errors
    return Fixed(document.text, tuple(done))


Chosen = Sequence[tuple[Problem, Fix]]
Check = Callable[["Document"], Sequence[Problem]]


class _Step(NamedTuple):
    document: Document
    problems: Sequence[Problem]
    errors: int
    done: Chosen


def _step(document: Document, chosen: Chosen, check: Check, errors: int) -> _Step:
    """The document after some fixes, and what is wrong with it then. `errors`: as many as there may be; where there are
    more, what is certain about those is mended too."""
    step = _applied(document, chosen, check)
    if step.errors > errors and (more := _together(step.document, step.problems)):
        further = _applied(step.document, more, check)
        if further.errors <= errors:
            return further._replace(done=[*chosen, *more])
    return step


def _applied(document: Document, chosen: Chosen, check: Check) -> _Step:
    text = apply(document.text, [edit for _, fix in chosen for edit in fix.edits])
    after = replace(document, text=text, version=None)
    problems = check(after)
    return _Step(after, problems, _errors(problems), chosen)


def _errors(problems: Iterable[Problem]) -> int:
    return sum(problem.severity is Severity.ERROR for problem in problems)


def _together(document: Document, problems: Iterable[Problem]) -> list[tuple[Problem, Fix]]:
    """The exact fixes that do not touch one another; the others wait for the next round."""
    chosen: list[tuple[Problem, Fix]] = []
    taken: list[Edit] = []
    """In their order, none overlapping another."""
    for problem in problems:
        fix = next((fix for fix in fixes(document, problem) if fix.exact), None)
        if fix is not None and not overlap(fix.edits) and all(_fits(edit, taken) for edit in fix.edits):
            for edit in fix.edits:
                bisect.insort(taken, edit)
            chosen.append((problem, fix))
    return chosen


def _fits(edit: Edit, taken: list[Edit]) -> bool:
    """Whether an edit overlaps none of those that were taken."""
    at = bisect.bisect(taken, edit)
    return not overlap([*taken[max(at - 1, 0) : at + 1], edit])


def _fix(tree: Tree, remedy: Remedy) -> Fix | None:
    pointer, exact = remedy.pointer, remedy.exact and not tree.broken
    name = unescape(pointer.rpartition("/")[2])
    if remedy.kind == "rename-key":
        present = tree.member(f"{pointer.rpartition('/')[0]}/{_escaped(remedy.value)}")
        if present is not None:
            edits = text_edits.remove(tree, pointer)
            return _made(f"Remove `{name}`, since `{remedy.value}` is there already", edits, False)
        title = f"Rename to `{remedy.value}`"
        edits = text_edits.rename_key(tree, pointer, str(remedy.value))
    elif remedy.kind == "replace-value":
        title = f"Change to {_shown(remedy.value)}"
        edits = text_edits.replace_value(tree, pointer, remedy.value)
    elif remedy.kind == "remove":
        title = "Remove this entry" if name.isdecimal() else f"Remove `{name}`"
        edits = text_edits.remove(tree, pointer)
    elif remedy.kind == "insert":
        title = f"Add `{remedy.key}`"
        edits = text_edits.insert(tree, pointer, remedy.key, remedy.value)
    else:
        target = unescape(remedy.target.rpartition("/")[2])
        title = f"Move into `{target}`" if target else "Move to the top level"
        edits = text_edits.move(tree, pointer, remedy.target)
    return _made(remedy.title or title, edits, exact)


def _made(title: str, edits: list[Edit], exact: bool) -> Fix | None:
    return Fix(title, tuple(edits), exact) if edits else None


def _escaped(name: object) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")


def _shown(value: object) -> str:
    """A value as a title shows it."""
    written = json.dumps(value, ensure_ascii=False, default=str)
    return f"`{written}`" if len(written) <= _LONGEST else f"`{written[: _LONGEST - 1]}…`"
