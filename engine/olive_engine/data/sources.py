"""Where the rows of a data config come from: files, folders or the hub, found on disk without reading them."""

from __future__ import annotations

import glob
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from olive_schemas.nearest import nearest
from olive_schemas.workflow import DataConfig, Workflow

from ..errors import RunError
from .settings import pointer_of

BUILDERS = (
    "json", "csv", "parquet", "arrow", "text", "xml", "pandas", "webdataset", "lance", "hdf5", "eval",
    "imagefolder", "audiofolder", "videofolder", "pdffolder", "niftifolder",
)  # fmt: skip
"""Loaders that `datasets` brings along; `data_name` may name one of them."""

_BY_SUFFIX = {
    ".json": "json", ".jsonl": "json", ".ndjson": "json", ".csv": "csv", ".tsv": "csv", ".parquet": "parquet",
    ".arrow": "arrow", ".txt": "text", ".xml": "xml",
}  # fmt: skip
_COMMON_SLIPS = {
    "jsonl": "json",
    "jsonlines": "json",
    "ndjson": "json",
    "tsv": "csv",
    "txt": "text",
    "pq": "parquet",
}

OWN_PARAMETERS = {
    "data_name",
    "subset",
    "data_dir",
    "split",
    "data_files",
    "col_filters",
    "label_cols",
    "label_col",
}
IGNORED_PARAMETERS = {"trust_remote_code", "task", "model_name", "batch_size"}
"""Handled elsewhere or without effect on the rows; everything else is an option of the loader."""

FETCHING = {
    "revision", "token", "use_auth_token", "num_proc", "cache_dir", "download_mode", "verification_mode",
    "keep_in_memory", "save_infos", "streaming", "storage_options",
}  # fmt: skip
"""Options on how rows are fetched, not on which rows they are."""


@dataclass(frozen=True)
class Source:
    """`kind` "builder": `name` is one of `BUILDERS`. "folder": a data set folder. "saved": a folder written by
    `save_to_disk`. "hub": a name on the Hugging Face hub."""

    kind: Literal["builder", "folder", "saved", "hub"]
    name: str
    files: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    """Split -> local files, in order; empty where `datasets` has to find them out itself."""
    remote_files: Any = None
    """`data_files` as written, where it names files on the network."""
    folder: Path | None = None
    """`data_dir`, or the folder that `name` is."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Further keyword arguments of `load_dataset`, as the file writes them."""

    @property
    def local(self) -> bool:
        return self.kind in ("folder", "saved") or (self.kind == "builder" and self.remote_files is None)

    @property
    def plain(self) -> bool:
        """Whether no option changes what the files' bytes mean."""
        return set(self.options) <= FETCHING

    def paths(self) -> list[Path]:
        """Every local file that the rows may come from, in a stable order."""
        if self.files:
            return [path for paths in self.files.values() for path in paths]
        if self.folder is None or not self.local:
            return []
        return sorted(
            path for path in self.folder.rglob("*") if path.is_file() and not _hidden(path, self.folder)
        )


def find_source(config: DataConfig, workflow: Workflow) -> Source:
    """RunError where something named is not there, with the nearest thing that is."""
    params = config.load.params
    # Only what the file writes: the defaults are the library's own, and null can mean something (a csv's header).
    options = {
        name: value
        for name, value in params.items()
        if name in config.load.given and name not in OWN_PARAMETERS | IGNORED_PARAMETERS
    }
    name = params.get("data_name")
    if options.get("streaming"):
        raise RunError(
            "streaming data sets have no length and cannot be made into sequences beforehand",
            code="data-streaming",
            pointer=pointer_of(config.load, "streaming"),
            hint="take streaming out",
        )
    if not name:
        raise RunError(
            f"data config `{config.name}` does not say what to load: data_name is missing",
            code="data-name",
            pointer=pointer_of(config.load, "data_name"),
            hint='for local files write the format, such as "data_name": "json", and the files into data_files',
        )
    name = str(name)
    folder = _data_dir(config, workflow)
    local = _beside(name, workflow)
    if name.lower() in BUILDERS and not local.is_dir():
        return _builder(config, workflow, name.lower(), folder, options)
    if local.is_file():
        return _single_file(config, local, options)
    if local.is_dir():
        return _folder(config, workflow, local, folder, options)
    return _hub(config, workflow, name, options)


def _beside(name: str, workflow: Workflow) -> Path:
    return workflow.base_dir / Path(name).expanduser()


def _data_dir(config: DataConfig, workflow: Workflow) -> Path | None:
    written = config.load.params.get("data_dir")
    return None if not written else _beside(str(written), workflow)


def _builder(
    config: DataConfig, workflow: Workflow, name: str, folder: Path | None, options: Mapping[str, Any]
) -> Source:
    if folder is not None and not folder.is_dir():
        raise _missing(config, folder, "data_dir")
    written = config.load.params.get("data_files")
    if written:
        if _remote(written):
            return Source("builder", name, remote_files=written, folder=folder, options=options)
        return Source("builder", name, _found(config, workflow, folder, written), None, folder, options)
    if folder is None:
        raise RunError(
            f"data_name is `{name}`, but data_files is missing",
            code="data-files",
            pointer=pointer_of(config.load, "data_name"),
            hint='name the file or files, such as "data_files": "dataset/data.json"',
        )
    source = Source("builder", name, folder=folder, options=options)
    if not source.paths():
        raise _empty_folder(config, folder, "data_dir")
    return source


