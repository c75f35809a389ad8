"""The open documents: one immutable `Document` for each version, made from the one before and what was typed.

Knows no protocol types. A uri without a path on this machine (`untitled:`) is a document like any other, whose relative
paths nobody can follow.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from olive_schemas.positions import Lines
from olive_schemas.reparse import reparse
from olive_schemas.tree import MISSING, Tree, parse

from .document import Document, Settings
from .text import Change, Units, apply, lines_after

_DRIVE = re.compile(r"^/([A-Za-z]):")


class Store:
    """`settings_for` gives the settings that hold for a uri."""

    def __init__(self, settings_for: Callable[[str], Settings]) -> None:
        self._settings_for = settings_for
        self._open: dict[str, Document] = {}
        self._lines: dict[str, Lines] = {}

    def open(self, uri: str, version: int | None, text: str) -> Document:
        """A text that is opened, or opened again."""
        return self._keep(uri, version, text, Lines.of(text), None)

    def change(
        self, uri: str, version: int | None, changes: Iterable[Change], units: Units
    ) -> Document | None:
        """The next version; None for a uri that is not open."""
        before = self._open.get(uri)
        if before is None:
            return None
        # The tree of a text that nobody looked at yet is not worth having.
        text, tree, lines = before.text, before.__dict__.get("tree"), self._lines[uri]
        for change in changes:
            text, splice = apply(text, lines, change, units)
            whole = change.start is None
            lines = Lines.of(text) if whole else lines_after(lines, text, splice)
            if tree is not None:
                tree = parse(text) if whole else reparse(tree, text, splice)
                tree.__dict__["lines"] = lines
        document = self._keep(uri, version, text, lines, tree)
        known = before.__dict__.get("config", MISSING)
        if tree is not None and known is not MISSING:
            document.__dict__["_before"] = before.tree, known
        elif tree is not None and "_before" in before.__dict__:
            document.__dict__["_before"] = before.__dict__["_before"]
        return document

    def close(self, uri: str) -> None:
        self._open.pop(uri, None)
        self._lines.pop(uri, None)

    def get(self, uri: str) -> Document | None:
        return self._open.get(uri)

    def __iter__(self) -> Iterator[Document]:
        return iter(list(self._open.values()))

    def renew(self) -> list[Document]:
        """Every document anew, with the settings that hold now: files it names are looked at again, too."""
        return [self.refresh(document) for document in self]

    def refresh(self, document: Document) -> Document:
        """The same text and version, and nothing kept of what followed from it but the tree."""
        tree = document.__dict__.get("tree")
        return self._keep(document.uri, document.version, document.text, self._lines[document.uri], tree)

    def _keep(self, uri: str, version: int | None, text: str, lines: Lines, tree: Tree | None) -> Document:
        document = Document(uri, text, version, path_of(uri), self._settings_for(uri))
        self._lines[uri] = lines
        if tree is not None:
            document.__dict__["tree"] = tree
        self._open[uri] = document
        return document


def path_of(uri: str) -> Path | None:
    """The file that a uri means; None where it is none on this machine."""
    try:
        parts = urlsplit(uri)
        if parts.scheme != "file":
            return None
        path = unquote(parts.path)
        if "\0" in path:
            return None
        if os.name == "nt":
            path = f"//{parts.netloc}{path}" if parts.netloc else _DRIVE.sub(r"\1:", path)
        return Path(path) if path else None
    except ValueError:
        return None


def uri_of(path: Path) -> str:
    """The uri of an absolute path, spelt as VS Code spells it."""
    text = path.as_posix()
    if text.startswith("//"):
        host, _, rest = text[2:].partition("/")
        return f"file://{host}/{quote(rest)}"
    drive = re.match(r"^([A-Za-z]):", text)
    if drive:
        return f"file:///{drive[1].lower()}%3A{quote(text[2:])}"
    return f"file://{quote(text)}"
