"""What hover says of keys, values, references, templates, models and passes."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
from completing import document

from olive_server import links
from olive_server.features.hover import hover

CURRENT = json.dumps(
    {
        "input_model": {"type": "HfModel", "model_path": "tiny"},
        "data_configs": [
            {
                "name": "rows",
                "type": "HuggingfaceContainer",
                "load_dataset_config": {"data_name": "json", "data_files": "rows.json", "split": "train"},
                "pre_process_data_config": {
                    "text_template": "{phrase} is {tone}!",
                    "strategy": "join",
                    "text_cols": ["phrase"],
                },
            }
        ],
        "systems": {
            "here": {
                "type": "LocalSystem",
                "accelerators": [{"device": "gpu", "execution_providers": ["CUDAExecutionProvider"]}],
            }
        },
        "evaluators": {
            "quick": {
                "metrics": [
                    {
                        "name": "time",
                        "type": "latency",
                        "sub_types": [
                            {"name": "avg", "priority": 1, "goal": {"type": "threshold", "value": 5}}
                        ],
                    }
                ]
            }
        },
        "passes": {
            "tune": {
                "type": "QLoRA",
                "train_data_config": "rows",
                "r": 8,
                "target_modules": ["q_proj"],
                "training_args": {"learning_rate": 0.1},
            },
            "merge": {"type": "MergeAdapterWeights"},
            "build": {"type": "ModelBuilder", "precision": "int4"},
        },
        "evaluator": "quick",
        "host": "here",
    },
    indent=2,
)
CLASSIC = (
    '{"input_model": {"type": "PyTorchModel", "config": {"hf_config": {"model_name": "m"}}}, "passes": {"a": '
    '{"type": "LoRA", "config": {"lora_r": 8, "double_quant": true, "train_data_config": "x"}}}}'
)


def says(text: str, at: str, *, path: Path | None = None, version: str = "auto", nth: int = 0) -> str:
    """The hover on the nth place where `at` stands in the text; the cursor is at its second character."""
    offset = -1
    for _ in range(nth + 1):
        offset = text.index(at, offset + 1)
    found = hover(document(text, path=path, version=version), offset + 1)
    if found is None:
        return ""
    assert found.start <= offset + 1 <= found.end
    return found.markdown


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rows.json").write_text('[{"phrase": "hf_abcdefghijklmnopqrstuvwx", "tone": "Joy"}]')
    tiny = tmp_path / "tiny"
    tiny.mkdir()
    (tiny / "config.json").write_text(
        '{"architectures": ["TinyForCausalLM"], "model_type": "tiny", "num_hidden_layers": 2, "hidden_size": 4}'
    )
    tensors = {f"model.layers.{index}.self_attn.q_proj.weight": {"shape": [40, 60]} for index in range(2)}
    header = json.dumps(tensors).encode()
    (tiny / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header)
    return tmp_path / "olive-config.json"


def test_a_parameter() -> None:
    text = says(CURRENT, '"r"')
    assert text.startswith("**`r`** · whole number · default `64`")
    assert "Rank" in text
    assert "at least 1" in text
    assert "`lora_r` until 0.7.1.1" in text
    assert f"({links.of_place('passes.md#qlora-r')})" in text
    assert f"({links.of_place('config.md#engine-host')})" in says(CURRENT, '"host"')


def test_the_classic_spelling_and_its_default() -> None:
    assert says(CLASSIC, '"lora_r"').startswith("**`lora_r`** · whole number · default `64`")
    assert "`r` from 0.8.0 on" in says(CLASSIC, '"lora_r"')


def test_a_parameter_of_another_pass() -> None:
    assert "LoRA has no such parameter; QLoRA does" in says(CLASSIC, '"double_quant"')


def test_defaults_of_the_other_dialect() -> None:
    assert 'up to 0.6.2 the default is `"line-by-line"`' in says(CURRENT, '"strategy"')


def test_a_value_of_an_enum_says_what_it_does() -> None:
    text = says(CURRENT, '"join"')
    assert text.startswith("**`join`** · value of `strategy`")
    assert "max_seq_len" in text


def test_a_plain_value_says_what_its_key_is() -> None:
    assert says(CURRENT, "8,").startswith("**`r`**")
    assert says(CURRENT, '"tiny"').startswith("**`model_path`**")


def test_a_provider() -> None:
    text = says(CURRENT, '"CUDAExecutionProvider"')
    assert "NVIDIA" in text
    assert "`gpu`" in text


def test_a_reference_shows_its_target(folder: Path) -> None:
    text = says(CURRENT, '"rows"', nth=1, path=folder)
    assert text.startswith("**rows** · HuggingfaceContainer, json rows.json [train]")
    assert "1 rows; columns `phrase`, `tone`" in text
    assert "used by `passes.tune.train_data_config`" in text
    assert says(CURRENT, '"here"', nth=1).startswith("**here** · LocalSystem, gpu CUDAExecutionProvider")
    assert "avg (priority 1, goal threshold 5)" in says(CURRENT, '"quick"', nth=1)
    assert says(CURRENT.replace('"host": "here"', '"host": "there"'), '"there"').startswith(
        "no system has this name"
    )


def test_a_name_shows_what_it_names() -> None:
    assert says(CURRENT, '"here"').startswith("**here** · LocalSystem")
    assert says(CURRENT, '"rows"').startswith("**rows** · HuggingfaceContainer")


def test_a_pass_and_its_place_in_the_plan(folder: Path) -> None:
    text = says(CURRENT, '"merge"')
    assert text.startswith("**merge** · MergeAdapterWeights · step 2 of 3")
    assert "gets a model with an adapter from `tune` (QLoRA)" in text
    assert "gives a transformers model to `build` (ModelBuilder)" in text
    assert "the embedded engine runs it" in text
    tune = says(CURRENT, '"tune"', path=folder)
    assert "not written, so in force: `alpha` 16" in tune
    assert "adapter: 1.6 K trainable parameters, 33 % of the model" in tune
    assert says(CURRENT, '"QLoRA"', path=folder) == tune


def test_a_pass_that_only_olive_runs() -> None:
    config = '{"input_model": {"type": "HfModel"}, "passes": {"c": {"type": "OnnxConversion"}}}'
    assert "Olive itself runs it" in says(config, '"c"')
    assert "embedded" not in says(config, '"c"', version="0.13.0")


def test_defaults_in_force_of_training_arguments() -> None:
    text = says(CURRENT, '"training_args"')
    assert '`optim` "paged_adamw_32bit"' in text
    assert "`num_train_epochs` 3.0" in text
    assert "`learning_rate`" not in text
    assert "default `0.0002`" in says(CURRENT, '"learning_rate"')


def test_the_first_row_without_secrets(folder: Path) -> None:
    for at in ('"text_template"', '"{phrase} is'):
        text = says(CURRENT, at, path=folder)
        assert "```text\n(secret) is Joy!\n```" in text
    assert "First row" in says(CURRENT, '"phrase"', path=folder)
    gone = CURRENT.replace("{phrase} is", "{sentence} is")
    assert "Columns of the data: `phrase`, `tone`" in says(gone, '"text_template"', path=folder)


def test_a_template_follows_no_attributes(folder: Path) -> None:
    text = says(
        CURRENT.replace("{phrase} is {tone}!", "{tone.__class__} {tone[0]}"), '"text_template"', path=folder
    )
    assert "class" not in text.partition("```text")[2]


def test_a_chat(folder: Path) -> None:
    (folder.parent / "rows.json").write_text('[{"messages": [{"role": "user", "content": "Hello"}]}]')
    config = CURRENT.replace('"text_template": "{phrase} is {tone}!"', '"chat_template": true')
    assert "user: Hello" in says(config, '"chat_template"', path=folder)


def test_the_model(folder: Path) -> None:
    for at in ('"model_path"', '"tiny"', '"input_model"'):
        text = says(CURRENT, at, path=folder)
        assert "**TinyForCausalLM** · 4.8 K parameters" in text
        assert "2 layers, hidden size 4" in text


def test_a_module(folder: Path) -> None:
    assert "2 modules of the input model, 60 inputs and 40 outputs each" in says(
        CURRENT, '"q_proj"', path=folder
    )
    other = CURRENT.replace("q_proj", "qkv")
    assert "the input model has no module of the name `qkv`" in says(other, '"qkv"', path=folder)


def test_data_files(folder: Path) -> None:
    assert "`rows.json`: 1 rows; columns `phrase`, `tone`" in says(CURRENT, '"rows.json"', path=folder)


def test_a_release_at_hand() -> None:
    config = '{"input_model": {"type": "HfModel"}, "azureml_client": {}}'
    assert "the releases at hand do not know it" in says(config, '"azureml_client"', version="0.13.0")


def test_nothing_between_keys_and_in_the_unknown() -> None:
    assert hover(document(CURRENT), 0) is None
    assert hover(document(CURRENT), len(CURRENT)) is None
    assert says('{"what": 1}', '"what"') == ""
    assert hover(document('{"passes": [1, {}]}'), 14) is None


def test_every_place_of_a_config_that_olive_knows_is_documented() -> None:
    here = document(CURRENT)
    for place in here.view.places:
        if place.member is not None and place.shape.kind != "open":
            found = hover(here, place.member.key.start + 1)
            assert found is not None, place.pointer
            assert found.markdown


def test_types_and_samplers() -> None:
    text = says(CURRENT, '"LocalSystem"')
    assert text.startswith("**`LocalSystem`** · value of `type`")
    assert f"({links.of_place('config.md#localsystem')})" in text
    config = '{"input_model": {"type": "hfmodel"}, "search_strategy": {"sampler": "tpe"}}'
    assert says(config, '"hfmodel"').startswith("**`hfmodel`** · value of `type`")
    assert says(config, '"tpe"').startswith("**`tpe`** · value of `sampler`")


def test_arguments_of_the_trainer_count_its_releases() -> None:
    config = '{"input_model": {"type": "HfModel"}, "passes": {"a": {"type": "LoRA", "training_args": {"warmup_ratio": 1}}}}'
    assert "transformers: until 5." in says(config, '"warmup_ratio"')


def test_an_unwritten_secret_is_not_repeated() -> None:
    config = (
        '{"data_configs": [{"name": "d", "load_dataset_config": {"token": "hf_abcdefghijklmnopqrstuvwx"}}]}'
    )
    for at in ('"token"', '"hf_'):
        assert "abcdefgh" not in says(config, at)
