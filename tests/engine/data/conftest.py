"""Fixtures of the data tests: a tiny tokenizer in four variants and data configs written as short dicts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from olive_schemas.workflow import Component, DataConfig, EngineSettings, InputModel, Workflow

FIXTURES = Path(__file__).parent / "fixtures"
TEXT_GENERATION = "text_generation_huggingface_pre_process"


@lru_cache
def tokenizer_named(variant: str) -> Any:
    from transformers import PreTrainedTokenizerFast

    config = dict(json.loads((FIXTURES / "tokenizers.json").read_text("utf-8"))[variant])
    config.pop("tokenizer_class")
    return PreTrainedTokenizerFast(tokenizer_file=str(FIXTURES / "tokenizer.json"), **config)


@pytest.fixture(scope="session")
def tokenizer() -> Any:
    return tokenizer_named("plain")


@pytest.fixture
def workflow(tmp_path: Path) -> Workflow:
    """A workflow whose config lies in the test's own folder."""
    return workflow_in(tmp_path)


def workflow_in(folder: Path) -> Workflow:
    return Workflow(
        folder, "current", InputModel("hf", "model"), (), EngineSettings(str(folder), str(folder / "cache"))
    )


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Writes a file into the test's folder."""

    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def config_of(
    load: dict[str, Any] | None = None,
    pre: dict[str, Any] | None = None,
    *,
    era: str = "current",
    user_script: str | None = None,
) -> DataConfig:
    """A data config; `type` inside the dicts names another component than the usual ones."""
    load = dict(load or {})
    if "type" not in load:
        load = {"data_name": "json", "data_files": "data.json", "split": "train", **load}
    pre = dict(pre or {})
    return DataConfig(
        name="phrases",
        type="huggingfacecontainer",
        load=_component("load_dataset_config", load.pop("type", "huggingface_dataset"), load),
        pre_process=_component("pre_process_data_config", pre.pop("type", TEXT_GENERATION), pre),
        post_process=Component("text_generation_post_process"),
        dataloader=Component("default_dataloader"),
        user_script=user_script,
        era=era,  # type: ignore[arg-type]
        pointer="/data_configs/0",
    )


def _component(section: str, kind: str, params: dict[str, Any]) -> Component:
    place = f"/data_configs/0/{section}"
    return Component(
        kind, params, frozenset(params), place, {name: f"{place}/params/{name}" for name in params}
    )


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Any attempt to look up or reach another machine fails the test."""
    import socket

    def refuse(*arguments: Any, **more: Any) -> Any:
        raise AssertionError(f"the network was asked for: {arguments}")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    yield
