"""Commands for making a config: what a data file holds, which models are here, the text of a template."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .convert import Json
from .handlers_asking import refusal

if TYPE_CHECKING:
    from .handlers_configs import Argument
    from .session import Session

_ROWS = 3
_WIDTH = 200
"""Characters of a cell that are shown."""


async def dataset(session: Session, argument: Argument) -> Json:
    """What a local data file holds, and the text that a row could become; of the columns and the answer that are named,
    else of those that are suggested."""
    chosen = argument.get("columns")
    answer = argument.get("answer")
    return await session.in_worker(_dataset, _path(argument, "path"), chosen, answer)


def _dataset(path: Path, chosen: list[str] | None, answer: str | None) -> Json:
    from .local_rows import found_in
    from .new_config import can_stand_in_text, suggested_answer, suggested_inputs, suggested_template

    found = found_in(path)
    if isinstance(found, str):
        raise refusal(found)
    form, table, messages, _ = found
    names = [name for name in table.columns if can_stand_in_text(name)]
    answer = suggested_answer(names) if answer is None else answer
    inputs = [name for name in (chosen or suggested_inputs(names)) if name in names and name != answer]
    return {
        "format": form,
        "columns": names,
        "rows": [{name: _cell(row.get(name)) for name in names} for row in table.rows[:_ROWS]],
        "total": table.total,
        "inputs": inputs,
        "answer": answer,
        "suggested": suggested_template(inputs, answer),
        "messages": messages,
    }


async def models(session: Session, argument: Argument) -> Json:
    """The models in the hub's cache, and folders of the workspace that hold one."""

    def look() -> Json:
        from .local_models import hub_models

        folders = [path for folder in session.folders.values() for path in _model_folders(folder)]
        return {"hub": list(hub_models()), "folders": [str(path) for path in folders]}

    return await session.in_worker(look)


async def new_config(session: Session, argument: Argument) -> Json:
    """A config to lie in the folder, and what belongs beside it."""
    from .new_config import EXAMPLE_DATA, TEMPLATES, Choice, example, text

    template = argument.get("template")
    if template not in TEMPLATES:
        raise refusal(f"There is no template {template!r}; there are {', '.join(TEMPLATES)}.")
    if template == "example":
        config, data = await session.in_worker(example)
        return {"text": config, "files": [{"path": EXAMPLE_DATA, "text": data}] if data else []}
    folder = _path(argument, "folder")
    model = _beside(str(argument.get("model") or ""), folder)
    if not model:
        raise refusal("Which model? Name a folder, or a model of the hub.")
    data_file = str(argument.get("dataFile") or "")
    if not data_file and template != "int4":
        raise refusal("Which data? Training needs a file with rows.")
    choice = Choice(
        template,
        model,
        _beside(data_file, folder),
        *(await session.in_worker(_reading, data_file)),
        str(argument.get("textTemplate") or ""),
        str(argument.get("messages") or ""),
        await session.in_worker(_has_chat_template, str(argument.get("model") or "")),
        "gpu" if argument.get("device") == "gpu" else "cpu",
        str(argument.get("outputDir") or "out"),
    )
    return {"text": text(choice), "files": []}


COMMANDS: dict[str, Any] = {
    "olivepress.dataset": dataset,
    "olivepress.models": models,
    "olivepress.newConfig": new_config,
}


def _reading(data_file: str) -> tuple[str, dict[str, str]]:
    """The loader's name, and what it has to be told."""
    from .local_rows import found_in

    found = found_in(Path(data_file)) if data_file else ""
    return ("json", {}) if isinstance(found, str) else (found.form, found.options)


def _has_chat_template(model: str) -> bool:
    """Taken for granted of what is no folder here."""
    folder = Path(model)
    if not folder.is_absolute() or any(
        (folder / f"chat_template.{end}").is_file() for end in ("jinja", "json")
    ):
        return True
    try:
        return '"chat_template"' in (folder / "tokenizer_config.json").read_text("utf-8", "replace")
    except OSError:
        return True


def _path(argument: Argument, name: str) -> Path:
    written = argument.get(name)
    if not isinstance(written, str) or not Path(written).is_absolute():
        raise refusal(f"`{name}` must be an absolute path, found {written!r}.")
    return Path(written)


def _beside(written: str, folder: Path) -> str:
    """A path as a config in the folder writes it; a hub name, and what lies elsewhere, as it is."""
    path = Path(written)
    if not path.is_absolute():
        return written
    return path.relative_to(folder).as_posix() if folder in path.parents else path.as_posix()


def _cell(value: Any) -> str:
    shown = (
        value
        if isinstance(value, str)
        else ""
        if value is None
        else json.dumps(value, default=str, ensure_ascii=False)
    )
    return shown if len(shown) <= _WIDTH else f"{shown[:_WIDTH]}…"


_DEPTH, _MOST = 3, 2000


def _model_folders(folder: Path) -> list[Path]:
    """Folders with a model's config.json beside weights or a tokenizer, some levels deep."""
    found: list[Path] = []
    ahead, seen = [(folder, 0)], 0
    while ahead and seen < _MOST:
        here, depth = ahead.pop()
        seen += 1
        try:
            with os.scandir(here) as entries:
                inside = list(entries)
        except OSError:
            continue
        names = {entry.name for entry in inside}
        if "config.json" in names and any(name.endswith((".safetensors", ".bin")) for name in names):
            found.append(here)
            continue
        if depth < _DEPTH:
            ahead += [
                (Path(entry.path), depth + 1)
                for entry in inside
                if not entry.name.startswith(".") and entry.name != "node_modules" and _is_folder(entry)
            ]
    return sorted(found)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False
