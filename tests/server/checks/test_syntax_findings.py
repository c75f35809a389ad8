"""What is no JSON: each cause told once, where it begins, with one fix that mends all of it."""

from __future__ import annotations

import json

import pytest
from findings import document, findings, mended

from olive_server.checking import problems
from olive_server.fixes import fix_all

REST = '"input_model": {"type": "HfModel", "model_path": "a/b"}, "passes": {}'


def codes(text: str) -> list[tuple[str, int, int]]:
    return [(found.code, found.line, found.column) for found in findings(text) if found.code != "no-passes"]


def test_a_windows_path_is_one_finding_with_one_fix() -> None:
    text = r'{"output_dir": "C:\models\new\user\x", ' + REST + "}"
    assert codes(text) == [("json-escape", 1, 16)]
    (found, *_) = findings(text)
    assert found.message.startswith(r"JSON has no escapes \m, \u, \x: write \\ for each backslash")
    assert json.loads(mended(text, code="json-escape"))["output_dir"] == r"C:\models\new\user\x"


def test_two_paths_are_two_findings() -> None:
    text = r'{"output_dir": "C:\models", "cache_dir": "D:\cache", ' + REST + "}"
    assert [code for code, *_ in codes(text)] == ["json-escape", "json-escape"]


def test_a_last_backslash_takes_the_quote_away() -> None:
    text = '{\n"output_dir": "C:\\models\\",\n' + REST + "\n}"
    assert codes(text) == [("json-escape", 2, 15)]
    assert json.loads(mended(text, code="json-escape"))["output_dir"] == "C:\\models\\"


@pytest.mark.parametrize(
    "value", ["one\n### two {a}", "one\n// two", "{a}\n", "\n{a}\r\n\r\n/* b */ x", 'a\\nb\n\\"c']
)
def test_a_string_over_several_lines_is_one_finding(value: str) -> None:
    template = value
    text = '{\n"data_configs": [{"name": "d", "pre_process_data_config": {"text_template": "%s"}}],\n%s\n}'
    text = text % (template, REST)
    found = [each for each in findings(text) if each.code.startswith("json-")]
    assert [each.code for each in found] == ["json-control-character"]
    assert text.splitlines()[1][found[0].column - 1 :].startswith('"' + value.splitlines()[0])
    config = json.loads(mended(text, code="json-control-character"))
    written = config["data_configs"][0]["pre_process_data_config"]["text_template"]
    assert written == json.loads(json.dumps(value.replace("\r\n", "\n"))).replace("\\n", "\n").replace(
        '\\"', '"'
    )


def test_a_missing_quote_is_not_a_string_over_lines() -> None:
    text = '{\n"output_dir": "out,\n"cache_dir": "c",\n' + REST + "\n}"
    assert ("json-unclosed-string", 2, 15) in codes(text)


def test_a_file_of_python_is_told_once_and_mended_at_once() -> None:
    config = {"input_model": {"type": "HfModel", "model_path": "a/b"}, "passes": {}}
    here = document(repr(config))
    (found,) = [each for each in problems(here) if each.code.startswith("json-")]
    assert found.code == "json-quotes"
    assert "so are 5 more" in found.message
    assert json.loads(fix_all(here, [found])) == config


def test_what_is_no_json_at_all_is_not_said_to_be_of_a_wrong_type_too() -> None:
    assert [code for code, *_ in codes("input_model:\n  type: HfModel\n")] == ["json-unquoted"]
