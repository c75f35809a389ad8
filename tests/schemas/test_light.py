"""Reading a config is light: what it may not import, and that the catalogue is whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from reading_configs import HERE

from olive_schemas import catalog
from olive_schemas.values import fit

HEAVY = ("jsonschema", "torch", "transformers", "datasets", "peft", "numpy", "olive", "olive_engine", "rich")


def test_importing_and_reading_load_nothing_heavy() -> None:
    code = (
        "import sys, pathlib, olive_schemas\n"
        f"path = pathlib.Path({str(HERE / 'classic.json')!r})\n"
        "olive_schemas.read(path.read_text(), path=path).refusals()\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_runnable_pass_has_whole_properties() -> None:
    assert list(catalog.runnable_passes()) == [
        "DoRA",
        "LoHa",
        "LoKr",
        "LoRA",
        "LoftQ",
        "MergeAdapterWeights",
        "ModelBuilder",
        "QLoRA",
    ]
    for name in catalog.runnable_passes():
        schema = catalog.pass_schema(name)
        assert schema is not None
        assert schema.runs_here
        assert schema.takes
        assert schema.gives
        assert set(schema.required) <= set(schema.properties)
        for key, prop in schema.properties.items():
            assert prop.get("description"), (name, key)
            if "default" in prop and prop["default"] is not None:
                assert not fit(prop["default"], prop).wrong, (name, key)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("lora", "LoRA"),
        ("MODELBUILDER", "ModelBuilder"),
        ("genaimodelexporter", "ModelBuilder"),
        ("gptq", "Gptq"),
    ],
)
def test_pass_types_are_found_without_regard_to_case_and_by_earlier_names(written: str, name: str) -> None:
    schema = catalog.pass_schema(written)
    assert schema is not None
    assert schema.type == name


def test_the_catalogue_knows_every_pass_of_every_release() -> None:
    assert len(catalog.known_passes()) >= 90
    assert {"OnnxConversion", "GptqQuantizer", "OrtPerfTuning", "SNPEConversion"} <= set(
        catalog.known_passes()
    )
    assert "double_quant" in catalog.pass_schema("QLoRA").properties  # type: ignore[union-attr]
    assert catalog.passes_with("lora_r")[0] in catalog.runnable_passes()


@pytest.mark.parametrize(
    ("value", "prop", "means"),
    [
        ("16", {"type": "integer"}, 16),
        (16.0, {"type": "integer"}, 16),
        ("1e-4", {"type": "number"}, 1e-4),
        ("off", {"type": "boolean"}, False),
        (1, {"type": "boolean"}, True),
        (11, {"type": "string"}, "11"),
        (["1", 2], {"type": "array", "items": {"type": "integer"}}, [1, 2]),
        ("x", {"anyOf": [{"type": "array"}, {"const": "x"}]}, "x"),
        ({"a": "3"}, {"type": "object", "additionalProperties": {"type": "integer"}}, {"a": 3}),
        (None, {"type": ["integer", "null"], "enum": [1, None]}, None),
    ],
)
def test_values_that_are_coerced(value: object, prop: dict[str, object], means: object) -> None:
    result = fit(value, prop)
    assert (result.value, result.wrong) == (means, "")


@pytest.mark.parametrize(
    ("value", "prop", "wrong"),
    [
        (1.5, {"type": "integer"}, "must be a whole number, found the number 1.5"),
        (2, {"type": "boolean"}, "must be true or false, found the number 2"),
        (
            "int5",
            {"type": "string", "enum": ["int4", "int8"]},
            'must be `int4` or `int8`, found the string "int5"; did you mean `int4`?',
        ),
        (0, {"type": "number", "exclusiveMinimum": 0}, "must be greater than 0, found 0"),
        ([1], {"type": "array", "minItems": 2}, "must have at least 2 entries, found 1"),
        (
            [1, "x"],
            {"type": "array", "items": {"type": "integer"}},
            'entry 2 must be a whole number, found the string "x"',
        ),
        (
            {"a": "x"},
            {"type": "object", "additionalProperties": {"type": "integer"}},
            'entry `a` must be a whole number, found the string "x"',
        ),
        (
            {"sizes": 1},
            {"type": "object", "properties": {"size": {}}, "additionalProperties": False},
            "has no entry `sizes`; did you mean `size`?",
        ),
        (
            "q",
            {"anyOf": [{"type": "array"}, {"type": "null"}, {"const": "all"}]},
            'must be a list, null or "all", found the string "q": write ["q"]',
        ),
        (7, {"multipleOf": 2}, "does not fit: 7 is not a multiple of 2"),
    ],
)
def test_values_that_are_refused(value: object, prop: dict[str, object], wrong: str) -> None:
    assert fit(value, prop).wrong == wrong


def test_files_that_ship_with_the_package_are_valid() -> None:
    folder = Path(catalog.__file__).parent
    for file in folder.rglob("*.json"):
        assert file.read_text(encoding="utf-8").strip().startswith("{"), file
