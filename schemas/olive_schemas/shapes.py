"""What is expected at each place of one config, what the config names, and where names are used.

A `View` belongs to one text. Everything is worked out when first asked for and kept; nothing raises, whatever the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .catalog import Property
from .lazy import lazy
from .parameters import default_of
from .releases import Era, Scope
from .shape import Shape
from .shapes_names import Use, definitions_of, duplicates_of, uses_of
from .shapes_places import Around, child, find_property, member_of, text_of
from .shapes_sections import workflow
from .tree import Member, Node, Tree, escape, unescape

__all__ = ["Use", "View", "find_property"]


DEFAULT_TASK = "text-generation"
"""What a Hugging Face model is for, where the config does not say it."""


class Place(NamedTuple):
    """A value of the text, with its pointer, what is expected there, and the key it stands under."""

    pointer: str
    node: Node
    shape: Shape
    member: Member | None


class View:
    """The shapes, definitions and references of one config, as the releases of `scope` see it."""

    def __init__(self, tree: Tree, config: Any, era: Era, scope: Scope) -> None:
        self.tree = tree
        self.config = config
        self.era = era
        self.scope = scope
        self._known: dict[str, tuple[Shape, Node | None, Around]] = {}

    def shape(self, pointer: str) -> Shape:
        """What is expected at a place, written or not."""
        return self._at(pointer)[0]

    def walk(self) -> Iterator[tuple[str, Node, Shape]]:
        """Every value in the order of the text. Of a key that stands twice, both values come."""
        for place in self.places:
            yield place.pointer, place.node, place.shape

    @lazy
    def places(self) -> Sequence[Place]:
        """`walk`, as a list, with keys."""
        found: list[Place] = []
        root = (workflow(), self.tree.root, self._around)
        self._known.setdefault("", root)
        stack: list[tuple[str, Node, Shape, Around, Member | None]] = [
            ("", self.tree.root, root[0], root[2], None)
        ]
        known = self._known
        while stack:
            pointer, node, shape, around, member = stack.pop()
            found.append(Place(pointer, node, shape, member))
            if node.kind == "object":
                for inside in reversed(node.members):
                    below = f"{pointer}/{escape(inside.name)}"
                    expected = child(shape, inside.name, inside.value, node, around)
                    nearer = _nearer(expected, inside.value, around)
                    known.setdefault(below, (expected, inside.value, nearer))
                    stack.append((below, inside.value, expected, nearer, inside))
            elif node.kind == "array":
                for index in range(len(node.items) - 1, -1, -1):
                    item = node.items[index]
                    below = f"{pointer}/{index}"
                    expected = child(shape, str(index), item, node, around)
                    nearer = _nearer(expected, item, around)
                    known.setdefault(below, (expected, item, nearer))
                    stack.append((below, item, expected, nearer, None))
        return found

    @lazy
    def definitions(self) -> Mapping[str, Mapping[str, str]]:
        """Kind -> name -> pointer of the definition: of the value that is the name, or of the key that is."""
        return definitions_of(self.tree.root)

    @lazy
    def duplicates(self) -> Sequence[tuple[str, str, tuple[str, ...]]]:
        """(kind, name, pointers) of what is defined more than once under one name."""
        return duplicates_of(self.tree.root)

    @lazy
    def uses(self) -> Sequence[Use]:
        """Every reference by name, in the order of the text."""
        return uses_of(self)

    def value_in_force(self, pointer: str, key: str) -> Any:
        """What holds for a key that the object at `pointer` does not write: its default."""
        found = find_property(self.shape(pointer), key)
        return default_of(found[1], self.era) if found else None

    def find_property(self, shape: Shape, key: str) -> tuple[str, Property] | None:
        """(present name, property) of a key in its present or an earlier spelling."""
        return find_property(shape, key)

    @lazy
    def searching(self) -> bool:
        """Whether the config asks for a search."""
        engine = member_of(self.tree.root, "engine")
        written = member_of(engine, "search_strategy") or member_of(self.tree.root, "search_strategy")
        return written is not None and (bool(written.members) or written.value is True)

    @lazy
    def scripted(self) -> bool:
        """Whether a script of the user's own may register data components and evaluators."""
        return any(place.member is not None and place.member.name == "user_script" for place in self.places)

    @property
    def task(self) -> str:
        """What the input model is for."""
        return self._around.task

    @lazy
    def _around(self) -> Around:
        model = member_of(self.tree.root, "input_model")
        config = member_of(model, "config")
        hub = member_of(config, "hf_config") or member_of(model, "hf_config")
        return Around(
            task=text_of(hub, "task") or text_of(config, "task") or text_of(model, "task") or DEFAULT_TASK
        )

    def _at(self, pointer: str) -> tuple[Shape, Node | None, Around]:
        known = self._known.get(pointer)
        if known is not None:
            return known
        if not pointer:
            result: tuple[Shape, Node | None, Around] = (workflow(), self.tree.root, self._around)
            self._known[""] = result
            return result
        steps = pointer.split("/")
        start = len(steps) - 1
        while start > 1 and "/".join(steps[:start]) not in self._known:
            start -= 1
        here = "/".join(steps[:start])
        shape, node, around = self._known[here] if here in self._known else self._at("")
        for step in steps[start:]:
            name = unescape(step)
            below = _step(node, name)
            shape = child(shape, name, below, node, around)
            around = _nearer(shape, below, around)
            node = below
            here = f"{here}/{step}"
            self._known[here] = (shape, node, around)
        return shape, node, around


def _step(node: Node | None, name: str) -> Node | None:
    if node is None:
        return None
    if node.kind == "array":
        return (
            node.items[int(name)]
            if name.isdecimal() and len(name) < 10 and int(name) < len(node.items)
            else None
        )
    return member_of(node, name)


def _nearer(shape: Shape, node: Node | None, around: Around) -> Around:
    """What the places below depend on."""
    if shape.kind == "data_config":
        return around._replace(container=text_of(node, "type"))
    if shape.kind == "metric":
        return around._replace(metric=text_of(node, "type"), backend=text_of(node, "backend"))
    return around
