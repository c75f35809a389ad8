"""`olivepress check`: what is wrong with a config, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from . import exits
from .calls import Parser
from .checking import add_config, checked, chosen, show_problems
from .words import short_path

DESCRIPTION = """\
Says everything that is wrong with a config at once, at its line and column: spelling, types, references, what this
engine cannot run, and what is missing on this machine. Starts nothing. Exit code 0 without errors, 2 with."""

EXAMPLES = """\
  olivepress check
  olivepress check my.json --json"""


def main(arguments: Sequence[str]) -> int:
    parser = Parser("olivepress check", DESCRIPTION, EXAMPLES)
    add_config(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object a line for each problem")
    call = parser.parse_args(arguments)
    found = checked(chosen(call, parser.prog), call, parser.prog)
    show_problems(found, as_json=call.json, always=True)
    if not call.json:
        from .problem_text import tally

        print(f"{short_path(found.path)}: {tally(found.problems) or 'nothing is wrong'}")
    return exits.WRONG if found.refused else exits.OK
