"""Findings for people: a compiler's lines, the source beneath them on a terminal, and what it comes to."""

from __future__ import annotations

import difflib
import sys
from collections import Counter
from collections.abc import Sequence
from typing import TextIO

from .check_results import Result
from .problem_text import render, render_all, tally
from .terminal import coloured, interactive, paint, width
from .words import several


def show(results: Sequence[Result], stream: TextIO) -> None:
    """Each finding at its place; with its line of the file where `stream` is a terminal."""
    colour, room = coloured(stream), width()
    for result in results:
        if not result.findings:
            continue
        if interactive(stream):
            text = render_all(
                result.findings, _in_one_line(result.shown), result.text, colour=colour, width=room
            )
        else:
            text = "\n".join(
                render(each, _in_one_line(result.shown), (), colour=colour) for each in result.findings
            )
        print(text, file=stream)


def _in_one_line(name: str) -> str:
    """A file's name may hold line breaks; a line that begins with it must not."""
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in name)


def show_done(results: Sequence[Result], stream: TextIO) -> None:
    """What was mended, by its place in the file as it was."""
    for result in results:
        for line in result.done:
            print(f"{_in_one_line(result.shown)}:{line}", file=stream)


def summary(results: Sequence[Result], *, fixed: bool) -> str:
    """How many files, what was found, for which releases that holds, and what can still be done."""
    checked = [result for result in results if result.workflow and not result.unreadable]
    findings = [finding for result in checked for finding in result.findings]
    text = f"{several(len(checked), 'config')} checked: {tally(findings) or 'nothing is wrong'}"
    others = sum(finding.severity in ("information", "hint") for finding in findings)
    if others:
        text += f", {several(others, 'remark')}"
    done = sum(len(result.done) for result in checked)
    if fixed:
        text += f"; {several(done, 'fix', 'fixes')} applied"
    releases = Counter(result.speaks_of for result in checked)
    if len(releases) == 1:
        text += f". Checked for {next(iter(releases))}"
    elif releases:
        text += ". Checked for " + ", ".join(f"{name} ({count})" for name, count in sorted(releases.items()))
    fixable = sum(finding.fixable for finding in findings)
    if fixable and not fixed:
        text += f". --fix mends {fixable} of them" if fixable > 1 or len(findings) > 1 else ". --fix mends it"
    return text


def diff(result: Result, stream: TextIO) -> str:
    """The exact fixes as a unified diff."""
    return "" if result.mended is None else diff_of(result.text, result.mended, result.shown, stream)


def diff_of(before: str, after: str, name: str, stream: TextIO) -> str:
    """A unified diff of two texts of one file."""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), name, name
    )
    colour = coloured(stream)
    return "".join(_diff_line(line, colour) for line in lines)


def _diff_line(line: str, colour: bool) -> str:
    ending = "" if line.endswith(("\n", "\r")) else "\n\\ No newline at end of file\n"
    body = line.rstrip("\r\n")
    style = {"+": "good", "-": "error", "@": "information"}.get(line[:1], "")
    return (paint(body, style, colour) if style else body) + (line[len(body) :] or ending)


def complain(prog: str, message: str) -> None:
    print(f"{prog}: {message}", file=sys.stderr)
