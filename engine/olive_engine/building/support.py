"""What the installed onnxruntime-genai can build, read from its files without importing it. Standard library only."""

from __future__ import annotations

import difflib
import importlib.util
import os
import re
from functools import lru_cache
from importlib import metadata
from pathlib import Path

GENAI = (
    "onnxruntime-genai",
    "onnxruntime-genai-cuda",
    "onnxruntime-genai-directml",
    "onnxruntime-genai-winml",
)
OLDEST = (0, 18)
"""The first release whose builder takes its options the way that `genai.py` beside this file hands them over."""
NEWEST_TRIED = (0, 18)
NEEDED = {"onnx": (1, 17), "onnx-ir": (0, 1), "torch": (2, 6), "transformers": (5, 0)}
ONNXRUNTIME = (
    "onnxruntime",
    "onnxruntime-gpu",
    "onnxruntime-directml",
    "onnxruntime-qnn",
    "onnxruntime-openvino",
)


def version_of(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def number(version: str) -> tuple[int, ...]:
    """(0, 18, 0) of "0.18.0rc1"; what follows the digits does not count."""
    return tuple(int(part) for part in re.findall(r"\d+", version.split("+")[0])[:3])


def dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)


def genai_installed() -> tuple[str, str] | None:
    """Distribution and version of the installed onnxruntime-genai, whichever build of it."""
    for name in GENAI:
        if (version := version_of(name)) is not None:
            return name, version
    return None


def onnxruntime_installed() -> tuple[str, str] | None:
    for name in ONNXRUNTIME:
        if (version := version_of(name)) is not None:
            return name, version
    return None


def onnxruntime_needed(distribution: str) -> tuple[int, ...]:
    """The lowest onnxruntime that the installed genai's own metadata asks for."""
    for line in metadata.requires(distribution) or ():
        found = re.match(r"onnxruntime(?:-\w+)*\s*\(?\s*>=\s*([\d.]+)", line)
        if found and "extra ==" not in line:
            return number(found.group(1))
    return (1, 22)


@lru_cache(maxsize=1)
def builder_folder() -> Path | None:
    """Folder of genai's builder, without importing the package."""
    found = importlib.util.find_spec("onnxruntime_genai")
    if found is None or not found.submodule_search_locations:
        return None
    folder = Path(next(iter(found.submodule_search_locations))) / "models"
    return folder if (folder / "builder.py").is_file() else None


@lru_cache(maxsize=1)
def architectures() -> tuple[str, ...]:
    """Architectures that the installed builder names; empty where its text cannot be read."""
    folder = builder_folder()
    if folder is None:
        return ()
    text = (folder / "builder.py").read_text("utf-8", errors="replace")
    return tuple(dict.fromkeys(re.findall(r"architectures\[0\]\s*==\s*[\"'](\w+)[\"']", text)))


def transformers_lacks() -> tuple[str, ...]:
    """Model classes that the builder imports and the installed transformers does not have."""
    folder = builder_folder()
    spec = importlib.util.find_spec("transformers")
    if folder is None or spec is None or not spec.submodule_search_locations:
        return ()
    text = (folder / "builders" / "base.py").read_text("utf-8", errors="replace")
    listed = Path(next(iter(spec.submodule_search_locations))) / "models" / "auto" / "modeling_auto.py"
    imports = re.search(r"from transformers import \(([^)]*)\)", text)
    if imports is None or not listed.is_file():
        return ()
    known = listed.read_text("utf-8", errors="replace")
    names = re.findall(r"\w+For\w+", imports.group(1))
    return tuple(name for name in names if not name.startswith("AutoModel") and name not in known)


def nearest(architecture: str) -> str | None:
    """The supported architecture whose name looks most like this one."""
    found = difflib.get_close_matches(architecture, architectures(), n=1, cutoff=0.6)
    return found[0] if found else None


def cached_snapshot(name: str) -> Path | None:
    """The local copy of a hub model that huggingface_hub would use, without importing it; None where there is none."""
    if "/" not in name:
        return None
    home = (
        os.environ.get("HF_HOME")
        or Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "huggingface"
    )
    root = Path(os.environ.get("HF_HUB_CACHE") or Path(home) / "hub") / f"models--{name.replace('/', '--')}"
    try:
        commit = (root / "refs" / "main").read_text("utf-8").strip()
    except OSError:
        return None
    folder = root / "snapshots" / commit
    return folder if folder.is_dir() else None
