"""Definition, references, highlight and rename of what a config names."""

from __future__ import annotations

from pathlib import Path

import pytest
from texts import CONFIG, at_cursor, document, mark

from olive_server.edits import apply
from olive_server.features.definition import definition
from olive_server.features.references import highlights, references
from olive_server.features.rename import Prepared, Refused, prepare_rename, rename

CLASSIC = """{
    "data_configs": {"train": {"type": "HuggingfaceContainer"}},
    "systems": {"gpu": {"type": "LocalSystem", "config": {"accelerators": ["gpu"]}}},
    "passes": {
        "lora": {"type": "LoRA", "config": {"train_data_config": "train"}},
        "merge": {"type": "MergeAdapterWeights", "host": "gpu"}
    },
    "pass_flows": [["lora", "merge"], ["lora"]],
    "engine": {"host": "gpu"}
}"""


def cursor(config: str, part: str) -> tuple[str, int]:
    """The config with the cursor where `part` (with its `|`) has it."""
    plain = part.replace("|", "")
    assert config.count(plain) == 1, f"{plain} must be there once"
    return at_cursor(config.replace(plain, part))


def lines(text: str, ranges: list[tuple[int, int]]) -> list[str]:
    """The lines that hold the ranges, marked."""
    return [line.strip() for line in mark(text, ranges).splitlines() if "«" in line]


@pytest.mark.parametrize(
    ("part", "expect"),
    [
        ('"train_data_config": "tr|ain"', '{"name": "«train»", "type"'),
        ('"train_data_config": |"train"', '{"name": "«train»", "type"'),
        ('"train_data_config": "train"|', '{"name": "«train»", "type"'),
        ('"eval_data_config": "te|st"', '{"name": "«test»", "type"'),
        ('"data_config": "|test"', '{"name": "«test»", "type"'),
        ('"host": "he|re"', '"«here»": {"type": "LocalSystem"'),
        ('"evaluator": "comm|on"', '"«common»": {"metrics"'),
        ('"na|me": "train"', None),
        ('{"name": "trai|n"', '{"name": "«train»", "type"'),
        ('"type": "Lo|RA"', None),
    ],
)
def test_definition(part: str, expect: str | None) -> None:
    text, offset = cursor(CONFIG, part)
    found = [
        (target.name.start, target.name.end) for target in definition(document(text), offset) if target.name
    ]
    shown = lines(text, found)
    assert len(shown) == (1 if expect else 0)
    assert not expect or shown[0].startswith(expect)


def test_a_definition_is_wholly_shown_and_the_reference_underlined() -> None:
    text, offset = cursor(CONFIG, '"host": "he|re"')
    [target] = definition(document(text), offset)
    assert target.whole and target.name
    assert text[target.origin.start : target.origin.end] == "here"
    assert text[target.whole.start : target.whole.end].startswith('"here": {"type": "LocalSystem"')
    assert text[target.whole.start : target.whole.end].endswith('"cpu"}]}')


def test_a_name_that_is_defined_twice_has_both_definitions() -> None:
    text, offset = at_cursor(
        '{"data_configs": [{"name": "a"}, {"name": "a"}], "passes": {"p": {"type": "LoRA", "train_data_config": "|a"}}}'
    )
    found = definition(document(text), offset)
    assert [target.name.start for target in found if target.name] == [28, 43]


def test_the_definition_of_a_path_is_the_file(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"phrase": "a"}\n', encoding="utf-8")
    text, offset = cursor(CONFIG, '"data_files": "ro|ws.jsonl"')
    [target] = definition(document(text, tmp_path / "c.json"), offset)
    assert (target.uri, target.whole) == ((tmp_path / "rows.jsonl").as_uri(), None)
    assert definition(document(text), offset) == ()


