"""The sections say of each release what that release's own source says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from recorded import recorded

from olive_schemas import catalog
from olive_schemas.releases import RELEASES, index, known_in

RECORDED = recorded()


def spelled(properties: Mapping[str, Mapping[str, Any]], release: str) -> set[str]:
    """The keys of a release, as it spells them."""
    names = set()
    for name, prop in properties.items():
        if not known_in(prop, release):
            continue
        then = [
            alias["name"]
            for alias in prop.get("x-names", ())
            if "until" in alias
            and index(alias.get("since", RELEASES[0])) <= index(release) <= index(alias["until"])
        ]
        names.add(then[0] if then else name)
    return names


def ours(label: str, release: str) -> set[str]:
    kind, _, name = label.partition(" ")
    if kind == "section":
        return spelled(catalog.section(name)["properties"], release)
    if kind == "system":
        return spelled(catalog.systems()[name]["properties"], release)
    if kind == "model":
        return spelled(catalog.models()[name]["properties"], release)
    if kind == "providers":
        known = {
            provider: catalog.accelerators()["providers"][provider]
            for provider in catalog.device_providers(name, release)
        }
        return spelled(known, release)
    if kind == "user_config":
        return set(catalog.user_config_properties(name, release))
    if kind == "enum":
        return set(values(name, release))
    properties = catalog.component_properties(kind, name)
    assert properties is not None
    return spelled(properties, release)


def values(name: str, release: str) -> list[str]:
    if name in ("accuracy", "latency", "throughput", "size_on_disk"):
        return [sub for sub, times in catalog.sub_types(name).items() if known_in(times, release)]
    prop = {
        "metric types": catalog.section("metric")["properties"]["type"],
        "devices": catalog.section("accelerator")["properties"]["device"],
        "packaging": catalog.section("packaging_config")["properties"]["type"],
        "resources": catalog.section("resource")["properties"]["type"],
        "file formats": catalog.models()["PyTorchModel"]["properties"]["model_file_format"],
    }.get(name)
    if prop is None:
        return [t for t, e in catalog.systems().items() if known_in(e, release) and "x-alias-of" not in e]
    return [value for value in catalog.at(prop, release)["enum"] if value is not None]


@pytest.mark.parametrize("label", sorted(RECORDED))
def test_keys_and_values_are_those_of_each_release(label: str) -> None:
    for release, names in RECORDED[label].items():
        found = ours(label, release)
        if label.split()[0] in catalog.STAGES and found != names:
            # What a component hands on is described too.
            assert names < found, release
            assert catalog.unknown_key(component(label), release)[0] in ("open", "warned"), release
        else:
            assert found == names, release


def component(label: str) -> Mapping[str, Any]:
    stage, _, name = label.partition(" ")
    entry: Mapping[str, Any] = catalog.data_components(stage)[name]
    return entry


TYPES = [label for label in sorted(RECORDED) if label.split()[0] in ("model", "system", *catalog.STAGES)]


@pytest.mark.parametrize("label", TYPES)
def test_types_are_there_in_the_releases_that_had_them(label: str) -> None:
    kind, _, name = label.partition(" ")
    if kind in ("model", "system"):
        entry = (catalog.models() if kind == "model" else catalog.systems())[name]
    else:
        entry = component(label)
    for release in RELEASES:
        assert known_in(entry, release) == (release in RECORDED[label]), release
