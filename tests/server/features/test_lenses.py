"""Code lenses, and colours by meaning."""

from __future__ import annotations

from itertools import pairwise

import pytest
from texts import CONFIG, document, mark

from olive_schemas.positions import utf16
from olive_server.features.code_lenses import lenses
from olive_server.features.semantic_tokens import MODIFIERS, TYPES, encode, tokens, tokens_in


def shown(text: str) -> list[str]:
    return [
        f"{text[lens.span.start : lens.span.end]} {lens.title} {lens.command}".rstrip()
        for lens in lenses(document(text))
    ]


def test_lenses_of_a_config() -> None:
    assert shown(CONFIG) == [
        "{ ▶ Run olivepress.run",
        "{ Plan olivepress.plan",
        '"train" 1 reference olivepress.references',
        '"test" 2 references olivepress.references',
        '"here" 2 references olivepress.references',
        '"common" 1 reference olivepress.references',
        '"passes" ▶ Run olivepress.run',
        '"passes" Plan olivepress.plan',
        '"lora" Step 1 of 2: transformers model → adapter olivepress.plan',
        '"merge" Step 2 of 2: adapter → transformers model olivepress.plan',
    ]


def test_arguments_say_what_to_run_and_to_show() -> None:
    found = {lens.title: lens for lens in lenses(document(CONFIG))}
    assert found["▶ Run"].arguments == ("untitled:config",)
    assert found["Step 2 of 2: adapter → transformers model"].arguments == ("untitled:config", "merge")
    places = [(span.start, span.end) for span in found["1 reference"].places]
    assert '"evaluator": "«common»"' in mark(CONFIG, places)


def test_what_nothing_uses_says_so() -> None:
    text = '{"systems": {"here": {"type": "LocalSystem"}}}'
    assert shown(text)[2:] == ['"here" not used']


def test_the_flow_decides_about_the_steps() -> None:
    text = (
        '{"passes": {"a": {"type": "LoRA"}, "b": {"type": "Nothing"}, "c": {}}, "pass_flows": [["b", "a"]]}'
    )
    assert [line.partition(" olive")[0] for line in shown(text)[4:]] == [
        '"a" Step 2 of 2: → adapter',
        '"b" Step 1 of 2',
        '"c" Not in the flow',
    ]


@pytest.mark.parametrize(
    ("text", "expect"),
    [
        ("", []),
        ("[]", []),
        ("{", ["{ ▶ Run olivepress.run", "{ Plan olivepress.plan"]),
        (
            '{"passes": {"a": {"type": "Lo',
            [
                "{ ▶ Run olivepress.run",
                "{ Plan olivepress.plan",
                '"passes" ▶ Run olivepress.run',
                '"passes" Plan olivepress.plan',
                '"a" Step 1 of 1 olivepress.plan',
            ],
        ),
    ],
)
def test_half_typed_texts(text: str, expect: list[str]) -> None:
    assert shown(text) == expect


def coloured(text: str, version: str = "auto") -> list[str]:
    return [
        " ".join((text[token.span.start : token.span.end], token.type, *token.modifiers))
        for token in tokens(document(text, version=version))
    ]


def test_names_types_and_what_is_fixed_have_colours() -> None:
    assert coloured(CONFIG) == [
        "HfModel type",
        "train variable declaration",
        "HuggingfaceContainer type",
        "test variable declaration",
        "HuggingfaceContainer type",
        "here variable declaration",
        "LocalSystem type",
        "cpu enumMember",
        "common variable declaration",
        "accuracy type",
        "test variable",
        "lora variable declaration",
        "LoRA type",
        "train variable",
        "test variable",
        "merge variable declaration",
        "MergeAdapterWeights type",
        "here variable",
        "here variable",
        "common variable",
    ]


@pytest.mark.parametrize(
    ("template", "expect"),
    [
        ("T: {phrase}\\n{tone}", ["phrase", "tone"]),
        ("{a[0]} {b.c} {d!r} {e:>3} {{no}}", ["a", "b", "d", "e"]),
        ("{} {open", []),
        ("{ü😀}", ["ü😀"]),
    ],
)
def test_placeholders_of_a_template(template: str, expect: list[str]) -> None:
    text = (
        '{"data_configs": [{"name": "d", "type": "HuggingfaceContainer", '
        f'"pre_process_data_config": {{"type": "text_generation_huggingface_pre_process", "text_template": "{template}"}}}}]}}'
    )
    assert [line for line in coloured(text) if "parameter" in line] == [
        f"{name} parameter" for name in expect
    ]


def test_keys_of_other_releases_are_struck_out() -> None:
    text = '{"passes": {"a": {"type": "LoRA", "lora_r": 8, "alpha": 1}}, "pass_flows": [["a"]], "azureml_client": {}}'

    def struck(version: str) -> list[str]:
        return [line.split()[0] for line in coloured(text, version) if line.endswith("property deprecated")]

    assert struck("0.13.0") == ["lora_r", "pass_flows", "azureml_client"]
    assert struck("0.6.2") == []
    assert struck("0.9.0") == ["lora_r", "pass_flows"]


def test_the_encoding_counts_as_the_client_does() -> None:
    text = '{"systems": {"a😀": {}},\r\n"host": "a😀", "target": "a😀"}'
    found = tokens(document(text))
    variable, declaration = TYPES.index("variable"), 1 << MODIFIERS.index("declaration")
    assert encode(found, document(text).tree.lines, utf16) == [
        *(0, 14, 3, variable, declaration),
        *(1, 9, 3, variable, 0),
        *(0, 17, 3, variable, 0),
    ]
    assert encode((), document(text).tree.lines, utf16) == []


def test_of_a_range_only_its_tokens() -> None:
    start = CONFIG.index('"host"')
    found = tokens_in(document(CONFIG), start, start + 14)
    assert [CONFIG[token.span.start : token.span.end] for token in found] == ["here"]


def test_tokens_never_overlap_whatever_is_typed() -> None:
    for cut in range(0, len(CONFIG), 3):
        found = tokens(document(CONFIG[:cut]))
        assert all(0 <= token.span.start < token.span.end <= cut for token in found)
        assert all(a.span.end <= b.span.start for a, b in pairwise(found))
