"""Keys of the engine go to the top level, and back."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from olive_schemas.releases import FIRST_CURRENT, index
from olive_schemas.tree import Tree, join, unescape

from ..document import Document
from ..edits import insert, move
from .offers import Offer, commented, unwrap, value_of
from .rewriting import Change

TO_TOP, TO_ENGINE = "to-top", "to-engine"


def _flat_engine(document: Document) -> bool:
    """Whether every release in question reads the engine's keys at the top level as well."""
    return index(document.scope.oldest) >= index(FIRST_CURRENT)


def engine_offers(document: Document, pointer: str) -> Iterator[Offer]:
    tree = document.tree
    if not _flat_engine(document):
        return
    steps = pointer.split("/")[1:]
    engine = tree.find("/engine")
    if steps[:1] == ["engine"] and engine is not None and engine.kind == "object":
        if len(steps) == 1 and keys_for_the_top(document, "/engine"):
            yield Offer("Move the keys of `engine` to the top level", TO_TOP, "/engine")
        elif len(steps) == 2 and keys_for_the_top(document, f"/engine/{steps[1]}"):
            yield Offer(f"Move `{unescape(steps[1])}` to the top level", TO_TOP, f"/engine/{steps[1]}")
    elif len(steps) == 1 and _may_go_into_engine(document, unescape(steps[0])):
        yield Offer(f"Move `{unescape(steps[0])}` into `engine`", TO_ENGINE, f"/{steps[0]}")


def keys_for_the_top(document: Document, pointer: str) -> list[str]:
    """The pointers of what can go from the engine to the top level: all below /engine, or the one asked for."""
    tree = document.tree
    engine, flat = tree.find("/engine"), document.view.shape("")
    names = [member.name for member in engine.members] if engine is not None else []
    wanted = names if pointer == "/engine" else [unescape(pointer.rpartition("/")[2])]
    own = document.view.shape("/engine").properties
    if engine is None or commented(tree, engine, wanted):
        return []
    return [
        join("/engine", name)
        for name in dict.fromkeys(wanted)
        if names.count(name) == 1
        and name in own
        and name in flat.properties
        and value_of(tree, "", name) is None
    ]


def _may_go_into_engine(document: Document, name: str) -> bool:
    tree, shape = document.tree, document.view.shape("")
    engine = tree.find("/engine")
    if engine is not None and (engine.kind != "object" or value_of(tree, "/engine", name) is not None):
        return False
    written = [member for member in tree.root.members if member.name == name]
    return (
        len(written) == 1
        and name in shape.properties
        and name not in shape.own
        and not commented(tree, tree.root, [name])
    )


def to_top(tree: Tree, pointers: list[str]) -> list[Change]:
    """To where `engine` stands, in their order; an engine that has nothing left goes."""
    engine = tree.find("/engine")
    if engine is not None and len(engine.members) == len(pointers):
        return [partial(unwrap, pointer="/engine")]
    steps: list[Change] = []
    after = "engine"
    for pointer in pointers:
        steps.append(partial(move, pointer=pointer, target_pointer="", after=after))
        after = unescape(pointer.rpartition("/")[2])
    return steps


def to_engine(tree: Tree, pointer: str) -> list[Change]:
    steps: list[Change] = []
    if tree.find("/engine") is None:
        steps.append(partial(insert, object_pointer="", key="engine", value={}))
    return [*steps, partial(move, pointer=pointer, target_pointer="/engine")]
