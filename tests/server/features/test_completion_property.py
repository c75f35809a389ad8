"""At any cursor in a config, accepting any offered item leaves a text with no more syntax errors than before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from completing import accepted, document, mistakes
from hypothesis import given, settings
from hypothesis import strategies as st

from olive_server.features.completion import completion, plain, resolve
from olive_server.features.hover import hover

CONFIGS = (
    json.dumps(
        {
            "input_model": {"type": "HfModel", "model_path": "m", "task": "text-generation"},
            "data_configs": [
                {
                    "name": "d",
                    "type": "HuggingfaceContainer",
                    "load_dataset_config": {"data_name": "json", "data_files": "data/rows.json"},
                    "pre_process_data_config": {"text_template": "{phrase} {tone", "text_cols": ["phrase"]},
                }
            ],
            "systems": {
                "s": {
                    "type": "LocalSystem",
                    "accelerators": [{"device": "gpu", "execution_providers": ["CUDAExecutionProvider"]}],
                }
            },
            "evaluators": {
                "e": {"metrics": [{"name": "l", "type": "latency", "sub_types": [{"name": "avg"}]}]}
            },
            "passes": {
                "lora": {"type": "LoRA", "train_data_config": "d", "training_args": {"max_steps": 10}},
                "build": {"type": "ModelBuilder", "precision": "int4"},
            },
            "host": "s",
        },
        indent=2,
    ),
    '{"input_model":{"type":"PyTorchModel","config":{"hf_config":{"model_name":"m"}}},"passes":{"a":{"type":"QLoRA",'
    '"config":{"lora_r":8,"target_modules":["q_proj"]}}},"engine":{"search_strategy":false,"output_dir":"o"}}',
    '{\r\n  "passes": {\r\n    "a": {"type": "LoRA" "r": 8, }\r\n    "b": {ty}\r\n  "host": \r\n  [1 2',
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("configs")
    (folder / "data").mkdir()
    (folder / "data" / "rows.json").write_text('[{"phrase": "a", "tone": "b"}]')
    (folder / "m.onnx").write_text("")
    return folder


def check_at(text: str, offset: int, path: Path | None) -> None:
    before = mistakes(text)
    for item in completion(document(text, path=path), offset).items:
        edit = plain(item).edit
        assert edit.start <= offset <= edit.end, item
        assert "\n" not in text[edit.start : edit.end], item
        after = accepted(text, item)
        assert mistakes(after) <= before, (item, after)


@pytest.mark.parametrize("text", CONFIGS)
def test_at_every_offset(text: str, folder: Path) -> None:
    for offset in range(len(text) + 1):
        check_at(text, offset, folder / "olive-config.json")


@pytest.mark.parametrize("text", CONFIGS[:2])
def test_at_the_end_of_every_cut(text: str, folder: Path) -> None:
    for length in range(0, len(text), 3):
        check_at(text[:length], length, folder / "olive-config.json")


@st.composite
def broken(draw: st.DrawFn) -> tuple[str, int]:
    """A config with some characters left out or put in, and a cursor."""
    text = draw(st.sampled_from(CONFIGS))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        cut = draw(st.integers(0, 4))
        text = (
            text[:at]
            + draw(st.sampled_from(["", '"', ",", ":", "{", "}", "[", "]", "x", " ", "\n"]))
            + text[at + cut :]
        )
    return text, draw(st.integers(0, len(text)))


@settings(max_examples=60, deadline=None)
@given(broken())
def test_in_broken_texts(folder: Path, case: tuple[str, int]) -> None:
    """How many errors are told of a text that is broken anyway is a matter of guessing; edits stay well-formed."""
    text, offset = case
    for item in completion(document(text, path=folder / "olive-config.json"), offset).items:
        edit = plain(item).edit
        assert edit.start <= offset <= edit.end
        assert "\n" not in text[edit.start : edit.end]
        assert accepted(text, item) != text or edit.new_text == text[edit.start : edit.end]


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from('{}[]",:\\ \n\t#/*ab1-.truenl\ud800é"'), max_size=60), st.integers(0, 60))
def test_any_text_gets_an_answer(text: str, offset: int) -> None:
    here = document(text)
    for item in completion(here, offset).items:
        assert isinstance(resolve(here, item.data), str)
    found = hover(here, offset)
    assert found is None or found.markdown
