"""Whether a JSON file is a workflow of Olive at all: by its content; by its name only while the content says nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from olive_schemas import catalog

if TYPE_CHECKING:
    from .document import Document

_PARTS = (
    "input_model",
    "passes",
    "data_configs",
    "systems",
    "evaluators",
    "engine",
    "pass_flows",
    "auto_optimizer_config",
    "azureml_client",
)
_MENTIONS = re.compile(f'"(?:{"|".join(_PARTS)})"')
_ENDS = 100_000
_MINOR = (
    "output_dir",
    "cache_dir",
    "target",
    "host",
    "evaluator",
    "search_strategy",
    "log_severity_level",
    "workflow_id",
    "evaluate_input_model",
)
_TYPICAL_NAME = re.compile(r"olive[-_. ]?(?:config|workflow|run)?\.jsonc?", re.IGNORECASE)
_PACKAGE = frozenset(("module_path", "supported_providers", "supported_accelerators"))
"""What the entries of `passes` hold in the list of passes that comes with Olive itself."""
_SUMMARY = frozenset(("run_id", "passes", "outputs"))
"""What the summary holds that a run leaves beside its output."""


def is_workflow(document: Document) -> bool:
    """Two typical parts, a model or a pass with its type, or the usual name while nothing else is written.

    Cheap for everything else: a text in which no part's name stands is not parsed.
    """
    typical = _typical(document)
    if not typical and not _MENTIONS.search(document.text):
        return False
    config = document.config
    if not isinstance(config, dict):
        return typical
    if _package_list(config.get("passes")) or config.keys() >= _SUMMARY:
        return False
    parts = [name for name in _PARTS if isinstance(config.get(name), (dict, list))]
    if not parts:
        return typical and (not config or any(_begins(key) for key in config))
    return (
        typical
        or len(parts) + sum(name in config for name in _MINOR) >= 2
        or _has_type(config.get("input_model"))
        or any(_is_pass(entry) for entry in _entries(config.get("passes")))
    )


def mentions_workflow(document: Document) -> bool:
    """Whether a text that is too long to be parsed has a typical name, or two typical parts at its begin or end."""
    if _typical(document):
        return True
    text = document.text
    return len(set(_MENTIONS.findall(text[:_ENDS] + text[-_ENDS:]))) >= 2


def _typical(document: Document) -> bool:
    return _TYPICAL_NAME.fullmatch(document.uri.replace("\\", "/").rpartition("/")[2]) is not None


def _begins(key: str) -> bool:
    """Whether a key is one of a workflow's, or is being typed."""
    return any(name.startswith(key) for name in (*_PARTS, *_MINOR))


def _entries(value: Any) -> list[Any]:
    found = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return [inner for entry in found for inner in (entry if isinstance(entry, list) else [entry])]


def _has_type(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("type"), str)


def _is_pass(value: Any) -> bool:
    return _has_type(value) and catalog.pass_schema(value["type"]) is not None


def _package_list(passes: Any) -> bool:
    entries = [entry for entry in _entries(passes) if isinstance(entry, dict)]
    return bool(entries) and all(_PACKAGE & entry.keys() for entry in entries)
