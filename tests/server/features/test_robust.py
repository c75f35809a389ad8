"""Whatever the text, each feature answers, and what it answers lies within the text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from texts import CONFIG, document

from olive_server.checking import problems
from olive_server.document import Document
from olive_server.edits import Edit, apply
from olive_server.features.code_actions import code_actions, resolve
from olive_server.features.code_lenses import lenses
from olive_server.features.definition import definition
from olive_server.features.folding import folds
from olive_server.features.formatting import format_document, format_range
from olive_server.features.inlay_hints import inlay_hints
from olive_server.features.links import links
from olive_server.features.references import highlights, references
from olive_server.features.rename import Refused, prepare_rename, rename
from olive_server.features.selection import selections
from olive_server.features.semantic_tokens import tokens, tokens_in
from olive_server.features.spans import Span
from olive_server.features.symbols import document_symbols, workspace_symbols

FEATURES: dict[str, Callable[[Document, int], Any]] = {
    "definition": definition,
    "references": lambda document, offset: references(document, offset, declaration=True),
    "highlights": highlights,
    "prepare rename": prepare_rename,
    "rename": lambda document, offset: rename(document, offset, "new_name"),
    "symbols": lambda document, _: document_symbols(document),
    "workspace symbols": lambda document, _: workspace_symbols([document], ""),
    "links": lambda document, _: links(document),
    "folding": lambda document, _: folds(document),
    "selection": selections,
    "formatting": lambda document, _: format_document(document),
    "range formatting": lambda document, offset: format_range(document, offset, offset + 9),
    "hints": lambda document, offset: inlay_hints(document, offset, offset + 99),
    "lenses": lambda document, _: lenses(document),
    "tokens": lambda document, _: tokens(document),
    "tokens of a range": lambda document, offset: tokens_in(document, offset, offset + 9),
}
CUT = CONFIG.replace("\n", "\r\n").replace('"r": 16', '"alpha": 1e-05, "text_template": "{ü😀}", "lora_r": 1')


def spans(answer: Any) -> Iterator[Span | Edit]:
    """Every stretch of the text in an answer."""
    if isinstance(answer, (Span, Edit)):
        yield answer
    elif is_dataclass(answer):
        for field in fields(answer):
            yield from spans(getattr(answer, field.name))
    elif isinstance(answer, (list, tuple)):
        for entry in answer:
            yield from spans(entry)


def ask_all(text: str, offsets: Iterable[int]) -> None:
    found = document(text)
    for offset in offsets:
        for name, ask in FEATURES.items():
            answer = ask(found, offset)
            assert all(0 <= span.start <= span.end <= len(text) for span in spans(answer)), name
            if name in ("rename", "formatting", "range formatting") and not isinstance(answer, Refused):
                apply(text, answer)


def test_a_text_cut_off_anywhere() -> None:
    for cut in range(0, len(CUT), 7):
        ask_all(CUT[:cut], (0, cut // 2, cut))


def test_a_text_without_one_of_its_characters() -> None:
    for gone in range(0, len(CUT), 7):
        ask_all(CUT[:gone] + CUT[gone + 1 :], (gone - 1, gone))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\ufeff",
        "\r\n\r\n",
        "{" * 10_000,
        "[" * 10_000 + "]" * 10_000,
        '{"passes":' * 10_000,
        '{"passes": {"a": {"type": "LoRA", "\ud800": "\udfff", "host": "\ud800"}}, "systems": {"\ud800": {}}}',
        '{"data_configs": [1, null, [], {"name": 3}, {"name": ""}], "passes": [], "systems": 3, "engine": "x"}',
        '{"passes": {"": {"type": ""}, "a": [], "b": [{"type": "LoRA"}, 3]}, "pass_flows": [["", 3, ["a"]], "b"]}',
        '{"passes": {"a~/b": {"type": "LoRA", "train_data_config": ["x"]}, "a~/b": {}}, "evaluators": {"a~/b": {"metrics": {}}}}',
        '{"input_model": {"model_path": "\\u0000", "config": 3, "hf_config": []}, "data_configs": {"a": {"name": "a"}, "b": 3}}',
        '{"passes": {"a": {"type": "LoRA", "r": 1e999, "alpha": NaN, "training_args": {"max_steps": 1e400}}}}',
    ],
)
def test_strange_texts(text: str) -> None:
    ask_all(text, (-1, 0, 1, len(text) // 2, len(text), len(text) + 9))
    found = document(text)
    told = problems(found)
    for action in code_actions(found, 0, len(text), told[:50]):
        if action.key.startswith("fix-all"):
            continue
        apply(text, action.edits or resolve(found, action.key, told[:50]))


_PARTS = st.sampled_from(
    [*"{}[]:,\"'\n\\|/#", "passes", '"host"', '"a"', '"type": "LoRA"', '"systems": {', "1", " ", "😀"]
)


@given(st.lists(_PARTS, max_size=30).map("".join), st.integers(0, 60))
def test_any_text(text: str, offset: int) -> None:
    ask_all(text, (offset,))
    found = document(text)
    told = problems(found)
    for action in code_actions(found, 0, len(text), told):
        apply(text, action.edits or resolve(found, action.key, told))
