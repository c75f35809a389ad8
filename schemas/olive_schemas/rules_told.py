"""What several releases do with one thing, as one problem: its severity, and the words that say which release does what.

Of one release its own doing decides. Of several: an error only where each refuses, a warning where the newest does not
take it as it is written; what the newest takes is no problem. What only Olive's main branch takes is worth knowing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from .problems import On, Problem, Related, Remedy, Severity, Tag
from .releases import RELEASES, Scope

Does = Literal["fine", "ignored", "warned", "odd", "risky", "late", "error"]
"""What a release does: takes it; leaves it out, in silence or with a log line; takes it for something else; takes it, and
code that it hands it to (a data component, an evaluator, a script) may fail on it; stops when it gets there, which may be
after earlier passes have run; stops before any work."""
STOPS = ("error", "late")
_PLAIN: Mapping[Does, str] = {
    "fine": "takes it",
    "ignored": "ignores it",
    "warned": "ignores it",
    "odd": "takes it for something else",
    "risky": "takes it as it is, and what uses it may fail",
    "late": "stops when it gets there",
    "error": "refuses it",
}
_SEVERAL: Mapping[Does, str] = {
    "fine": "take it",
    "ignored": "ignore it",
    "warned": "ignore it",
    "odd": "take it for something else",
    "risky": "take it as it is, and what uses it may fail",
    "late": "stop when they get there",
    "error": "refuse it",
}


def severity(scope: Scope, does: Mapping[str, Does]) -> Severity | None:
    """None where it is no problem. does: for each release of the scope; one that is left out takes it."""
    doing = [does.get(release, "fine") for release in scope.releases]
    if all(entry == "fine" for entry in doing):
        return None
    if all(entry in STOPS for entry in doing):
        return Severity.ERROR
    if doing[-1] == "fine":
        published = [entry for release, entry in zip(scope.releases, doing, strict=True) if release != "main"]
        only_main = scope.newest == "main" and bool(published) and "fine" not in published
        return Severity.INFORMATION if only_main else None
    return Severity.WARNING


def consequence(scope: Scope, does: Mapping[str, Does]) -> str:
    """A sentence: what each of the releases does."""
    runs: list[tuple[str, list[str]]] = []
    for release in scope.releases:
        said = _SEVERAL[does.get(release, "fine")]
        if runs and runs[-1][0] == said:
            runs[-1][1].append(release)
        else:
            runs.append((said, [release]))
    if len(runs) == 1:
        name = f"Olive {_named(scope.newest)}" if scope.single else "Olive"
        return f"{name} {_PLAIN[does.get(scope.newest, 'fine')]}."
    parts = []
    for place, (said, releases) in enumerate(runs):
        if said == _SEVERAL["fine"]:
            continue
        first, last = releases[0], releases[-1]
        if place == 0:
            parts.append(f"releases up to {last} {said}")
        elif place == len(runs) - 1:
            parts.append(f"{'the main branch' if first == 'main' else f'releases from {first} on'} {said}")
        elif first == last:
            parts.append(f"{first} {_PLAIN[does.get(first, 'fine')]}")
        else:
            parts.append(f"{first} to {last} {said}")
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."


def _named(release: str) -> str:
    return "(main branch)" if release == "main" else release


def tell(
    scope: Scope,
    does: Mapping[str, Does],
    code: str,
    message: str,
    pointer: str,
    on: On = "value",
    *,
    remedies: Iterable[Remedy] = (),
    related: Iterable[Related] = (),
    tags: Iterable[Tag] = (),
) -> Problem | None:
    """message: what is wrong and what to write, without what the releases do."""
    grave = severity(scope, does)
    if grave is None:
        return None
    full = f"{message}{'' if message.endswith(('?', '.')) else '.'} {consequence(scope, does)}"
    return Problem(
        code,
        grave,
        full,
        pointer,
        on,
        remedies=tuple(remedies),
        related=tuple(related),
        tags=tuple(tags),
    )


def alike(releases: Iterable[str], doing: Does) -> dict[str, Does]:
    """Each of the releases does the same."""
    return dict.fromkeys(releases, doing)


def before(release: str) -> str:
    """The release that came before one."""
    return RELEASES[max(RELEASES.index(release) - 1, 0)]
