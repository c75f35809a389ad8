"""Findings as SARIF 2.1.0, the format that code scanning services take."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from .check_results import Edit, Finding, Fix, Place, Result

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVEL: Final = {"error": "error", "warning": "warning", "information": "note", "hint": "note"}
_ROOT: Final = "%SRCROOT%"


def as_sarif(results: Sequence[Result], code: int) -> str:
    """One run with its rules, results, related places and fixes. `code`: the exit code of the call."""
    findings = [finding for result in results for finding in result.findings]
    rules = _rules(findings)
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "olivepress",
                "version": version("olivepress"),
                "rules": rules,
            }
        },
        "invocations": [_invocation(results, code)],
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"uri": Path.cwd().as_uri() + "/"}},
        "results": [_result(finding, numbers[finding.code]) for finding in findings],
    }
    text = json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode() + "\n"


def _invocation(results: Iterable[Result], code: int) -> dict[str, Any]:
    unreadable = [result for result in results if result.unreadable]
    notes = [
        {
            "level": "error",
            "message": {"text": result.unreadable},
            "locations": [{"physicalLocation": {"artifactLocation": _artifact(result.shown)}}],
        }
        for result in unreadable
    ]
    return {
        "executionSuccessful": not unreadable,
        "exitCode": code,
        **({"toolExecutionNotifications": notes} if notes else {}),
    }


def _rules(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    from olive_server.codes import all_codes

    rules = []
    for code in sorted({finding.code for finding in findings}):
        short, group = all_codes().get(code, (code.replace("-", " "), None))
        help_text = group.text if group else short
        rules.append(
            {
                "id": code,
                "shortDescription": {"text": short},
                "help": {"text": help_text, "markdown": help_text},
            }
        )
    return rules


def _result(finding: Finding, rule: int) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": _artifact(finding.path),
            "region": _region(finding),
        },
        "logicalLocations": [{"fullyQualifiedName": finding.pointer or "/", "kind": "member"}],
    }
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": _LEVEL[finding.severity],
        "message": {"text": finding.message},
        "locations": [location],
        "partialFingerprints": {"olivepress/v1": _fingerprint(finding)},
    }
    if finding.related:
        result["relatedLocations"] = [
            {
                "id": number,
                "message": {"text": place.message},
                "physicalLocation": {
                    "artifactLocation": _artifact(finding.path),
                    "region": _region(place),
                },
            }
            for number, place in enumerate(finding.related)
        ]
    if finding.fixes:
        result["fixes"] = [_fix(fix, finding.path) for fix in finding.fixes]
    return result


def _fix(fix: Fix, path: str) -> dict[str, Any]:
    replacements = [
        {"deletedRegion": _region(edit), "insertedContent": {"text": edit.new_text}} for edit in fix.edits
    ]
    return {
        "description": {"text": fix.title},
        "artifactChanges": [{"artifactLocation": _artifact(path), "replacements": replacements}],
    }


def _region(place: Finding | Place | Edit) -> dict[str, int]:
    return {
        "startLine": max(place.line, 1),
        "startColumn": max(place.column, 1),
        "endLine": max(place.end_line, 1),
        "endColumn": max(place.end_column, 1),
    }


def _artifact(shown: str) -> dict[str, str]:
    """Relative to the current folder where the file lies in it."""
    path = Path(shown).absolute()
    try:
        return {"uri": quote(path.relative_to(Path.cwd()).as_posix()), "uriBaseId": _ROOT}
    except ValueError:
        return {"uri": path.as_uri()}


def _fingerprint(finding: Finding) -> str:
    """The same for the same finding after lines were added above it."""
    parts = "\0".join((finding.path, finding.code, finding.pointer, finding.message))
    return hashlib.sha256(parts.encode("utf-8", "replace")).hexdigest()[:32]
