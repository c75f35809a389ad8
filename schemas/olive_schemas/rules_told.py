"""What several releases do with one thing, as one problem: its severity, and the words that say which release does what.

Of one release its own doing decides. Of several: an error only where each refuses, a warning where the newest does not
take it as it is written; what the newest takes is no problem. What only Olive's main branch takes is worth knowing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from .problems import On, Problem, Related, Remedy, Severity, Tag
from .releases import RELEASES, Scope

Does = Literal["fine", "ignored", "warned", "odd", "risky", "late", "error"]
"""What a release does: takes it; leaves it out, in silence or with a log line; takes it for something else; takes it, and
code that it hands it to (a data component, an evaluator, a script) may fail on it; stops when it gets there, which may be
after earlier passes have run; stops before any work."""
STOPS = ("error", "late")


class Verb(NamedTuple):
    """What one release does, and what several do."""

    one: str
    several: str


Words = Mapping[Does, Verb]
OF_A_THING: Words = {
    "fine": Verb("takes it", "take it"),
    "ignored": Verb("ignores it", "ignore it"),
    "warned": Verb("ignores it", "ignore it"),
    "odd": Verb("takes it for something else", "take it for something else"),
    "risky": Verb(
        "takes it as it is, and what uses it may fail", "take it as it is, and what uses it may fail"
    ),
    "late": Verb("stops when it gets there", "stop when they get there"),
    "error": Verb("refuses it", "refuse it"),
}
OF_SEVERAL: Words = {
    **{doing: Verb(*(text.replace(" it", " them") for text in verb)) for doing, verb in OF_A_THING.items()},
    "risky": Verb(
        "takes them as they are, and what uses them may fail",
        "take them as they are, and what uses them may fail",
    ),
    "late": OF_A_THING["late"],
}
OF_A_LACK: Words = {
    **OF_A_THING,
    "risky": Verb(
        "goes on without it, and what needs it may fail", "go on without it, and what needs it may fail"
    ),
    "error": Verb("refuses the config", "refuse the config"),
}
"""Of what is not written."""


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


def consequence(scope: Scope, does: Mapping[str, Does], words: Words = OF_A_THING) -> str:
    """A sentence: what each of the releases does."""
    runs: list[tuple[str, list[str]]] = []
    for release in scope.releases:
        said = words[does.get(release, "fine")].several
        if runs and runs[-1][0] == said:
            runs[-1][1].append(release)
        else:
            runs.append((said, [release]))
    newest = words[does.get(scope.newest, "fine")]
    if len(runs) == 1:
        return f"{whole(scope)} {newest.one}."
    parts: dict[str, list[str]] = {}
    for place, (said, releases) in enumerate(runs):
        if said == words["fine"].several:
            continue
        first, last = releases[0], releases[-1]
        if place == 0:
            which = f"up to {last}"
        elif place == len(runs) - 1:
            which = _MAIN if first == "main" else f"from {first} on"
        else:
            which = first if first == last else f"{first} to {last}"
        parts.setdefault(said, []).append(which)
    if parts == {newest.several: [_MAIN]}:
        return f"{in_words('main')} {newest.one}."
    one = {verb.several: verb.one for verb in words.values()}
    text = "; ".join(
        f"release {which[0]} {one[said]}"
        if len(which) == 1 and which[0] in RELEASES
        else f"releases {' and '.join(which)} {said}"
        for said, which in parts.items()
    )
    return f"{text[:1].upper()}{text[1:]}."


_MAIN = "on the main branch"


def whole(scope: Scope) -> str:
    """All releases of a scope in words: "Olive" where it reaches up to the present."""
    if scope.single:
        return in_words(scope.newest)
    return "Olive" if scope.newest == RELEASES[-1] else f"Olive up to {scope.newest}"


def in_words(release: str) -> str:
    """Olive at one release."""
    return "Olive's main branch" if release == "main" else f"Olive {release}"


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
    words: Words | None = None,
) -> Problem | None:
    """message: what is wrong and what to write, without what the releases do. words: how that is said; by the code if
    unsaid."""
    grave = severity(scope, does)
    if grave is None:
        return None
    if words is None:
        words = OF_A_LACK if code == "missing" else OF_A_THING
    full = f"{message}{'' if message.endswith(('?', '.')) else '.'} {consequence(scope, does, words)}"
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
