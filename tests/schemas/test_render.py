"""The generated pages and the fallback schema: fresh, complete, and never stricter than Olive."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from olive_schemas import catalog
from olive_schemas.releases import RELEASES, known_in
from olive_schemas.render import anchors, config_page, fallback, passes_page
from olive_schemas.render.__main__ import GENERATED, stale

ROOT = Path(__file__).parents[2]
CONFIGS = Path(__file__).parent / "configs"
PASSES, CONFIG = passes_page.render(), config_page.render()
SCHEMA: dict[str, Any] = json.loads(fallback.render())
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)


def told(config: Any) -> dict[str, str]:
    """Place -> message of what the fallback schema marks."""
    return {
        "/".join(str(step) for step in error.absolute_path): error.message
        for error in VALIDATOR.iter_errors(config)
    }


def found_anchors(page: str) -> list[str]:
    return re.findall(r'<a id="([^"]+)">', page)


# --- pages ----------------------------------------------------------------------------------------------------------


def test_the_committed_files_are_what_would_be_rendered_now() -> None:
    assert stale(ROOT) == [], "run `make docs` and commit what it writes"


def test_a_changed_file_is_stale(tmp_path: Path) -> None:
    for name, render in GENERATED.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(render(), encoding="utf-8")
    assert stale(tmp_path) == []
    (tmp_path / "docs/passes.md").write_text("edited by hand", encoding="utf-8")
    (tmp_path / "docs/config.md").unlink()
    assert stale(tmp_path) == ["docs/passes.md", "docs/config.md"]


@pytest.mark.parametrize("page", [PASSES, CONFIG], ids=["passes", "config"])
def test_each_anchor_stands_once(page: str) -> None:
    found = found_anchors(page)
    assert len(found) == len(set(found))


def test_links_lead_to_anchors() -> None:
    known = {"passes.md": set(found_anchors(PASSES)), "config.md": set(found_anchors(CONFIG))}
    for name, page in (("passes.md", PASSES), ("config.md", CONFIG)):
        for file, anchor in re.findall(r"\]\(([a-z.]*)#([^)]+)\)", page):
            assert anchor in known[file or name], (name, file, anchor)


def test_every_pass_and_every_parameter_has_its_anchor() -> None:
    found = set(found_anchors(PASSES))
    for name in catalog.known_passes():
        schema = catalog.pass_schema(name)
        assert schema is not None
        places = [anchors.of_pass(name), *(anchors.of_pass(name, key) for key in schema.properties)]
        for place in places:
            page, _, anchor = place.partition("#")
            assert anchor in (found if page == "passes.md" else found_anchors(CONFIG)), place


def test_the_anchors_that_findings_link_to() -> None:
    assert anchors.of_pass("LoRA") == "passes.md#lora"
    assert anchors.of_pass("lora", "r") == "passes.md#lora-r"
    assert anchors.of_pass("QLoRA", "train_data_config") == "passes.md#qlora-train_data_config"


@pytest.mark.parametrize(
    ("kind", "type_name", "key", "place"),
    [
        ("workflow", "", "", "config.md#config"),
        ("workflow", "", "passes", "config.md#config-passes"),
        ("workflow", "", "output_dir", "config.md#engine-output_dir"),
        ("engine", "", "cache_dir", "config.md#engine-cache_dir"),
        ("input_model", "hfmodel", "task", "config.md#hfmodel-task"),
        ("input_model", "", "type", "config.md#input_model-type"),
        ("model_config", "PyTorchModel", "hf_config", "config.md#pytorchmodel-hf_config"),
        ("system", "LocalSystem", "accelerators", "config.md#localsystem-accelerators"),
        ("system", "AzureND12SSystem", "", "config.md#azureml"),
        ("accelerator", "", "device", "config.md#accelerator-device"),
        ("data_config", "HuggingfaceContainer", "name", "config.md#data_config-name"),
        ("component", "huggingface_dataset", "split", "config.md#huggingface_dataset-split"),
        ("component", "", "type", "config.md#component-type"),
        ("metric", "latency", "sub_types", "config.md#metric-sub_types"),
        ("goal", "", "value", "config.md#goal-value"),
        ("search", "", "sampler", "config.md#search_strategy-sampler"),
        ("training_args", "", "learning_rate", "config.md#training_args-learning_rate"),
        ("pass", "LoRA", "host", "config.md#pass-host"),
        ("pass_config", "LoRA", "r", "passes.md#lora-r"),
        ("unknown", "", "x", ""),
    ],
)
def test_places_of_a_config_have_a_place_on_the_page(kind: str, type_name: str, key: str, place: str) -> None:
    assert anchors.of(kind, type_name, key) == place
    if place:
        page, _, anchor = place.partition("#")
        assert anchor in found_anchors(PASSES if page == "passes.md" else CONFIG)


@pytest.mark.parametrize(
    "row",
    [
        '| <a id="lora-r"></a>`r` | whole number | `64` | at least 1 | `lora_r` up to 0.7.1.1 |',
        '| <a id="lora-train_data_config"></a>`train_data_config` | name of a data config or object | **required** |',
    ],
)
def test_rows_of_the_passes_page(row: str) -> None:
    assert row in PASSES


@pytest.mark.parametrize(
    "text",
    [
        '| <a id="engine-execution_providers"></a>`execution_providers` | list of string |',
        "Unknown keys: ignored in silence up to 0.5.0, refused from 0.5.1.",
        '| <a id="training_args-learning_rate"></a>`learning_rate` | number | `5e-05`<br>in Olive `0.0002`',
        '| <a id="webgpuexecutionprovider"></a>`WebGpuExecutionProvider` |  | from 0.9.3 |  | from 0.9.2 |',
    ],
)
def test_texts_of_the_config_page(text: str) -> None:
    assert text in CONFIG


@pytest.mark.parametrize("page", [PASSES, CONFIG], ids=["passes", "config"])
def test_tables_are_whole(page: str) -> None:
    width = 0
    for line in page.splitlines():
        if not line.startswith("|"):
            width = 0
            continue
        cells = len(re.findall(r"(?<!\\)\|", line))
        assert width in (0, cells), line
        width = cells


# --- fallback schema ---------------------------------------------------------------------------------------------


def test_the_fallback_schema_is_draft_7() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    names = {
        ref.rpartition("/")[2] for ref in re.findall(r'"\$ref":\s*"#/definitions/([^"]+)"', fallback.render())
    }
    assert names <= set(SCHEMA["definitions"])


@pytest.mark.parametrize("name", sorted(path.name for path in CONFIGS.glob("*.json")))
def test_configs_of_both_dialects_are_taken(name: str) -> None:
    assert told(json.loads((CONFIGS / name).read_text(encoding="utf-8"))) == {}


HF: dict[str, Any] = {"type": "HfModel", "model_path": "m"}
ONNX: dict[str, Any] = {"type": "OnnxModel", "model_path": "m.onnx"}
LAX: list[dict[str, Any]] = [
    {
        "input_model": {
            "type": "hfmodel",
            "model_path": "m",
            "load_kwargs": {"torch_dtype": "float16", "own": 1},
        }
    },
    {"input_model": HF, "passes": {"a": {"type": "lora", "r": "16", "train_data_config": {"name": "x"}}}},
    {"input_model": HF, "passes": {"a": [{"type": "LoRA"}, {"type": "QLoRA"}]}},
    {"input_model": HF, "passes": {"a": {"type": "LoRA", "r": [8, 16], "alpha": "SEARCHABLE_VALUES"}}},
    {"input_model": HF, "passes": {"a": {"type": "LoRA", "config": {"lora_r": 8, "lora_alpha": 16}}}},
    {"input_model": HF, "passes": {"a": {"type": "my.own.Pass", "anything": 1}}},
    {"input_model": HF, "search_strategy": {"execution_order": "JOINT", "sampler": "tpe", "max_samples": 3}},
    {
        "input_model": ONNX,
        "engine": {"search_strategy": True, "log_severity_level": "0", "clean_cache": "yes"},
    },
    {
        "input_model": {"type": "ONNXModel", "config": {"model_path": "m.onnx"}},
        "systems": {"s": {"type": "LocalSystem", "config": {"accelerators": ["gpu"]}}},
        "data_configs": {"d": {"type": "HuggingfaceContainer", "params_config": {"split": "train"}}},
        "engine": {"execution_providers": ["CUDAExecutionProvider"], "host": "s", "own": 1},
        "passes": {"p": {"type": "OrtPerfTuning", "config": {"data_dir": "d"}}},
        "pass_flows": [["p"]],
        "whatever": 1,
    },
    {
        "input_model": HF,
        "systems": {
            "s": {
                "type": "localsystem",
                "accelerators": [{"device": "GPU", "execution_providers": "CUDAExecutionProvider"}],
            }
        },
        "evaluators": {
            "e": {
                "metrics": [{"name": "a", "type": "latency", "sub_types": [{"name": "avg", "priority": "1"}]}]
            },
            "l": {"type": "LMEvaluator", "tasks": ["hellaswag", {"task": "own"}]},
        },
        "target": {"type": "LocalSystem"},
    },
    {
        "input_model": {
            "type": "HfModel",
            "model_path": {"type": "azureml_registry_model", "name": "n", "version": 1},
        }
    },
]


@pytest.mark.parametrize("config", LAX, ids=str)
def test_what_some_release_takes_is_never_marked(config: dict[str, Any]) -> None:
    assert told(config) == {}


@pytest.mark.parametrize(
    ("config", "place", "message"),
    [
        ({}, "", "'input_model' is a required property"),
        ({"input_model": HF, "pases": {}}, "", "'pases' is not one of"),
        ({"input_model": {"type": "HuggingFaceModel"}}, "input_model/type", "'HuggingFaceModel'"),
        ({"input_model": HF, "passes": {"a": {"type": "LoRa2"}}}, "passes/a/type", "'LoRa2'"),
        ({"input_model": HF, "passes": {"a": {}}}, "passes/a", "'type' is a required property"),
        ({"input_model": HF, "passes": []}, "passes", "[] is not of type 'object', 'null'"),
        (
            {"input_model": HF, "passes": {"a": {"type": "LoRA", "r": "many"}}},
            "passes/a/r",
            "'many' does not match",
        ),
        (
            {"input_model": HF, "passes": {"a": {"type": "LoRA", "config": {"r": 0}}}},
            "passes/a/config/r",
            "0 is less than the minimum of 1",
        ),
        (
            {"input_model": HF, "systems": {"s": {"type": "LocalSystem", "accelerators": [{"device": 1}]}}},
            "systems/s/accelerators/0/device",
            "1",
        ),
        (
            {"input_model": HF, "evaluators": {"e": {"metrics": [{"name": "a", "type": "speed"}]}}},
            "evaluators/e/metrics/0/type",
            "'speed' is not one of",
        ),
        ({"input_model": HF, "log_severity_level": "info"}, "log_severity_level", "'info' does not match"),
    ],
)
def test_what_no_release_takes_is_marked_at_its_place(
    config: dict[str, Any], place: str, message: str
) -> None:
    found = told(config)
    assert list(found) == [place]
    assert message in found[place]


def every_property() -> list[tuple[str, Any, str]]:
    """(where, property, definition's kind) of sections that stand alone."""
    sections = {
        "engine": catalog.engine_properties(),
        "training_args": catalog.training_arguments(),
        "io_config": catalog.section("io_config")["properties"],
    }
    return [(f"{name}/{key}", prop, name) for name, group in sections.items() for key, prop in group.items()]


@pytest.mark.parametrize(("where", "prop", "section"), every_property(), ids=lambda value: str(value)[:40])
def test_defaults_of_every_release_are_taken(where: str, prop: Any, section: str) -> None:
    key = where.partition("/")[2]
    for release in RELEASES:
        laid_out = catalog.at(prop, release)
        if "default" not in laid_out or not (known_in(prop, release) or section == "training_args"):
            continue
        definition = {"engine": "engine", "training_args": "training_arguments"}.get(section, section)
        inner = (
            SCHEMA["properties"]["engine"] if definition == "engine" else SCHEMA["definitions"][definition]
        )
        part = {"definitions": SCHEMA["definitions"], **inner["properties"][key]}
        resolver = {**part, "$schema": SCHEMA["$schema"]}
        assert jsonschema.Draft7Validator(resolver).is_valid(laid_out["default"]), release
