"""`olivepress check`: what is wrong with configs, in any format that someone reads; starts nothing."""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Sequence
from pathlib import Path

from . import exits
from .calls import Parser, wrong_call
from .check_files import Content, Source, Unreadable, decode, sources
from .check_results import Result
from .check_text import complain, diff, show, show_done, summary
from .check_work import Wanted, check_content, work

DESCRIPTION = """\
Says everything that is wrong with workflow configs at once, each at its line and column: spelling, types, references,
order of passes, what a release of Olive refuses or ignores. Folders are searched for configs, whatever their names;
JSON of another kind is passed over. Starts nothing, imports nothing of the workspace, asks no network.

Without --olive-version the file itself says which releases it is written for; the release of an installed olive-ai
narrows that. Exit code 0 without errors, 1 with, 2 for a wrong call or a file that cannot be read."""

EXAMPLES = """\
  olivepress check                                   the configs of this folder and those below
  olivepress check my.json --olive-version 0.13      what that release of Olive would say
  olivepress check . --fix                           mend what can be mended without doubt
  olivepress check . --format sarif > olive.sarif    for a code scanning service
  olivepress check - --stdin-filename my.json        a text from standard input"""


def main(arguments: Sequence[str]) -> int:
    parser = _parser()
    call = parser.parse_args(arguments)
    # A text becomes thousands of small tuples without cycles: looking for garbage after every 700 is time lost.
    gc.set_threshold(50_000, 20, 20)
    if call.explain:
        return _explain(call.explain, parser.prog)
    wanted = _wanted(call, parser.prog)
    paths = _paths(call, parser.prog)
    if paths == ["-"]:
        results = [_from_stdin(call, wanted, parser.prog)]
    else:
        found = list(sources(Path(name) for name in paths))
        results = list(work(found, wanted))
    code = _code(results, strict=call.strict)
    _put(results, call, code)
    _tell(results, call, parser.prog)
    return code


def _parser() -> Parser:
    parser = Parser("olivepress check", DESCRIPTION, EXAMPLES)
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders; this folder if unsaid")
    parser.add_argument("-c", "--config", action="append", metavar="FILE", help="one more file")
    parser.add_argument(
        "--olive-version",
        default="auto",
        metavar="RELEASE",
        help="auto (the default), a release from 0.2 to 0.13, or main",
    )
    parser.add_argument(
        "--format", choices=("text", "json", "sarif", "github"), default="text", help="text if unsaid"
    )
    parser.add_argument("--json", action="store_true", help="the same as --format json")
    mending = parser.add_mutually_exclusive_group()
    mending.add_argument("--fix", action="store_true", help="apply the exact fixes; what is left is reported")
    mending.add_argument("--diff", action="store_true", help="show the exact fixes, write nothing")
    parser.add_argument(
        "--ignore", action="append", default=[], metavar="CODE", help="leave out findings (a,b or repeated)"
    )
    parser.add_argument("--strict", action="store_true", help="warnings count as errors for the exit code")
    parser.add_argument("--lenient", action="store_true", help="names that nothing knows are only warnings")
    parser.add_argument("-q", "--quiet", action="store_true", help="only errors and warnings, no summary")
    parser.add_argument(
        "--here",
        action="store_true",
        help="ask the embedded engine, too, whether it can run it on this machine",
    )
    parser.add_argument("--explain", metavar="CODE", help="what a finding's code means, and nothing else")
    parser.add_argument(
        "--stdin-filename", metavar="FILE", help="what the text from standard input is called"
    )
    return parser


def _explain(code: str, prog: str) -> int:
    from olive_server.codes import all_codes

    known = all_codes()
    if code not in known:
        from olive_schemas.nearest import did_you_mean

        wrong_call(f"no finding has the code {code!r}{did_you_mean(code, known)}", prog)
    short, group = known[code]
    print(f"{code}: {short}\n\n{group.text}")
    return exits.OK


def _wanted(call: argparse.Namespace, prog: str) -> Wanted:
    if call.json:
        if call.format not in ("text", "json"):
            wrong_call(f"--json and --format {call.format} are two formats", prog)
        call.format = "json"
    ignored = frozenset(code for each in call.ignore for code in each.replace(" ", "").split(",") if code)
    release, installed = call.olive_version, None
    if release != "auto":
        release = _release(release, prog)
    else:
        installed = _installed()
    return Wanted(
        olive_version=release,
        installed=installed,
        ignored=ignored,
        lenient=call.lenient,
        quiet=call.quiet,
        with_fixes=call.format in ("json", "sarif"),
        mend=call.fix or call.diff,
        write=call.fix,
        here=call.here,
    )


