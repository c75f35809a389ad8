"""How long `olivepress check` takes for 600 files, the start of the interpreter included.

    python tests/benchmarks/bench_check.py [FOLDER]

Without a folder, 600 variants of the configs that the tests of migrations are made of.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FILES = 600
RUNS = 5
SOURCES = Path(__file__).parents[1] / "server" / "migrate"


def main() -> None:
    if len(sys.argv) > 1:
        show(Path(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        texts = [path.read_text() for path in sorted(SOURCES.glob("*.json"))]
        for number in range(FILES):
            text = texts[number % len(texts)]
            (folder / f"{number:03}.json").write_text(text.replace('"some/model"', f'"some/model{number}"'))
        show(folder)


def show(folder: Path) -> None:
    walls, cpus = [], []
    for _ in range(RUNS):
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
    count = sum(1 for _ in folder.rglob("*.json"))
    print(f"{count} files: {min(walls):.2f} s at best of {RUNS}, {sorted(cpus)[RUNS // 2]:.2f} s of CPU time")


if __name__ == "__main__":
    main()
