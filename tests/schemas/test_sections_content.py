"""The keywords of the sections mean something: what they refer to exists, histories are in order, releases fit."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import olive_schemas
from olive_schemas import catalog, sections
from olive_schemas.releases import RELEASES, index, known_in
from olive_schemas.schema_files import PLACES
from olive_schemas.values import fit

ROOT = Path(olive_schemas.__file__).parent
FILES = sorted(path.name for path in ROOT.glob("*.json") if path.name != "messages.json")
KEYWORDS = (ROOT / "KEYWORDS.md").read_text(encoding="utf-8")
OF_TRANSFORMERS = "training_arguments.json"


def nodes(node: Any, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of a file, with the way to it."""
    if isinstance(node, dict):
        yield where, node
        for key, value in node.items():
            yield from nodes(value, f"{where}/{key}")
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from nodes(value, f"{where}/{place}")


def all_nodes() -> list[tuple[str, dict[str, Any]]]:
    return [
        found
        for name in FILES
        for found in nodes(json.loads((ROOT / name).read_text(encoding="utf-8")), name)
    ]


def entries() -> dict[str, Mapping[str, Any]]:
    """Every set of keys as the catalog hands it out, with what stands beside it."""
    found = {name: sections.section(name) for name in PLACES}
    for kind, types in (
        ("model", catalog.models()),
        ("system", catalog.systems()),
        ("sampler", catalog.samplers()),
        ("search_algorithm", catalog.search_algorithms()),
        ("packaging", catalog.packaging()),
        ("resource", catalog.resources()),
        ("evaluator", catalog.evaluator_types()),
        *((stage, catalog.data_components(stage)) for stage in catalog.STAGES),
    ):
        found.update({f"{kind} {name}": entry for name, entry in types.items()})
    return found


ENTRIES = entries()
GROUPS: dict[str, catalog.Properties] = {label: entry["properties"] for label, entry in ENTRIES.items()}
PROPERTIES = [
    pytest.param(label, key, prop, id=f"{label}.{key}")
    for label, group in GROUPS.items()
    for key, prop in group.items()
]


def test_every_keyword_is_explained() -> None:
    used = {key for _, node in all_nodes() for key in node if key.startswith("x-")}
    assert {key for key in used if f"`{key}`" not in KEYWORDS} == set()


def test_every_reference_is_explained() -> None:
    used = {node["x-ref"] for _, node in all_nodes() if isinstance(node.get("x-ref"), str)}
    assert {name for name in used if f"`{name}`" not in KEYWORDS} == set()


@pytest.mark.parametrize(("label", "key", "prop"), PROPERTIES)
def test_a_merged_property_is_described_and_typed(label: str, key: str, prop: Any) -> None:
    assert len(prop["description"]) > 20 and prop["description"].endswith(".")
    assert prop.get("type") or prop.get("enum") or prop.get("anyOf")


@pytest.mark.parametrize(("label", "key", "prop"), PROPERTIES)
def test_a_property_is_json_schema_in_each_release_and_takes_its_default(
    label: str, key: str, prop: Any
) -> None:
    of_olive = label != "training_arguments"
    for release in RELEASES if of_olive else RELEASES[-1:]:
        laid_out = catalog.at(prop, release)
        schema = {name: value for name, value in laid_out.items() if not name.startswith("x-")}
        if of_olive and not (known_in(prop, release) and known_in(ENTRIES[label], release)):
            continue
        jsonschema.Draft202012Validator.check_schema(schema)
        if laid_out.get("default") is not None:
            assert not fit(laid_out["default"], laid_out).wrong, release


@pytest.mark.parametrize(("label", "key", "prop"), PROPERTIES)
def test_histories_are_in_order(label: str, key: str, prop: Any) -> None:
    ends = [index(entry["until"]) for entry in prop.get("x-was", ())]
    assert ends == sorted(set(ends))
    assert all(entry["until"] in RELEASES for entry in prop.get("x-was", ()))
    for span in (*prop.get("x-required", ()), *prop.get("x-required-unless", ())):
        assert set(span) <= {"since", "until", "key"}
        assert {span[name] for name in ("since", "until") if name in span} <= set(RELEASES)
    for alias in prop.get("x-names", ()):
        assert alias["name"] != key


@pytest.mark.parametrize(("label", "key", "prop"), PROPERTIES)
def test_values_with_a_history_are_values(label: str, key: str, prop: Any) -> None:
    values = prop.get("x-values", {})
    if values and not prop.get("x-values-open"):
        assert set(values) <= {str(value) for value in prop["enum"]}
    for entry in values.values():
        assert not entry.get("description") or entry["description"].endswith(".")


@pytest.mark.parametrize(("label", "key", "prop"), PROPERTIES)
def test_what_was_dropped_says_what_to_write(label: str, key: str, prop: Any) -> None:
    if "x-migration" in prop:
        assert prop["x-migration"] in ("exact", "defaults", "lossy", "person")
        assert "x-instead" in prop or "x-replaced-by" in prop
    if "x-instead" in prop:
        assert re.fullmatch(r"[A-Z].*\.", prop["x-instead"])
    if "x-lax" in prop:
        assert set(prop["x-lax"]) <= set(prop)


