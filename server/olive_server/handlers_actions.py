"""Code actions: fixes and rewritings; what costs something is worked out when it is chosen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsprotocol import types

from .convert import Json, diagnostic
from .handlers_asking import Ask, is_long, refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from olive_schemas.problems import Problem

    from .features.code_actions import Action
    from .session import Session

KINDS = ["quickfix", "source.fixAll.olivepress", "refactor.rewrite", "refactor.move", "refactor.extract"]
"""As `features.code_actions` has them; a test holds the two together."""
_SHOWN = 3
_GRAVE = re.compile(r"line \d+, (?:lossy|for a person):")


def code_actions(ask: Ask) -> list[Json]:
    from .features.code_actions import code_actions as find

    params: types.CodeActionParams = ask.params
    problems = ask.session.diagnostics.problems(ask.document)
    only = [str(kind) for kind in params.context.only or ()]
    found = find(ask.document, *ask.places.span(params.range), problems, only)
    later = ask.session.can("textDocument.codeAction.resolveSupport")
    if not later and is_long(ask.document):
        # Its edits would have to be worked out although nobody may want them.
        found = tuple(action for action in found if not action.key)
    return [_action(ask, action, problems, later) for action in found]


def _action(ask: Ask, action: Action, problems: Sequence[Problem], later: bool) -> Json:
    from .features.code_actions import resolve as edits_of

    result: Json = {"title": action.title, "kind": action.kind}
    if action.preferred:
        result["isPreferred"] = True
    if action.problem is not None:
        document = ask.document
        result["diagnostics"] = [diagnostic(action.problem, document.tree, ask.places, document.uri)]
    if not action.key:
        result["edit"] = ask.edit(action.edits)
    elif later:
        document = ask.document
        result["data"] = {"uri": document.uri, "version": document.version, "key": action.key}
    else:
        result["edit"] = ask.edit(edits_of(ask.document, action.key, problems))
    return result


async def resolve(session: Session, params: types.CodeAction) -> Json:
    """The action with its edits; refused where the text is another one by now."""
    action: Json = dict(session.told)
    data = action.get("data")
    if not isinstance(data, dict):
        return action
    document = session.workflow(str(data.get("uri")))
    if document is None or document.version != data.get("version"):
        raise refusal("The text has changed since: ask for the action again.")
    work = _resolved, Ask(session, document, params), str(data.get("key"))
    action["edit"], told = await session.in_worker(*work) if is_long(document) else work[0](*work[1:])
    say_notes(session, told)
    return action


def _resolved(ask: Ask, key: str) -> tuple[Json, tuple[str, ...]]:
    """The edits of an action, and what somebody has to know of it."""
    from .features.code_actions import notes
    from .features.code_actions import resolve as edits_of

    problems = ask.session.diagnostics.problems(ask.document)
    return ask.edit(edits_of(ask.document, key, problems)), notes(ask.document, key)


def say_notes(session: Session, told: Sequence[str]) -> None:
    """The first of a migration's notes as a message, a warning where something is lost or left to a person; all of them
    in the client's log."""
    if not told:
        return
    head, *rest = told
    grave = [note for note in rest if _GRAVE.match(note)]
    shown = [
        *grave[:_SHOWN],
        *([f"and {len(grave) - _SHOWN} more, in the log"] if len(grave) > _SHOWN else []),
    ]
    session.say(f"Migrated {head}. {' '.join(f'{note}.' for note in shown)}".strip(), warning=bool(grave))
    session.notify("window/logMessage", {"type": 3, "message": "\n".join([f"Migrated {head}", *rest])})
