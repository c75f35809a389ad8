"""Findings for machines: json, and the workflow commands that GitHub turns into annotations. SARIF has its own module."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from .check_results import Finding, Result

_COMMAND: Final = {"error": "error", "warning": "warning", "information": "notice", "hint": "notice"}


def as_json(results: Sequence[Result]) -> str:
    """A list of findings, in the order of the files."""
    found = [_data(finding, result.speaks_of) for result in results for finding in result.findings]
    return json.dumps(found, indent=2, ensure_ascii=False).encode("utf-8", "replace").decode() + "\n"


def _data(finding: Finding, speaks_of: str) -> dict[str, Any]:
    return {
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.end_line,
        "end_column": finding.end_column,
        "pointer": finding.pointer,
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "speaks_of": speaks_of,
        "fixes": [
            {"title": fix.title, "edits": [edit._asdict() for edit in fix.edits], "exact": fix.exact}
            for fix in finding.fixes
        ],
    }


def as_github(results: Iterable[Result]) -> str:
    """`::error file=...,line=...::message` for each finding."""
    return "".join(_command(finding) + "\n" for result in results for finding in result.findings)


def _command(finding: Finding) -> str:
    place = {"file": finding.path, "line": finding.line or 1, "endLine": finding.end_line or 1}
    if finding.line == finding.end_line:  # of places over several lines GitHub takes no columns
        place |= {"col": finding.column, "endColumn": finding.end_column}
    place["title"] = f"olivepress {finding.code}"
    properties = ",".join(f"{name}={_property(str(value))}" for name, value in place.items())
    return f"::{_COMMAND[finding.severity]} {properties}::{_text(finding.message)}"


def _text(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _text(text).replace(":", "%3A").replace(",", "%2C")
