"""Helpers of the feature tests: texts with a `|` where the cursor stands and `[[...]]` around what is meant."""

from __future__ import annotations

import re
from pathlib import Path

from olive_server.document import Document, Settings


def document(text: str, path: Path | None = None, *, version: str = "auto") -> Document:
    """A document as the server holds it; `version`: the release of Olive that is set."""
    uri = path.as_uri() if path else "untitled:config"
    return Document(uri, text, 1, path, Settings(olive_version=version))


def at_cursor(text: str) -> tuple[str, int]:
    """The text without its one `|`, and where that stood."""
    before, mark, after = text.partition("|")
    assert mark and "|" not in after, "one | is needed"
    return before + after, len(before)


def marked(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without its `[[` and `]]`, and the ranges between them, in the order of their starts."""
    plain, ranges, open_at, done = "", [], [], 0
    for mark in re.finditer(r"\[\[|\]\]", text):
        plain += text[done : mark.start()]
        done = mark.end()
        if mark.group() == "[[":
            open_at.append(len(plain))
        else:
            ranges.append((open_at.pop(), len(plain)))
    return plain + text[done:], sorted(ranges)


def mark(text: str, ranges: list[tuple[int, int]]) -> str:
    """The text with the ranges between « and »."""
    for start, end in sorted(ranges, reverse=True):
        text = f"{text[:start]}«{text[start:end]}»{text[end:]}"
    return text


CONFIG = """{
    "input_model": {"type": "HfModel", "model_path": "org/name"},
    "data_configs": [
        {"name": "train", "type": "HuggingfaceContainer", "load_dataset_config": {"data_name": "json", "data_files": "rows.jsonl"}},
        {"name": "test", "type": "HuggingfaceContainer"}
    ],
    "systems": {
        "here": {"type": "LocalSystem", "accelerators": [{"device": "cpu"}]}
    },
    "evaluators": {
        "common": {"metrics": [{"name": "accuracy", "type": "accuracy", "data_config": "test"}]}
    },
    "passes": {
        "lora": {"type": "LoRA", "train_data_config": "train", "eval_data_config": "test", "r": 16},
        "merge": {"type": "MergeAdapterWeights"}
    },
    "host": "here",
    "target": "here",
    "evaluator": "common"
}
"""
"""A small config in which something refers to each kind of definition."""
