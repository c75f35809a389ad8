"""The script `olive`: Microsoft's olive-ai where that is installed beside us, otherwise our `run`.

Nothing here imports the package `olive`, and nothing of ours is called so.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.metadata import EntryPoint, PackageNotFoundError, distribution
from typing import NoReturn

from .interpreter import become

USAGE = """\
usage: olive run --config FILE      (Olive Press; also -c FILE, --run-config FILE)

This `olive` belongs to Olive Press, which runs olive-config.json by itself. For every other command of Microsoft's
Olive install its package beside it (pip install olive-ai); this script then hands over to that.
Everything that Olive Press can do: olivepress --help
"""


def main() -> int:
    arguments = sys.argv[1:]
    theirs = entry_of_olive_ai()
    if theirs is not None:
        hand_over(theirs, arguments)
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(USAGE, end="")
        return 0 if arguments else 2
    if arguments[0] != "run":
        print(
            f"olive: {arguments[0]!r} is a command of Microsoft's olive-ai, which is not installed here\n",
            file=sys.stderr,
        )
        print(USAGE, end="", file=sys.stderr)
        return 2  # fmt: skip
    from .main import main as ours

    return ours(arguments)


def entry_of_olive_ai() -> EntryPoint | None:
    """What the distribution olive-ai calls its own `olive`; None where it is not installed."""
    try:
        entries = distribution("olive-ai").entry_points
    except PackageNotFoundError:
        return None
    return next((each for each in entries if each.group == "console_scripts" and each.name == "olive"), None)


def hand_over(entry: EntryPoint, arguments: Sequence[str]) -> NoReturn:
    """Runs their entry point in this process's place, the way that their own script would."""
    # The folder we stand in is not searched for modules, as it is not by an installed script.
    code = (
        "import sys; sys.path[:] = [p for p in sys.path if p]; sys.argv[0] = 'olive'; "
        f"from {entry.module} import {entry.attr.split('.')[0]}; sys.exit({entry.attr}())"
    )
    become([sys.executable, "-c", code, *arguments])


if __name__ == "__main__":
    sys.exit(main())
