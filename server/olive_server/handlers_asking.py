"""What every language feature is asked: which document, where, and how its client counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pygls.exceptions import JsonRpcException

from olive_schemas.lazy import lazy

from .convert import Json, Places, workspace_edit
from .document import Document
from .edits import Edit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .session import Session

_REQUEST_FAILED = -32803
_LONG = 150_000
"""Characters."""


@dataclass(frozen=True)
class Ask:
    session: Session
    document: Document
    params: Any
    """As the protocol has them."""

    @lazy
    def places(self) -> Places:
        return Places.of(self.document, self.session.units)

    @property
    def offset(self) -> int:
        """Of the position that is asked about."""
        return self.places.offset(self.params.position)

    def edit(self, edits: Iterable[Edit]) -> Json:
        """A change of this document as the client takes it."""
        versioned = self.session.can("workspace.workspaceEdit.documentChanges")
        return workspace_edit(self.document, self.places.edits(edits), versioned=versioned)


def about(answer: Callable[[Ask], Any], empty: Any) -> Callable[[Session, Any], Any]:
    """A handler that asks only about open workflows."""

    def handle(session: Session, params: Any) -> Any:
        document = session.workflow(params.text_document.uri)
        return empty if document is None else answer(Ask(session, document, params))

    return handle


def about_all(answer: Callable[[Ask], Any], empty: Any) -> Callable[[Session, Any], Any]:
    """The same for what goes through a whole text: a long one is gone through in the thread."""

    def handle(session: Session, params: Any) -> Any:
        document = session.workflow(params.text_document.uri)
        if document is None:
            return empty
        ask = Ask(session, document, params)
        return _in_thread(ask, answer) if is_long(document) else answer(ask)

    return handle


def is_long(document: Document) -> bool:
    """Whether going through all of a text is work for the thread."""
    return len(document.text) >= _LONG


async def _in_thread(ask: Ask, answer: Callable[[Ask], Any]) -> Any:
    return await ask.session.in_worker(answer, ask)


def refusal(message: str, data: Any = None) -> JsonRpcException:
    """A request that cannot be done, for a reason that the client shows."""
    return JsonRpcException(message, code=_REQUEST_FAILED, data=data)
