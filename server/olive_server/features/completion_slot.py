"""A place in a text where a key, a value or a list entry is being written, and what around it is missing.

An accepted item replaces a range and brings the quotes, commas and colons with it that are missing, so that none is
missing afterwards and none is there twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from olive_schemas.tree import Node, join, unescape

from ..edits import Edit


@dataclass(frozen=True)
class Slot:
    """A place where a key, a value or a list entry is being written."""

    role: Literal["key", "value", "entry"]
    holder: str
    """Pointer of the object or list that it is in."""
    node: Node | None
    """That object or list; None for the whole config."""
    name: str
    """The key of the value, the index of the entry, the key as it stands now."""
    offset: int
    """The cursor."""
    start: int
    stop: int
    """The word that stands there, its quotes included."""
    end: int
    """What is replaced goes on to here: behind a colon that has no value yet."""
    written: str = ""
    """What the word says, without quotes and escapes."""
    typed: str = ""
    """The part of it before the cursor."""
    quote: str = ""
    """The opening quote that stands there already."""
    closed: bool = False
    """Whether its closing quote does too."""
    before: str = ""
    """What has to come with an accepted item: a comma or a colon."""
    after: str = ""
    """A comma, where the next entry follows without one."""
    wants: Literal["nothing", "colon", "value"] = "nothing"
    """What a key still lacks: nothing, only its colon, or colon and value."""
    elsewhere: tuple[Edit, ...] = ()
    """A comma or a colon that is missing in front, apart from the word."""

    @property
    def pointer(self) -> str:
        """Of the value that is being written."""
        return self.holder if self.node is None else join(self.holder, self.name)

    @property
    def section(self) -> str:
        """The key that is being given a value; for an entry, the key of its list."""
        return self.holder.rpartition("/")[2] if self.role == "entry" else self.name

    @property
    def described_by(self) -> dict[str, str]:
        """For `resolve`: the key whose value is being written; for an entry, that of its list."""
        if self.role != "entry":
            return {"holder": self.holder, "key": self.name}
        pointer = self.holder
        while pointer.rpartition("/")[2].isdecimal():
            pointer = pointer.rpartition("/")[0]
        above, _, key = pointer.rpartition("/")
        return {"holder": above, "key": unescape(key)}

    @property
    def outside(self) -> bool:
        """Whether the cursor touches a string from outside of its quotes."""
        last = self.stop - 1 if self.closed else self.stop
        return bool(self.quote) and not self.start < self.offset <= last

    def held(self) -> set[str]:
        """Strings that the list holds already, the one under the cursor aside."""
        items = self.node.items if self.role == "entry" and self.node is not None else ()
        return {item.value for item in items if item.kind == "string" and item.start != self.start}
