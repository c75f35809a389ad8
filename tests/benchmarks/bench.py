"""`make bench`: ours beside the peer, in one run, on models that it makes. Prints tables, writes results.json.

    bench.py [--work FOLDER] [--only run,build,train,start,server,check,extension] [--repetitions N]

Needs about 30 GB of disk and, for all of it, an hour on two cores. Nothing else should run meanwhile.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import bench_build
import bench_check
import bench_extension
import bench_run
import bench_server
import bench_train
from rich.console import Console
from rich.table import Table

SECTIONS = ("run", "build", "train", "start", "server", "check", "extension")


def machine() -> dict[str, Any]:
    """What the numbers were measured on."""
    model = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "memory_gib": round(pages / 2**30),
        "python": platform.python_version(),
        "system": platform.platform(),
    }


def show(title: str, rows: list[dict[str, Any]]) -> None:
    table = Table(title=title, title_justify="left")
    names: list[str] = []
    for row in rows:
        names += [name for name in row if name not in names]
    for name in names:
        table.add_column(name.replace("_", " "))
    for row in rows:
        table.add_row(*[_cell(row.get(name, "")) for name in names])
    Console(width=200).print(table)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict):
        return "  ".join(
            f"{key} {_cell(inner)}" for key, inner in value.items() if not isinstance(inner, list)
        )
    return str(value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    here = Path(__file__).parent
    parser.add_argument("--work", type=Path, default=here / ".work")
    parser.add_argument("--only", default=",".join(SECTIONS))
    parser.add_argument("--repetitions", type=int, default=3)
    arguments = parser.parse_args()
    work: Path = arguments.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    target = here / "results.json"
    results: dict[str, Any] = json.loads(target.read_text()) if target.exists() else {}
    results["machine"] = machine()
    wanted = arguments.only.split(",")
    sections = {
        "run": bench_run.bench,
        "build": functools.partial(bench_build.bench, large=True),
        "train": bench_train.bench,
        "start": bench_train.start_up,
        "server": bench_server.bench,
        "check": bench_check.bench,
        "extension": bench_extension.bench,
    }
    for name in wanted:
        if name not in sections:
            sys.exit(f"--only: {name!r} is none of {', '.join(sections)}")
        rows = sections[name](work, repetitions=arguments.repetitions)
        results[name] = rows
        show(name, rows)
        target.write_text(json.dumps(results, indent=1) + "\n")
    print(f"written to {target}")


if __name__ == "__main__":
    main()
