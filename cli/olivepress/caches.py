"""The caches that the configs of some runs use, and emptying them of what no output holds any more."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from olive_engine.runs import Run


def caches_of(runs: Iterable[Run]) -> list[Path]:
    """Each cache_dir once, as the configs were when they were run; a config that is no longer understood has none."""
    from olive_schemas import read

    found: dict[Path, None] = {}
    for run in runs:
        try:
            text = run.snapshot.read_text(encoding="utf-8")
        except (OSError, ValueError):
            continue
        workflow = read(text, path=Path(run.config), lenient=True).workflow
        if workflow is not None:
            found[Path(workflow.engine.cache_dir)] = None
    return list(found)


def clean_caches(caches: Iterable[Path], *, dry_run: bool) -> list[dict[str, Any]]:
    """{"cache_dir", "entries", "bytes"} of what was, or would be, removed. Never what a living run relies on."""
    from olive_engine.store import clean

    emptied = []
    for cache_dir in caches:
        count, size = clean(cache_dir, dry_run=dry_run)
        emptied.append({"cache_dir": str(cache_dir), "entries": count, "bytes": size})
    return emptied