def _found(
    config: DataConfig, workflow: Workflow, folder: Path | None, written: Any
) -> dict[str, tuple[Path, ...]]:
    by_split = written if isinstance(written, Mapping) else {"train": written}
    return {
        str(split): tuple(
            path
            for pattern in _as_list(patterns)
            for path in _expand(config, folder or workflow.base_dir, pattern)
        )
        for split, patterns in by_split.items()
    }


def _as_list(value: Any) -> list[str]:
    return [str(value)] if isinstance(value, (str, Path)) else [str(one) for one in value]


def _expand(config: DataConfig, base: Path, pattern: str) -> list[Path]:
    path = base / Path(pattern).expanduser()
    if path.is_file():
        return [path]
    if path.is_dir():
        raise RunError(
            f"data_files names the folder {pattern}; it takes files",
            code="data-files",
            pointer=pointer_of(config.load, "data_files"),
            hint=f"write a pattern such as {pattern.rstrip('/')}/*.json, or name the folder in data_dir",
        )
    if glob.has_magic(pattern):
        found = sorted(Path(one) for one in glob.glob(str(path), recursive=True))  # noqa: PTH207 - an absolute pattern
        files = [one for one in found if one.is_file() and not one.name.startswith((".", "__"))]
        if files:
            return files
        raise RunError(
            f"the pattern {pattern} in data_files matches no file",
            code="data-files",
            pointer=pointer_of(config.load, "data_files"),
            hint=_there_is(path.parent if path.parent.is_dir() else base, path.suffix),
        )
    raise _missing(config, path, "data_files")


def _missing(config: DataConfig, path: Path, parameter: str) -> RunError:
    return RunError(
        f"{parameter} names {path}, which does not exist",
        code="data-missing-file",
        pointer=pointer_of(config.load, parameter),
        hint=_nearest_file(path),
    )


def _nearest_file(path: Path) -> str:
    """A sentence on what is there instead: the same name elsewhere, a near name, or where the path breaks off."""
    parent = path.parent
    if not parent.is_dir():
        existing = next((one for one in parent.parents if one.is_dir()), None)
        broken = parent.relative_to(existing).parts[0] if existing else parent
        return f"there is no folder {broken} in {existing}" if existing else "check the path"
    names = [one.name for one in parent.iterdir()]
    near = nearest(path.name, names)
    return f"did you mean {near}?" if near else _there_is(parent, path.suffix)


def _there_is(folder: Path, suffix: str) -> str:
    names = sorted(one.name for one in folder.iterdir() if not one.name.startswith("."))
    alike = [name for name in names if suffix and name.endswith(suffix)] or names
    shown = ", ".join(alike[:5]) + (" and more" if len(alike) > 5 else "")
    return f"{folder} holds {shown}" if shown else f"{folder} is empty"


def _empty_folder(config: DataConfig, folder: Path, parameter: str) -> RunError:
    return RunError(
        f"{parameter} names {folder}, which holds no files",
        code="data-empty",
        pointer=pointer_of(config.load, parameter),
        hint="put the data there, or name another folder",
    )


def _single_file(config: DataConfig, path: Path, options: Mapping[str, Any]) -> Source:
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    builder = _BY_SUFFIX.get(suffixes[-1]) if suffixes else None
    if builder is None:
        raise RunError(
            f"data_name names the file {path.name}, whose ending tells no format",
            code="data-name",
            pointer=pointer_of(config.load, "data_name"),
            hint='write the format into data_name, such as "json", and the file into data_files',
        )
    more = {"sep": "\t"} if suffixes[-1] == ".tsv" else {}
    return Source("builder", builder, {"train": (path,)}, options={**more, **options})


def _folder(
    config: DataConfig, workflow: Workflow, local: Path, data_dir: Path | None, options: Mapping[str, Any]
) -> Source:
    if (local / "state.json").is_file() or (local / "dataset_dict.json").is_file():
        return Source("saved", str(local), folder=local, options=options)
    written = config.load.params.get("data_files")
    source = Source("folder", str(local), folder=local, options=options)
    if not source.paths():
        raise _empty_folder(config, local, "data_name")
    if written and not _remote(written):
        files = _found(config, workflow, data_dir or local, written)
        return Source("folder", str(local), files, folder=local, options=options)
    return source


def one_format(paths: Sequence[Path]) -> str | None:
    """The loader for a folder's files, if they all have the same ending; a README counts for nothing."""
    endings = {path.suffix.lower() for path in paths if path.name.lower() != "readme.md"}
    return _BY_SUFFIX.get(endings.pop()) if len(endings) == 1 else None


def _hub(config: DataConfig, workflow: Workflow, name: str, options: Mapping[str, Any]) -> Source:
    pointer = pointer_of(config.load, "data_name")
    if name.lower() in _COMMON_SLIPS:
        raise RunError(
            f"data_name `{name}` is no format that can be loaded",
            code="data-name",
            pointer=pointer,
            hint=f"did you mean `{_COMMON_SLIPS[name.lower()]}`?",
        )
    looks_local = name.startswith((".", "/", "~")) or "\\" in name or Path(name).suffix.lower() in _BY_SUFFIX
    if looks_local or not re.fullmatch(r"[\w.-]+(/[\w.-]+)?", name):
        raise _missing(config, _beside(name, workflow), "data_name")
    return Source("hub", name, remote_files=config.load.params.get("data_files"), options=options)


def _remote(written: Any) -> bool:
    values: Sequence[Any] = list(written.values()) if isinstance(written, Mapping) else _as_list(written)
    flat = [one for value in values for one in _as_list(value)]
    return any("://" in one for one in flat)


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith((".", "__")) for part in path.relative_to(folder).parts)
