"""metadata_only: writes genai_config.json and the tokenizer beside an ONNX model that is there already."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from ..artifact import Artifact
from ..errors import RunError
from .build import write_search
from .genai import Say, builder_module, make_model
from .options import Request


def build_settings(request: Request, source: Artifact, output: Path, *, say: Say) -> None:
    """Fills `output` with the model's own files (hard links where the disk allows) and what genai writes beside them.

    The ONNX model's folder must hold the transformers config.json and tokenizer; RunError where it does not, or where
    there is more than one ONNX file and the step does not say which.
    """
    if source.path is None:
        raise RunError("metadata_only needs an ONNX model that is there already.", code="needs-onnx-model")
    given = Path(source.path)
    folder = given if given.is_dir() else given.parent
    name = request.options.get("filename") or _only_model(given, folder)
    if not (folder / "config.json").is_file():
        raise RunError(
            f"{folder} lacks the transformers config.json that genai_config.json is made from. Put it and the tokenizer "
            "beside the ONNX model.",
            code="model-not-found",
        )
    more = {"config_only": True, "filename": name}
    make_model(builder_module(), request, folder, output, say, more)
    _link_missing(folder, output)
    write_search(output, request)


def _only_model(given: Path, folder: Path) -> str:
    if given.is_file():
        return given.name
    found = sorted(file.name for file in folder.glob("*.onnx"))
    if len(found) != 1:
        what = "no ONNX model" if not found else f"{len(found)} ONNX models ({', '.join(found)})"
        raise RunError(
            f"{folder} holds {what}; name the one to describe as input_model, or as filename in extra_options.",
            code="model-not-found",
        )
    return found[0]


def _link_missing(folder: Path, output: Path, link: Callable[[Path, Path], None] | None = None) -> None:
    for file in sorted(folder.iterdir()):
        target = output / file.name
        if not file.is_file() or target.exists():
            continue
        try:
            (link or os.link)(file, target)
        except OSError:
            shutil.copyfile(file, target)
