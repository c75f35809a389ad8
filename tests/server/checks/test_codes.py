"""Every code is explained, and the generated page is that of the checks as they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from findings import findings
from mistake_kit import written
from mistakes import every_mistake

from olive_server import checks, checks_page
from olive_server.codes import all_codes, groups

ROOT = Path(__file__).parents[3]


def test_the_page_is_not_stale() -> None:
    page = (ROOT / checks_page.PAGE).read_text(encoding="utf-8")
    assert page == checks_page.render(), "run `make docs` and commit it"


def test_every_code_has_its_anchor_once() -> None:
    anchors = re.findall(r'<a id="([^"]+)"></a>', checks_page.render())
    assert sorted(anchors) == sorted(all_codes())


def test_every_check_explains_its_codes() -> None:
    for module in checks.modules():
        assert module.CODES, module.__name__
        for code in module.CODES:
            assert f"`{code}`" in (module.__doc__ or ""), (module.__name__, code)


def test_each_group_has_a_title_of_one_line() -> None:
    for group in groups():
        assert group.title and "\n" not in group.title and len(group.title) < 120, group.name


def test_a_check_is_found_by_its_file() -> None:
    names = {path.stem for path in (ROOT / "server/olive_server/checks").glob("[!_]*.py")}
    assert {module.__name__.rpartition(".")[2] for module in checks.modules()} == names


@pytest.mark.parametrize("release", ["0.13", "auto", "0.6.2"])
def test_no_finding_has_a_code_that_is_not_explained(release: str) -> None:
    told = {problem.code for config in every_mistake() for problem in findings(written(config), release)}
    assert told - set(all_codes()) == set()


def test_what_is_explained_is_not_empty() -> None:
    for code, (short, group) in all_codes().items():
        assert short and len(group.text) > 40, code
