"""Code action tests as text: the cursor is `|`, an action is named by its title."""

from __future__ import annotations

from collections.abc import Sequence

from texts import at_cursor, document

from olive_server.checking import problems
from olive_server.edits import apply
from olive_server.features.code_actions import Action, code_actions, resolve


def actions(text: str, only: Sequence[str] = ()) -> tuple[str, dict[str, Action]]:
    """The text without its cursor, and the actions there by their titles."""
    plain, offset = at_cursor(text)
    found = document(plain)
    offered = code_actions(found, offset, offset, problems(found), only)
    return plain, {action.title: action for action in offered}


def done(text: str, title: str) -> str:
    """The text after an action."""
    plain, offered = actions(text)
    assert title in offered, list(offered)
    action, found = offered[title], document(plain)
    return apply(plain, action.edits or resolve(found, action.key, problems(found)))


def check(text: str, title: str, expect: str) -> None:
    assert done(text, title) == expect


LORA = """{
    "input_model": {"type": "HfModel", "model_path": "org/name"},
    "data_configs": [{"name": "train", "type": "HuggingfaceContainer"}],
    "passes": {
        "lora": {
            "type": "LoRA",
            "train_data_config": "train",
            %s
        }
    }
}
"""
