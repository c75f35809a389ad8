"""What the JSON files say of Olive: complete, described, consistent with themselves and with what was recorded of Olive.

The names of parameters were read out of Olive's releases 0.6.2, 0.7.1.1, 0.9.3, 0.13.0 and its main branch, and for
the releases between them out of the sources of their packages.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import olive_schemas

ROOT = Path(olive_schemas.__file__).parent
FILES = sorted(path.name for path in ROOT.glob("*.json") if path.name != "messages.json")
"""Those that say what a config is; those of the passes have tests of their own."""
RELEASES = [
    "0.2.1",
    "0.3.1",
    "0.3.3",
    "0.4.0",
    "0.5.0",
    "0.5.1",
    "0.5.2",
    "0.6.0",
    "0.6.1",
    "0.6.2",
    "0.7.0",
    "0.7.1.1",
    "0.8.0",
    "0.9.0",
    "0.9.1",
    "0.9.2",
    "0.9.3",
    "0.10.0",
    "0.10.1",
    "0.11.0",
    "0.12.0",
    "0.13.0",
    "main",
]
OF_TRANSFORMERS = "training_arguments.json"
TRAINING_OF_OLIVE = {
    "current": {"learning_rate": 2e-4, "lr_scheduler_type": "constant", "warmup_ratio": 0.03},
    "classic": {
        "seed": 42,
        "data_seed": 42,
        "optim": "paged_adamw_32bit",
        "per_device_train_batch_size": 1,
        "per_device_eval_batch_size": 1,
        "gradient_accumulation_steps": 16,
        "max_steps": 10000,
        "weight_decay": 0.0,
        "learning_rate": 2e-4,
        "lr_scheduler_type": "constant",
        "warmup_ratio": 0.03,
        "logging_steps": 10,
        "group_by_length": True,
    },
}
"""What Olive 0.13.0 and 0.6.2 set differently from transformers, but for gradient_checkpointing (true in both)."""

TEXT_CURRENT = {
    "max_samples": None,
    "max_seq_len": 1024,
    "pad_to_max_len": True,
    "padding_side": "right",
    "drop_short_sequences": False,
    "use_attention_mask": True,
    "chat_template": None,
    "message_col": "messages",
    "add_special_tokens": True,
    "text_formatting_func": None,
    "text_template": None,
    "text_cols": ["text"],
    "strategy": "join",
    "stride": None,
    "joiner": "\n\n",
    "processing_batch_size": 1024,
    "random_seed": None,
    "random_retries": 10,
}
TEXT_CLASSIC = {
    **TEXT_CURRENT,
    "max_seq_len": None,
    "strategy": "line-by-line",
    "joiner": None,
    "text_cols": None,
    "padding_side": None,
    "dataset_type": "corpus",
    "pair_format": "default",
    "input_formatting_func": None,
    "input_template": None,
    "input_col": None,
    "output_formatting_func": None,
    "output_template": None,
    "output_col": None,
    "target_max_len": None,
    "ignore_source_in_labels": True,
}
"""Text generation in Olive 0.13.0 and 0.6.2; None at max_seq_len and target_max_len: required there."""


def content(name: str) -> Any:
    return json.loads((ROOT / name).read_text(encoding="utf-8"))


def property_groups(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every `properties` object of a file, with the way to it. What only changes a property of an included group is
    left out."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "properties" and isinstance(value, dict):
                if "x-include" in node:
                    value = {name: prop for name, prop in value.items() if "description" in prop}
                yield path, value
                for name, prop in value.items():
                    yield from property_groups(prop, f"{path}/{name}")
            elif isinstance(value, dict):
                yield from property_groups(value, f"{path}/{key}")


def properties(name: str) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{name}:{path}/{key}", prop)
        for path, group in property_groups(content(name))
        for key, prop in group.items()
    ]


def plain(prop: dict[str, Any]) -> dict[str, Any]:
    """The property without our own keywords."""
    return {key: value for key, value in prop.items() if not key.startswith("x-")}


@pytest.mark.parametrize("name", FILES)
def test_each_property_says_what_it_takes_and_what_it_does(name: str) -> None:
    for where, prop in properties(name):
        assert prop.get("type") or prop.get("enum") or prop.get("anyOf"), where
        text = prop["description"]
        assert len(text) > 20 and text.endswith(".") and text[0] == text[0].lstrip(), where
        assert 1 <= len(re.findall(r"[.!?](?:\s|$)", text)) <= 4, where


@pytest.mark.parametrize("name", FILES)
def test_each_property_is_json_schema_and_allows_its_own_defaults(name: str) -> None:
    for where, prop in properties(name):
        schema = plain(prop)
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        if "default" in prop:
            assert validator.is_valid(prop["default"]), where
        if "x-olive-default" in prop:
            assert validator.is_valid(prop["x-olive-default"]), where
        if prop.get("x-classic-default") is not None:
            assert validator.is_valid(prop["x-classic-default"]), where
        for value in [*prop.get("x-search", ()), *prop.get("x-olive-default-by-pass", {}).values()]:
            assert validator.is_valid(value), where


@pytest.mark.parametrize("name", FILES)
def test_releases_are_known_and_in_order(name: str) -> None:
    def check(node: Any, where: str) -> None:
        if not isinstance(node, dict):
            return
        found = [node.get("x-since"), node.get("x-until")]
        found += [alias["until"] for alias in node.get("x-names", ()) if "until" in alias]
        for release in filter(None, found):
            if name == OF_TRANSFORMERS:
                assert re.fullmatch(r"[45]\.\d+", release), where
            else:
                assert release in RELEASES, where
        if found[0] and found[1] and name != OF_TRANSFORMERS:
            assert RELEASES.index(found[0]) <= RELEASES.index(found[1]), where
        for key, value in node.items():
            check(value, f"{where}/{key}")

    check(content(name), name)


@pytest.mark.parametrize("name", FILES)
def test_earlier_names_do_not_collide(name: str) -> None:
    for where, group in property_groups(content(name)):
        aliases = [alias["name"] for prop in group.values() for alias in prop.get("x-names", ())]
        assert not set(aliases) & set(group), where
        assert len(aliases) == len(set(aliases)), where


@pytest.mark.parametrize("name", FILES)
def test_no_effect_is_said_with_a_reason(name: str) -> None:
    for where, prop in properties(name):
        if "x-here" in prop:
            assert re.fullmatch(r"no-effect: .{10,}[^.]", prop["x-here"]), where


def test_a_long_description_stands_once() -> None:
    counts: Counter[str] = Counter()
    for name in FILES:
        for _, prop in properties(name):
            if len(prop["description"]) > 90:
                counts[prop["description"]] += 1
    assert [text for text, count in counts.items() if count > 1] == []


def test_training_arguments_start_from_what_olive_sets() -> None:
    arguments = content(OF_TRANSFORMERS)["properties"]
    for era, key in (("current", "x-olive-default"), ("classic", "x-classic-default")):
        found = {name: prop[key] for name, prop in arguments.items() if key in prop}
        assert found == TRAINING_OF_OLIVE[era]


def test_training_arguments_are_those_of_the_installed_transformers() -> None:
    """Fails when transformers gains or loses an argument, or changes a default: then this file is stale."""
    import dataclasses
    from enum import Enum

    from transformers import TrainingArguments

    arguments = content(OF_TRANSFORMERS)["properties"]
    fields = {field.name: field for field in dataclasses.fields(TrainingArguments) if field.init}
    assert set(fields) <= set(arguments)
    for name, field in fields.items():
        factory = field.default_factory
        default = field.default if factory is dataclasses.MISSING else factory()
        assert arguments[name]["default"] == (default.value if isinstance(default, Enum) else default), name
        assert "x-until" not in arguments[name], name
    ours = {"use_module_with_loss", "extra_args"}
    gone = {name for name, prop in arguments.items() if "x-until" in prop}
    assert set(arguments) - set(fields) == gone | ours


def test_text_generation_has_the_defaults_of_both_eras() -> None:
    group = content("data.json")["groups"]["text_generation"]["properties"]
    for name, value in TEXT_CURRENT.items():
        assert group[name]["default"] == value, name
        assert "x-until" not in group[name], name
    for name, value in TEXT_CLASSIC.items():
        assert group[name].get("x-classic-default", group[name].get("default")) == value, name
    classic_only = {name for name, prop in group.items() if prop.get("x-until") == "0.6.2"}
    assert classic_only == set(TEXT_CLASSIC) - set(TEXT_CURRENT)


def test_data_containers_name_components_that_exist() -> None:
    data = content("data.json")
    for name, container in data["containers"].items():
        stages = [container["defaults"], *container.get("tasks", {}).values()]
        for stage, component in (
            (s, c) for entry in stages for s, c in entry.items() if not s.startswith("x-")
        ):
            assert component in data[stage], f"{name}: {component}"


def test_groups_that_are_included_exist() -> None:
    data = content("data.json")
    for stage in ("load_dataset", "pre_process_data", "post_process_data", "dataloader"):
        for name, component in data[stage].items():
            assert set(component.get("x-include", ())) <= set(data["groups"]), name


def test_devices_and_execution_providers_agree() -> None:
    accelerators = content("accelerators.json")
    providers = accelerators["providers"]
    for device in accelerators["devices"].values():
        assert set(device["execution_providers"]) <= set(providers)
        assert device["default"] in device["execution_providers"]
    short = [name for entry in providers.values() for name in entry["short"]]
    assert len(short) == len(set(short))


def test_secrets_are_marked() -> None:
    for name in FILES:
        for where, prop in properties(name):
            if re.search(r"/(hub_)?token$", where):
                assert prop.get("x-secret"), where
