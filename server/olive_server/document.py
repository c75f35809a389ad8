"""One text as the server knows it at one version: immutable, and everything that follows from the text.

What is costly is worked out when first asked for and kept. Nothing here knows the protocol; offsets are code points.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from olive_schemas.dialect import detect
from olive_schemas.lazy import lazy
from olive_schemas.reading import Reading, read_tree
from olive_schemas.releases import Era, Scope, auto, era_of, only, resolve
from olive_schemas.tree import Tree, parse, to_python

from .parts import Parts, parts_of

if TYPE_CHECKING:
    from olive_schemas.shapes import View


@dataclass(frozen=True)
class Settings:
    """What the client can set. `olive_version`: "auto" or a release as `releases.resolve` takes it."""

    olive_version: str = "auto"
    installed: str | None = None
    """The release of olive-ai beside the user's Python, from its metadata only; narrows `auto`."""
    more: dict[str, Any] = field(default_factory=dict, compare=False, hash=False)


@dataclass(frozen=True)
class Document:
    uri: str
    text: str
    version: int | None = None
    path: Path | None = None
    """Where the file lies; None for unsaved texts, whose relative paths nobody can follow."""
    settings: Settings = field(default_factory=Settings)

    @lazy
    def tree(self) -> Tree:
        return parse(self.text)

    @lazy
    def config(self) -> Any:
        """The plain value of the text as far as it can be understood."""
        before: tuple[Tree, Any] | None = self.__dict__.pop("_before", None)
        if before is None:
            return to_python(self.tree.root)
        from olive_schemas.moved import python_after

        return python_after(self.tree.root, before[0].root, before[1])

    @lazy
    def era(self) -> Era:
        """The dialect: that of the release asked for, else what the text looks like."""
        return era_of(self._release) if self._release else detect(self.config)

    @lazy
    def scope(self) -> Scope:
        """The releases that findings speak of: the one asked for; else those that write configs like this one, or of
        them the one that is installed."""
        if self._release:
            return only(self._release)
        installed = resolve(self.settings.installed) if self.settings.installed else None
        if installed and era_of(installed) == self.era:
            return Scope((installed,))
        return auto(self.era)

    @lazy
    def _release(self) -> str | None:
        """The release asked for; None for "auto", and for what is no release."""
        return resolve(self.settings.olive_version)

    @lazy
    def view(self) -> View:
        """Shapes, definitions and references."""
        from olive_schemas.shapes import View

        return View(self.tree, self.config, self.era, self.scope)

    @lazy
    def reading(self) -> Reading:
        """What the embedded engine makes of the text."""
        return read_tree(self.tree, path=self.path or Path("olive-config.json"))

    @lazy
    def parts(self) -> Parts:
        """Passes, data configs, systems and metrics with their fields, nested and flat spelling alike."""
        return parts_of(self.config)

    @property
    def folder(self) -> Path | None:
        """What relative paths are relative to."""
        return self.path.parent if self.path else None
