"""Configs brought to later releases: pairs of files in `migrate/`, what they mean before and after, and the notes.

`NAME.before.json`, `NAME.after.json`, and in `NAME.notes.txt` the releases and a line for each note.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from olive_engine.training.arguments import complete
from olive_schemas import read
from olive_schemas.releases import RELEASES, index
from olive_schemas.tree import parse, to_python
from olive_server.document import Document
from olive_server.edits import Edit, apply
from olive_server.migrate import Migration, migrate
from olive_server.migrate_draft import Draft

CASES = Path(__file__).parent / "migrate"
NAMES = sorted(path.name.removesuffix(".before.json") for path in CASES.glob("*.before.json"))


def document(text: str) -> Document:
    return Document("file:///olive-config.json", text, path=Path("/olive-config.json"))


def before(name: str) -> str:
    return (CASES / f"{name}.before.json").read_text()


def after(name: str) -> str:
    return (CASES / f"{name}.after.json").read_text()


def releases(name: str) -> tuple[str, str]:
    source, target = (CASES / f"{name}.notes.txt").read_text().splitlines()[0].split(" -> ")
    return source, target


def migrated(text: str, target: str = "0.13.0", source: str | None = None) -> Migration:
    return migrate(document(text), target, source)


@pytest.mark.parametrize("name", NAMES)
def test_pairs(name: str) -> None:
    source, target = releases(name)
    found = migrated(before(name), target)
    assert found.text == after(name)
    lines = [
        f"{source} -> {target}",
        *(f"{note.kind} {note.pointer}: {note.message}" for note in found.notes),
    ]
    assert lines == (CASES / f"{name}.notes.txt").read_text().splitlines()


@pytest.mark.parametrize("name", NAMES)
def test_each_step_sees_the_tree_of_the_text_before_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    change, changes = Draft._change, 0

    def checked(draft: Draft, edits: list[Edit]) -> bool:
        nonlocal changes
        done = change(draft, edits)
        fresh = parse(draft.text)
        assert (repr(draft.tree.root), draft.tree.problems) == (repr(fresh.root), fresh.problems)
        changes += done
        return done

    monkeypatch.setattr(Draft, "_change", checked)
    assert migrated(before(name), releases(name)[1]).changed == bool(changes)


@pytest.mark.parametrize("name", NAMES)
def test_sections_that_are_written_twice_are_migrated_like_the_one_that_counts(name: str) -> None:
    config = before(name)
    for section in to_python(parse(config).root):
        twice = config.rstrip().removesuffix("}") + f', "{section}": {{}}}}'
        assert not parse(migrated(twice, releases(name)[1]).text).broken


@pytest.mark.parametrize("name", NAMES)
def test_what_was_migrated_needs_no_migration(name: str) -> None:
    again = migrated(after(name), releases(name)[1])
    assert not again.changed
    assert not [note for note in again.notes if note.kind in ("exact", "default")]


@pytest.mark.parametrize("name", NAMES)
def test_every_note_has_its_place_in_the_text_before(name: str) -> None:
    tree = parse(before(name))
    for note in migrated(before(name), releases(name)[1]).notes:
        assert tree.find(note.pointer) is not None, note


@pytest.mark.parametrize("name", ["adapter", "lines"])
def test_a_training_stays_the_same_training(name: str) -> None:
    """What the embedded engine makes of both: the same parameters, the same data, so the same tokens."""
    old, new = read(before(name), path=Path("/c.json")), read(after(name), path=Path("/c.json"))
    assert old.workflow is not None and new.workflow is not None, (old.problems, new.problems)
    one, other = old.workflow.input_model, new.workflow.input_model
    assert one is not None and other is not None
    assert (one.path, one.task, one.load_kwargs) == (other.path, other.task, other.load_kwargs)
    for one, other in zip(old.workflow.passes, new.workflow.passes, strict=True):
        assert one.type == other.type
        was, now = dict(one.parameters), dict(other.parameters)
        if "training_args" in was:
            quantised = one.type == "QLoRA"
            effective = complete(was.pop("training_args"), "classic", quantised=quantised)
            assert complete(now.pop("training_args"), "current", quantised=quantised) == effective
        assert meant(was) == meant(now)
    for key, config in old.workflow.data_configs.items():
        moved = new.workflow.data_configs[key]
        for stage in ("load", "pre_process", "post_process", "dataloader"):
            was, now = getattr(config, stage), getattr(moved, stage)
            assert was.type == now.type
            assert meant(was.params) == meant(now.params)


_WITHOUT_EFFECT = ("joiner", "padding_side", "dataset_type", "eval_dataset_size", "bias")
_OFF = ("use_ort_trainer", "ortmodule_onnx_opset_version", "exclude_embeds", "exclude_lm_head")


def meant(values: Any) -> dict[str, Any]:
    """Parameters without those that are unset, and with an empty joiner as none. A template hides the columns."""
    hidden = ("text_cols",) if values.get("text_template") else ()
    return {
        key: meant(value) if hasattr(value, "items") else value
        for key, value in values.items()
        if value not in (None, "", False, ()) and key not in (*_WITHOUT_EFFECT, *_OFF, *hidden)
    }


def test_a_joiner_that_was_none_stays_none() -> None:
    (config,) = to_python(parse(after("adapter")).root)["data_configs"]
    assert config["pre_process_data_config"]["joiner"] == ""
    assert config["pre_process_data_config"]["strategy"] == "join"


def test_a_config_that_the_target_takes_stays_as_it_is() -> None:
    text = '{"input_model": {"type": "HfModel", "config": {"model_path": "m"}}, "passes": {}, "engine": {"cache_dir": "c"}}'
    found = migrated(text)
    assert not found.changed
    assert found.exact
    assert found.edits() == []


def test_layout_and_comments_stay() -> None:
    text = (
        '{\r\n\t"input_model": {"type": "HfModel", "model_path": "m"},\r\n'
        '\t"passes": {\r\n\t\t// the adapter\r\n'
        '\t\t"a": {"type": "LoRA", "lora_r": 4 /* small */, "train_data_config": {"name": "d"}}\r\n\t}\r\n}\r\n'
    )
    found = migrated(text, "0.8.0")
    assert found.text == text.replace("lora_r", "r")


def test_the_change_is_one_edit_of_what_differs() -> None:
    found = migrated(before("flows"))
    (edit,) = found.edits()
    assert apply(found.before, [edit]) == found.text
    assert "input_model" not in edit.new_text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "nothing is changed, since"),
        ("[]", "nothing is changed, since"),
        ("", "nothing is changed, since"),
    ],
)
def test_what_is_no_config_is_left_alone(text: str, says: str) -> None:
    found = migrated(text)
    assert not found.changed
    assert not found.exact
    assert says in found.notes[0].message


def test_a_release_that_is_older_than_the_current_form_is_refused() -> None:
    found = migrated(before("lines"), "0.6.2")
    assert not found.changed
    assert "older than 0.7.0" in found.notes[0].message


def test_the_source_can_be_said() -> None:
    text = (
        '{"input_model": {"type": "HfModel", "model_path": "m"}, "passes": {"c": {"type": "OnnxConversion"}}}'
    )
    assert not migrated(text).changed
    assert '"target_opset": 14' in migrated(text, source="0.7.1.1").text
    assert '"target_opset": 13' in migrated(text, source="0.6.2").text


def test_several_releases_mixed_in_one_file() -> None:
    text = """{
      "input_model": {"type": "PyTorchModel", "config": {"hf_config": {"model_name": "m", "task": "text-generation"}}},
      "systems": {"s": {"type": "LocalSystem", "accelerators": ["gpu"]}},
      "data_configs": {"d": {"type": "HuggingfaceContainer", "load_dataset_config": {"data_name": "x"}}},
      "passes": {"a": {"type": "LoRA", "r": 4, "train_data_config": "d", "training_args": {"evaluation_strategy": "no"}}},
      "sampler": 1,
      "pass_flows": [["a"]]
    }"""
    config = to_python(parse(migrated(text).text).root)
    assert config["input_model"] == {"type": "HfModel", "model_path": "m", "task": "text-generation"}
    assert config["data_configs"][0]["name"] == "d"
    assert config["systems"]["s"]["accelerators"] == [{"device": "gpu"}]
    assert "eval_strategy" in config["passes"]["a"]["training_args"]
    assert "pass_flows" not in config


def test_what_the_target_still_refuses_is_said() -> None:
    text = '{"input_model": {"type": "HfModel", "model_path": "m"}, "passes": {"a": {"type": "NoSuchPass"}}}'
    (note,) = migrated(text).notes
    assert note.kind == "person"
    assert note.pointer == "/passes/a/type"
    assert note.message == "Olive has no pass `NoSuchPass`. Olive 0.13.0 refuses it."


def test_a_refusal_that_names_no_release_is_said_of_the_target() -> None:
    text = '{"input_model": {"type": "HfModel", "model_path": "m"}, "passes": {}, "evaluator": "none"}'
    (note,) = migrated(text).notes
    assert note.message.startswith("Olive 0.13.0 refuses the config: no evaluator is named `none`")


def test_a_name_beside_params_that_the_component_has_is_kept_and_said() -> None:
    text = (
        '{"input_model": {"type": "PyTorchModel", "config": {"hf_config": {"model_name": "m", "task": "t"}}}, '
        '"data_configs": [{"name": "a", "type": "HuggingfaceContainer", "load_dataset_config": '
        '{"data_name": "x", "split": "test", "strange": 1, "params": {"split": "train"}}}], "passes": {}}'
    )
    found = migrated(text, source="0.6.2")
    (config,) = to_python(parse(found.text).root)["data_configs"]
    assert config["load_dataset_config"] == {"data_name": "x", "split": "train"}
    place = "/data_configs/0/load_dataset_config"
    kinds = {note.pointer.removeprefix(place): note.kind for note in found.notes if place in note.pointer}
    assert kinds == {"/data_name": "person", "/split": "exact", "/strange": "exact"}


def test_names_of_the_target_in_hf_config_are_kept_and_said() -> None:
    text = (
        '{"input_model": {"type": "PyTorchModel", "config": {"hf_config": {"model_name": "m", "task": "t", '
        '"load_kwargs": {"torch_dtype": "float16"}}}}, "passes": {}}'
    )
    found = migrated(text, source="0.6.2")
    assert to_python(parse(found.text).root)["input_model"]["load_kwargs"] == {"torch_dtype": "float16"}
    assert [note.kind for note in found.notes if note.pointer.endswith("/load_kwargs")] == ["person"]
    both = text.replace('"load_kwargs"', '"from_pretrained_args": {"a": 1}, "load_kwargs"')
    found = migrated(both, source="0.6.2")
    assert to_python(parse(found.text).root)["input_model"]["load_kwargs"] == {"a": 1}
    assert [note.kind for note in found.notes if note.pointer.endswith("/load_kwargs")] == ["exact"]


CURRENT = [release for release in RELEASES if index(release) >= index("0.7.0")]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(NAMES), st.data())
def test_any_cut_off_or_changed_config_is_migrated_without_an_exception(
    name: str, data: st.DataObject
) -> None:
    text = before(name)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    changed = (
        text[:start] + data.draw(st.sampled_from(["", "1", "null", '"x"', "[]", "{}", ","])) + text[end:]
    )
    found = migrated(changed, data.draw(st.sampled_from(CURRENT)))
    syntax = {problem.code for problem in parse(changed).problems}
    assert {problem.code for problem in parse(found.text).problems} <= syntax
