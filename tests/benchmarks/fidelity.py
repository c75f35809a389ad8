"""How what Olive Press says of real configs compares with what Olive's releases do with them.

    python tests/benchmarks/fidelity.py CORPUS [--show RELEASE] [--rules-only]

CORPUS (or the environment variable OLIVE_CORPUS_INDEX) is an `index.jsonl`: one line a config, with `file` (beside the
index) and `olive`, which gives for each release its `verdict` (valid, invalid, invalid-late) and the pointers
`errors_at`. Printed as a table in markdown:

    false errors   Olive accepts the config, and an error is reported
    missed         Olive refuses it, at once or late, and no error is reported
    at the place   of the configs with errors on both sides: an error of ours lies at, inside or right above a place of
                   Olive's own; and of all our errors, how many do

A place "" is Olive failing as a whole, without saying where; there any place counts.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from olive_schemas.problems import Problem, Severity
from olive_server.checking import problems
from olive_server.document import Document, Settings

RELEASES = ("0.6.2", "0.7.1.1", "0.9.3", "0.13.0", "main")


@dataclass
class Tally:
    """What came out for one release."""

    accepted: int = 0
    refused: int = 0
    false: list[tuple[str, list[Problem]]] = field(default_factory=list)
    missed: list[tuple[str, list[str]]] = field(default_factory=list)
    files: Counter[bool] = field(default_factory=Counter)
    errors: Counter[bool] = field(default_factory=Counter)


def entries(index: Path) -> Iterator[dict[str, Any]]:
    with index.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def errors_of(path: Path, release: str) -> list[Problem]:
    text = path.read_bytes().decode("utf-8-sig", errors="replace")
    document = Document(path.as_uri(), text, 1, path, Settings(release))
    return [problem for problem in problems(document) if problem.severity is Severity.ERROR]


def near(pointer: str, places: list[str]) -> bool:
    """Whether a pointer is at, inside or right above one of the places; for what misses, its place is right below."""
    return any(
        not place
        or pointer == place
        or pointer.startswith(f"{place}/")
        or place.rpartition("/")[0] == pointer
        for place in places
    )


def measure(index: Path, release: str) -> Tally:
    tally = Tally()
    for entry in entries(index):
        told = entry["olive"].get(release)
        if told is None or told["verdict"] not in ("valid", "invalid", "invalid-late"):
            continue
        found = errors_of(index.parent / entry["file"], release)
        if told["verdict"] == "valid":
            tally.accepted += 1
            if found:
                tally.false.append((entry["file"], found))
            continue
        tally.refused += 1
        if not found:
            tally.missed.append((entry["file"], told["errors_at"]))
            continue
        hits = [near(problem.pointer, told["errors_at"]) for problem in found]
        tally.files[any(hits)] += 1
        tally.errors.update(hits)
    return tally


def share(part: int, whole: int) -> str:
    return f"{part} of {whole}" + (f" ({100 * part / whole:.1f}%)" if whole else "")


def table(tallies: dict[str, Tally]) -> str:
    rows = [
        "| Olive | accepts | false errors | refuses | missed | configs at the place | errors at the place |",
        "|-|-|-|-|-|-|-|",
    ]
    for release, tally in tallies.items():
        rows.append(
            f"| {release} | {tally.accepted} | {len(tally.false)} | {tally.refused} | {share(len(tally.missed), tally.refused)} "
            f"| {share(tally.files[True], tally.files.total())} | {share(tally.errors[True], tally.errors.total())} |"
        )
    return "\n".join(rows)


def show(tally: Tally) -> None:
    for name, found in tally.false:
        print("FALSE ", name, *(f"\n       {problem.pointer} {problem}" for problem in found[:5]))
    for name, places in tally.missed:
        print("MISSED", name, *places[:6])


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Fidelity to Olive over a corpus of configs with its verdicts."
    )
    parser.add_argument(
        "corpus", nargs="?", default=os.environ.get("OLIVE_CORPUS_INDEX"), help="an index.jsonl"
    )
    parser.add_argument("--releases", nargs="*", default=RELEASES)
    parser.add_argument("--show", action="store_true", help="list each disagreement")
    arguments = parser.parse_args()
    if not arguments.corpus:
        parser.error("give an index.jsonl, or set OLIVE_CORPUS_INDEX")
    tallies = {release: measure(Path(arguments.corpus), release) for release in arguments.releases}
    print(table(tallies))
    if arguments.show:
        for release, tally in tallies.items():
            print(f"\n{release}")
            show(tally)
    return 0


if __name__ == "__main__":
    sys.exit(main())
