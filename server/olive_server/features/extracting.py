"""A data config, system or evaluator that is written in place gets a name and a place of its own.

What was written in place becomes the name; the thing itself goes, with its comments, into the section for its kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from olive_schemas.tree import Node, Tree, join, unescape

from ..document import Document
from ..edits import Edit, append, indented, insert, remove_entry, replace_value
from ..layout import indent_at
from .names import WORDS
from .rewriting import Change

_SECTIONS = {"data_config": "data_configs", "system": "systems", "evaluator": "evaluators"}
_STAND_IN = "\ue000 in place \ue000"


@dataclass(frozen=True)
class Extract:
    title: str
    pointer: str
    """Of what is written in place."""
    kind: str
    name: str
    """What it will be called."""


def extracts(document: Document, pointer: str) -> Iterator[Extract]:
    """What can be extracted at a place: the innermost thing that the place is in."""
    if document.tree.broken:
        return
    while pointer.count("/") > 1 or pointer in ("/host", "/target", "/evaluator"):
        node, shape = document.tree.find(pointer), document.view.shape(pointer)
        kind = str(shape.prop.get("x-ref", "")) or shape.kind
        by_reference = document.tree.member(pointer) is not None and not _in_section(pointer)
        if node is not None and node.kind == "object" and node.members and kind in _SECTIONS and by_reference:
            section = document.tree.find(f"/{_SECTIONS[kind]}")
            if section is None or section.kind in ("object", "array"):
                name = _name(document, pointer, kind, node)
                yield Extract(
                    f"Move this {WORDS[kind]} into `{_SECTIONS[kind]}` as `{name}`", pointer, kind, name
                )
            return
        pointer = pointer.rpartition("/")[0]


def _in_section(pointer: str) -> bool:
    """Whether a thing stands where it would go."""
    return pointer.count("/") == 2 and pointer.split("/")[1] in _SECTIONS.values()


def extract_changes(document: Document, pointer: str) -> list[Change]:
    """The steps: the section where it is missing, the thing in it, and the name in its old place."""
    found = next(extracts(document, pointer), None)
    node = document.tree.find(pointer)
    if found is None or node is None or found.pointer != pointer:
        return []
    tree, key = document.tree, _SECTIONS[found.kind]
    section = tree.find(f"/{key}")
    listed = section.kind == "array" if section is not None else key == "data_configs"
    source, indent = tree.text[node.start : node.end], indent_at(tree.text, node.start)
    steps: list[Change] = []
    if section is None:
        before = next((name for name in ("data_configs", "input_model") if tree.member(f"/{name}")), None)
        steps.append(partial(insert, object_pointer="", key=key, value=[] if listed else {}, after=before))
    steps.append(partial(replace_value, pointer=pointer, value=found.name))
    if listed:
        steps.append(partial(append, array_pointer=f"/{key}", value=_STAND_IN))
    else:
        steps.append(partial(insert, object_pointer=f"/{key}", key=found.name, value=_STAND_IN))
    steps.append(partial(_put_in_place, source=source, indent=indent))
    if listed:
        steps.append(partial(_named, name=found.name))
    return steps


def _put_in_place(tree: Tree, source: str, indent: str) -> list[Edit]:
    """The text of the thing where the stand-in is, indented as its new place wants it."""
    start = tree.text.find(f'"{_STAND_IN}"')
    if start < 0:
        return []
    return [Edit(start, start + len(_STAND_IN) + 2, indented(source, indent, indent_at(tree.text, start)))]


def _named(tree: Tree, name: str) -> list[Edit]:
    """The entry that came last in `data_configs` has its name first."""
    section = tree.find("/data_configs")
    if section is None or not section.items:
        return []
    entry, pointer = section.items[-1], join("/data_configs", len(section.items) - 1)
    written = [index for index, member in enumerate(entry.members) if member.name == "name"]
    if not written:
        return insert(tree, pointer, "name", name, first=True)
    if len(written) > 1:
        return remove_entry(tree, entry, written[0])
    return replace_value(tree, join(pointer, "name"), name)


def _name(document: Document, pointer: str, kind: str, node: Node) -> str:
    """Its own `name`, else what it is for: lora_train_data, new among those of its kind."""
    own = next((member.value.value for member in node.members if member.name == "name"), None)
    steps = [
        unescape(step)
        for step in pointer.split("/")[1:]
        if step not in ("passes", "config", "evaluators", "metrics")
    ]
    about = re.sub(r"_?config$", "", "_".join(step for step in steps if not step.isdecimal()))
    wanted = own if isinstance(own, str) and own else about
    wanted = re.sub(r"[^A-Za-z0-9_]+", "_", wanted).strip("_") or kind
    taken = document.view.definitions.get(kind, {})
    if wanted not in taken:
        return wanted
    return next(
        f"{wanted}_{number}" for number in range(2, len(taken) + 3) if f"{wanted}_{number}" not in taken
    )
