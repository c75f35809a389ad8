"""Code actions: which are offered at a place, and the text after each."""

from __future__ import annotations

import json

import pytest
from acting import LORA, actions, check, done
from hypothesis import given
from hypothesis import strategies as st
from json_texts import OBJECTS, layouts
from texts import document

from olive_server.checking import problems
from olive_server.edits import apply
from olive_server.features.code_actions import code_actions, notes, resolve
from olive_server.features.rewriting import difference

# --- fixes


def test_a_fix_is_preferred_and_belongs_to_its_finding() -> None:
    plain, offered = actions(LORA % '"target_mo|dules_": ["q_proj"]')
    action = offered["Rename to target_modules"]
    assert (action.kind, action.preferred) == ("quickfix", True)
    assert action.problem and action.problem.pointer == "/passes/lora/target_modules_"
    assert apply(plain, action.edits) == LORA % '"target_modules": ["q_proj"]'


def test_nothing_is_fixed_away_from_the_finding() -> None:
    _, offered = actions((LORA % '"target_modules_": ["q_proj"]').replace('"org', '"|org'))
    assert not [action for action in offered.values() if action.kind == "quickfix"]


def test_all_of_a_kind_are_fixed_together() -> None:
    text = LORA % '"lo|ra_r": 8, "lora_alpha": 8, "nonsense_key": 1'
    expect = LORA % '"r": 8, "alpha": 8, "nonsense_key": 1'
    check(text, "Fix all 2 of this kind (outdated-name)", expect)


def test_all_of_a_kind_may_stand_side_by_side() -> None:
    text = '{"passes": {"p": {"type": "LoRA"}}, "|a": 1, "a": 2, "a": 3}'
    check(text, "Fix all 2 of this kind (json-duplicate-key)", '{"passes": {"p": {"type": "LoRA"}}, "a": 3}')


def test_what_is_certain_is_fixed_on_save() -> None:
    text = LORA % "'lora_alpha': 8, \"allow_tf32\": True,|"
    plain, offered = actions(text, only=["source.fixAll"])
    [action] = offered.values()
    assert (action.kind, action.key) == ("source.fixAll.olivepress", "")
    after = apply(plain, action.edits)
    assert '"alpha": 8, "allow_tf32": true' in after
    _, offered = actions(after.replace('"org', '"|org'), only=["source.fixAll"])
    assert offered == {}


def test_kinds_are_told_apart() -> None:
    text = LORA % '"lora_|r": 8'
    assert {action.kind for action in actions(text, ["quickfix"])[1].values()} == {"quickfix"}
    assert {action.kind.partition(".")[0] for action in actions(text, ["refactor"])[1].values()} == {
        "refactor"
    }
    assert actions(text, ["source.organizeImports"])[1] == {}


@pytest.mark.parametrize(
    ("text", "title", "expect"),
    [
        ('{"passes": {"a": {"type": "LoRA", "r": Tr|ue}}}', "Write true", '{"passes": {"a": {"type": "LoRA", "r": true}}}'),
        ('{"passes": {},|}', "Remove the comma", '{"passes": {}}'),
        ("{'pass|es': {}}", "Use double quotes", '{"passes": {}}'),
    ],
)  # fmt: skip
def test_syntax_is_fixed(text: str, title: str, expect: str) -> None:
    check(text, title, expect)


# --- extracting


def test_an_inline_data_config_gets_a_place_of_its_own() -> None:
    text = """{
    "input_model": {"type": "HfModel", "model_path": "org/name"},
    "passes": {
        "lora": {
            "type": "LoRA",
            "train_data_config": {
                "type": "HuggingfaceContainer",
                // the rows
                "load_dataset_config": {"data_name": "js|on", "p": 1e-05}
            }
        }
    }
}
"""
    check(
        text,
        "Move this data config into data_configs as lora_train_data",
        """{
    "input_model": {"type": "HfModel", "model_path": "org/name"},
    "data_configs": [
        {
            "name": "lora_train_data",
            "type": "HuggingfaceContainer",
            // the rows
            "load_dataset_config": {"data_name": "json", "p": 1e-05}
        }
    ],
    "passes": {
        "lora": {
            "type": "LoRA",
            "train_data_config": "lora_train_data"
        }
    }
}
""",
    )


