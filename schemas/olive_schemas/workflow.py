"""A config after normalising: what both dialects become, frozen, with every default written out.

Nothing behind `dialect.py` sees a classic spelling. Each part keeps the JSON pointer of the place in the file
that it came from, so that an error that shows up hours later can still be drawn at its line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class InputModel:
    """`kind` is "hf" (a transformers model, `path` a folder or a hub name), "onnx" (a file or folder) or "other" (a
    type of Olive's that is not run here)."""

    kind: Literal["hf", "onnx", "other"]
    path: str
    """Absolute when it names something on disk beside the config; otherwise the hub name as written."""
    task: str = "text-generation"
    load_kwargs: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    """Keyword arguments of `from_pretrained`, in the current spelling (`torch_dtype`, `trust_remote_code`, ...)."""
    adapter_path: str | None = None
    pointer: str = "/input_model"
    path_pointer: str = "/input_model"
    type: str = "HfModel"
    """The model type as Olive names it."""


@dataclass(frozen=True)
class Component:
    """One stage of a data config: `type` is the component's registered name, defaults filled in."""

    type: str
    params: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    given: frozenset[str] = frozenset()
    """Names that the file itself writes, in the current spelling."""
    pointer: str = ""
    pointers: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    """Parameter name (current spelling) -> pointer of the place where the file writes it."""


@dataclass(frozen=True)
class DataConfig:
    """Text-generation parameters carry the current names whatever the file wrote: `max_seq_len`, `strategy`,
    `joiner`, `stride`, `max_samples`, `random_seed`, `add_special_tokens`, `padding side` and so on; the classic
    pair format keeps its own (`dataset_type: "pair"`, `pair_format`, `input_col`, `output_col`, ...)."""

    name: str
    type: str
    load: Component
    pre_process: Component
    post_process: Component
    dataloader: Component
    user_script: str | None = None
    script_dir: str | None = None
    era: Literal["classic", "current"] = "current"
    """Which era's defaults and token rules this data config follows."""
    pointer: str = ""


@dataclass(frozen=True)
class System:
    """Where work happens. Only `LocalSystem` runs here."""

    name: str
    type: str = "LocalSystem"
    device: Literal["cpu", "gpu", "npu"] | None = None
    """None: take what the machine has."""
    execution_providers: tuple[str, ...] = ()
    memory_bytes: int | None = None
    hf_token: bool = False
    pointer: str = ""


@dataclass(frozen=True)
class PassStep:
    """One entry of `passes`, in the order in which it runs."""

    name: str
    type: str
    parameters: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    """Every parameter of the type, normalised names, defaults filled in."""
    given: frozenset[str] = frozenset()
    pointer: str = ""
    pointers: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    host: str | None = None


@dataclass(frozen=True)
class EngineSettings:
    output_dir: str
    cache_dir: str
    log_severity_level: int = 1
    """0 debug, 1 info, 2 warning, 3 error, 4 fatal: Olive's numbering."""
    clean_cache: bool = False
    evaluate_input_model: bool = True
    output_dir_pointer: str = ""
    cache_dir_pointer: str = ""


@dataclass(frozen=True)
class Workflow:
    """Paths in here are absolute: relative ones were taken relative to `base_dir`, the config's folder."""

    base_dir: Path
    dialect: Literal["classic", "current"]
    input_model: InputModel
    passes: tuple[PassStep, ...]
    engine: EngineSettings
    data_configs: Mapping[str, DataConfig] = field(default_factory=dict)
    systems: Mapping[str, System] = field(default_factory=dict)
    host: System = field(default_factory=lambda: System("local"))
    target: System = field(default_factory=lambda: System("local"))
    source: Path | None = None
    workflow_id: str = "default_workflow"
