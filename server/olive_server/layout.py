"""How a JSON text is laid out: its indentation, line ends, spaces, and what lies between two values.

Reads only the text around nodes of a tolerant tree, so that it works on broken texts too. Comments count as space
that must stay. Offsets are code points.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import Any

from olive_schemas.tree import MISSING, Node, Tree, walk

DEFAULT_UNIT = "    "
"""Olive's own examples indent by four blanks."""
_TYPICAL = 1000
"""Values at the begin of a text that show how all of it is laid out."""
_WIDTH = 100
"""A list of plain values that is wider goes on lines of its own."""
_GAP = re.compile(r"(?:[\s\ufeff]+|//[^\r\n]*|\#[^\r\n]*|/\*.*?(?:\*/|\Z))*", re.DOTALL)
_BESIDE = re.compile(r"(?:[ \t]+|//[^\r\n]*|\#[^\r\n]*|/\*.*?(?:\*/|\Z))*", re.DOTALL)
_NEWLINE = re.compile(r"\r\n|\n|\r")
_COLON = re.compile(r"[ \t]*:[ \t]*")
_COMMA = re.compile(r"[ \t]*,[ \t]*")
_ONLY_KEY = re.compile(r'\s*(?:"(?:[^"\\]|\\.)*"\s*:\s*)?\ufeff?')
_ESCAPED = re.compile("[\ud800-\udfff\ufffd]")


@dataclass(frozen=True)
class Style:
    unit: str = DEFAULT_UNIT
    newline: str = "\n"
    colon: str = ": "
    comma: str = ", "
    one_line: bool = False
    """Whether the whole text stands on one line."""


def style_of(tree: Tree) -> Style:
    """What the text uses; where it says nothing, what Olive's examples use."""
    text = tree.text
    newline = _NEWLINE.search(text)
    one_line = newline is None or not text[newline.end() :].strip()
    colons: Counter[str] = Counter()
    comma, unit = ", ", ""
    for _, node in islice(walk(tree.root), _TYPICAL):
        if node.kind == "object" and node.members:
            first = node.members[0]
            between = text[first.key.end : first.value.start]
            if _COLON.fullmatch(between):
                colons[between] += 1
            if not unit and starts_line(text, first.key.start):
                unit = _deeper(text, node.start, first.key.start)
        if len(node.members) > 1 or len(node.items) > 1:
            between = _between(text, node)
            if _COMMA.fullmatch(between):
                comma = between
        if unit and comma != ", ":
            break
    colon = max(colons, key=colons.__getitem__, default=": ")
    return Style(unit or DEFAULT_UNIT, newline.group() if newline else "\n", colon, comma, one_line)


def _between(text: str, node: Node) -> str:
    """What stands between the first two entries of a container."""
    if node.kind == "object":
        one, two = node.members[0], node.members[1]
        return text[max(one.key.end, one.value.end) : two.key.start]
    return text[node.items[0].end : node.items[1].start]


def entries_of(node: Node) -> list[tuple[int, int]]:
    """(start, end) of each member or item of a container, keys included."""
    if node.kind == "object":
        return [(member.key.start, max(member.key.end, member.value.end)) for member in node.members]
    return [(item.start, item.end) for item in node.items]


def _deeper(text: str, outer: int, inner: int) -> str:
    """By what the line of `inner` is indented more than that of `outer`."""
    less, more = indent_at(text, outer), indent_at(text, inner)
    return more[len(less) :] if more.startswith(less) and len(more) > len(less) else ""


def line_start(text: str, offset: int) -> int:
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def line_end(text: str, offset: int) -> int:
    """Where the line's characters end, before its line break."""
    match = _NEWLINE.search(text, offset)
    return match.start() if match else len(text)


def next_line(text: str, offset: int) -> int:
    """Where the line after the one that holds `offset` starts; the end of the text on the last one."""
    match = _NEWLINE.search(text, offset)
    return match.end() if match else len(text)


def indent_at(text: str, offset: int) -> str:
    """The blanks that begin the line of `offset`."""
    start = line_start(text, offset)
    end = start
    while end < len(text) and text[end] in " \t":
        end += 1
    return text[start:end]


def alone_on_line(text: str, offset: int) -> bool:
    """Whether nothing but a key stands before `offset` on its line: there a value may be spread over lines."""
    return _ONLY_KEY.fullmatch(text[line_start(text, offset) : offset]) is not None


def starts_line(text: str, offset: int) -> bool:
    """Whether only blanks stand before `offset` on its line, and it is not the first line of the text."""
    start = line_start(text, offset)
    return start > 0 and not text[start:offset].strip(" \t")


def ends_line(text: str, offset: int) -> bool:
    """Whether only blanks stand between `offset` and the end of its line."""
    return not text[offset : line_end(text, offset)].strip(" \t")


def skip_gap(text: str, offset: int, end: int) -> int:
    """The next offset, at most `end`, that is neither space nor comment."""
    match = _GAP.match(text, offset, end)
    return match.end() if match else offset


def skip_beside(text: str, offset: int, end: int) -> int:
    """The end of the comments and blanks that go on on this line, before its line break."""
    match = _BESIDE.match(text, offset, end)
    return match.end() if match else offset


def comma_in(text: str, start: int, end: int) -> int:
    """The first comma of a gap that is not in a comment; -1 where there is none."""
    found = skip_gap(text, start, end)
    return found if found < end and text[found] == "," else -1


def has_comment(text: str, start: int, end: int) -> bool:
    """Whether a gap holds more than space and commas."""
    return bool(text[start:end].replace(",", " ").replace("\ufeff", " ").strip())


def quoted(text: str) -> str:
    """A JSON string. Non-ASCII letters stay. Escaped are lone surrogates, which UTF-8 cannot write, and U+FFFD, the
    sign of a broken encoding."""
    written = json.dumps(text, ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found.group()):04x}", written)


def dump(
    value: Any, style: Style | None = None, indent: str = "", *, inline: bool = False, spread: bool = False
) -> str:
    """A value as JSON text whose first line stands at `indent`.

    Objects and lists with objects are spread over lines, other lists only where they are too wide, or where
    `spread` asks for it. `inline` keeps all on one line.
    """
    style = style or Style()
    if isinstance(value, dict) and value:
        named = [(quoted(str(key)), entry) for key, entry in value.items()]
        if inline:
            fields = (f"{key}{style.colon}{dump(entry, style, inline=True)}" for key, entry in named)
            return "{" + style.comma.join(fields) + "}"
        inner = indent + style.unit
        lines = [
            f"{inner}{key}{style.colon}{dump(entry, style, inner, spread=spread)}" for key, entry in named
        ]
        return _spread("{", lines, "}", style, indent)
    if isinstance(value, (list, tuple)) and value:
        flat = "[" + style.comma.join(dump(entry, style, inline=True) for entry in value) + "]"
        plain = not any(_holds_object(entry) for entry in value)
        if inline or (plain and not spread and len(indent) + len(flat) <= _WIDTH):
            return flat
        inner = indent + style.unit
        return _spread(
            "[", [inner + dump(entry, style, inner, spread=spread) for entry in value], "]", style, indent
        )
    if isinstance(value, dict):
        return "{}"
    if isinstance(value, (list, tuple)):
        return "[]"
    if isinstance(value, str):
        return quoted(value)
    return json.dumps(None if value is MISSING else value)


def _holds_object(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, (list, tuple)) and any(map(_holds_object, value)))


def _spread(opening: str, lines: list[str], closing: str, style: Style, indent: str) -> str:
    return f"{opening}{style.newline}{f',{style.newline}'.join(lines)}{style.newline}{indent}{closing}"
