"""`python launch.py useBundled|fromEnvironment MODULE ARGS`: runs a module of ours from the extension's own folder.

Beside this file lie `app` (our packages), `libs` (what they need, pure Python) and `fallback` (stands in for `rpds`, which is
compiled). Our packages always come first. `useBundled` puts `libs` before everything that is installed; `fromEnvironment`
puts it last. Children get our packages alone by PYTHONPATH, since their torch and the rest are the environment's.
Runs on any Python 3.10 or newer, also without site-packages (`-S`).
"""

import os
import runpy
import sys
from pathlib import Path


def main() -> None:
    here = Path(__file__).resolve().parent
    strategy, module = sys.argv[1:3]
    app, libs, fallback = (str(here / name) for name in ("app", "libs", "fallback"))
    # The first entry is this folder: nothing is to be found in it.
    rest = sys.path[1:] if sys.path and Path(sys.path[0]).resolve() == here else sys.path
    first, last = ([libs], []) if strategy == "useBundled" else ([], [libs])
    sys.path[:] = [app, *first, *rest, *last, fallback]
    inherited = [
        entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if Path(entry).is_absolute()
    ]
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys([app, *inherited]))
    os.environ["OLIVEPRESS_LIBS"] = os.pathsep.join([libs, fallback])
    sys.argv = [module, *sys.argv[3:]]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
