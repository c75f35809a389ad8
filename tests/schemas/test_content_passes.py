"""What the schema files say of pass types: every type of every release, whole, and consistent with itself."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import olive_schemas
from olive_schemas import catalog
from olive_schemas.releases import RELEASES, known_in

FOLDER = Path(olive_schemas.__file__).parent / "passes"
FILES = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("[!_]*.json")}
SHARED = json.loads((FOLDER / "_shared.json").read_text(encoding="utf-8"))
TYPES = sorted(FILES)
KINDS = {
    "adapter",
    "any",
    "composite_model",
    "diffusers_model",
    "distributed_hf_model",
    "distributed_onnx_model",
    "distributed_pytorch_model",
    "hf_model",
    "onnx_model",
    "openvino_model",
    "pytorch_model",
    "qairt_model",
    "qairt_prepared_model",
    "qnn_model",
    "snpe_model",
    "tensorflow_model",
}
REFERENCES = {
    "data_config",
    "file",
    "folder",
    "function",
    "module",
    "node",
    "op_type",
    "open",
    "metric",
    "model",
    "training_arguments",
    "execution_provider",
}
OF_A_FILE = {
    "$schema",
    "title",
    "description",
    "type",
    "required",
    "properties",
    "x-accelerators",
    "x-algorithms",
    "x-composite",
    "x-dataset",
    "x-encodings",
    "x-except",
    "x-exclude",
    "x-gives",
    "x-include",
    "x-names",
    "x-needs-one-of",
    "x-packages",
    "x-precisions",
    "x-providers",
    "x-replaced-by",
    "x-runs-here",
    "x-since",
    "x-takes",
    "x-until",
}


def properties_of(name: str) -> dict[str, Any]:
    schema = catalog.pass_schema(name)
    assert schema is not None
    return dict(schema.properties)


def plain(prop: dict[str, Any]) -> dict[str, Any]:
    """The property without our own keywords."""
    return {key: value for key, value in prop.items() if not key.startswith("x-")}


def valid(value: object, prop: dict[str, Any]) -> bool:
    return jsonschema.Draft202012Validator(plain(prop)).is_valid(value)


def names_of_releases(node: Any) -> list[tuple[str, str]]:
    """Every (keyword, release) in a file."""
    if isinstance(node, list):
        return [found for entry in node for found in names_of_releases(entry)]
    if not isinstance(node, dict):
        return []
    found = [
        (key, node[key]) for key in ("x-since", "x-until", "since", "until") if isinstance(node.get(key), str)
    ]
    found += [("x-except", release) for release in node.get("x-except", ())]
    return found + [entry for value in node.values() for entry in names_of_releases(value)]


def descriptions(node: Any, where: str) -> list[tuple[str, str]]:
    """(place, text) of every description in a file."""
    if isinstance(node, list):
        return [found for entry in node for found in descriptions(entry, where)]
    if not isinstance(node, dict):
        return []
    found = [(where, node["description"])] if isinstance(node.get("description"), str) else []
    return found + [entry for key, value in node.items() for entry in descriptions(value, f"{where}/{key}")]


DESCRIPTIONS = [
    found for name, node in {**FILES, "_shared": SHARED}.items() for found in descriptions(node, name)
]


def described(node: Any, where: str) -> None:
    """Each key that an object may have is described, and each value that is listed."""
    for key, prop in node.get("properties", {}).items():
        assert prop.get("description"), f"{where}/{key}"
        described(prop, f"{where}/{key}")
        for value, entry in prop.get("x-values", {}).items():
            assert entry.get("description"), f"{where}/{key}/{value}"
    if isinstance(node.get("items"), dict):
        described(node["items"], f"{where}/items")


@pytest.mark.parametrize("name", TYPES)
def test_each_parameter_and_each_listed_value_is_described(name: str) -> None:
    described({"properties": properties_of(name)}, name)
    for key, prop in properties_of(name).items():
        words = set(re.findall(r"[a-z]+", prop["description"].lower()))
        named = set(re.findall(r"[a-z]+", key.lower())) | {
            "the",
            "a",
            "of",
            "for",
            "to",
            "whether",
            "parameter",
        }
        assert len(words - named) >= 3, f"{key}: {prop['description']}"


def test_descriptions_are_short_sentences() -> None:
    for where, text in DESCRIPTIONS:
        assert text == " ".join(text.split()), (where, text)
        assert text[0].upper() == text[0] or "/x-values/" in where, (where, text)
        assert text.endswith((".", "...", "?")), (where, text)
        least = 4 if "/x-values/" in where or "/types/" in where else 20
        assert least <= len(text) <= 340, (where, text)
        assert len(re.findall(r"[.!?](?:\s|$)", text)) <= 4, (where, text)


def test_a_long_description_stands_once() -> None:
    counts = Counter(text for _, text in DESCRIPTIONS if len(text) > 80)
    assert [text for text, count in counts.items() if count > 1] == []


def test_every_pass_type_of_every_release_has_a_file() -> None:
    assert len(TYPES) >= 102
    assert len([name for name in TYPES if known_in(FILES[name], "main")]) == 85
    assert len([name for name in TYPES if known_in(FILES[name], "0.13.0")]) == 81
    assert len([name for name in TYPES if known_in(FILES[name], "0.9.3")]) == 69
    assert len([name for name in TYPES if known_in(FILES[name], "0.7.1.1")]) == 51
    assert len([name for name in TYPES if known_in(FILES[name], "0.6.2")]) == 46
    assert len([name for name in TYPES if known_in(FILES[name], "0.2.1")]) == 23


@pytest.mark.parametrize("name", TYPES)
def test_a_file_says_what_the_type_takes_and_gives_and_when_it_was_known(name: str) -> None:
    schema = FILES[name]
    assert set(schema) <= OF_A_FILE
    assert schema["title"] == name
    gives = schema["x-gives"]
    assert schema["x-takes"] and gives
    assert {*schema["x-takes"], *([gives] if isinstance(gives, str) else gives)} <= KINDS
    assert schema["x-since"] in RELEASES
    for key in ("x-accelerators", "x-providers", "x-precisions"):
        assert schema[key] and all(isinstance(value, str) for value in schema[key])
    assert schema.get("x-composite", "whole") == "whole"
    assert schema.get("x-dataset", "required") in ("required", "optional")
    if "x-replaced-by" in schema:
        assert schema["x-replaced-by"] in FILES and "x-until" in schema
    for alias in schema.get("x-names", ()):
        other = FILES.get(alias["name"])
        assert other is None or other["x-until"] == alias["until"]


@pytest.mark.parametrize("name", [*TYPES, "_shared"])
def test_releases_are_releases_and_in_order(name: str) -> None:
    node = FILES.get(name, SHARED)
    assert {release for _, release in names_of_releases(node)} <= set(RELEASES)

    def check(entry: Any) -> None:
        if isinstance(entry, dict):
            since, until = entry.get("x-since", RELEASES[0]), entry.get("x-until", "main")
            if isinstance(since, str) and isinstance(until, str):
                assert RELEASES.index(since) <= RELEASES.index(until), entry
            was = [RELEASES.index(was["until"]) for was in entry.get("x-was", ())]
            assert was == sorted(set(was)), entry
            for value in entry.values():
                check(value)

    check(node)


@pytest.mark.parametrize("name", TYPES)
def test_a_parameter_is_known_in_some_release_that_has_its_type(name: str) -> None:
    releases = [release for release in RELEASES if known_in(FILES[name], release)]
    releases += [
        release
        for alias in FILES[name].get("x-names", ())
        for release in RELEASES[: RELEASES.index(alias["until"]) + 1]
    ]
    for key, prop in properties_of(name).items():
        assert any(known_in(prop, release) for release in releases), key


@pytest.mark.parametrize("name", TYPES)
def test_includes_exist_and_what_is_excluded_was_included(name: str) -> None:
    schema = FILES[name]
    included = {
        key: prop
        for group in schema.get("x-include", ())
        for key, prop in SHARED["groups"][group]["properties"].items()
    }
    assert set(schema.get("x-exclude", ())) <= set(included)
    assert set(schema.get("required", ())) <= set(properties_of(name))


@pytest.mark.parametrize("name", TYPES)
def test_a_file_repeats_nothing_of_the_groups_that_it_includes(name: str) -> None:
    schema = FILES[name]
    groups: dict[str, Any] = {}
    for group in schema.get("x-include", ()):
        groups.update(SHARED["groups"][group]["properties"])
    for key in schema.get("x-exclude", ()):
        del groups[key]
    for key, own in schema["properties"].items():
        for keyword, value in own.items():
            if key in groups and keyword in groups[key]:
                assert groups[key][keyword] != value, f"{key}: {keyword}"


@pytest.mark.parametrize("name", TYPES)
def test_each_parameter_is_json_schema_and_allows_its_own_values(name: str) -> None:
    required = FILES[name].get("required", ())
    for key, prop in properties_of(name).items():
        jsonschema.Draft202012Validator.check_schema(plain(prop))
        if key not in required and "x-required" not in prop:
            assert "default" in prop, key
        if "default" in prop:
            assert valid(prop["default"], prop), key
        for value in prop.get("x-search", ()):
            assert valid(value, prop), (key, value)
        assert "x-like" not in prop or prop["x-like"] in SHARED["types"], key
        assert prop.get("x-ref", "file") in REFERENCES, key
        values = prop.get("x-values", {})
        if values and not prop.get("x-values-open"):
            assert set(values) <= {str(value) for value in prop["enum"]}, key
        for was in prop.get("x-was", ()):
            earlier = {k: v for k, v in {**prop, **was}.items() if v is not None or k == "default"}
            assert valid(earlier.get("default"), earlier) or earlier.get("default") is None, key


@pytest.mark.parametrize("name", TYPES)
def test_earlier_names_do_not_collide(name: str) -> None:
    properties = properties_of(name)
    aliases = [alias["name"] for prop in properties.values() for alias in prop.get("x-names", ())]
    assert not set(aliases) & set(properties)
    assert len(aliases) == len(set(aliases))


def test_earlier_names_of_types_lead_to_one_type() -> None:
    counts = Counter(alias["name"] for schema in FILES.values() for alias in schema.get("x-names", ()))
    assert [name for name, count in counts.items() if count > 1] == []
    for written, name in (
        ("OrtPerfTuning", "OrtSessionParamsTuning"),
        ("OnnxModelOptimizer", "OnnxPeepholeOptimizer"),
        ("GenAIModelExporter", "ModelBuilder"),
        ("onnxmatmul4quantizer", "OnnxBlockWiseRtnQuantization"),
    ):
        assert catalog.successor(written) == name
    assert catalog.successor("OnnxConversion") is None
