"""A model or adapter as a config names it: a folder, a hub name, or one of Olive's resource objects."""

from __future__ import annotations

from pathlib import Path

from .paths import absolute, is_remote, is_there, looks_like_path
from .report import Field, Report, fields_of, hoist, kind_of
from .tree import MISSING

AZURE = ("azureml_model", "azureml_registry_model", "azureml_datastore", "azureml_job_output")


def resource_path(
    field: Field, base: Path, report: Report, *, what: str = "model", must_exist: bool = False
) -> str | None:
    """A folder beside the config, or a hub name; None (and a problem) where it is neither."""
    value, pointer = field
    if isinstance(value, dict):
        fields = hoist(fields_of(value, pointer), "config", ("type",), report)
        kind = str(fields["type"].value).lower() if "type" in fields else ""
        if kind in AZURE:
            named = fields.get("name")
            report.refuse(
                "azureml",
                f"{kind} lies in Azure ML, which this engine does not reach: download the {what} and give its folder",
                pointer,
            )
            return str(named.value) if named is not None and isinstance(named.value, str) else kind
        inner = fields.get("path") or fields.get("name")
        if inner is None:
            report.error("missing", f'the {what} needs a "path" (or "name")', pointer, "key")
            return None
        field = inner
        value, pointer = field
        must_exist = must_exist or kind in ("file", "folder", "local_file", "local_folder")
    if not isinstance(value, str):
        if value is not MISSING and value is not None:
            report.error("wrong-type", f"the {what}'s path must be a string, found {kind_of(value)}", pointer)
        return None
    if not value.strip():
        report.error("wrong-value", f"the {what}'s path is empty: give a folder or a hub name", pointer)
        return None
    if value.startswith("azureml:") or is_remote(value):
        if value.startswith("azureml:"):
            report.refuse("azureml", f"`{value}` lies in Azure ML, which this engine does not reach", pointer)
        return value
    there = absolute(value, base)
    if is_there(there):
        return there
    if must_exist or looks_like_path(value):
        report.error(
            "not-found",
            f"there is no {what} at `{value}`; looked for {there} (paths are relative to the config's folder)",
            pointer,
        )
        return None
    return value
