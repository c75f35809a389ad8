"""Links to the documentation lead to the line that explains."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from olive_server import links


def line_of(address: str) -> str:
    parts = urlsplit(address)
    lines = Path(unquote(parts.path)).read_text("utf-8").splitlines()
    return lines[int(parts.fragment.removeprefix("L")) - 1]


@pytest.mark.parametrize("code", ["unknown-name", "pass-order", "json-missing-comma", "wrong-value"])
def test_a_finding_is_explained_where_its_link_leads(code: str) -> None:
    assert f"`{code}`" in line_of(links.of_code(code))


def test_a_parameter_is_described_where_its_link_leads() -> None:
    assert "`r`" in line_of(links.of_place("passes.md#qlora-r"))


def test_a_page_that_was_left_out_has_no_address() -> None:
    assert links.of_place("nowhere.md#here") == ""
