"""Secrets written into a config, which no message repeats."""

from __future__ import annotations

from typing import Any

import pytest
from findings import findings, told
from mistake_kit import CURRENT, planted, put

KWARGS = "input_model/load_kwargs"
TOKEN = "hf_" + "aB3dE5gH7jK9mN1pQ3sT5vW7"


def test_a_token_anywhere_is_told_and_not_repeated() -> None:
    for path in (f"{KWARGS}/token", f"{KWARGS}/revision", "workflow_id", "systems/gpu/hf_token"):
        for release in ("auto", "0.13"):
            found = findings(planted(CURRENT, put(path, TOKEN)), release)
            assert [problem.pointer for problem in found if problem.code == "secret"] == [f"/{path}"]
            assert not [problem for problem in found if TOKEN in problem.message]


@pytest.mark.parametrize(
    ("value", "secret"),
    [
        ("sk-" + "a1B2" * 8, True),
        ("ghp_" + "a1B2" * 9, True),
        ("AKIA" + "A1B2" * 4, True),
        ("DefaultEndpointsProtocol=https;AccountKey=" + "a1B2" * 8, True),
        ("https://host/data.json?sv=1&sig=" + "a1B2" * 6, True),
        ("https://me:hunter22@host/data.json", True),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.abcDEF123", True),
        ("hf_internal_testing/tiny", False),
        ("acme/sk-model", False),
        ("https://host/data.json", False),
    ],
)
def test_shapes_of_tokens(value: str, secret: bool) -> None:
    found = told(
        planted(CURRENT, put("data_configs/0/load_dataset_config/data_files", value)), "0.13", only="secret"
    )
    assert bool(found) == secret


@pytest.mark.parametrize(
    ("key", "value", "secret"),
    [
        ("token", "my-own-server-token-9", True),
        ("password", "correct-horse", True),
        ("api_key", "0123456789abcdef", True),
        ("token", True, False),
        ("token", "<your token>", False),
        ("token", "${HF_TOKEN}", False),
        ("pad_token", "<|endoftext|>", False),
        ("eos_token", "[END-OF-TEXT]", False),
        ("tokenizer", "acme/tokenizer", False),
        ("secret_sauce", "ketchup-and-mayonnaise", False),
    ],
)
def test_plain_text_under_a_telling_key(key: str, value: Any, secret: bool) -> None:
    found = told(planted(CURRENT, put(f"{KWARGS}/{key}", value)), "0.13", only="secret")
    assert found == ([f"secret warning /{KWARGS}/{key}"] if secret else [])
