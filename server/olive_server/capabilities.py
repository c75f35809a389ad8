"""What `initialize` announces: pygls works it out from what is registered; here it becomes plain JSON."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

import attrs
from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder

if TYPE_CHECKING:
    from .server import OliveServer


def announced(server: OliveServer, encoding: str, *, prepares_rename: bool) -> dict[str, Any]:
    manager = server.protocol.fm
    client = types.ClientCapabilities(
        text_document=types.TextDocumentClientCapabilities(
            rename=types.RenameClientCapabilities(prepare_support=prepares_rename)
        )
    )
    builder = ServerCapabilitiesBuilder(
        client,
        {*manager.features, *manager.builtin_features, *server.protocol.plain},
        manager.feature_options,
        list(manager.commands),
        types.TextDocumentSyncKind.Incremental,
        None,
        encoding,
    )
    capabilities: dict[str, Any] = plain(builder.build())  # type: ignore[no-untyped-call]
    return capabilities


def plain(value: Any) -> Any:
    """A value of the protocol's types as JSON: names in camel case, nothing for what is None."""
    if isinstance(value, Enum):
        return value.value
    if attrs.has(type(value)):
        fields = {field.name: getattr(value, field.name) for field in attrs.fields(type(value))}
        return {_camel(name): plain(each) for name, each in fields.items() if each is not None}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
