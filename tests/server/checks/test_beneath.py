"""What lies beneath an outdated key: it counts as long as a release that is spoken for reads the key."""

from __future__ import annotations

from typing import Any

import pytest
from findings import told

HERE = "/data_configs/0/params_config"
PRE = f"{HERE}/component_kwargs/pre_process_data"


def config(**pre: Any) -> dict[str, Any]:
    """A data config as releases up to 0.6.1 wrote it."""
    params = {"data_name": "org/words", "split": "train", "component_kwargs": {"pre_process_data": pre}}
    return {
        "input_model": {"type": "PyTorchModel", "config": {"hf_config": {"model_name": "gpt2"}}},
        "data_configs": [{"name": "words", "type": "HuggingfaceContainer", "params_config": params}],
        "passes": {"lora": {"type": "LoRA", "config": {"train_data_config": "words"}}},
    }


def test_mistakes_inside_params_config_are_told_beside_that_it_is_outdated() -> None:
    text = config(text_template="{word", source_max_len="long", corpus_strategyy="join")
    assert told(text) == [
        f"removed warning {HERE} key",
        f"template-braces error {PRE}/text_template",
        f"wrong-type error {PRE}/source_max_len",
        f"unknown-name error {PRE}/corpus_strategyy key",
    ]


def test_a_release_that_reads_params_config_says_nothing_of_the_key_itself() -> None:
    text = config(text_template="{word}", source_max_len=8, corpus_strategyy="join")
    assert told(text, "0.6.1") == [f"unknown-name warning {PRE}/corpus_strategyy key"]


@pytest.mark.parametrize("release", ["0.6.2", "0.13"])
def test_a_release_that_ignores_params_config_has_nothing_to_say_of_what_lies_in_it(release: str) -> None:
    found = told(config(text_template="{word", source_max_len="long"), release)
    assert not [line for line in found if line.split()[2].startswith(f"{HERE}/")]
