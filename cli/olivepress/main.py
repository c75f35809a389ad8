"""The entry of `olivepress`: finds the verb, imports its module and hands over the rest of the line.

Nothing heavy is imported here: `--help` costs little more than the interpreter. A verb's module has
`main(arguments: list[str]) -> int` and builds its own parser.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

VERBS: Final = {
    "run": ("run_command", "do what an olive-config.json says, and follow it"),
    "check": ("check_command", "say what is wrong with configs, mend it, start nothing"),
    "migrate": ("migrate_command", "bring an olive-config.json to a later release of Olive"),
    "runs": ("runs_command", "list, show, follow, cancel, resume, clean runs"),
    "generate": ("generate_command", "ask a model that was built"),
    "evaluate": ("evaluate_command", "how many phrases of a file each model of a run gets right"),
    "lsp": ("lsp_command", "the language server, which editors start"),
    "doctor": ("doctor_command", "is everything here that runs need, and what to install"),
}

USAGE: Final = """\
usage: olivepress VERB ...      (olivepress VERB --help for each)

Validates and runs olive-config.json: fine-tunes a language model, merges the adapter, builds an int4 model
that onnxruntime-genai loads as it is.

{verbs}

options:
  -h, --help       this text
  --version        the version

examples:
  olivepress run                              olive-config.json of this folder, with progress
  olivepress run -c my.json --dry-run         the plan: passes, what is cached, tokens, steps, memory, disk
  olivepress run -c my.json --detach          start it and return; closing the terminal does not matter
  olivepress check . --olive-version 0.13     what that release of Olive would say of the configs here
  olivepress migrate old.json --diff          a config of Olive 0.6 as 0.13 writes it
  olivepress runs                             what ran, what runs
  olivepress runs follow                      watch the newest run again
  olivepress generate --model out/model --prompt "Say it in one word: joy or fear?"

exit codes: 0 every promised artifact exists, 1 the run failed, 2 the config or the call is wrong, 130 cancelled
(check and migrate: 1 where there are errors, or something is lost; 2 for a wrong call)
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code; SystemExit only for wrong calls and `--help`."""
    from .terminal import close_stdout, prepare_streams

    prepare_streams()
    try:
        code = _dispatch(list(sys.argv[1:] if arguments is None else arguments))
        sys.stdout.flush()
    except BrokenPipeError:
        from .exits import READER_GONE

        close_stdout()
        return READER_GONE
    except KeyboardInterrupt:
        from .exits import CANCELLED

        return CANCELLED
    return code


def _dispatch(arguments: list[str]) -> int:
    if arguments and arguments[0] == "help":
        arguments = [*arguments[1:2], "--help"]
    if not arguments or arguments[0] in ("-h", "--help"):
        print(usage(), end="")
        return 0 if arguments else 2
    verb, rest = arguments[0], arguments[1:]
    if verb in ("--version", "-V"):
        from importlib.metadata import version

        print(f"olivepress {version('olivepress')}")
        return 0
    if verb not in VERBS:
        _unknown(verb)
    import importlib

    module = importlib.import_module(f"{__package__}.{VERBS[verb][0]}")
    return int(module.main(rest))


def usage() -> str:
    return USAGE.format(verbs="\n".join(f"  {name:<16} {text}" for name, (_, text) in VERBS.items()))


def _unknown(verb: str) -> None:
    from olive_schemas.nearest import nearest

    from .calls import wrong_call

    if verb.endswith(".json"):
        wrong_call(f"{verb} is a file, not a verb: olivepress run {verb}")
    near = nearest(verb, VERBS, cutoff=0.6) if not verb.startswith("-") else None
    remedy = f"did you mean `olivepress {near}`?" if near else f"verbs are {', '.join(VERBS)}."
    kind = "option" if verb.startswith("-") else "verb"
    wrong_call(f"there is no {kind} {verb!r}; {remedy} (olivepress --help)")


if __name__ == "__main__":
    sys.exit(main())
