"""Code actions: which are offered at a place, and the text after each."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from json_texts import OBJECTS, layouts
from texts import at_cursor, document

from olive_server.checking import problems
from olive_server.edits import apply
from olive_server.features.code_actions import Action, code_actions, notes, resolve
from olive_server.features.rewriting import difference


def actions(text: str, only: Sequence[str] = ()) -> tuple[str, dict[str, Action]]:
    """The text without its cursor, and the actions there by their titles."""
    plain, offset = at_cursor(text)
    found = document(plain)
    offered = code_actions(found, offset, offset, problems(found), only)
    return plain, {action.title: action for action in offered}


def done(text: str, title: str) -> str:
    """The text after an action."""
    plain, offered = actions(text)
    assert title in offered, list(offered)
    action, found = offered[title], document(plain)
    return apply(plain, action.edits or resolve(found, action.key, problems(found)))


def check(text: str, title: str, expect: str) -> None:
    assert done(text, title) == expect


LORA = """{
    "input_model": {"type": "HfModel", "model_path": "org/name"},
    "data_configs": [{"name": "train", "type": "HuggingfaceContainer"}],
    "passes": {
        "lora": {
            "type": "LoRA",
            "train_data_config": "train",
            %s
        }
    }
}
"""


# --- fixes


def test_a_fix_is_preferred_and_belongs_to_its_finding() -> None:
    plain, offered = actions(LORA % '"target_mo|dules_": ["q_proj"]')
    action = offered["Rename to `target_modules`"]
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
        ('{"passes": {"a": {"type": "LoRA", "r": Tr|ue}}}', "Write `true`", '{"passes": {"a": {"type": "LoRA", "r": true}}}'),
        ('{"passes": {},|}', "Remove the comma", '{"passes": {}}'),
        ("{'pass|es': {}}", "Use double quotes", '{"passes": {}}'),
    ],
)  # fmt: skip
def test_syntax_is_fixed(text: str, title: str, expect: str) -> None:
    check(text, title, expect)


# --- defaults


def test_defaults_are_written_out() -> None:
    text = '{\n    "passes": {\n        "m": {\n            "type": "ModelBuilder",\n            |"precision": "int4"\n        }\n    }\n}'
    after = done(text, "Write out the defaults of ModelBuilder")
    written = json.loads(after)["passes"]["m"]
    assert list(written)[:2] == ["type", "precision"]
    assert written["metadata_only"] is False
    assert after.startswith(text.replace("|", "").partition("\n        }")[0] + ",\n            ")


def test_classic_defaults_go_into_config() -> None:
    text = '{"input_model": {"type": "PyTorchModel", "config": {"hf_config": {"model_name": "a/b"}}}, "passes": {"m": {"ty|pe": "LoRA"}}}'
    written = json.loads(done(text, "Write out the defaults of LoRA"))["passes"]["m"]
    assert list(written)[:2] == ["type", "config"]
    assert written["config"]["lora_r"] == 64
    assert "r" not in written["config"]


def test_written_defaults_give_no_new_findings() -> None:
    text = LORA % '"training_args": {"max_ste|ps": 3}'
    before = problems(document(text.replace("|", "")))
    after = problems(document(done(text, "Write out the defaults of training_args")))
    assert [problem for problem in after if problem.severity.value in ("error", "warning")] == [
        problem for problem in before if problem.severity.value in ("error", "warning")
    ]


# --- moves

ENGINE = """{
    "input_model": {"type": "HfModel", "model_path": "org/name"},
    "engine": {
        "output_dir": "out",
        "cache_dir": "cache"
    },
    "passes": {},
    "log_severity_level": 0
}
"""


def test_keys_of_the_engine_go_to_the_top_and_back() -> None:
    check(
        ENGINE.replace('"output_dir"', '"|output_dir"'),
        "Move `output_dir` to the top level",
        ENGINE.replace('        "output_dir": "out",\n', "").replace(
            "    },\n", '    },\n    "output_dir": "out",\n'
        ),
    )
    check(
        ENGINE.replace('"engine"', '"|engine"'),
        "Move the keys of `engine` to the top level",
        ENGINE.replace('    "engine": {\n', "")
        .replace("    },\n", "")
        .replace('        "output_dir"', '    "output_dir"')
        .replace('        "cache_dir": "cache"', '    "cache_dir": "cache",'),
    )
    check(
        ENGINE.replace('"log_sev', '"|log_sev'),
        "Move `log_severity_level` into `engine`",
        ENGINE.replace(',\n    "log_severity_level": 0', "").replace(
            '"cache"\n', '"cache",\n        "log_severity_level": 0\n'
        ),
    )


def test_an_engine_is_made_where_there_is_none() -> None:
    text = '{\n    "passes": {},\n    "|cache_dir": "c"\n}'
    check(
        text,
        "Move `cache_dir` into `engine`",
        '{\n    "passes": {},\n    "engine": {\n        "cache_dir": "c"\n    }\n}',
    )


@pytest.mark.parametrize(
    "text",
    [
        '{"passes": {"a": {"type": "LoRA", "r": 1}}, "engine": {"|cache_dir": "a"}, "cache_dir": "b"}',
        '{"passes": {"a": {"type": "LoRA", "r": 1}}, "engine": {"ca|che_dir": "a" /* here */}}',
        '{"passes": {"a": {"type": "LoRA", "config": {"lora_r": 1}}}, "pass_flows": [["a"]], "engine": {"|cache_dir": "a"}}',
        '{"|passes": {"a": {"type": "LoRA", "r": 1}}, "engine": {}}',
        '{"engine": {"|cache_dir": "a"',
    ],
)
def test_nothing_moves_where_it_would_mean_something_else(text: str) -> None:
    assert not [title for title in actions(text)[1] if title.startswith("Move")]


FLAT = """{
    "input_model": {"type": "HfModel", "model_path": "org/name"},
    "passes": {
        "m": {
            "type": "ModelBuilder",
            "host": "here",
            "precision": "int4",
            "int4_block_size": 32
        }
    }
}
"""
NESTED = """{
    "input_model": {"type": "HfModel", "model_path": "org/name"},
    "passes": {
        "m": {
            "type": "ModelBuilder",
            "host": "here",
            "config": {
                "precision": "int4",
                "int4_block_size": 32
            }
        }
    }
}
"""


@pytest.mark.parametrize("place", ['"type": "ModelBuilder"', '"precision"', '"int4_block_size"'])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_parameters_go_into_config_and_beside_type(place: str, newline: str) -> None:
    flat, nested = (text.replace("\n", newline) for text in (FLAT, NESTED))
    here = f'"|{place[1:]}'
    check(flat.replace(place, here), "Move the parameters into `config`", nested)
    check(nested.replace(place, here), "Move the parameters of `config` beside `type`", flat)


def test_comments_go_with_the_parameters() -> None:
    text = NESTED.replace('"int4",', '"int4", // four').replace('"precision"', '"|precision"')
    check(text, "Move the parameters of `config` beside `type`", FLAT.replace('"int4",', '"int4", // four'))


def test_parameters_on_one_line_stay_on_it() -> None:
    text = '{"input_model": {"type": "HfModel", "|model_path": "a/b"}}'
    nested = '{"input_model": {"type": "HfModel", "config": {"model_path": "a/b"}}}'
    check(text, "Move the parameters into `config`", nested)
    check(
        nested.replace('"model_p', '"|model_p'),
        "Move the parameters of `config` beside `type`",
        text.replace("|", ""),
    )


@pytest.mark.parametrize(
    "change",
    [
        ('"precision": "int4"', '"precision|": "int4", "type": "x"'),
        ('"config"', '"precision": "int8", "|config"'),
        ('"config": {', '"|config": { // why'),
    ],
)
def test_parameters_stay_where_names_clash_or_comments_would_be_lost(change: tuple[str, str]) -> None:
    _, offered = actions(NESTED.replace(*change))
    assert "Move the parameters of `config` beside `type`" not in offered


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
        "Move this data config into `data_configs` as `lora_train_data`",
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
            "Move this data config into `data_configs` as `d_2`",
            '{"data_configs": [{"name": "d"}, {"name": "d_2", "type": "X"}], "passes": {"a": {"type": "LoRA", "train_data_config": "d_2"}}}',
        ),
        (
            '{"evaluators": {"e": {"metrics": [{"name": "m", "type": "accuracy", "data_config": {"|type": "X"}}]}}, "data_configs": []}',
            "Move this data config into `data_configs` as `e_data`",
            '{"evaluators": {"e": {"metrics": [{"name": "m", "type": "accuracy", "data_config": "e_data"}]}}, '
            '"data_configs": [{"name": "e_data", "type": "X"}]}',
        ),
        (
            '{"systems": {"s": {"type": "LocalSystem"}}, "target": {"type": "|LocalSystem"}}',
            "Move this system into `systems` as `target`",
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
