"""`olivepress doctor`: what is here, what is missing, what to install."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import exits
from .calls import Parser
from .tables import table
from .terminal import coloured, paint

if TYPE_CHECKING:
    from olive_engine.doctor import Finding, Report

DESCRIPTION = """\
Looks at Python, the packages that runs need and whether their versions fit, GPU, execution providers, memory, disk
and the Hugging Face token (whether there is one; it is never shown), and says what to install for which hardware.
Changes nothing. Exit code 0 if runs can go, 1 if something that they need is missing."""

EXAMPLES = """\
  olivepress doctor
  olivepress doctor --quick      without importing torch and onnxruntime: an instant answer
  olivepress doctor -c my.json --json    what this config lacks, and the requirements that pip has to be told"""

_SIGNS = {"fine": ("✓", "good"), "note": ("!", "warning"), "missing": ("✗", "error")}


def main(arguments: Sequence[str]) -> int:
    parser = Parser("olivepress doctor", DESCRIPTION, EXAMPLES)
    parser.add_argument("--quick", action="store_true", help="import neither torch nor onnxruntime")
    parser.add_argument("--json", action="store_true", help="print everything as one JSON value")
    parser.add_argument(
        "-c", "--config", type=Path, metavar="FILE", help="say what this config needs of the environment"
    )
    parser.add_argument(
        "--hardware", choices=("cpu", "cuda", "directml"), help="what to install for; found out if unsaid"
    )
    call = parser.parse_args(arguments)
    from olive_engine.doctor import examine

    report = examine(quick=call.quick, config=call.config, hardware=call.hardware)
    if call.json:
        from .show_json import print_json

        print_json(report.to_json())
    else:
        print(_text(report, coloured(sys.stdout)))
    return exits.OK if report.fine else exits.FAILED


def _text(report: Report, colour: bool) -> str:
    lines = [_line(finding, colour) for finding in report.findings]
    rows = [
        [package.name, package.installed or "-", package.wanted or "any", package.group, package.state]
        for package in report.packages
    ]
    lines += ["", table(["package", "installed", "needed", "for", ""], rows, colour=colour), ""]
    lines.append(_needs(report.data["needs"]))
    lines.append(paint("to install", "bold", colour))
    lines += [f"  {hardware + ':':<10} {what}" for hardware, what in report.install]
    if not report.fine:
        missing = sum(finding.state == "missing" for finding in report.findings)
        lines += ["", paint(f"{missing} of these must be mended before runs can go", "error", colour)]
    return "\n".join(lines)


def _needs(needs: Mapping[str, Any]) -> str:
    what = " and ".join(f"olivepress[{extra}]" for extra in needs["extras"])
    lacking = f"; not here: {', '.join(needs['missing'])}" if needs["missing"] else ", all of it here"
    return f"needed here: {what} ({needs['because']}){lacking}"


def _line(finding: Finding, colour: bool) -> str:
    sign, style = _SIGNS[finding.state]
    remedy = f"\n              {finding.remedy}" if finding.remedy else ""
    return f"{paint(sign, style, colour)} {finding.section:<10}  {finding.text}{remedy}"