@pytest.mark.parametrize(
    ("written", "underlined"),
    [
        ('"text_template": "T: {phr|ase}"', "phrase"),
        ('"text_template": "T|: {phrase}"', None),
        ('"text_cols": ["phr|ase"]', "phrase"),
    ],
)
def test_the_definition_of_a_column_is_the_data_file(
    written: str, underlined: str | None, tmp_path: Path
) -> None:
    (tmp_path / "rows.jsonl").write_text('{"phrase": "a"}\n', encoding="utf-8")
    text, offset = at_cursor(
        '{"input_model": {"type": "HfModel", "model_path": "a/b", "task": "text-generation"}, "data_configs": [{"name": "d", '
        '"type": "HuggingfaceContainer", "load_dataset_config": {"data_name": "json", "data_files": "rows.jsonl"}, '
        f'"pre_process_data_config": {{{written}}}}}]}}'
    )
    found = definition(document(text, tmp_path / "c.json"), offset)
    assert [text[target.origin.start : target.origin.end] for target in found] == (
        [underlined] if underlined else []
    )
    assert all(target.uri.endswith("rows.jsonl") for target in found)


@pytest.mark.parametrize(
    ("config", "part", "expect"),
    [
        (CONFIG, '"host": "he|re"', ['"«here»": {"type"', '"host": "«here»"', '"target": "«here»"']),
        (CONFIG, '"he|re": {"type"', ['"«here»": {"type"', '"host": "«here»"', '"target": "«here»"']),
        (CLASSIC, '[["lo|ra", "merge"], ', ['"«lora»": {"type"', '"pass_flows": [["«lora»", "merge"], ["«lora»"]]']),
        (CLASSIC, '"tra|in": {"type"', ['"data_configs": {"«train»"', '"lora": {"type": "LoRA", "config"']),
    ],
)  # fmt: skip
def test_references(config: str, part: str, expect: list[str]) -> None:
    text, offset = cursor(config, part)
    both = references(document(text), offset, declaration=True)
    shown = lines(text, [(span.start, span.end) for span in both])
    assert len(shown) == len(expect)
    assert all(line.startswith(start) for line, start in zip(shown, expect, strict=True))
    assert references(document(text), offset, declaration=False) == both[1:]
    assert [highlight.kind for highlight in highlights(document(text), offset)] == ["write"] + ["read"] * (
        len(both) - 1
    )


def test_nothing_refers_to_what_is_no_name() -> None:
    text, offset = cursor(CONFIG, '"|r": 16')
    assert references(document(text), offset, declaration=True) == ()
    assert highlights(document(text), offset) == ()


def renamed(config: str, part: str, name: str) -> str:
    text, offset = cursor(config, part)
    edits = rename(document(text), offset, name)
    assert not isinstance(edits, Refused), edits.message
    return apply(text, edits)


@pytest.mark.parametrize(
    ("config", "part", "name", "changes"),
    [
        (CONFIG, '"train_data_config": "tr|ain"', "rows_1", [('"name": "train"', '"name": "rows_1"'),
            ('"train_data_config": "train"', '"train_data_config": "rows_1"')]),
        (CONFIG, '"he|re": {', "my cpu", [('"here"', '"my cpu"')]),
        (CONFIG, '"evaluator": "|common"', 'the "best"', [('"common"', r'"the \"best\""')]),
        (CONFIG, '"|lora"', "ключ 😀", [('"lora"', '"ключ 😀"')]),
        (CLASSIC, '["lo|ra"]', "tune", [('"lora"', '"tune"')]),
        (CLASSIC, '"|train": {', "rows", [('"train"', '"rows"')]),
        (CLASSIC.replace("\n", "\r\n"), '"|train": {', "rows", [('"train"', '"rows"')]),
        ("\ufeff" + CLASSIC.replace("Hugging", "😀"), '"|train": {', "rows", [('"train"', '"rows"')]),
        (CLASSIC.replace('"train"', "'train'"), "'|train': {", "rows", [("'train'", "'rows'")]),
        (CLASSIC.replace('"gpu"', "'gpu'"), "'gp|u': {", "o'g", [("{'gpu'", '{"o\'g"'), (": 'gpu'", ': "o\'g"')]),
    ],
)  # fmt: skip
def test_rename(config: str, part: str, name: str, changes: list[tuple[str, str]]) -> None:
    expect = config
    for old, new in changes:
        expect = expect.replace(old, new)
    assert renamed(config, part, name) == expect