@pytest.mark.parametrize(
    ("text", "title", "expect"),
    [
        (
            '{"data_configs": [{"name": "d"}], "passes": {"a": {"type": "LoRA", "train_data_config": {"|name": "d", "type": "X"}}}}',
            "Move this data config into data_configs as d_2",
            '{"data_configs": [{"name": "d"}, {"name": "d_2", "type": "X"}], "passes": {"a": {"type": "LoRA", "train_data_config": "d_2"}}}',
        ),
        (
            '{"evaluators": {"e": {"metrics": [{"name": "m", "type": "accuracy", "data_config": {"|type": "X"}}]}}, "data_configs": []}',
            "Move this data config into data_configs as e_data",
            '{"evaluators": {"e": {"metrics": [{"name": "m", "type": "accuracy", "data_config": "e_data"}]}}, '
            '"data_configs": [{"name": "e_data", "type": "X"}]}',
        ),
        (
            '{"systems": {"s": {"type": "LocalSystem"}}, "target": {"type": "|LocalSystem"}}',
            "Move this system into systems as target",
            '{"systems": {"s": {"type": "LocalSystem"}, "target": {"type": "LocalSystem"}}, "target": "target"}',
        ),
    ],
)
def test_what_is_written_in_place_is_extracted(text: str, title: str, expect: str) -> None:
    check(text, title, expect)


def test_what_has_its_place_is_not_extracted() -> None:
    for text in ('{"data_configs": [{"na|me": "d"}]}', '{"systems": {"s": {"ty|pe": "LocalSystem"}}}'):
        assert not [title for title in actions(text)[1] if title.startswith("Move this")]


# --- migrating

CLASSIC = """{
    "input_model": {"type": "PyTorchModel", "config": {"hf_config": {"model_name": "org/name"}}},
    "passes": {
        "lora": {"ty|pe": "LoRA", "config": {"lora_r": 8, "lora_alpha": 8}}
    },
    "azureml_client": {"workspace_name": "mine"}
}
"""


def test_a_classic_config_is_migrated() -> None:
    after = json.loads(done(CLASSIC, "Migrate to Olive 0.13.0"))
    assert after["input_model"]["type"] == "HfModel"
    assert after["passes"]["lora"]["r"] == 8
    plain, offered = actions(CLASSIC)
    key = offered["Migrate to Olive 0.13.0"].key
    head, *told = notes(document(plain), key)
    assert head.startswith("from Olive 0.6.2 to 0.13.0: ") and "1 lossy, 1 for a person" in head
    assert told[0].startswith("line 4, for a person: LoRA needs `train_data_config`")
    assert told[1] == "line 6, lossy: Azure ML is gone since 0.9.3: removed"
    assert all(note.partition(": ")[0].endswith((", exact", ", written out")) for note in told[2:])
    assert notes(document(plain), "fix-all") == ()


def test_what_is_up_to_date_is_not_migrated() -> None:
    assert "Migrate to Olive 0.13.0" not in actions(LORA % '"r": 8|')[1]
    assert "Migrate to Olive 0.13.0" in actions(LORA % '"lora_r": 8|')[1]


# --- all of them


def test_half_typed_texts_have_only_fixes() -> None:
    text = (LORA % '"r": 8').replace("\n", "\r\n")
    for cut in range(0, len(text), 5):
        found = document(text[:cut])
        told = problems(found)
        for offset in (0, cut // 2, cut):
            for action in code_actions(found, offset, cut, told):
                edits = action.edits or resolve(found, action.key, told)
                apply(found.text, edits)


@given(st.data(), OBJECTS, OBJECTS)
def test_a_difference_turns_one_text_into_the_other(data: st.DataObject, one: object, other: object) -> None:
    before, after = data.draw(layouts(one)), data.draw(layouts(other))
    assert apply(before, difference(before, after)) == after
    cut = data.draw(st.integers(0, len(before)))
    assert apply(before, difference(before, before[:cut] + after)) == before[:cut] + after
    for edit in difference(before, after):
        assert not (before[: edit.start].endswith("\r") and before.startswith("\n", edit.start))
        assert not (before[: edit.end].endswith("\r") and before.startswith("\n", edit.end))
