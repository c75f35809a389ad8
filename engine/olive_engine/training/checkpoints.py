"""Checkpoints of a training: written whole or not at all, read only if whole and of the same training.

A checkpoint is a folder `checkpoint-<step>`: `state.pt` (adapter, optimiser, schedule, random numbers, place in the
data, losses so far) and `checkpoint.json` with the state's hash and the training's fingerprint, written last into a
temporary folder that is then renamed. A damaged newest one gives way to the one before it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

STATE_FILE = "state.pt"
META_FILE = "checkpoint.json"
FORMAT = 1


def write(
    root: Path, step: int, state: Mapping[str, Any], meta: Mapping[str, Any], keep: int | None = 2
) -> Path:
    """Saves `state` (tensors and plain values) as `root/checkpoint-<step>`; removes all but the newest `keep`."""
    import torch

    root.mkdir(parents=True, exist_ok=True)
    final = root / f"checkpoint-{step}"
    partial = root / f".checkpoint-{step}.{os.getpid()}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        torch.save(dict(state), partial / STATE_FILE)
        _sync(partial / STATE_FILE)
        facts = {"format": FORMAT, "step": step, "sha256": _hash(partial / STATE_FILE), **meta}
        (partial / META_FILE).write_text(json.dumps(facts, indent=2) + "\n", "utf-8")
        _sync(partial / META_FILE)
        if final.exists():
            shutil.rmtree(final)
        partial.rename(final)
        _sync(root)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    if keep is not None:
        for old in listed(root)[keep:]:
            shutil.rmtree(old, ignore_errors=True)
    return final


def listed(root: Path) -> list[Path]:
    """Checkpoint folders, newest step first."""
    found = []
    if root.is_dir():
        for folder in root.iterdir():
            prefix, _, number = folder.name.partition("-")
            if prefix == "checkpoint" and number.isdigit() and folder.is_dir():
                found.append((int(number), folder))
    return [folder for _, folder in sorted(found, reverse=True)]


def newest(
    root: Path, fingerprint: str, log: Callable[[str, str], None], only: str | None = None
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """(state, meta) of the newest whole checkpoint with that fingerprint; None to start anew. Says why in the log.

    `only`: the one folder to look at.
    """
    for folder in listed(root):
        if only is not None and folder.name != only:
            continue
        if not (folder / META_FILE).is_file():
            log(f"{folder.name} was not written by this engine and is left alone", "info")
            continue
        try:
            state, meta = _read(folder)
        except (OSError, ValueError, RuntimeError, KeyError, EOFError) as error:
            log(f"{folder.name} is damaged ({error}); the one before it is taken", "warning")
            continue
        if meta.get("fingerprint") != fingerprint:
            log(
                f"{folder.name} was made with other data, parameters or another model; training starts anew",
                "warning",
            )
            return None
        return state, meta
    return None


def _read(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    import torch

    meta = json.loads((folder / META_FILE).read_text("utf-8"))
    if not isinstance(meta, dict) or meta.get("format") != FORMAT:
        raise ValueError("an unknown format")
    if _hash(folder / STATE_FILE) != meta["sha256"]:
        raise ValueError("its content does not match its hash")
    state = torch.load(folder / STATE_FILE, map_location="cpu", weights_only=True)
    return state, meta


def _hash(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as handle:
        while block := handle.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _sync(path: Path) -> None:
    """fsync of a file or, where the system can, a folder."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:  # Windows opens no folders
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)
