"""Hover's words: what holds in the other dialect, where a setting went, and what nobody writes any more."""

from __future__ import annotations

import pytest
from texts import at_cursor, document

from olive_server.features.hover import hover

FLOWS = (
    '{"pass_flows": [["a", "b|"]], "passes": {"a": {"type": "LoRA"}, "b": {"type": "MergeAdapterWeights"}}}'
)
DATA = '{"data_configs": [{"name": "t", "type": "HuggingfaceContainer", "pre_process_data_config": %s}]}'


def said(marked: str, version: str = "auto") -> str:
    text, offset = at_cursor(marked)
    found = hover(document(text, version=version), offset)
    return found.markdown if found else ""


def test_a_step_of_a_flow_is_the_pass_with_its_place() -> None:
    assert said(FLOWS).startswith("**b** · MergeAdapterWeights · step 2 of 2")


@pytest.mark.parametrize(
    ("marked", "version", "says", "not_says"),
    [
        (DATA % '{"max_seq|_len": 64}', "auto", "- up to 0.6.2 it must be written", "null"),
        (
            DATA % '{"params": {"source_m|ax_len": 64}}',
            "0.6.2",
            "- from 0.7.0 on the default is `1024`",
            "null",
        ),
        (
            '{"passes": {"a": {"type": "LoRA", "lora_drop|out": 0}}}',
            "auto",
            "- up to 0.6.2 the default is `0.0`",
            "null",
        ),
        ('{"clean_c|ache": true}', "auto", "- up to 0.6.2 it stood in `engine`", "since 0.7.0"),
        (
            '{"engine": {"clean_c|ache": true}}',
            "0.6.2",
            "- from 0.7.0 on it stands at the top level",
            "since",
        ),
        ('{"workflow|_id": "a"}', "auto", "- since 0.6.2", "engine"),
    ],
)
def test_how_the_other_dialect_has_it(marked: str, version: str, says: str, not_says: str) -> None:
    text = said(marked, version)
    assert says in text
    assert not_says not in text


def test_types_are_called_as_in_messages() -> None:
    assert said('{"passes": {"a": {"type": "LoRA", "modules_to_|save": []}}}').startswith(
        "**`modules_to_save`** · list of strings"
    )
    assert said('{"workflow|_id": "a"}').startswith("**`workflow_id`** · string")


def test_devices_that_no_release_runs_on_any_more_are_not_listed() -> None:
    text = said('{"systems": {"s": {"type": "LocalSystem", "accelerators": [{"dev|ice": "gpu"}]}}}')
    assert '- values: `"cpu"`, `"gpu"`, `"npu"`\n' in text


def test_a_number_with_a_meaning() -> None:
    text = said('{"passes": {"a": {"type": "ModelBuilder", "int4_accuracy_level": 4|}}}')
    assert text.startswith("**`4`** · value of `int4_accuracy_level`\n\nint8, the fastest on CPUs.")


def test_a_word_that_is_taken_beside_a_list() -> None:
    text = said('{"passes": {"a": {"type": "LoRA", "target_mod|ules": []}}}')
    assert text.startswith('**`target_modules`** · list of strings or "all-linear"\n')


def test_no_defaults_of_an_object_that_speaks_for_several_components() -> None:
    data = (
        '{"data_configs": [{"name": "d", "type": "HuggingfaceContainer", "params_con|fig": {"data_name": "json",'
        ' "component_kwargs": {"pre_process_data": {"corpus_strategy": "join", "source_max_len": 8}}}}]}'
    )
    assert "in force" not in said(data, "0.5.1")
    inner = data.replace("|", "").replace("pre_process", "pre_pro|cess")
    assert "in force" in said(inner, "0.5.1")
