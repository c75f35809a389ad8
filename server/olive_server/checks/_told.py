"""How checks put their findings: problems with their severity, releases in words, and the name that was surely meant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from olive_schemas.problems import On, Problem, Related, Remedy, Severity, Tag
from olive_schemas.releases import RELEASES, Scope, index
from olive_schemas.rules_told import whole

if TYPE_CHECKING:
    from olive_schemas.shapes import Use, View

    from ..document import Document


def told(
    severity: Severity,
    code: str,
    message: str,
    pointer: str,
    on: On = "value",
    *,
    remedies: Iterable[Remedy] = (),
    related: Iterable[Related] = (),
    tags: Iterable[Tag] = (),
) -> Problem:
    return Problem(
        code,
        severity,
        message,
        pointer,
        on,
        remedies=tuple(remedies),
        related=tuple(related),
        tags=tuple(tags),
    )


def replace(pointer: str, value: Any, *, exact: bool = False, title: str = "") -> Remedy:
    return Remedy("replace-value", pointer, value, title=title, exact=exact)


def remove(pointer: str, *, exact: bool = False, title: str = "") -> Remedy:
    return Remedy("remove", pointer, title=title, exact=exact)


def insert(pointer: str, key: str, value: Any, *, exact: bool = False, title: str = "") -> Remedy:
    return Remedy("insert", pointer, value, key, title=title, exact=exact)


def rename(pointer: str, name: str, *, exact: bool = False, title: str = "") -> Remedy:
    return Remedy("rename-key", pointer, name, title=title, exact=exact)


def within(scope: Scope, since: str = "", until: str = "") -> tuple[str, ...]:
    """The releases of the scope that lie between two releases, both included."""
    return tuple(
        release
        for release in scope.releases
        if (not since or index(release) >= index(since)) and (not until or index(release) <= index(until))
    )


def gravity(scope: Scope, since: str = "", until: str = "", *, here: bool = True) -> Severity | None:
    """ERROR where each release of the scope refuses, WARNING where the newest does and an older one does not, None
    where the newest takes it.

    since, until: the releases that refuse. here: whether the embedded engine takes it; where it does not either, what
    the newest release refuses is an error.
    """
    refusing = within(scope, since, until)
    if scope.newest not in refusing:
        return None
    if not here:
        return Severity.ERROR
    return Severity.ERROR if len(refusing) == len(scope.releases) else Severity.WARNING


def olive(scope: Scope, since: str = "", until: str = "") -> str:
    """The releases in words: "Olive 0.13.0", "Olive from 0.10.0 on", "Olive up to 0.9.3", "Olive"."""
    if scope.single:
        return whole(scope)
    if since and index(since) > index(scope.oldest):
        return f"Olive from {since} on"
    if until and index(until) < index(scope.newest):
        return f"Olive up to {until}"
    return whole(scope)


def before(release: str) -> str:
    """The release that came before one."""
    return RELEASES[max(RELEASES.index(release) - 1, 0)]


def suggested(names: int) -> int:
    """For how many unknown names the nearest of so many known ones is looked for: a whole second is too long."""
    return max(3, 5000 // max(names, 1))


def dangling(view: View) -> list[Use]:
    """References that find nothing, in the order of the text."""
    return [use for use in view.uses if use.name not in view.definitions.get(use.kind, {})]


def shown(value: Any) -> str:
    """A value as JSON shows it, short."""
    import json

    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."


def searching(document: Document) -> bool:
    return document.parts.searching
