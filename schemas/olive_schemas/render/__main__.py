"""`python -m olive_schemas.render [--check] [FOLDER]`: writes the generated files of a checkout, or says which are stale."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from . import config_page, fallback, passes_page, protocol

GENERATED: Mapping[str, Callable[[], str]] = {
    "docs/passes.md": passes_page.render,
    "docs/config.md": config_page.render,
    "extension/olive-config.schema.json": fallback.render,
    "extension/src/protocol.ts": protocol.render,
}


def stale(root: Path) -> list[str]:
    """The generated files that are not what would be rendered now."""
    return [
        name
        for name, render in GENERATED.items()
        if not (root / name).is_file() or (root / name).read_text(encoding="utf-8") != render()
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m olive_schemas.render", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), help="the checkout (default: here)")
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 where a file is stale")
    options = parser.parse_args()
    if options.check:
        names = stale(options.folder)
        for name in names:
            print(f"{name} is stale: run `make docs` and commit it", file=sys.stderr)
        return 1 if names else 0
    for name, render in GENERATED.items():
        target = options.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(render(), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
