"""Rewritings that keep what a config means: defaults written out, keys of the engine and parameters moved.

Each offer is cheap; what it changes is worked out when it is chosen (`changes`). Comments and numbers stay as they are
written; where a comment stands beside what would move, nothing is offered.
"""

from __future__ import annotations

from collections.abc import Iterator

from olive_schemas.tree import Tree

from ..document import Document
from . import default_values, engine_keys, nesting
from .offers import Offer
from .rewriting import Change


def offers(document: Document, offset: int) -> Iterator[Offer]:
    """What can be done at a place; nothing in a text that is not understood as a whole."""
    tree = document.tree
    if tree.broken or tree.root.kind != "object":
        return
    here, _ = tree.at(offset)
    yield from engine_keys.engine_offers(document, here)
    pointer = _object_around(tree, here)
    if pointer:
        yield from nesting.parameter_offers(document, pointer)
        yield from default_values.default_offers(document, pointer)


def changes(document: Document, what: str, pointer: str) -> list[Change]:
    """The steps of an offer, to be made one after another."""
    if what == default_values.DEFAULTS:
        return default_values.write_defaults(document, pointer)
    if what == engine_keys.TO_TOP:
        return engine_keys.to_top(document.tree, engine_keys.keys_for_the_top(document, pointer))
    if what == engine_keys.TO_ENGINE:
        return engine_keys.to_engine(document.tree, pointer)
    if what == nesting.TO_NESTED:
        return nesting.nest(document, pointer)
    return nesting.hoist(document, pointer) if what == nesting.TO_FLAT else []


def _object_around(tree: Tree, pointer: str) -> str:
    """The innermost object that a place is in, or that stands under the key at that place."""
    while pointer:
        node = tree.find(pointer)
        if node is not None and node.kind == "object":
            return pointer
        pointer = pointer.rpartition("/")[0]
    return ""
