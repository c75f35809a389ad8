"""How long `olivepress check` takes for 600 files, the start of the interpreter included.

    python tests/benchmarks/bench_check.py [FOLDER]

Without a folder, 600 variants of the configs that the tests of migrations are made of.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

FILES = 600
RUNS = 5
SOURCES = Path(__file__).parents[1] / "server" / "migrate"


def main() -> None:
    rows = [measure(Path(sys.argv[1]), RUNS)] if len(sys.argv) > 1 else bench(Path(), RUNS)
    print(rows)


def bench(work: Path, repetitions: int = RUNS) -> list[dict[str, Any]]:
    """The row of `make bench`; nothing is kept in `work`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        texts = [path.read_text() for path in sorted(SOURCES.glob("*.json"))]
        for number in range(FILES):
            text = texts[number % len(texts)]
            (folder / f"{number:03}.json").write_text(text.replace('"some/model"', f'"some/model{number}"'))
        return [measure(folder, repetitions)]


def measure(folder: Path, repetitions: int) -> dict[str, Any]:
    """Seconds of the whole command over a folder: median and best, and of CPU time."""
    walls, cpus = [], []
    for _ in range(repetitions):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "olivepress", "check", str(folder), "--format", "json"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        walls.append(time.perf_counter() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpus.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return {
        "files": sum(1 for _ in folder.rglob("*.json")),
        "median_seconds": statistics.median(walls),
        "best_seconds": min(walls),
        "cpu_seconds": statistics.median(cpus),
    }


if __name__ == "__main__":
    main()
