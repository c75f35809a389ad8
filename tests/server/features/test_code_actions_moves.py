"""Code actions that write out defaults and move settings: the text after each."""

from __future__ import annotations

import json

import pytest
from acting import LORA, actions, check, done
from texts import document

from olive_server.checking import problems

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


def test_training_defaults_are_those_that_olive_takes_for_the_pass() -> None:
    text = '{"passes": {"a": {"type": "QLoRA", "training_args": {"max_ste|ps": 3}}}}'
    written = json.loads(done(text, "Write out the defaults of training_args"))["passes"]["a"][
        "training_args"
    ]
    assert written["lr_scheduler_type"] == "constant"
    assert written["learning_rate"] == 0.0002
    assert written["optim"] == "paged_adamw_32bit"


def test_no_defaults_where_none_would_be_written() -> None:
    text = '{"input_model": {"type": "HfModel", "model_path": "m"}, "passes": {"a": {"ty|pe": "VitisGenerateModelLLM"}}}'
    assert not [title for title in actions(text)[1] if "defaults" in title]


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
        "Move output_dir to the top level",
        ENGINE.replace('        "output_dir": "out",\n', "").replace(
            "    },\n", '    },\n    "output_dir": "out",\n'
        ),
    )
    check(
        ENGINE.replace('"engine"', '"|engine"'),
        "Move the keys of engine to the top level",
        ENGINE.replace('    "engine": {\n', "")
        .replace("    },\n", "")
        .replace('        "output_dir"', '    "output_dir"')
        .replace('        "cache_dir": "cache"', '    "cache_dir": "cache",'),
    )
    check(
        ENGINE.replace('"log_sev', '"|log_sev'),
        "Move log_severity_level into engine",
        ENGINE.replace(',\n    "log_severity_level": 0', "").replace(
            '"cache"\n', '"cache",\n        "log_severity_level": 0\n'
        ),
    )


def test_an_engine_is_made_where_there_is_none() -> None:
    text = '{\n    "passes": {},\n    "|cache_dir": "c"\n}'
    check(
        text,
        "Move cache_dir into engine",
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
    check(flat.replace(place, here), "Move the parameters into config", nested)
    check(nested.replace(place, here), "Move the parameters of config beside type", flat)


def test_comments_go_with_the_parameters() -> None:
    text = NESTED.replace('"int4",', '"int4", // four').replace('"precision"', '"|precision"')
    check(text, "Move the parameters of config beside type", FLAT.replace('"int4",', '"int4", // four'))


def test_parameters_on_one_line_stay_on_it() -> None:
    text = '{"input_model": {"type": "HfModel", "|model_path": "a/b"}}'
    nested = '{"input_model": {"type": "HfModel", "config": {"model_path": "a/b"}}}'
    check(text, "Move the parameters into config", nested)
    check(
        nested.replace('"model_p', '"|model_p'),
        "Move the parameters of config beside type",
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
    assert "Move the parameters of config beside type" not in offered
