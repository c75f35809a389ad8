"""`olivepress runs`: list, show, follow, cancel, resume, clean. Never imports torch."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import exits
from .calls import Parser, wrong_call
from .words import several, size

if TYPE_CHECKING:
    from olive_engine.runs import Run

DESCRIPTION = """\
Runs of this folder's configs, or with --all every run of yours on this machine.

  list           what ran and what runs (also without a verb)
  show [ID]      one run: its passes, its error, where its files are
  follow [ID]    watch it to its end; Ctrl-C stops watching, not the run
  cancel [ID]    stop it at its next step, after a while by force
  resume [ID]    go on from the last checkpoint with a run that failed, was cancelled or lost
  clean          remove the records and checkpoints of runs that have ended; outputs and the cache stay

ID is a run's id or the beginning of one; without it the newest run of this folder is meant."""

EXAMPLES = """\
  olivepress runs
  olivepress runs follow
  olivepress runs show 2026 --json
  olivepress runs resume --detach
  olivepress runs clean --older-than 30d --keep 3"""


def main(arguments: Sequence[str]) -> int:
    from olive_engine.errors import RunError

    if arguments[:1] in (["-h"], ["--help"]):
        print(
            f"usage: olivepress runs [VERB] ...      (olivepress runs VERB --help for each)\n\n{DESCRIPTION}\n\nexamples:\n{EXAMPLES}"
        )
        return exits.OK
    named = arguments[:1] and not arguments[0].startswith("-")
    verb, rest = (arguments[0], arguments[1:]) if named else ("list", arguments)
    if verb not in _ACTIONS:
        from olive_schemas.nearest import nearest

        near = nearest(verb, _ACTIONS, cutoff=0.6)
        remedy = f"did you mean `olivepress runs {near}`?" if near else f"there are {', '.join(_ACTIONS)}"
        wrong_call(f"there is no verb {verb!r}; {remedy}", "olivepress runs")
    call = _parser(verb).parse_args(rest)
    try:
        return int(_ACTIONS[verb](call))
    except RunError as error:
        print(f"olivepress runs {verb}: {error.message}", file=sys.stderr)
        if error.hint:
            print(f"  {error.hint}", file=sys.stderr)
        return exits.WRONG if error.code in ("run-not-found", "run-id-ambiguous") else exits.FAILED


_WHAT = {
    "list": "What ran and what runs, newest last.",
    "show": "One run: its passes, its error, where its files are.",
    "follow": "Watches a run to its end and ends with its exit code. Ctrl-C stops watching, not the run.",
    "cancel": "Stops a run at its next step, after half a minute by force.",
    "resume": "Goes on from the last checkpoint with a run that failed, was cancelled or lost, and follows it.",
    "clean": "Removes the records and checkpoints of runs that have ended; they cannot be resumed then. Outputs stay.",
}


