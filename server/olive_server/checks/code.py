"""Code that a run executes beside Olive's own: told in a workspace that the user does not trust.

`runs-code`: `user_script` and its like are imported (Olive does so even while it reads the config), and
`trust_remote_code` runs Python that lies beside a model on the hub. The editor and `olivepress check` never run any.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from olive_schemas.problems import Problem, Severity

from ._told import told

if TYPE_CHECKING:
    from ..document import Document

CODES = {"runs-code": "a run executes this code"}
_SCRIPTS = frozenset(("user_script", "model_script"))


def check(document: Document) -> Iterable[Problem]:
    if document.settings.more.get("trusted", True):
        return
    for place in document.view.places:
        key = place.member.name if place.member else ""
        if key in _SCRIPTS and place.node.kind == "string" and place.node.value:
            text = f"a run imports `{place.node.value}`, Olive even while it reads this config: look at it before"
        elif key == "trust_remote_code" and place.node.value is True:
            text = (
                "a run executes Python code that lies beside the model or data on the hub: look at it before"
            )
        else:
            continue
        yield told(Severity.INFORMATION, "runs-code", text, place.pointer)
