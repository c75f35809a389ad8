"""What is kept of the rules' findings is what would be found afresh, after any change anywhere in the config."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from reading_configs import written

from olive_schemas import rules, rules_kept
from olive_schemas.dialect import detect
from olive_schemas.releases import auto
from olive_schemas.shapes import View
from olive_schemas.tree import parse, to_python, walk

VALUES = st.sampled_from(["null", "1", '"train"', "{}", "[]", "true", '"no such"', '{"type": "LoRA"}', ""])
_NAMES = ["type", "evaluator", "passes", "engine", "target", "data_config", "user_script", "azureml_client"]
_NAMES += ["searchh_strategy", "search_strategy", "config", "params", "unheard_of", "r", "lora_r"]
NAMES = st.sampled_from(_NAMES)


def told(text: str) -> list[tuple[Any, ...]]:
    tree = parse(text)
    config = to_python(tree.root)
    era = detect(config)
    return [(*vars(problem).values(),) for problem in rules.findings(View(tree, config, era, auto(era)))]


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["classic", "current"]),
    st.lists(
        st.tuples(st.floats(0, 0.999), st.one_of(VALUES, NAMES.map(lambda name: (name,)))),
        min_size=1,
        max_size=6,
    ),
)
def test_kept_findings_are_those_of_a_fresh_look(name: str, changes: list[tuple[float, Any]]) -> None:
    text = json.dumps(written(name), indent=2)
    told(text)
    for where, put in changes:
        tree = parse(text)
        places = [(pointer, node) for pointer, node in walk(tree.root) if pointer]
        if not places:
            break
        pointer, node = places[int(where * len(places))]
        if isinstance(put, tuple):
            member = tree.member(pointer)
            if member is None:
                continue
            text = text[: member.key.start] + json.dumps(put[0]) + text[member.key.end :]
        else:
            text = text[: node.start] + put + text[node.end :]
        kept = told(text)
        rules_kept.forget()
        assert kept == told(text)
