"""What can be done at a place: fixes of findings, and rewritings that keep what the config means.

An action has its edits, or a `key` by which `resolve` works them out when the action is chosen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from olive_schemas.problems import Problem
from olive_schemas.releases import RELEASES, index
from olive_schemas.tree import parse

from ..document import Document
from ..edits import Edit, apply
from ..fixes import Fix, fixed, fixes
from .default_values import DEFAULTS
from .extracting import extract_changes, extracts
from .refactors import changes, offers
from .rewriting import difference, rewritten
from .spans import Span

if TYPE_CHECKING:
    from ..migrate import Migration

QUICK_FIX = "quickfix"
FIX_ALL = "source.fixAll.olivepress"
REWRITE = "refactor.rewrite"
MOVE = "refactor.move"
EXTRACT = "refactor.extract"
KINDS = (QUICK_FIX, FIX_ALL, REWRITE, MOVE, EXTRACT)
"""What the server promises."""
NEWEST = RELEASES[-2]
"""The newest release proper: what a config is migrated to."""
_KIND_OF = {DEFAULTS: REWRITE}
_MOST = 200
"""Problems of one kind that are mended together."""


@dataclass(frozen=True)
class Action:
    title: str
    """As menus show it, which know no marks of code."""
    kind: str
    edits: tuple[Edit, ...] = ()
    key: str = ""
    """Not empty: the edits come from `resolve`."""
    preferred: bool = False
    problem: Problem | None = None
    """What it mends."""


def code_actions(
    document: Document, start: int, end: int, problems: Sequence[Problem], only: Sequence[str] = ()
) -> tuple[Action, ...]:
    """The actions for a range, the fixes first. `problems`: all of the document's; `only`: kinds that are asked for."""
    found = _actions(document, start, end, problems, only)
    return tuple(replace(action, title=action.title.replace("`", "")) for action in found)


def resolve(document: Document, key: str, problems: Sequence[Problem]) -> tuple[Edit, ...]:
    """The edits of an action with a key, for the same text."""
    what, _, rest = key.partition(":")
    if what == "fix-all":
        return difference(document.text, fixed(document, problems).text)
    if what == "migrate":
        return difference(document.text, _migration(document, rest).text)
    if what == "fix-kind":
        return difference(document.text, _fix_kind(document, [p for p in problems if p.code == rest]))
    steps = extract_changes(document, rest) if what == "extract" else changes(document, what, rest)
    return difference(document.text, rewritten(document.tree, steps))


def notes(document: Document, key: str) -> tuple[str, ...]:
    """What somebody has to know of an action: what a migration does, in all and one by one, losses first."""
    what, _, rest = key.partition(":")
    if what != "migrate":
        return ()
    from ..migrate import in_words

    return tuple(in_words(document, _migration(document, rest)))


def _migration(document: Document, release: str) -> Migration:
    """Worked out once for its edits and for its notes."""
    from ..migrate import migrate

    known: tuple[str, Migration] | None = document.__dict__.get("_migration")
    if known is None or known[0] != release:
        known = document.__dict__["_migration"] = (release, migrate(document, release))
    return known[1]


def _actions(
    document: Document, start: int, end: int, problems: Sequence[Problem], only: Sequence[str]
) -> Iterator[Action]:
    start, end = min(start, end), max(start, end)
    if _asked(QUICK_FIX, only):
        yield from _quick_fixes(document, start, end, problems)
    if _asked(FIX_ALL, only):
        yield from _fix_all(document, problems, explicitly=bool(only))
    if any(_asked(kind, only) for kind in (REWRITE, MOVE)):
        for offer in offers(document, start):
            kind = _KIND_OF.get(offer.what, MOVE)
            if _asked(kind, only):
                yield Action(offer.title, kind, key=f"{offer.what}:{offer.pointer}")
    if _asked(REWRITE, only) and _old(document, problems):
        yield Action(f"Migrate to Olive {NEWEST}", REWRITE, key=f"migrate:{NEWEST}")
    if _asked(EXTRACT, only):
        for extract in extracts(document, document.tree.at(start)[0]):
            yield Action(extract.title, EXTRACT, key=f"extract:{extract.pointer}")


def _old(document: Document, problems: Sequence[Problem]) -> bool:
    """Whether the config is one for earlier releases, or has something of theirs."""
    if document.tree.broken:
        return False
    if document.era == "classic" or index(document.scope.newest) < index(NEWEST):
        return True
    return any("deprecated" in problem.tags for problem in problems)


def _asked(kind: str, only: Sequence[str]) -> bool:
    return not only or any(kind == wanted or kind.startswith(f"{wanted}.") or not wanted for wanted in only)


def span_of(document: Document, problem: Problem) -> Span:
    """Where a problem stands in the text."""
    if not problem.line:
        return Span(*document.tree.span(problem.pointer, problem.on))
    lines = document.tree.lines
    start = lines.offset(problem.line - 1, problem.column - 1)
    return Span(start, max(start, lines.offset(problem.end_line - 1, problem.end_column - 1)))


def _quick_fixes(document: Document, start: int, end: int, problems: Sequence[Problem]) -> Iterator[Action]:
    kinds: list[str] = []
    for problem in problems:
        if not span_of(document, problem).meets(start, end):
            continue
        found = fixes(document, problem)
        for number, fix in enumerate(found):
            preferred = number == 0 and (fix.exact or len(found) == 1)
            yield Action(fix.title, QUICK_FIX, fix.edits, preferred=preferred, problem=problem)
        if found and problem.code not in kinds:
            kinds.append(problem.code)
    for code in kinds:
        alike = sum(problem.code == code and _fixable(problem) for problem in problems)
        if alike > 1:
            yield Action(f"Fix all {alike} of this kind ({code})", QUICK_FIX, key=f"fix-kind:{code}")


def _fixable(problem: Problem) -> bool:
    return bool(problem.remedies) or problem.code.startswith("json-")


def _fix_all(document: Document, problems: Sequence[Problem], *, explicitly: bool) -> Iterator[Action]:
    """What is certain; worked out at once for a client that asks for just that, as one does before saving."""
    if not any(fix.exact for problem in problems if _fixable(problem) for fix in fixes(document, problem)):
        return
    title = "Fix everything that is certain"
    if not explicitly:
        yield Action(title, FIX_ALL, key="fix-all")
        return
    edits = resolve(document, "fix-all", problems)
    if edits:
        yield Action(title, FIX_ALL, edits)


def _fix_kind(document: Document, problems: Sequence[Problem]) -> str:
    """The text after the first fix of each, from the end of the text on: what stands before stays where it is."""
    ordered = sorted(problems, key=lambda problem: span_of(document, problem), reverse=True)
    for problem in ordered[:_MOST]:
        fix: Fix | None = next(iter(fixes(document, problem)), None)
        if fix is None:
            continue
        text = apply(document.text, fix.edits)
        if parse(text).broken and not document.tree.broken:
            continue
        document = replace(document, text=text, version=None)
    return document.text