@pytest.mark.parametrize("label", sorted(GROUPS))
def test_keys_that_replace_others_exist(label: str) -> None:
    group = GROUPS[label]
    types = {*catalog.models(), *catalog.systems()}
    for key, prop in group.items():
        successor = prop.get("x-replaced-by")
        places = {*group, *types, *catalog.workflow_properties()}
        assert successor is None or successor in places, key


@pytest.mark.parametrize(("where", "node"), [(w, n) for w, n in all_nodes() if "x-unknown" in n], ids=str)
def test_what_is_done_with_unknown_keys_covers_each_release(where: str, node: dict[str, Any]) -> None:
    for keyword in ("x-unknown", "x-unknown-flat", "x-unknown-nested"):
        spans = node.get(keyword, [{"does": "ignored"}])
        assert "until" not in spans[-1], "the last one holds for all later releases"
        ends = [index(span["until"]) for span in spans[:-1]]
        assert ends == sorted(set(ends))
        for span in spans:
            assert span["does"] in ("ignored", "warned", "error", "open")
            assert span.get("when", "run") == "run"


@pytest.mark.parametrize(
    ("section", "release", "flat", "does"),
    [
        ("workflow", "0.6.2", False, ("ignored", "")),
        ("workflow", "0.7.0", False, ("error", "")),
        ("engine", "0.5.0", False, ("ignored", "")),
        ("engine", "0.5.1", False, ("error", "")),
        ("pass", "0.6.2", True, ("ignored", "")),
        ("pass", "0.7.0", True, ("warned", "")),
        ("pass", "0.6.2", False, ("warned", "")),
        ("data_config", "0.13.0", False, ("warned", "")),
        ("accelerator", "0.13.0", False, ("ignored", "")),
        ("load_kwargs", "0.13.0", False, ("open", "")),
        ("metric", "0.7.1.1", False, ("ignored", "")),
        ("metric", "0.8.0", False, ("warned", "")),
    ],
)
def test_unknown_keys(section: str, release: str, flat: bool, does: tuple[str, str]) -> None:
    assert catalog.unknown_key(catalog.section(section), release, flat) == does


def test_unknown_keys_of_a_model_fail_in_the_run() -> None:
    model = catalog.models()["HfModel"]
    assert catalog.unknown_key(model, "0.13.0") == ("error", "run")
    assert catalog.unknown_key(model, "0.6.2", flat=True) == ("ignored", "")


@pytest.mark.parametrize(
    ("section", "key", "release", "keyword", "value"),
    [
        ("accelerator", "execution_providers", "0.13.0", "maxItems", 1),
        ("accelerator", "execution_providers", "0.9.3", "maxItems", None),
        ("accelerator", "execution_providers", "0.7.0", "items", {"type": "string"}),
        ("engine", "cache_dir", "0.6.2", "type", "string"),
        ("workflow", "data_configs", "0.5.2", "type", ["object", "null"]),
        ("workflow", "data_configs", "0.6.0", "type", "array"),
        ("kv_cache", "ort_past_key_name", "0.6.2", "default", "past_key_<id>"),
        ("kv_cache", "ort_past_key_name", "0.7.0", "default", "past_key_values.<id>.key"),
        ("data_config", "name", "0.4.0", "pattern", None),
    ],
)
def test_properties_of_one_release(section: str, key: str, release: str, keyword: str, value: object) -> None:
    assert catalog.at(catalog.section(section)["properties"][key], release).get(keyword) == value


def test_systems_have_accelerators_as_strings_up_to_0_5_0() -> None:
    prop = catalog.systems()["LocalSystem"]["properties"]["accelerators"]
    assert catalog.at(prop, "0.5.0")["items"]["type"] == "string"
    assert catalog.at(prop, "0.5.1")["items"]["type"] == "object"
    assert catalog.at(prop, "0.9.3").get("maxItems") is None
    assert catalog.at(prop, "0.10.0")["maxItems"] == 1


def test_docker_has_two_shapes() -> None:
    docker = catalog.systems()["Docker"]["properties"]
    assert not known_in(docker["local_docker_config"], "0.9.2")
    assert known_in(docker["dockerfile"], "0.9.2") and not known_in(docker["dockerfile"], "0.9.1")
    assert set(docker["local_docker_config"]["properties"]) >= {"image_name", "build_args", "run_params"}


@pytest.mark.parametrize(
    ("metric", "sub_type", "backend", "has", "lacks"),
    [
        ("latency", "avg", "torch_metrics", "warmup_num", "task"),
        ("accuracy", "accuracy_score", "torch_metrics", "task", "warmup_num"),
        ("accuracy", "glue", "huggingface_metrics", "load_params", "task"),
        ("accuracy", "relaxed_accuracy", "torch_metrics", "tolerance", "task"),
    ],
)
def test_metric_config_by_metric(metric: str, sub_type: str, backend: str, has: str, lacks: str) -> None:
    found = catalog.metric_config_properties(metric, sub_type, backend)
    assert has in found and lacks not in found


def test_a_type_that_was_dropped_says_what_to_do() -> None:
    for types in (catalog.models(), catalog.systems(), catalog.resources()):
        for name, entry in types.items():
            assert "x-until" not in entry or "x-instead" in entry or "x-replaced-by" in entry, name
