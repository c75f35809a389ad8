"""A config while it is migrated: its text after each change, where each place stood at first, and the notes.

Every change goes through an edit of the text, so that layout and comments stay. Steps read `draft.config` and change
by pointer; a pointer that leads nowhere changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from olive_schemas.dialect import detect
from olive_schemas.releases import Scope, era_of, index
from olive_schemas.reparse import Splice, reparse
from olive_schemas.shapes import View
from olive_schemas.tree import Tree, join, parse, to_python, unescape

from . import edits, edits_shape
from .edits import Edit, apply

Kind = Literal["exact", "default", "lossy", "person"]
"""exact: the config means the same. default: it does so because a value is written out whose default changed.
lossy: something that was written has no counterpart and is gone. person: somebody has to do something."""


@dataclass(frozen=True)
class Note:
    kind: Kind
    message: str
    pointer: str
    """Of the text before the migration: the thing itself, or the nearest place around it."""


@dataclass(frozen=True)
class _Moved:
    new: str
    old: str
    whole: bool = True
    """Whether what lies beneath moved along; else all of it came from `old` itself."""


def _inside(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None


@dataclass
class Draft:
    text: str
    source: str
    target: str
    notes: list[Note] = field(default_factory=list)
    _log: list[_Moved] = field(default_factory=list)

    @cached_property
    def tree(self) -> Tree:
        return parse(self.text)

    @cached_property
    def config(self) -> Any:
        return to_python(self.tree.root)

    def view(self, release: str) -> View:
        """The places of the present text, as a release sees them."""
        return View(self.tree, self.config, era_of(release), Scope((release,), embedded=False))

    @cached_property
    def flatten(self) -> bool:
        """Whether nested settings are laid flat; not in a config that needs nothing else."""
        return self.reaches("0.7.0") and (self.source != self.target or detect(self.config) == "classic")

    def crosses(self, since: str) -> bool:
        """Whether the migration leads over the release that brought a change: what counts for meanings."""
        return index(self.source) < index(since) <= index(self.target)

    def reaches(self, since: str) -> bool:
        """Whether the target has a change: what counts for forms, since files mix those of several releases."""
        return index(since) <= index(self.target)

    def get(self, *steps: str | int) -> Any:
        """The value at a place; None where there is none."""
        value = self.config
        for step in steps:
            value = _inside(value, step)
        return value

    def at(self, pointer: str) -> Any:
        node = self.tree.find(pointer)
        return None if node is None else to_python(node)

    def has(self, pointer: str) -> bool:
        return self.tree.find(pointer) is not None

    def note(self, kind: Kind, message: str, pointer: str) -> None:
        """Told once for each place."""
        note = Note(kind, message, self.origin(pointer))
        if note not in self.notes:
            self.notes.append(note)

    def exact(self, message: str, pointer: str) -> None:
        self.note("exact", message, pointer)

    def lossy(self, message: str, pointer: str) -> None:
        self.note("lossy", message, pointer)

    def person(self, message: str, pointer: str) -> None:
        self.note("person", message, pointer)

    def origin(self, pointer: str) -> str:
        """Where what now stands at a pointer stood at first."""
        for moved in reversed(self._log):
            if pointer == moved.new:
                pointer = moved.old
            elif pointer.startswith(moved.new + "/"):
                pointer = moved.old + (pointer[len(moved.new) :] if moved.whole else "")
        return pointer

    def rename(self, pointer: str, name: str) -> None:
        new = join(pointer.rpartition("/")[0], name)
        if new != pointer and self._change(edits.rename_key(self.tree, pointer, name)):
            self._log.append(_Moved(new, pointer))

    def replace(self, pointer: str, value: Any) -> None:
        self._change(edits.replace_value(self.tree, pointer, value))

    def remove(self, pointer: str) -> None:
        parent, _, last = pointer.rpartition("/")
        entries = self.at(parent)
        self._change(edits_shape.comments_out(self.tree, pointer))
        if self._change(edits.remove(self.tree, pointer)) and isinstance(entries, list):
            for number in range(int(last), len(entries) - 1):
                self._log.append(_Moved(join(parent, number), join(parent, number + 1)))

    def insert(
        self, pointer: str, key: str, value: Any, *, first: bool = False, after: str | None = None
    ) -> None:
        """Adds a member; never over one that is there."""
        if not self.has(join(pointer, key)) and self._change(
            edits.insert(self.tree, pointer, key, value, first=first, after=after)
        ):
            self._log.append(_Moved(join(pointer, key), pointer, whole=False))

    def append(self, pointer: str, value: Any, origin: str = "") -> None:
        number = len(self.at(pointer) or ())
        if self._change(edits.append(self.tree, pointer, value)):
            self._log.append(_Moved(join(pointer, number), origin or pointer, whole=False))

    def move(self, pointer: str, target: str, *, name: str = "", after: str | None = None) -> None:
        key = name or unescape(pointer.rpartition("/")[2])
        if self._change(edits.move(self.tree, pointer, target, name=name, after=after)):
            self._log.append(_Moved(join(target, key), pointer))

    def unwrap(self, pointer: str, keep: Sequence[str] = ()) -> list[str]:
        """The members of an object go into the one around it. Returns those that have to stay since their names are
        taken there, or are in `keep`."""
        inner, outer = self.at(pointer), self.at(pointer.rpartition("/")[0])
        if not isinstance(inner, dict) or not isinstance(outer, dict):
            return []
        own = unescape(pointer.rpartition("/")[2])
        stay = [name for name in inner if name in keep or (name in outer and name != own)]
        parent = pointer.rpartition("/")[0]
        if stay:
            for name in inner:
                if name not in stay:
                    self.move(join(pointer, name), parent)
            return stay
        if self._change(edits_shape.unwrap(self.tree, pointer)):
            self._log += [_Moved(join(parent, name), join(pointer, name)) for name in inner]
        return []

    def to_list(self, pointer: str) -> list[str]:
        """An object of named values becomes a list of them. Returns the names."""
        value = self.at(pointer)
        if not isinstance(value, dict) or not self._change(edits_shape.listed(self.tree, pointer)):
            return []
        self._log += [_Moved(join(pointer, number), join(pointer, name)) for number, name in enumerate(value)]
        return list(value)

    def reorder(self, pointer: str, names: Sequence[str]) -> None:
        self._change(edits_shape.reorder(self.tree, pointer, names))

    def run(self, steps: Iterable[Callable[[Draft], None]]) -> None:
        _ = self.flatten  # as the file was written, not as the steps leave it
        for step in steps:
            step(self)

    def _change(self, changes: list[Edit]) -> bool:
        if not changes:
            return False
        before, self.text = self.tree, apply(self.text, changes)
        start, end = min(edit.start for edit in changes), max(edit.end for edit in changes)
        # Only what changed is parsed again: a long config has hundreds of changes.
        splice = Splice(start, end, end + len(self.text) - len(before.text))
        self.__dict__["tree"] = reparse(before, self.text, splice)
        self.__dict__.pop("config", None)
        return True