def _parser(verb: str) -> Parser:
    """Only what the verb understands: nothing that was written is ignored."""
    parser = Parser(f"olivepress runs {verb}", _WHAT[verb])
    if verb not in ("list", "clean"):
        parser.add_argument(
            "id", nargs="?", metavar="ID", help="a run's id or its beginning; the newest here if unsaid"
        )
    lines = "one event a line" if verb in ("follow", "resume") else "one JSON value"
    parser.add_argument("--json", action="store_true", help=f"print {lines}")
    if verb in ("list", "clean"):
        parser.add_argument(
            "--all",
            "--everywhere",
            action="store_true",
            dest="everywhere",
            help="every run of yours on this machine",
        )
    if verb == "follow":
        parser.add_argument(
            "--after", type=int, default=0, metavar="SEQ", help="only events after this number"
        )
    if verb == "cancel":
        parser.add_argument("--now", action="store_true", help="do not wait for the next step, kill it")
    if verb == "resume":
        parser.add_argument("--detach", action="store_true", help="return at once")
        parser.add_argument("--python", metavar="PATH", help="the interpreter of the worker")
    if verb == "clean":
        parser.add_argument("--keep", type=int, default=0, metavar="N", help="keep the newest N")
        parser.add_argument(
            "--older-than", type=_age, metavar="AGE", help="only those older than 12h, 30d, ..."
        )
        parser.add_argument(
            "--cache",
            action="store_true",
            help="also empty the caches of those configs of what no output holds any more",
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would be removed")
    return parser  # fmt: skip


def _age(text: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhdw]?)", text.strip())
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is no age; write 90m, 12h, 30d, 8w")
    return float(found[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "": 86400}[found[2]]


def _chosen(call: argparse.Namespace, *, unfinished: bool = False) -> Run:
    """The run that was named, or the newest of this folder (of those that still go on, where that is what counts)."""
    from olive_engine import runs
    from olive_engine.errors import RunError

    if call.id:
        return runs.find(call.id)
    here = [run for run in runs.list_runs() if not (unfinished and run.final)]
    if not here:
        kind = "run that goes on" if unfinished else "run"
        raise RunError(
            f"there is no {kind} of a config in this folder",
            code="run-not-found",
            hint="olivepress runs --all shows those of other folders",
        )
    return here[-1]


def _list(call: argparse.Namespace) -> int:
    from olive_engine import runs

    found = runs.list_runs(everywhere=call.everywhere)
    if call.json:
        from .show_json import print_json

        print_json([run.to_json() for run in found])
        return exits.OK
    from .runs_text import listing

    print(listing(found, everywhere=call.everywhere))
    return exits.OK


def _show(call: argparse.Namespace) -> int:
    run = _chosen(call)
    if call.json:
        from .show_json import print_json

        print_json(run.to_json())
        return exits.OK
    from .runs_text import details

    print(details(run))
    return exits.OK


def _follow(call: argparse.Namespace) -> int:
    from .follow import follow

    return follow(_chosen(call), as_json=call.json, after=call.after)


def _cancel(call: argparse.Namespace) -> int:
    from olive_engine import runs

    run = _chosen(call, unfinished=not call.id)
    ended = run.final and run.state != "lost"
    if not ended:
        run = runs.cancel(run, grace=0.0 if call.now else runs.GRACE_SECONDS)
    if call.json:
        from .show_json import print_json

        print_json(run.to_json())
    elif ended:
        print(f"{run.id} has already ended: {run.state}")
    else:
        print(f"{run.id} {run.state}")
    return exits.OK if run.state == "cancelled" or ended else exits.FAILED


def _resume(call: argparse.Namespace) -> int:
    from olive_engine import runs

    from .follow import follow, interrupts
    from .interpreter import check_interpreter
    from .starting import say_detached

    run = _chosen(call)
    if call.python:
        check_interpreter(call.python)
    events, _ = runs.read_events(run.events)
    after = events[-1].seq if events else 0
    with interrupts() as pressed:
        run = runs.resume(run, python=call.python)
        if call.detach:
            return say_detached(run, as_json=call.json)
        return follow(run, as_json=call.json, after=after, pressed=pressed)


def _clean(call: argparse.Namespace) -> int:
    from olive_engine import runs

    from .caches import caches_of, clean_caches

    every = runs.list_runs(everywhere=call.everywhere)
    caches = caches_of(every) if call.cache else []
    removed = runs.clean(
        keep=call.keep, older_than=call.older_than, everywhere=call.everywhere, dry_run=call.dry_run
    )
    emptied = clean_caches(caches, dry_run=call.dry_run)
    if call.json:
        from .show_json import print_json

        print_json({"runs": [run.id for run in removed], "caches": emptied})
        return exits.OK
    verb = "would remove" if call.dry_run else "removed"
    for run in removed:
        print(f"{verb} {run.id} ({run.state})")
    for cache in emptied:
        print(
            f"{verb} {several(cache['entries'], 'entry', 'entries')}, {size(cache['bytes'])}, of {cache['cache_dir']}"
        )
    if not removed and not any(cache["entries"] for cache in emptied):
        print("nothing to remove")
    return exits.OK


_ACTIONS = {
    "list": _list,
    "show": _show,
    "follow": _follow,
    "cancel": _cancel,
    "resume": _resume,
    "clean": _clean,
}
