"""Templates, and the columns that they and their neighbours name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from findings import findings, mended, told

CODES = "template-braces unknown-column"
PRE = "/data_configs/0/pre_process_data_config"


def data(pre: dict[str, Any], files: str = "words.jsonl") -> dict[str, Any]:
    return {
        "input_model": {"type": "HfModel", "model_path": "gpt2"},
        "data_configs": [
            {
                "name": "words",
                "type": "HuggingfaceContainer",
                "load_dataset_config": {"data_name": "json", "data_files": files, "split": "train"},
                "pre_process_data_config": pre,
            }
        ],
        "passes": {"lora": {"type": "LoRA", "train_data_config": "words"}},
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [{"phrase": "all is well", "tone": "joy"}, {"phrase": "who is there", "tone": "fear"}]
    (tmp_path / "words.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    (tmp_path / "words.csv").write_text("phrase,tone\nall is well,joy\n", encoding="utf-8")
    (tmp_path / "words.json").write_text(json.dumps(rows), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("release", ["auto", "0.13"])
@pytest.mark.parametrize(
    ("template", "repaired"),
    [
        ("### {phrase}\n{tone", "### {phrase}\n{tone}"),
        ("### {phrase\n{tone}", "### {phrase}\n{tone}"),
        ("phrase} is {tone}", "{phrase} is {tone}"),
    ],
)
def test_a_brace_that_is_not_closed(template: str, repaired: str, release: str, folder: Path) -> None:
    config = data({"text_template": template})
    assert told(config, release, folder, only=CODES) == [f"template-braces error {PRE}/text_template"]
    assert json.loads(mended(config, release, folder, code="template-braces")) == data(
        {"text_template": repaired}
    )


@pytest.mark.parametrize("template", ["{}", "{0} {phrase}", "a } alone"])
def test_braces_that_name_no_column(template: str) -> None:
    assert told(data({"text_template": template}), "0.13", only=CODES) == [
        f"template-braces error {PRE}/text_template"
    ]


@pytest.mark.parametrize(
    "template", ["{phrase} {tone}", "{{literal}} {phrase}", "none at all", "{phrase!r:>10}"]
)
def test_templates_in_order(template: str, folder: Path) -> None:
    assert told(data({"text_template": template}), "0.13", folder, only=CODES) == []


@pytest.mark.parametrize("files", ["words.jsonl", "words.json"])
def test_a_placeholder_that_is_no_column(files: str, folder: Path) -> None:
    config = data({"text_template": "{phrse}: {tone}"}, files)
    assert told(config, "0.13", folder, only=CODES) == [f"unknown-column error {PRE}/text_template"]
    problem = next(
        problem for problem in findings(config, "0.13", folder) if problem.code == "unknown-column"
    )
    assert problem.message == (
        "`text_template` names the column `phrse`, and the data has none of that name; did you mean `phrase`?"
    )
    after = mended(config, "0.13", folder, code="unknown-column")
    assert json.loads(after) == data({"text_template": "{phrase}: {tone}"}, files)


def test_columns_of_a_csv_file(folder: Path) -> None:
    config = data({"text_cols": ["phrase", "mood"]}, "words.csv")
    config["data_configs"][0]["load_dataset_config"]["data_name"] = "csv"
    assert told(config, "0.13", folder, only=CODES) == [f"unknown-column error {PRE}/text_cols/1"]


def test_text_cols_beside_a_template_do_not_matter(folder: Path) -> None:
    config = data({"text_cols": ["nothing"], "text_template": "{phrase} {tone}"})
    assert told(config, "0.13", folder, only=CODES) == []


def test_the_default_column_counts_where_nothing_is_said(folder: Path) -> None:
    config = data({"max_seq_len": 64})
    assert told(config, "0.13", folder, only=CODES) == [f"unknown-column error {PRE} key"]
    assert json.loads(mended(config, "0.13", folder, code="unknown-column")) == data(
        {"max_seq_len": 64, "text_cols": ["phrase"]}
    )


def test_data_that_is_elsewhere_is_not_judged(folder: Path) -> None:
    assert told(data({"text_template": "{any}"}, "not-here.jsonl"), "0.13", folder, only=CODES) == []
    assert told(data({"text_template": "{any}"}), "0.13", only=CODES) == []


def test_the_classic_spelling(folder: Path) -> None:
    config = {
        "input_model": {"type": "PyTorchModel", "config": {"hf_config": {"model_name": "gpt2"}}},
        "data_configs": [
            {
                "name": "words",
                "type": "HuggingfaceContainer",
                "load_dataset_config": {"params": {"data_name": "json", "data_files": "words.jsonl"}},
                "pre_process_data_config": {"params": {"text_template": "{tune}", "source_max_len": 64}},
            }
        ],
        "passes": {"lora": {"type": "LoRA", "config": {"train_data_config": "words"}}},
    }
    for release in ("auto", "0.6.2"):
        assert told(config, release, folder, only=CODES) == [
            f"unknown-column error {PRE}/params/text_template"
        ]


@pytest.mark.parametrize(
    ("template", "meant"),
    [
        ("no column at all", None),
        ("### {{phrase}}\n{{ tone }}", "### {phrase}\n{tone}"),
        ("### {{phrase}}\n{tone}", "### {phrase}\n{tone}"),
    ],
)
def test_templates_that_do_not_use_the_columns(template: str, meant: str | None, folder: Path) -> None:
    config = data({"text_template": template})
    assert told(config, "0.13", folder, only="template-constant") == [
        f"template-constant warning {PRE}/text_template"
    ]
    if meant is not None:
        assert json.loads(mended(config, "0.13", folder, code="template-constant")) == data(
            {"text_template": meant}
        )
