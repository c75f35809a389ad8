"""The stand-in for `rpds`: referencing and jsonschema give the same answers with it as with the compiled one."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

FALLBACK = Path(__file__).resolve().parents[3] / "extension" / "python" / "rpds_fallback.py"
ITEMS = st.dictionaries(st.text(max_size=3), st.integers())

WITH_STAND_IN = f"""
import importlib.util, sys
spec = importlib.util.spec_from_file_location("rpds", {str(FALLBACK)!r})
sys.modules["rpds"] = module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
"""
USE = """
import json, sys
import jsonschema
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
shared = {"$id": "https://example.test/shared", "$defs": {"small": {"$anchor": "small", "type": "integer", "maximum": 9}}}
tree = {
    "$id": "https://example.test/tree", "$dynamicAnchor": "node", "type": "object",
    "properties": {"children": {"type": "array", "items": {"$dynamicRef": "#node"}}, "size": {"$ref": "shared#small"}},
    "unevaluatedProperties": False,
}
registry = Registry().with_resources(
    (one["$id"], Resource.from_contents(one, default_specification=DRAFT202012)) for one in (shared, tree)
).crawl()
checker = jsonschema.Draft202012Validator(tree, registry=registry)
values = [{"size": 3}, {"size": 30}, {"children": [{"size": "x"}, {"other": 1}]}, [], {"children": {}}]
told = [[(list(e.path), e.message) for e in checker.iter_errors(value)] for value in values]
schemas = [{"type": 3}, {"properties": []}, {"$ref": "#/nowhere"}, {"enum": [1]}, {"minimum": "x"}]
for schema in schemas:
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
        told.append("good")
    except jsonschema.SchemaError as error:
        told.append(error.message)
loose = jsonschema.validators.extend(
    jsonschema.Draft7Validator,
    type_checker=jsonschema.Draft7Validator.TYPE_CHECKER.redefine("string", lambda _, value: True).remove("null"),
)
told.append(loose({"type": "string"}).is_valid(3))
try:
    loose({"type": "null"}).is_valid(None)
except jsonschema.exceptions.UnknownType as error:
    told.append(error.type)
json.dump({"told": told, "rpds": getattr(sys.modules["rpds"], "__file__", "")}, sys.stdout)
"""


def stand_in() -> ModuleType:
    spec = importlib.util.spec_from_file_location("rpds_fallback", FALLBACK)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


RPDS = stand_in()


def answers(*lines: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_jsonschema_and_referencing_answer_as_with_the_compiled_one() -> None:
    ours, theirs = answers(WITH_STAND_IN, USE), answers(USE)
    assert str(ours["rpds"]).endswith("rpds_fallback.py")
    assert not str(theirs["rpds"]).endswith("rpds_fallback.py")
    assert ours["told"] == theirs["told"]
    assert [[["size"], "30 is greater than the maximum of 9"]] in ours["told"]  # type: ignore[operator]


@given(ITEMS, ITEMS, st.text(max_size=3))
def test_a_map_is_a_dictionary_that_never_changes(
    items: dict[str, int], more: dict[str, int], key: str
) -> None:
    made = RPDS.HashTrieMap(items)
    assert dict(made.update(more)) == {**items, **more}
    assert dict(made.insert(key, 0)) == {**items, key: 0}
    assert dict(made.discard(key)) == {name: value for name, value in items.items() if name != key}
    assert RPDS.HashTrieMap.convert(made) is made
    assert made == items and len(made) == len(items) and (key in made) is (key in items)
    assert hash(made) == hash(RPDS.HashTrieMap(dict(reversed(items.items()))))


@given(st.sets(st.integers()), st.sets(st.integers()), st.integers())
def test_a_set_is_a_set_that_never_changes(items: set[int], more: set[int], value: int) -> None:
    made = RPDS.HashTrieSet(items)
    assert set(made.update(more)) == items | more
    assert set(made.insert(value)) == items | {value}
    assert set(made.discard(value)) == items - {value}
    assert made == items and (value in made) is (value in items)


@given(st.lists(st.integers()), st.integers())
def test_a_list_grows_at_its_front(items: list[int], value: int) -> None:
    made = RPDS.List(items)
    assert list(made.push_front(value)) == [value, *items]
    assert list(made.push_front(value).rest) == items and made.push_front(value).first == value
    assert list(made) == items and list(reversed(made)) == items[::-1] and len(made) == len(items)
    assert made == RPDS.List(*items) if len(items) > 1 else made == RPDS.List(items)


def test_what_is_not_there_is_said_as_there() -> None:
    with pytest.raises(KeyError):
        RPDS.HashTrieMap().remove("a")
    with pytest.raises(KeyError):
        RPDS.HashTrieSet().remove("a")
    with pytest.raises(IndexError):
        _ = RPDS.List().first
