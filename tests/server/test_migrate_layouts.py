"""Configs in other layouts than the usual one are migrated to the same config, in the layout they have."""

from __future__ import annotations

import json
import re

import pytest
from test_migrate import NAMES, before, migrated, releases

from olive_schemas.tree import parse, to_python

LAYOUTS = {
    "windows": lambda text: text.replace("\r\n", "\n").replace("\n", "\r\n"),
    "one line": lambda text: json.dumps(_value(text)),
    "compact": lambda text: json.dumps(_value(text), separators=(",", ":")),
    "tabs": lambda text: json.dumps(_value(text), indent="\t"),
    "wide": lambda text: json.dumps(_value(text), indent=8),
}
FOREIGN = {
    "windows": re.compile(r"(?<!\r)\n"),
    "one line": re.compile(r"\n"),
    "compact": re.compile(r'[\n]|": |, "'),
    "tabs": re.compile(r"^ +|\r", re.MULTILINE),
    "wide": re.compile(r"^(?:\t| {1,7}(?! ))\S|\r", re.MULTILINE),
}
"""What must not come into a text of that layout."""


def _value(text: str) -> object:
    return to_python(parse(text).root)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", NAMES)
def test_a_layout_stays_and_the_config_is_the_same(name: str, layout: str) -> None:
    source, target = releases(name)
    text = LAYOUTS[layout](before(name))
    found = migrated(text, target, source)
    assert _value(found.text) == _value(migrated(before(name), target, source).text)
    assert {each.code for each in parse(found.text).problems} <= {each.code for each in parse(text).problems}
    if not FOREIGN[layout].search(text):
        assert not FOREIGN[layout].search(found.text)
    assert migrated(found.text, target).text == found.text


def test_text_that_is_no_json_is_refused_with_its_place() -> None:
    text = '{\n  "passes": {\n    "a": {"type": "LoRA"\n}'
    found = migrated(text)
    assert not found.changed
    (note,) = found.notes
    assert note.kind == "person"
    assert note.message.startswith(
        "nothing is changed, since the file is not JSON: line 3: this { is not closed"
    )


def test_a_list_is_no_config() -> None:
    (note,) = migrated("[1]").notes
    assert note.message == "nothing is changed, since a config is an object { ... }"


COMMENTED = """{
  "input_model": {
    "type": "PyTorchModel",
    "config": { // one
      "hf_config": { // two
        "model_name": "m", // three
        /* four
           more */
        "task": "t", // five
        "components": [ // six
          "a"
        ]
      } // seven
    } // eight
  },
  "passes": {}
}
"""


def test_comments_of_what_is_unwrapped_stay_and_those_that_go_are_named() -> None:
    found = migrated(COMMENTED, source="0.6.2")
    for name in ("one", "two", "three", "/* four", "five", "seven", "eight"):
        assert found.text.count(name) == 1, name
    assert "six" not in found.text
    assert [note.message for note in found.notes if "comment" in note.message and note.kind == "lossy"] == [
        "the comment // six is gone with what it stood in"
    ]
    assert migrated(found.text, source="0.13.0").text == found.text
