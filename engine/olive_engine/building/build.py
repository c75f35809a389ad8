"""From an hf_model artifact to a folder that onnxruntime-genai loads, by the leanest way that gives genai's own bytes.

1. weights deferred: each one is read, merged, quantised and written when its turn comes; nothing is kept.
2. model loaded by genai, weights quantised while they are written.
3. genai's own way from start to end.
Each next way is taken only when the one before it cannot, and the log says why.
"""

from __future__ import annotations

import errno
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..artifact import Artifact
from ..errors import Cancelled, RunError
from ..weights import Merged, local_folder, materialise, open_merged
from ..weights.merged import read_model_config
from ..weights.writing import no_space
from .genai import Say, aside, builder_module, make_model
from .options import Request, kept_apart, why_not_shared
from .verify import verify

Progress = Callable[[int, int], None]
"""progress(layers done, layers in all)."""


@dataclass(frozen=True)
class Built:
    """Which way was taken (deferred, in-memory, stock or metadata) and why not a leaner one."""

    way: str
    reason: str = ""


def build(
    request: Request,
    source: Artifact,
    output: Path,
    *,
    say: Say,
    progress: Progress = lambda done, total: None,
    check_stop: Callable[[], None] = lambda: None,
) -> Built:
    """Builds `source` into the empty folder `output`. RunError for what is the user's to mend, Cancelled between
    weights."""
    try:
        built = _build(request, source, output, say, progress, check_stop)
    except (OSError, MemoryError, RuntimeError) as error:
        raise _explained(error, output, source) from error
    write_search(output, request)
    verify(output, request.provider)
    return built


def _build(
    request: Request,
    source: Artifact,
    output: Path,
    say: Say,
    progress: Progress,
    check_stop: Callable[[], None],
) -> Built:
    if request.metadata_only:
        raise ValueError("metadata only is build_metadata's task")
    trusted = bool(
        (source.load_kwargs or (source.base.load_kwargs if source.base else {})).get("trust_remote_code")
    )
    more: dict[str, Any] = {"hf_remote": trusted}
    module = builder_module()
    reasons: list[str] = []
    with ExitStack() as temporary:
        folder, merged = _weights(source, temporary, say)
        config = merged.config if merged is not None else read_model_config(folder)
        if (cause := why_not_shared(request, config)) is not None:
            say(
                f"Input and output embeddings are stored apart, which makes the model larger: {cause}.",
                "info",
            )
            request = kept_apart(request)
        if merged is None:
            reasons.append("its weights are quantised already")
        else:
            for way in ("deferred", "in-memory"):
                if way == "in-memory" and merged.adapter is not None:
                    folder = _materialised(source, temporary, say)
                load = _deferred_loader(merged, trusted) if way == "deferred" else None
                reason = _taken_over(module, request, folder, output, say, progress, check_stop, load, more)
                if reason is None:
                    return Built(way, "; ".join(reasons))
                reasons.append(reason)
                say(f"Not the way with weights {_NAMES[way]}: {reason}.", "info")
                _empty(output)
        say(f"Building with onnxruntime-genai's own quantising: {reasons[-1]}.", "info")
        check_stop()
        make_model(module, request, folder, output, say, more)
        return Built("stock", "; ".join(reasons))


_NAMES = {"deferred": "read one at a time", "in-memory": "quantised while they are written"}


def _weights(source: Artifact, temporary: ExitStack, say: Say) -> tuple[Path, Merged | None]:
    """The folder to build from, and its weights; None where they are quantised already and genai must read them."""
    if source.path is not None:
        folder = local_folder(source.path, source.load_kwargs)
        if read_model_config(folder).get("quantization_config"):
            return folder, None
    merged = open_merged(source)
    if merged.needs_peft:
        folder = _materialised(source, temporary, say)
        return folder, open_merged(Artifact("hf_model", source.fingerprint, path=str(folder)))
    return merged.folder, merged


def _materialised(source: Artifact, temporary: ExitStack, say: Say) -> Path:
    folder = Path(temporary.enter_context(tempfile.TemporaryDirectory(prefix="olivepress-merged-")))
    return materialise(source, folder, lambda message: say(message, "info"))


def _deferred_loader(merged: Merged, trusted: bool) -> Callable[[Any], Any]:
    def load(builder: Any) -> Any:
        from .deferred_model import deferred_model

        layers = builder.num_layers if "num_hidden_layers" in builder.extra_options else None
        return deferred_model(merged, builder.model_type, layers=layers, trust_remote_code=trusted)

    return load


def _taken_over(
    module: Any,
    request: Request,
    folder: Path,
    output: Path,
    say: Say,
    progress: Progress,
    check_stop: Callable[[], None],
    load: Callable[[Any], Any] | None,
    more: dict[str, Any],
) -> str | None:
    """Builds with the builder taken over; the reason why not where it cannot, None when it is done."""
    from .deferred import CannotDefer
    from .takeover import taken_over

    counter = _Layers(progress, check_stop, _layers(folder, request))
    try:
        with taken_over(module.Model, counter.note, load):
            make_model(module, request, folder, output, say, more)
        counter.finish()
    except CannotDefer as reason:
        return str(reason)
    except RunError as error:
        if error.code != "builder-refused":
            raise
        return error.message
    except (Cancelled, OSError, MemoryError):
        raise
    except Exception as error:
        if _out_of_memory(error):
            raise
        return f"{type(error).__name__}: {error}"
    return None


class _Layers:
    """Turns the names of the initializers that are being written into layers done: a layer begins with its first
    matrix, for the small weights of all layers are written before."""

    def __init__(self, progress: Progress, check_stop: Callable[[], None], total: int) -> None:
        outside = (sys.stdout, sys.stderr)
        self.progress: Progress = lambda done, total: aside(outside, progress, done, total)
        self.check_stop = check_stop
        self.total = total
        self.seen: set[int] = set()

    def note(self, name: str, matrix: bool) -> None:
        self.check_stop()
        found = re.search(r"layers\.(\d+)\.", name) if matrix else None
        if found and int(found.group(1)) not in self.seen and len(self.seen) < self.total:
            self.progress(len(self.seen), self.total)
            self.seen.add(int(found.group(1)))

    def finish(self) -> None:
        self.progress(self.total, self.total)


def _layers(folder: Path, request: Request) -> int:
    config = read_model_config(folder)
    found = request.options.get("num_hidden_layers") or config.get("num_hidden_layers") or 0
    return int(found) if str(found).isdigit() else 0


def _empty(folder: Path) -> None:
    for item in folder.iterdir():
        if item.is_dir():
            shutil.rmtree(item)
        else:
            item.unlink()


def write_search(output: Path, request: Request) -> None:
    """The step's `search` over the section that genai wrote."""
    if not request.search:
        return
    file = output / "genai_config.json"
    config = json.loads(file.read_text("utf-8"))
    config["search"] = {**(config.get("search") or {}), **request.search}
    file.write_text(json.dumps(config, indent=4), "utf-8")


def _out_of_memory(error: BaseException) -> bool:
    text = str(error).lower()
    return isinstance(error, MemoryError) or "out of memory" in text or "can't allocate memory" in text


def _explained(error: BaseException, output: Path, source: Artifact) -> BaseException:
    if _out_of_memory(error) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return RunError(
            "There is not enough memory to build this model.",
            code="out-of-memory",
            hint="Close other programs, or take a machine with more memory; the plan shows what is needed.",
        )
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES):
        from .estimate import disk_needed

        return no_space(output, disk_needed(source), error)
    return error
