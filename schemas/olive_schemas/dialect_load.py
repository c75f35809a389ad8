"""Where rows come from: files beside the config, a folder, or a name on the hub."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .parameters import Parameters
from .paths import absolute, absolute_files, is_folder, looks_like_path
from .report import Fields, Report

_BUILDERS = (
    "json",
    "csv",
    "parquet",
    "text",
    "arrow",
    "pandas",
    "xml",
    "webdataset",
    "imagefolder",
    "audiofolder",
)
_ALWAYS = ("data_name", "subset", "split", "data_files", "data_dir")


def files_only(fields: Fields) -> bool:
    """Whether the data comes from files through one of datasets' own builders."""
    written = fields.get("data_name")
    return written is None or (isinstance(written.value, str) and written.value.lower() in _BUILDERS)


def load_parameters(
    values: dict[str, Any], read: Parameters, pointer: str, base: Path, report: Report
) -> dict[str, Any]:
    """What is written and what has a default; files and folders as absolute paths.

    Options nobody wrote are left out: to a reader of files null can mean something (`header` of csv). Names on the
    hub, and files inside such a data set, stay as they are.
    """
    params = {
        name: value
        for name, value in values.items()
        if value is not None or name in read.given or name in _ALWAYS
    }
    name = params.get("data_name")
    files = params.get("data_files")
    if isinstance(files, dict) and "type" in files:
        files = _resource(files, read.pointers.get("data_files", pointer), report)
        params["data_files"] = files
    folder = (
        isinstance(name, str)
        and name.lower() not in _BUILDERS
        and (looks_like_path(name) or is_folder(absolute(name, base)))
    )
    if folder and isinstance(name, str):
        params["data_name"] = absolute(name, base)
    elif isinstance(name, str) and name.lower() not in _BUILDERS:
        return params
    if isinstance(params.get("data_dir"), str) and params["data_dir"]:
        params["data_dir"] = absolute(params["data_dir"], base)
        # The library takes file names relative to data_dir where there is one.
        base = Path(params["data_dir"])
    if files is not None and not folder:
        params["data_files"] = absolute_files(files, base)
    return params


def _resource(value: Mapping[str, Any], pointer: str, report: Report) -> Any:
    """`data_files` as one of Olive's resources: local ones become their path, Azure's are refused."""
    kind = str(value.get("type")).lower()
    if kind.startswith("azureml"):
        report.refuse(
            "azureml",
            f"{kind} lies in Azure ML, which this engine does not reach: download the data and write its path",
            pointer,
        )
        return None
    config = value.get("config") if isinstance(value.get("config"), dict) else value
    if kind in ("file", "folder", "string_name", "local_file", "local_folder") and isinstance(config, dict):
        return config.get("path") or config.get("name")
    return dict(value)
