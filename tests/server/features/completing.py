"""Completion tests as text: the cursor is `|`, what is accepted is named by its label.

check('{"passes": {"a": {"type": "Lo|"}}}', offers=["LoRA", "LoHa"])
accept('{"passes": {"a": {"type": "Lo|"}}}', "LoRA", gives='{"passes": {"a": {"type": "LoRA"}}}')
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from olive_schemas.tree import parse
from olive_server.document import Document, Settings
from olive_server.edits import apply
from olive_server.features.completion import CompletionList, Item, completion, plain


def document(text: str, *, path: Path | None = None, version: str = "auto") -> Document:
    return Document("file:///olive-config.json", text, 1, path, Settings(version))


def at_cursor(marked: str, *, path: Path | None = None, version: str = "auto") -> CompletionList:
    offset = marked.index("|")
    text = marked[:offset] + marked[offset + 1 :]
    return completion(document(text, path=path, version=version), offset)


def check(
    marked: str,
    offers: Iterable[str] = (),
    *,
    lacks: Iterable[str] = (),
    struck: Iterable[str] = (),
    first: str = "",
    path: Path | None = None,
    version: str = "auto",
) -> list[Item]:
    """`offers`: labels that are offered and not struck out; `struck`: those that are offered struck out; `lacks`: those
    that are not offered at all; `first`: the label that is shown first."""
    items = sorted(at_cursor(marked, path=path, version=version).items, key=lambda item: item.sort_text)
    good = [item.label for item in items if not item.deprecated]
    old = [item.label for item in items if item.deprecated]
    assert [label for label in offers if label not in good] == [], good
    assert [label for label in struck if label not in old] == [], old
    assert [label for label in lacks if label in good] == []
    if first:
        assert good[0] == first
    return items


def accepted(text: str, item: Item) -> str:
    """The text after an item was accepted as it stands."""
    return apply(text, [plain(item).edit, *item.additional_edits])


def accept(marked: str, label: str, *, gives: str, path: Path | None = None, version: str = "auto") -> Item:
    offset = marked.index("|")
    text = marked[:offset] + marked[offset + 1 :]
    items = {item.label: item for item in at_cursor(marked, path=path, version=version).items}
    assert label in items, sorted(items)
    assert accepted(text, items[label]) == gives
    return items[label]


def mistakes(text: str) -> int:
    """How many syntax errors a text has."""
    return sum(not problem.warning for problem in parse(text).problems)
