"""Room on the disks, before a pass begins and when one has run out of it."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from olive_schemas.workflow import PassStep

from .artifact import Artifact
from .context import PassContext
from .errors import RunError
from .passes import PassModule

_ALMOST_FULL = 2 << 20
_WORDS = (
    "no space left",
    "os error 28",
    "disk quota",
    # torch.save, whose writer only notices that less was written than it gave.
    "unexpected pos",
    "pytorchstreamwriter failed writing",
)


def check(step: PassStep, source: Artifact, module: PassModule, context: PassContext) -> None:
    """RunError if the result that the pass expects to write does not fit on the cache's disk."""
    needed = needed_bytes(step, source, module, context)
    free = free_bytes(context.output)
    if needed is not None and free is not None and needed > free:
        raise RunError(
            f"{step.name} will write about {_size(needed)} and the disk of cache_dir "
            f"{context.workflow.engine.cache_dir} has {_size(free)} free.",
            code="disk-full",
            pointer=context.workflow.engine.cache_dir_pointer or step.pointer,
            hint="Free some space (`olivepress runs clean --cache`), or name a cache_dir on a larger disk.",
        )


def needed_bytes(step: PassStep, source: Artifact, module: PassModule, context: PassContext) -> int | None:
    """What the pass says it will write. An adapter is small beside its model, and estimating it would read all the
    data a second time: it is not asked unless it offers the cheap `disk_bytes(step, source, context)`."""
    cheap = getattr(module, "disk_bytes", None)
    if cheap is not None:
        found = cheap(step, source, context)
        return None if found is None else int(found)
    if module.GIVES == "adapter":
        return None
    return module.estimate(step, source, context).disk_bytes


def free_bytes(path: Path) -> int | None:
    """Free bytes on the disk of a path or of its nearest existing parent."""
    while not path.exists() and path.parent != path:
        path = path.parent
    try:
        return shutil.disk_usage(path).free
    except OSError:
        return None


def is_disk_full(error: BaseException, *places: Path) -> bool:
    """Whether an error comes of a full disk; libraries often tell it only in words, or only fail to write."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        text = str(seen).lower()
        if any(words in text for words in _WORDS):
            return True
        if "write" in text and any((free_bytes(place) or _ALMOST_FULL) < _ALMOST_FULL for place in places):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def _size(size: int) -> str:
    if size < 1e6:
        return f"{size / 1e3:,.0f} KB"
    return f"{size / 1e9:,.2f} GB" if size >= 1e8 else f"{size / 1e6:,.1f} MB"
