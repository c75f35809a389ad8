"""Functions of the workspace run only when trusted, registered or plain, and leave no trace of a stand-in Olive."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from olive_engine import data
from olive_engine.errors import RunError
from olive_schemas.workflow import Workflow

from .conftest import config_of

Put = Callable[[str, str | bytes], Path]
PLAIN = """
from helpers_of_the_test import shout

def phrases(count, missing):
    assert missing is None
    return [{"text": shout(f"row {number}")} for number in range(count)]
"""
REGISTERED = """
from olive.data.constants import DataComponentType, IGNORE_INDEX
from olive.data.registry import Registry

@Registry.register_dataset()
def Phrases(count, **kwargs):
    from datasets import Dataset
    return Dataset.from_list([{"text": "one"}] * count)

@Registry.register_pre_process("Halves")
def any_name(dataset, ends=1):
    made = []
    for row in dataset.map(lambda row: {"length": len(row["text"])}):
        assert row["length"] == 3
        made.append(({"input_ids": [5, 6, 7], "attention_mask": [1, 1, 1]}, [IGNORE_INDEX, 6, 7]))
    return made

@Registry.register(DataComponentType.DATALOADER, "mine")
def loader(dataset):
    return dataset
"""


def test_a_plain_function_loads_with_its_helpers(put: Put, workflow: Workflow) -> None:
    from dataclasses import replace

    put("mine.py", PLAIN)
    put("lib/helpers_of_the_test.py", "def shout(text):\n    return text.upper()\n")
    config = replace(config_of({"type": "phrases", "count": 2}, user_script="mine.py"), script_dir="lib")
    assert list(data.load(config, workflow, trust_user_script=True)) == [{"text": "ROW 0"}, {"text": "ROW 1"}]
    assert not any(path.endswith("lib") for path in sys.path)


def test_registered_functions_without_olive(put: Put, workflow: Workflow, tokenizer: Any) -> None:
    assert importlib.util.find_spec("olive") is None, "this test is about environments without olive-ai"
    put("mine.py", REGISTERED)
    config = config_of({"type": "phrases", "count": 2}, {"type": "halves"}, user_script="mine.py")
    rows = data.load(config, workflow, trust_user_script=True)
    tokens = data.tokenise(config, rows, tokenizer, workflow=workflow, trust_user_script=True)
    assert [ids.tolist() for ids in tokens.ids] == [[5, 6, 7]] * 2
    assert [labels.tolist() for labels in tokens.labels if labels is not None] == [[-100, 6, 7]] * 2
    assert not [name for name in sys.modules if name == "olive" or name.startswith("olive.")]


def test_a_real_olive_is_not_hidden(put: Put, workflow: Workflow, monkeypatch: pytest.MonkeyPatch) -> None:
    put("site/olive/__init__.py", "")
    put("site/olive/data/__init__.py", "")
    put(
        "site/olive/data/registry.py",
        "class Registry:\n"
        "    found = {}\n"
        "    @classmethod\n"
        "    def register_dataset(cls, name=None):\n"
        "        return lambda f: cls.found.setdefault(('load_dataset', name), f)\n"
        "    @classmethod\n"
        "    def get_component(cls, kind, name):\n"
        "        return cls.found[kind, name]\n",
    )
    put(
        "mine.py",
        "from olive.data.registry import Registry\n@Registry.register_dataset('made')\ndef f():\n    return [{'text': 'real'}]\n",
    )
    monkeypatch.syspath_prepend(str(workflow.base_dir / "site"))
    try:
        config = config_of({"type": "made"}, user_script="mine.py")
        assert list(data.load(config, workflow, trust_user_script=True)) == [{"text": "real"}]
        assert "olive.data.registry" in sys.modules
    finally:
        for name in [name for name in sys.modules if name == "olive" or name.startswith("olive.")]:
            del sys.modules[name]


@pytest.mark.parametrize("where", ["data config", "pre-processing"])
def test_nothing_runs_without_trust(where: str, put: Put, workflow: Workflow, tokenizer: Any) -> None:
    put("data.json", '[{"text": "one"}]')
    put(
        "mine.py",
        "from pathlib import Path\nPath(__file__).with_name('ran').touch()\ndef f(row):\n    return 'x'\n",
    )
    script = {"user_script": "mine.py"} if where == "pre-processing" else {}
    config = config_of(
        {},
        {"text_formatting_func": "f", "strategy": "line-by-line", **script},
        user_script=None if script else "mine.py",
    )
    pointer = (
        "/data_configs/0/pre_process_data_config/params/user_script"
        if script
        else "/data_configs/0/user_script"
    )

    (problem,) = data.check(config, workflow, trust_user_script=False)
    assert (problem.code, problem.pointer) == ("user-script-untrusted", pointer)
    assert "mine.py" in problem.message and "--trust-user-script" in problem.message
    with pytest.raises(RunError) as failure:
        data.tokenise(config, data.load(config, workflow), tokenizer, workflow=workflow)
    assert (failure.value.code, failure.value.pointer) == ("user-script-untrusted", pointer)
    assert not (workflow.base_dir / "ran").exists()

    assert data.check(config, workflow, trust_user_script=True) == []
    assert not (workflow.base_dir / "ran").exists(), "a check looks at a script, it does not run it"
    data.tokenise(config, data.load(config, workflow), tokenizer, workflow=workflow, trust_user_script=True)
    assert (workflow.base_dir / "ran").exists()


@pytest.mark.parametrize(
    ("script", "function", "at_check", "says"),
    [
        ("def f(row):\n    return row['nothing']\n", "f", False, "failed on row 1: KeyError: 'nothing'"),
        ("def f(row)\n    pass\n", "f", True, "mine.py, line 1"),
        ("def g(row):\n    pass\n", "f", True, "mine.py defines no function `f`"),
        (
            "import no_such_module_anywhere\ndef f(row):\n    pass\n",
            "f",
            False,
            "no_such_module_anywhere' (line 1)",
        ),
        (None, "f", True, "does not exist"),
    ],
)
def test_scripts_that_fail(
    script: str | None, function: str, at_check: bool, says: str, put: Put, workflow: Workflow, tokenizer: Any
) -> None:
    put("data.json", '[{"text": "one"}]')
    if script is not None:
        put("mine.py", script)
    config = config_of({}, {"text_formatting_func": function}, user_script="mine.py")
    problems = data.check(config, workflow, trust_user_script=True)
    assert [says in problem.message for problem in problems] == ([True] if at_check else [])
    with pytest.raises(RunError) as failure:
        rows = data.load(config, workflow)
        data.tokenise(config, rows, tokenizer, workflow=workflow, trust_user_script=True)
    assert failure.value.code == "user-script"
    if script is None or not at_check or "defines" in says:
        assert says in failure.value.message


def test_an_edited_script_is_loaded_anew(put: Put, workflow: Workflow) -> None:
    import os

    config = config_of({"type": "f"}, user_script="mine.py")
    for number in (1, 2):
        path = put("mine.py", f"def f():\n    return [{{'text': '{number}'}}]\n")
        os.utime(path, ns=(number, number))
        assert [row["text"] for row in data.load(config, workflow, trust_user_script=True)] == [str(number)]
