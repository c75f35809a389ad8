"""`python -m olive_server.checks_page [--check] [FOLDER]`: writes docs/checks.md of a checkout, or says that it is stale."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .codes import Group, all_codes, groups

PAGE = "docs/checks.md"
_HEAD = """\
# What is found

Every finding has a code, and a severity that says what would happen: **error**, the run refuses or fails; **warning**, something
written is ignored or does other than it says; **information** and **hint**, legal and worth knowing. One cause gives one finding.

This page is generated from the checks; `make docs` renders it anew.

| Code | |
|---|---|
"""


def render() -> str:
    codes = all_codes()
    rows = [f"| [{code}](#{code}) | {_cell(short)} |" for code, (short, _) in sorted(codes.items())]
    sections = [_section(group) for group in groups()]
    return _HEAD + "\n".join(rows) + "\n\n" + "\n\n".join(section for section in sections if section) + "\n"


def _section(group: Group) -> str:
    own = [code for code in group.codes if all_codes()[code][1] is group]
    if not own:
        return ""
    listed = "\n".join(f'* <a id="{code}"></a>`{code}`: {_cell(group.codes[code])}' for code in own)
    return f"## {group.title}\n\n{group.text}\n\n{listed}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m olive_server.checks_page", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), help="the checkout (default: here)")
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 where the file is stale")
    options = parser.parse_args()
    target = options.folder / PAGE
    if options.check:
        stale = not target.is_file() or target.read_text(encoding="utf-8") != render()
        if stale:
            print(f"{PAGE} is stale: run `make docs` and commit it", file=sys.stderr)
        return int(stale)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(render(), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
