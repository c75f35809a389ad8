"""What the first completion, hover or run would wait for is loaded before: piece by piece, while nothing else is going on.

The first diagnostics go first; a piece takes some milliseconds, and none is begun while messages wait.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .session import Session

LOG = logging.getLogger(__name__)

_CALM = 0.4
"""Seconds after the start, and at most so long between two pieces."""
_PAUSE = 0.03
_MODULES = (
    "olive_server.features.completion",
    "olive_server.features.hover",
    "olive_server.features.code_actions",
    "olive_server.features.semantic_tokens",
    "olive_server.features.inlay_hints",
    "olive_server.features.code_lenses",
    "olive_server.features.symbols",
    "olive_server.features.links",
    "olive_server.features.folding",
    "olive_server.features.definition",
    "olive_engine.runs",
    "olive_server.runs",
)


async def warm(session: Session) -> None:
    await asyncio.sleep(_CALM)
    await _turn(session)
    session.server.protocol.make_types()
    for name in _MODULES:
        await _turn(session)
        try:
            importlib.import_module(name)
        except Exception:
            LOG.exception("%s cannot be loaded", name)


async def _turn(session: Session) -> None:
    await asyncio.sleep(_PAUSE)
    while session.busy:
        await asyncio.sleep(_PAUSE)
