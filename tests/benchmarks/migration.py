"""Real configs of an old release, migrated, and what a newer Olive says of the results.

    python tests/benchmarks/migration.py CORPUS --oracle COMMAND [--from 0.6.2] [--to 0.13.0] [--show]

CORPUS is an `index.jsonl` as `fidelity.py` takes it. COMMAND asks a real Olive about many configs:
`COMMAND --olive RELEASE --batch LIST --out OUT`, where LIST names one file a line and OUT gets one JSON object a line
with `path`, `verdict` and `errors`. Printed as a table in markdown: what was migrated exactly should be accepted, and what
is refused should have had a note that said so.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

from fidelity import entries

from olive_server.document import Document
from olive_server.migrate import Migration, migrate


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--oracle", required=True)
    parser.add_argument("--from", dest="source", default="0.6.2", help="configs that this release accepts")
    parser.add_argument("--to", default="0.13.0")
    parser.add_argument("--show", action="store_true", help="name what was exact and is refused")
    call = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        done = migrated(call.corpus, call.source, call.to, Path(folder))
        verdicts = asked(call.oracle, call.to, done, Path(folder))
    table = Counter((done[name].exact, verdict == "valid") for name, verdict in verdicts.items())
    print(f"{len(done)} configs that {call.source} accepts, migrated to {call.to}\n")
    print("| | accepted | refused |\n|---|---|---|")
    print(f"| exact | {table[True, True]} | {table[True, False]} |")
    print(f"| with something lost or for a person | {table[False, True]} | {table[False, False]} |")
    if call.show:
        for name, verdict in verdicts.items():
            if verdict != "valid" and done[name].exact:
                print(f"{name}: {verdict}")


def migrated(corpus: Path, source: str, target: str, folder: Path) -> dict[str, Migration]:
    """File name -> its migration; the texts lie in the folder."""
    done: dict[str, Migration] = {}
    for entry in entries(corpus):
        if entry["olive"].get(source, {}).get("verdict") != "valid":
            continue
        path = corpus.parent / entry["file"]
        text = path.read_bytes().decode("utf-8-sig")
        found = migrate(Document(path.as_uri(), text, path=path), target)
        done[entry["file"]] = found
        (folder / entry["file"]).write_text(found.text, encoding="utf-8")
    return done


def asked(oracle: str, release: str, done: dict[str, Migration], folder: Path) -> dict[str, str]:
    """File name -> what Olive says of it."""
    batch, out = folder / "list", folder / "out"
    batch.write_text("\n".join(str(folder / name) for name in done))
    command = [*shlex.split(oracle), "--olive", release, "--batch", str(batch), "--out", str(out)]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    return {Path(line["path"]).name: line["verdict"] for line in lines}


if __name__ == "__main__":
    main()