def _installed() -> str | None:
    """The release of olive-ai beside this tool, else in the environment that is active; from metadata alone."""
    import os

    from olive_server.installed import installed_olive

    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        active = os.environ.get(name)
        if active:
            folders = (
                Path(active, "bin", "python"),
                Path(active, "Scripts", "python.exe"),
                Path(active, "python.exe"),
            )
            python = next((path for path in folders if path.exists()), None)
            return installed_olive(None) or (installed_olive(str(python)) if python else None)
    return installed_olive(None)


def _release(written: str, prog: str) -> str:
    from olive_schemas.releases import RELEASES, resolve

    found = resolve(written.strip().removeprefix("v"))
    if found is None:
        wrong_call(
            f'Olive has no release "{written}" that is known here; there are auto, {", ".join(RELEASES)}',
            prog,
        )
    return found


def _paths(call: argparse.Namespace, prog: str) -> list[str]:
    """What is to be checked; ends the call where something of it does not exist."""
    names = [*call.paths, *(call.config or [])]
    if "-" in names:
        if len(names) > 1:
            wrong_call("- (standard input) stands alone", prog)
        return names
    if call.stdin_filename:
        wrong_call("--stdin-filename goes with - (standard input)", prog)
    missing = [name for name in names if not Path(name).exists()]
    if missing:
        wrong_call("; ".join(_no_such(name) for name in missing), prog)
    return names or ["."]


def _no_such(name: str) -> str:
    from .checking import others

    if Path(name).is_symlink():
        return f"{name}: this link leads nowhere"
    return f"{name}: there is no such file or folder{others(Path(name))}"


def _from_stdin(call: argparse.Namespace, wanted: Wanted, prog: str) -> Result:
    from dataclasses import replace

    name = call.stdin_filename
    source = Source(Path(name) if name else Path("-"), name or "<stdin>", True)
    try:
        content: Content | None = decode(source, sys.stdin.buffer.read())
    except (Unreadable, OSError) as error:
        wrong_call(str(error), prog)
    result = check_content(source, content or Content(""), replace(wanted, write=False))
    if not call.fix:
        return result
    mended = Content(result.text if result.mended is None else result.mended)
    sys.stdout.write(mended.text)
    left = check_content(source, mended, replace(wanted, mend=False, write=False))
    return replace(left, done=result.done)


def _code(results: Sequence[Result], *, strict: bool) -> int:
    if any(result.unreadable for result in results):
        return exits.WRONG
    bad = ("error", "warning") if strict else ("error",)
    failed = any(finding.severity in bad for result in results for finding in result.findings)
    return exits.FAILED if failed else exits.OK


def _put(results: Sequence[Result], call: argparse.Namespace, code: int) -> None:
    """The findings on standard output; on standard error where that takes the mended text or the diff."""
    taken = call.fix and call.paths == ["-"]
    stream = sys.stderr if taken else sys.stdout
    if call.diff:
        for result in results:
            stream.write(diff(result, stream))
        return
    if call.fix:
        show_done(results, sys.stdout if call.format == "text" and not taken else sys.stderr)
    if call.format == "text":
        show(results, stream)
    elif call.format == "sarif":
        from .check_sarif import as_sarif

        stream.write(as_sarif(results, code))
    else:
        from .check_formats import as_github, as_json

        stream.write(as_json(results) if call.format == "json" else as_github(results))


def _tell(results: Sequence[Result], call: argparse.Namespace, prog: str) -> None:
    """What is no finding: files that are none, or could not be read, and what it comes to."""
    for result in results:
        if result.unreadable:
            complain(prog, result.unreadable)
        elif result.named and not result.workflow and not call.quiet:
            complain(prog, f"{result.shown} is no workflow config of Olive: passed over")
    _tell_failures(results, prog)
    if call.quiet or (call.format in ("json", "sarif") and not call.fix):
        return
    checked = any(result.workflow for result in results)
    if not checked and not any(result.named for result in results):
        complain(prog, "no workflow config was found")
    elif checked:
        plain = call.format == "text" and not call.diff and not (call.fix and call.paths == ["-"])
        print(summary(results, fixed=call.fix), file=sys.stdout if plain else sys.stderr)


def _tell_failures(results: Sequence[Result], prog: str) -> None:
    """Checks that broke, each once with the first file that it broke on."""
    first: dict[str, str] = {}
    for result in results:
        for failure in result.failed:
            first.setdefault(failure, result.shown)
    for failure, shown in first.items():
        complain(prog, f"{failure} (in {shown}). Please report it; the other checks went on")
