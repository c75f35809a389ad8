"""What machines read: json, SARIF and GitHub's workflow commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from check_configs import COMMA, DANGLING

TWICE = """{
  "input_model": {"type": "HfModel", "model_path": "m"},
  "data_configs": [{"name": "däta", "type": "HuggingfaceContainer"}, {"name": "däta", "type": "HuggingfaceContainer"}],
  "passes": {"a": {"type": "OnnxConversion"}}
}
"""


def put(cli: Any, text: str, name: str = "mine.json") -> None:
    (cli.folder / name).write_text(text)


def test_json_has_every_field(cli: Any) -> None:
    put(cli, COMMA)
    done = cli("check", "mine.json", "--format", "json")
    (finding,) = json.loads(done.stdout)
    message, speaks = finding.pop("message"), finding.pop("speaks_of")
    assert "comma" in message
    assert speaks == "Olive 0.7.0 to main and the embedded engine"
    assert finding == {
        "path": "mine.json",
        "line": 6,
        "column": 22,
        "end_line": 6,
        "end_column": 23,
        "pointer": "/output_dir",
        "code": "json-trailing-comma",
        "severity": "error",
        "fixes": [
            {
                "title": "Remove the comma",
                "edits": [{"line": 6, "column": 22, "end_line": 6, "end_column": 23, "new_text": ""}],
                "exact": True,
            }
        ],
    }
    assert done.stderr == ""
    assert done.returncode == 1


def test_json_without_findings_is_an_empty_list(cli: Any) -> None:
    put(cli, "{}", "package.json")
    assert cli("check", "--format", "json").stdout == "[]\n"
    assert cli("check", "--json").stdout == "[]\n"


def applied(text: str, edits: list[dict[str, Any]]) -> str:
    lines = text.splitlines(keepends=True)

    def offset(line: int, column: int) -> int:
        return sum(len(each) for each in lines[: line - 1]) + column - 1

    for edit in sorted(edits, key=lambda each: (each["line"], each["column"]), reverse=True):
        start, end = offset(edit["line"], edit["column"]), offset(edit["end_line"], edit["end_column"])
        text = text[:start] + edit["new_text"] + text[end:]
    return text


def test_the_edits_of_a_fix_do_what_they_say(cli: Any) -> None:
    put(cli, '{"passes": {\n  "ü": {"type": "OnnxConversion"},},\n "evaluate_input_model": True}')
    text = (cli.folder / "mine.json").read_text()
    for finding in json.loads(cli("check", "--format", "json").stdout):
        for fix in finding["fixes"]:
            if finding["code"] == "json-trailing-comma":
                assert applied(text, fix["edits"]) == text.replace("},}", "}}")
            if finding["code"] == "json-word":
                assert applied(text, fix["edits"]) == text.replace("True", "true")


def test_github_commands_are_escaped(cli: Any) -> None:
    put(cli, DANGLING, "a,b: 100%.json")
    done = cli("check", "--format", "github")
    line = done.stdout.splitlines()[0]
    head, _, message = line.partition("::")[2].partition("::")
    assert head == (
        "error file=a%2Cb%3A 100%25.json,line=7,endLine=7,col=13,endColumn=22,"
        "title=olivepress unknown-reference"
    )
    assert "nowhere" in message
    assert "checked" in done.stderr


def sarif(cli: Any, *arguments: str) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(cli("check", "--format", "sarif", *arguments).stdout)
    jsonschema.Draft7Validator(SHAPE).validate(log)
    (run,) = log["runs"]
    return run  # type: ignore[no-any-return]


def test_sarif_has_rules_places_and_fixes(cli: Any) -> None:
    put(cli, COMMA, "with a blank.json")
    run = sarif(cli, "with a blank.json")
    (result,) = run["results"]
    assert (
        result["ruleId"] == run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "json-trailing-comma"
    )
    place = result["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "with%20a%20blank.json", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 6, "startColumn": 22, "endLine": 6, "endColumn": 23},
    }
    assert run["originalUriBaseIds"]["%SRCROOT%"]["uri"] == cli.folder.as_uri() + "/"
    (change,) = result["fixes"][0]["artifactChanges"]
    assert change["replacements"] == [{"deletedRegion": place["region"], "insertedContent": {"text": ""}}]
    assert run["invocations"] == [{"executionSuccessful": True, "exitCode": 1}]


def test_sarif_tells_the_other_place(cli: Any) -> None:
    put(cli, TWICE)
    run = sarif(cli)
    result = next(each for each in run["results"] if each["ruleId"] == "duplicate-name")
    region = result["relatedLocations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"]) == (3, 29)


def test_every_rule_of_a_finding_explains_itself(cli: Any) -> None:
    put(cli, TWICE.replace("OnnxConversion", "OnnxConversio"))
    for rule in sarif(cli)["tool"]["driver"]["rules"]:
        assert len(rule["shortDescription"]["text"]) > 10
        assert len(rule["help"]["text"]) > 60


def test_a_fingerprint_outlives_lines_that_are_added_above(cli: Any) -> None:
    def prints() -> list[str]:
        return [result["partialFingerprints"]["olivepress/v1"] for result in sarif(cli)["results"]]

    put(cli, DANGLING)
    before = prints()
    put(cli, "\n\n" + DANGLING)
    assert prints() == before


def test_sarif_says_what_could_not_be_read(cli: Any) -> None:
    (cli.folder / "mine.json").write_bytes(b'{"input_model": "\xff"}')
    (run,) = json.loads(cli("check", "--format", "sarif").stdout)["runs"]
    (invocation,) = run["invocations"]
    assert not invocation["executionSuccessful"]
    assert "is not UTF-8" in invocation["toolExecutionNotifications"][0]["message"]["text"]


@pytest.mark.parametrize("format_name", ["json", "sarif", "github", "text"])
def test_lone_surrogates_and_other_signs_do_no_harm(cli: Any, format_name: str) -> None:
    put(
        cli,
        '{"passes": {"a\\ud800": {"type": "x\\udfff"}}, "input_model": {"type": "HfModel"}, "target": "\\ud83d"}',
    )
    done = cli("check", "--format", format_name)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


_MESSAGE = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string", "minLength": 1}},
}
_REGION = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        name: {"type": "integer", "minimum": 1}
        for name in ("startLine", "startColumn", "endLine", "endColumn")
    },
    "required": ["startLine"],
}
_PHYSICAL = {
    "type": "object",
    "additionalProperties": False,
    "required": ["artifactLocation"],
    "properties": {
        "artifactLocation": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "uri": {"type": "string", "format": "uri-reference"},
                "uriBaseId": {"type": "string"},
            },
        },
        "region": _REGION,
    },
}
SHAPE = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "additionalProperties": False,
                "properties": {
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name"],
                                "properties": {
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "type": "object",
                                            "required": ["id"],
                                            "additionalProperties": False,
                                            "properties": {
                                                "id": {"type": "string"},
                                                "shortDescription": _MESSAGE,
                                                "help": _MESSAGE,
                                                "helpUri": {"type": "string", "format": "uri"},
                                            },
                                        },
                                    }
                                },
                            }
                        },
                    },
                    "invocations": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["executionSuccessful"],
                            "additionalProperties": False,
                            "properties": {
                                "executionSuccessful": {"type": "boolean"},
                                "exitCode": {"type": "integer"},
                                "toolExecutionNotifications": {"type": "array"},
                            },
                        },
                    },
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "originalUriBaseIds": {"type": "object"},
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["message"],
                            "additionalProperties": False,
                            "properties": {
                                "ruleId": {"type": "string"},
                                "ruleIndex": {"type": "integer", "minimum": 0},
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "message": _MESSAGE,
                                "locations": {
                                    "type": "array",
                                    "items": {
                                        "type": "object",
                                        "properties": {"physicalLocation": _PHYSICAL},
                                    },
                                },
                                "relatedLocations": {
                                    "type": "array",
                                    "items": {
                                        "type": "object",
                                        "properties": {
                                            "id": {"type": "integer"},
                                            "message": _MESSAGE,
                                            "physicalLocation": _PHYSICAL,
                                        },
                                    },
                                },
                                "partialFingerprints": {
                                    "type": "object",
                                    "additionalProperties": {"type": "string"},
                                },
                                "fixes": {
                                    "type": "array",
                                    "items": {
                                        "type": "object",
                                        "required": ["artifactChanges"],
                                        "additionalProperties": False,
                                        "properties": {
                                            "description": _MESSAGE,
                                            "artifactChanges": {"type": "array"},
                                        },
                                    },
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}
"""The part of the SARIF 2.1.0 schema that is used here: names, types and what is required."""


def test_paths_outside_the_folder_are_absolute(cli: Any, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "mine.json").write_text(DANGLING)
    run = sarif(cli, str(tmp_path / "elsewhere"))
    uri = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert uri == {"uri": (tmp_path / "elsewhere" / "mine.json").as_uri()}
