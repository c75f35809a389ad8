"""`olivepress run`: checks a config, starts its run, follows it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import exits
from .calls import Parser, wrong_call
from .checking import add_config, checked, chosen, refusal, show_problems, text_of

if TYPE_CHECKING:
    from pathlib import Path

    from olive_engine.checked import Checked

DESCRIPTION = """\
Does what a config says: the passes in their order, with what has not changed taken from the cache. All problems of
the config are told before any work. The work is done by a process of its own: closing the terminal or losing the
connection does not stop it. Ctrl-C asks it to stop at its next step, twice kills it.

Relative paths in a config are relative to the config's folder. A run's record lies there in .olivepress/runs/ID."""

EXAMPLES = """\
  olivepress run                                olive-config.json of this folder
  olivepress run -c phi3.json --dry-run         what it would do, with tokens, steps, memory and disk
  olivepress run -c phi3.json --detach          start it and go home; `olivepress runs follow` tomorrow
  olivepress run -c phi3.json --from merge      merge and what follows anew, what is before it from the cache
  olivepress run -c phi3.json --to lora         only up to the pass lora
  olivepress run -c phi3.json --json            one event a line, for programs
  olivepress run -c phi3.json --python ~/gpu/bin/python

exit codes: 0 every promised artifact exists, 1 the run failed, 2 the config or the call is wrong, 130 cancelled"""


def main(arguments: Sequence[str]) -> int:
    parser = _parser()
    call = parser.parse_args(arguments)
    if call.python:
        from .interpreter import become, check_interpreter, is_this_one

        python = check_interpreter(call.python)
        if not is_this_one(python):
            # What is checked here is then what will run.
            become([python, "-m", "olivepress", "run", *_without_python(arguments)])
    path = chosen(call, parser.prog)
    if call.dry_run:
        return _dry_run(path, call, parser.prog)
    found = checked(path, call, parser.prog)
    if found.refused:
        show_problems(found, as_json=call.json)
        if not call.json:
            print(refusal(found), file=sys.stderr)
        return exits.WRONG
    show_problems(found, as_json=call.json and not call.detach)
    return _start(path, found, call)


def _parser() -> Parser:
    parser = Parser("olivepress run", DESCRIPTION, EXAMPLES)
    add_config(parser)
    parser.add_argument("--dry-run", action="store_true", help="print the plan; start nothing")
    parser.add_argument(
        "--from", dest="from_pass", metavar="PASS", help="make this pass and later ones anew, cached or not"
    )
    parser.add_argument("--to", dest="to_pass", metavar="PASS", help="leave out the passes after this one")
    parser.add_argument("--detach", action="store_true", help="start it and return at once with its id")
    parser.add_argument(
        "--json", action="store_true", help="print events (problems, the plan, the id) as JSON lines"
    )
    parser.add_argument("--python", metavar="PATH", help="the interpreter whose packages do the work")
    # For the editor, whose text may not be saved: with --dry-run the config is read from stdin.
    parser.add_argument("--stdin", action="store_true", help=argparse.SUPPRESS)
    # How `olive run` spells it.
    parser.add_argument("--run-config", dest="config", help=argparse.SUPPRESS)
    return parser


def _start(path: Path, found: Checked, call: argparse.Namespace) -> int:
    from olive_engine import runs
    from olive_engine.errors import RunError

    from .follow import follow, interrupts
    from .starting import say_detached, say_started

    # From before the start: Ctrl-C must not leave a run behind that nobody has heard of.
    with interrupts() as pressed:
        try:
            # What was checked is what is run, even if the file is saved anew in between.
            run = runs.launch(
                path,
                text=found.text,
                trust_user_script=call.trust_user_script,
                lenient=call.lenient,
                from_pass=call.from_pass,
                to_pass=call.to_pass,
            )
        except RunError as error:
            if call.json:
                from .show_json import print_line

                print_line("error", {"code": error.code, "message": error.message, "hint": error.hint})
            print(
                f"olivepress run: {error.message}{f'{chr(10)}  {error.hint}' if error.hint else ''}",
                file=sys.stderr,
            )
            return exits.FAILED
        if call.detach:
            return say_detached(run, as_json=call.json)
        say_started(run, as_json=call.json)
        return follow(run, as_json=call.json, pressed=pressed)


def _dry_run(path: Path, call: argparse.Namespace, prog: str) -> int:
    from olive_engine.planning import make_plan

    if call.detach:
        wrong_call("--dry-run starts nothing, so there is nothing to --detach", prog)
    text = sys.stdin.buffer.read().decode("utf-8", "replace") if call.stdin else text_of(path, prog)
    plan = make_plan(
        path,
        text,
        lenient=call.lenient,
        trust_user_script=call.trust_user_script,
        from_pass=call.from_pass,
        to_pass=call.to_pass,
    )
    if call.json:
        from .show_json import print_json

        print_json(plan.to_json())
    else:
        from .plan_text import plan_text
        from .terminal import coloured

        show_problems(plan.checked, as_json=False, always=True)
        print(plan_text(plan, coloured(sys.stdout)))
    return exits.WRONG if plan.checked.refused else exits.OK


def _without_python(arguments: Sequence[str]) -> list[str]:
    left: list[str] = []
    skip = False
    for each in arguments:
        if skip or each == "--python":
            skip = not skip
        elif not each.startswith("--python="):
            left.append(each)
    return left
