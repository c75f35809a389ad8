"""Looks at a built folder before anyone takes it for whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..errors import RunError

LOADED_UP_TO = 128_000_000
"""Bytes of external data up to which a CPU model is loaded once, to see that it can be."""


def incomplete(what: str) -> RunError:
    return RunError(f"The built model is not whole: {what}.", code="build-incomplete")


def verify(folder: Path, provider: str) -> None:
    """RunError unless genai_config.json can be read, every model file is there and every initializer lies in its data
    file; a small CPU model is loaded with onnxruntime-genai too."""
    try:
        config = json.loads((folder / "genai_config.json").read_text("utf-8"))
        filename = config["model"]["decoder"]["filename"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise incomplete(f"genai_config.json cannot be read ({error})") from error
    if not (folder / filename).is_file():
        raise incomplete(f"{filename}, which genai_config.json names, is missing")
    if not any(
        (folder / name).is_file() for name in ("tokenizer.json", "tokenizer.model", "tokenizer_config.json")
    ):
        raise incomplete("it has no tokenizer")
    size = sum(check_external_data(file) for file in sorted(folder.glob("*.onnx")))
    if provider == "cpu" and size <= LOADED_UP_TO:
        _load(folder)


def check_external_data(file: Path) -> int:
    """Bytes of external data that `file`'s initializers use; RunError where one reaches beyond its file."""
    import onnx

    model = onnx.load(str(file), load_external_data=False)
    sizes: dict[str, int] = {}
    for tensor in model.graph.initializer:
        if tensor.data_location != onnx.TensorProto.EXTERNAL:
            continue
        entry = {each.key: each.value for each in tensor.external_data}
        location = entry.get("location", "")
        if location not in sizes:
            data = file.parent / location
            if not data.is_file():
                raise incomplete(f"{location}, which holds {tensor.name}, is missing")
            sizes[location] = data.stat().st_size
        end = int(entry.get("offset", 0)) + int(entry.get("length", 0))
        if end > sizes[location]:
            raise incomplete(
                f"{tensor.name} ends at byte {end:,} of {location}, which has {sizes[location]:,}"
            )
    return sum(sizes.values())


def _load(folder: Path) -> None:
    import onnxruntime_genai as runtime

    try:
        model: Any = runtime.Model(str(folder))
    except RuntimeError as error:
        raise RunError(
            f"The built model does not load with onnxruntime-genai: {error}",
            code="build-does-not-load",
            hint="Build it again without extra_options; if that fails too, the installed packages do not fit together.",
        ) from error
    del model
