"""What several releases do with one thing, in words."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from olive_schemas.releases import RELEASES, Scope, auto
from olive_schemas.rules_told import OF_SEVERAL, Does, consequence, tell

ALL = Scope(RELEASES)


def each(**spans: Does) -> Mapping[str, Does]:
    """each(v0_2_1__0_3_3="ignored"): from one release to another, both included."""
    does: dict[str, Does] = {}
    for span, doing in spans.items():
        first, last = (name.strip("v_").replace("_", ".") for name in span.split("__"))
        for release in RELEASES[RELEASES.index(first) : RELEASES.index(last) + 1]:
            does[release] = doing
    return does


@pytest.mark.parametrize(
    ("scope", "does", "said"),
    [
        (Scope(("0.13.0",)), {"0.13.0": "error"}, "Olive 0.13.0 refuses it."),
        (Scope(("main",)), {"main": "ignored"}, "Olive's main branch ignores it."),
        (auto("classic"), each(v0_2_1__0_6_2="error"), "Olive up to 0.6.2 refuses it."),
        (auto("current"), each(v0_7_0__main="error"), "Olive refuses it."),
        (ALL, each(v0_2_1__main="late"), "Olive stops when it gets there."),
        (ALL, each(v0_2_1__0_12_0="ignored"), "Releases up to 0.12.0 ignore it."),
        (ALL, each(v0_9_0__main="ignored"), "Releases from 0.9.0 on ignore it."),
        (ALL, {"main": "error"}, "Olive's main branch refuses it."),
        (
            ALL,
            each(v0_2_1__0_3_3="error", v0_5_0__main="error"),
            "Releases up to 0.3.3 and from 0.5.0 on refuse it.",
        ),
        (
            ALL,
            each(v0_3_1__0_5_0="ignored", v0_5_1__main="error"),
            "Releases 0.3.1 to 0.5.0 ignore it; releases from 0.5.1 on refuse it.",
        ),
    ],
)
def test_consequence(scope: Scope, does: Mapping[str, Does], said: str) -> None:
    assert consequence(scope, does) == said


def test_what_is_missing_is_not_what_is_refused() -> None:
    problem = tell(
        Scope(("0.13.0",)), {"0.13.0": "error"}, "missing", "the model needs `type`", "/input_model"
    )
    assert problem is not None
    assert problem.message == "the model needs `type`. Olive 0.13.0 refuses the config."


def test_of_several_things_they_are_spoken_of() -> None:
    assert consequence(Scope(("0.6.2",)), {"0.6.2": "ignored"}, OF_SEVERAL) == "Olive 0.6.2 ignores them."