def test_of_a_name_that_is_defined_twice_one_definition_is_renamed() -> None:
    twice = '{"systems": {"a": {"type": "LocalSystem"}, "a": {"type": "Docker"}}, "host": "a"}'
    assert renamed(twice, '"a|": {"type": "Docker"', "b") == twice.replace(
        '"a": {"type": "Docker"', '"b": {"type": "Docker"'
    )
    text, offset = cursor(twice, '"host": "a|"')
    assert refusal(text, offset, "b") == "`a` is defined more than once: rename one of the definitions first"
    assert prepare_rename(document(text), offset) == Refused(refusal(text, offset, "b"))


def test_a_reference_that_leads_nowhere_is_renamed_with_its_like() -> None:
    config = '{"host": "gpu", "target": "gpu", "systems": {}}'
    assert renamed(config, '"host": "g|pu"', "cpu") == config.replace("gpu", "cpu")


def refusal(text: str, offset: int, name: str) -> str:
    edits = rename(document(text), offset, name)
    assert isinstance(edits, Refused)
    return edits.message


@pytest.mark.parametrize(
    ("part", "name", "says"),
    [
        ('{"name": "tr|ain"', "test", "there is a data config `test` already, on line 5: choose another name"),
        ('{"name": "tr|ain"', "a-b", "`a-b` is no name for a data config: Olive takes only letters, digits and underscores"),
        ('{"name": "tr|ain"', "", "a data config needs a name that is not empty"),
        ('"me|rge"', "lora", "there is a pass `lora` already, on line 14: choose another name"),
        ('"me|rge"', "a\nb", "the name of a pass must not hold line breaks or other control characters"),
        ('"me|rge"', " a", "the name of a pass must not begin or end with a blank"),
        ('"r": 1|6', "x", "there is no name at the cursor"),
    ],
)  # fmt: skip
def test_rename_is_refused(part: str, name: str, says: str) -> None:
    text, offset = cursor(CONFIG, part)
    assert refusal(text, offset, name) == says


def test_prepare_names_the_text_without_its_quotes() -> None:
    text, offset = cursor(CONFIG, '"|here": {')
    prepared = prepare_rename(document(text), offset)
    assert isinstance(prepared, Prepared)
    assert (text[prepared.span.start : prepared.span.end], prepared.placeholder) == ("here", "here")
    text, offset = cursor(CONFIG, '"r"|: 16')
    assert "can be renamed" in getattr(prepare_rename(document(text), offset), "message", "")


@pytest.mark.parametrize(
    ("text", "expect"),
    [
        ('{"systems": {"here": {}}, "host": "he|re', '{"systems": {"gpu": {}}, "host": "gpu'),
        ('{"systems": {"he|re"}, "host": "here"', '{"systems": {"gpu"}, "host": "gpu"'),
        ('{"systems": {"he|re": }, "host": "here"', '{"systems": {"gpu": }, "host": "gpu"'),
        ('{"systems": {he|re: {}}, "host": here}', '{"systems": {"gpu": {}}, "host": "gpu"}'),
    ],
)
def test_rename_in_half_typed_text(text: str, expect: str) -> None:
    plain, offset = at_cursor(text)
    edits = rename(document(plain), offset, "gpu")
    assert not isinstance(edits, Refused)
    assert apply(plain, edits) == expect


def test_a_data_config_named_by_its_key_keeps_its_name_in_step() -> None:
    text = (
        '{"data_configs": {"d": {"name": "d", "type": "HuggingfaceContainer"}},'
        ' "passes": {"q": {"type": "LoRA", "config": {"train_data_config": "d"}}}}'
    )
    edits = rename(document(text), text.index('"d": {') + 1, "rows")
    assert not isinstance(edits, Refused)
    assert apply(text, edits) == text.replace('"d"', '"rows"')
