"""From a data config, as it is written in either dialect, to the local file that its rows come from.

Only what is plainly local is followed: no hub, no remote address, no recursive pattern.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from olive_schemas.paths import is_remote

from .local_data import Table, format_of, table
from .local_io import FAULTS, folder_stamp, stamp

_FORMATS = {"json": "json", "csv": "csv", "text": "text", "parquet": "parquet"}
_OWN = frozenset({
    "data_name", "data_files", "data_dir", "split", "subset", "type", "params", "name", "col_filters", "label_cols",
    "label_col", "trust_remote_code", "task", "model_name", "batch_size", "revision", "token", "use_auth_token",
    "num_proc", "cache_dir", "download_mode", "verification_mode", "keep_in_memory", "save_infos", "storage_options",
    "component_kwargs", "input_cols", "max_samples", "kwargs",
})  # fmt: skip
"""Parameters that do not change how a file's bytes become rows."""


class Source(NamedTuple):
    path: Path
    kind: str | None
    """json, csv, text, parquet; None goes by the file's ending."""
    options: Mapping[str, Any]
    """What the loader is told about the format: field, sep, names, ..."""
    others: int
    """Further files with rows."""

    def table(self) -> Table | None:
        return table(self.path, self.kind, self.options)


def load_parameters(data_config: Any) -> dict[str, Any]:
    """The parameters of the loading component, wherever the dialect puts them. Of any value at all; {} for nonsense."""
    if not isinstance(data_config, Mapping):
        return {}
    together = _object(data_config.get("params_config"))
    kwargs = _object(_object(together.get("component_kwargs")).get("load_dataset"))
    component = _object(data_config.get("load_dataset_config"))
    older = _object(_object(data_config.get("components")).get("load_dataset"))
    result: dict[str, Any] = {}
    for part in (together, kwargs, older, component):
        result.update({name: value for name, value in part.items() if name not in ("type", "params")})
        result.update(_object(part.get("params")))
    return result


def source_of(data_config: Any, base: Path | None, root: str = "") -> Source | None:
    """The first file of the rows that is here. `base`: the config's folder; `root`: the config's `data_root`."""
    parameters = load_parameters(data_config)
    classic = isinstance(data_config, Mapping) and "params_config" in data_config
    known = (
        _OWN
        if not classic
        else _OWN | frozenset(parameters) - frozenset(("field", "sep", "delimiter", "names", "header"))
    )
    options = {name: value for name, value in parameters.items() if name not in known}
    name = parameters.get("data_name")
    folder = _under(base, root)
    written_folder = parameters.get("data_dir")
    if isinstance(written_folder, str):
        folder = _under(folder, written_folder)
    kind = _FORMATS.get(name.lower()) if isinstance(name, str) else None
    files = _names(parameters.get("data_files"))
    if not files and isinstance(name, str) and kind is None and name:
        folder, files = _under(base, root), [name]
    elif not files and isinstance(written_folder, str) and folder is not None:
        files = ["*"]
    if isinstance(name, str) and kind is None and parameters.get("data_files"):
        folder = _under(base, name) or folder
        if folder is None or folder_stamp(folder) is None:
            return None
    found = [path for written in files for path in _expanded(folder, written)]
    return Source(found[0], kind, options, len(found) - 1) if found else None


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _names(value: Any) -> list[str]:
    """`data_files`: a string, a list, or an object of splits, of which train comes first."""
    if isinstance(value, Mapping):
        splits = sorted(value, key=lambda split: split != "train")
        return [name for split in splits for name in _names(value[split])]
    written = value if isinstance(value, list) else [value]
    return [name for name in written if isinstance(name, str) and name and not is_remote(name)]


def _under(base: Path | None, written: str) -> Path | None:
    try:
        path = Path(written).expanduser()
    except (*FAULTS, RuntimeError):
        return None
    if path.is_absolute():
        return path
    return None if base is None else base / path


def _expanded(folder: Path | None, written: str) -> list[Path]:
    path = _under(folder, written)
    if path is None:
        return []
    if stamp(path):
        return [path]
    try:
        if folder_stamp(path):
            return _matching(path, "*")
        if any(sign in path.name for sign in "*?["):
            return _matching(path.parent, path.name)
    except FAULTS:
        pass
    return []


def _matching(folder: Path, pattern: str) -> list[Path]:
    from .local_files import entries

    names = [
        entry.name for entry in entries(folder)[0] if not entry.folder and not entry.name.startswith(".")
    ]
    fitting = [name for name in names if fnmatch.fnmatch(name, pattern)]
    return [folder / name for name in fitting if format_of(name)]
