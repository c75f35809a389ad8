"""A config for a verb: found, read, checked, and every problem shown at its line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .calls import Parser, wrong_call
from .problem_text import as_data, render_all, severity_of, tally
from .terminal import coloured, width
from .words import short_path

if TYPE_CHECKING:
    import argparse

    from olive_engine.checked import Checked

DEFAULT = "olive-config.json"


def add_config(parser: Parser) -> None:
    """The arguments that say which config, and how strictly it is read."""
    parser.add_argument(
        "file", nargs="?", metavar="FILE", help=f"the config; {DEFAULT} of this folder if unsaid"
    )
    parser.add_argument("-c", "--config", metavar="FILE", help="the same, as an option")
    parser.add_argument(
        "--lenient", action="store_true", help="names that nothing knows are warnings, not errors"
    )
    parser.add_argument(
        "--trust-user-script",
        action="store_true",
        help="let the config's user_script run its Python code here",
    )


def chosen(call: argparse.Namespace, prog: str) -> Path:
    """The config's path; ends the call with exit code 2 where there is none."""
    if call.file and call.config and call.file != call.config:
        wrong_call(f"two configs were named: {call.file} and {call.config}", prog)
    path = Path(call.file or call.config or DEFAULT)
    if path.is_dir():
        path = path / DEFAULT
    if not path.exists():
        wrong_call(f"{path}: there is no such file{others(path)}", prog)
    if not path.is_file():
        wrong_call(f"{path} is not a file", prog)
    return path


def others(path: Path) -> str:
    """What may have been meant: other JSON files beside it."""
    from olive_schemas.nearest import nearest

    folder = path.parent
    names = sorted(each.name for each in folder.glob("*.json")) if folder.is_dir() else []
    near = nearest(path.name, names)
    if near:
        return f"; did you mean {folder / near}?"
    return f"; there is {', '.join(str(folder / name) for name in names[:4])}" if names else ""


def text_of(path: Path, prog: str) -> str:
    """The config's text; an unreadable file ends the call with exit code 2."""
    from olive_engine.checked import read_text
    from olive_engine.errors import RunError

    try:
        return read_text(path)
    except RunError as error:
        wrong_call(error.message + (f"\n  {error.hint}" if error.hint else ""), prog)


def checked(path: Path, call: argparse.Namespace, prog: str) -> Checked:
    """Reads and checks; an unreadable file ends the call with exit code 2."""
    from olive_engine.checked import check_config

    return check_config(
        path,
        text_of(path, prog),
        lenient=call.lenient,
        trust_user_script=call.trust_user_script,
        from_pass=call.from_pass,
        to_pass=call.to_pass,
    )


def show_problems(found: Checked, *, as_json: bool, always: bool = False) -> None:
    """Problems as lines of JSON on stdout, or for people on stderr; hints for people only where `always`."""
    path = short_path(found.path)
    if as_json:
        from .show_json import print_line

        for problem in found.problems:
            print_line("problem", as_data(problem, str(found.path.absolute())))
        return
    shown = [each for each in found.problems if always or severity_of(each) in ("error", "warning")]
    if shown:
        text = render_all(shown, path, found.text, colour=coloured(sys.stderr), width=width())
        print(text, file=sys.stderr)


def refusal(found: Checked) -> str:
    return f"{tally(found.problems)}: nothing was started"
