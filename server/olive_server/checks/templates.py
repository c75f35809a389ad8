"""`text_template` and the columns of the data that it and its neighbours name.

`template-braces`: the template is no pattern for Python's `str.format`: a brace is not closed, or stands for no column.
Literal braces are doubled. Olive fails at the first row, after the model was loaded.

`template-constant`: the template names no column, so that every row becomes the same text, or names one in doubled braces,
as Jinja does: those are written as they stand.

`unknown-column`: a column that the data does not have. Told where the data's file is on this machine, for the
placeholders of a template or, where there is none, for `text_cols` and its like (which a template overrides).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from string import Formatter
from typing import TYPE_CHECKING, Any, NamedTuple

from olive_schemas.nearest import listing, nearest, unmistakable
from olive_schemas.problems import Problem, Remedy, Severity
from olive_schemas.report import Field
from olive_schemas.tree import join

from ..local_sources import source_of
from ._told import insert, replace, told

if TYPE_CHECKING:
    from ..document import Document
    from ..parts import DataPart, Part

CODES = {
    "template-braces": "a template's braces are not in order",
    "template-constant": "a template does not use the columns",
    "unknown-column": "the data has no such column",
}
_TEMPLATES = ("text_template", "input_template", "output_template")
_OTHER_SOURCES = ("text_template", "text_formatting_func", "chat_template", "pair_format", "input_template")
_TEXT_GENERATION = "text_generation_huggingface_pre_process"


class Columns(NamedTuple):
    names: tuple[str, ...]
    whole: bool


def check(document: Document) -> Iterable[Problem]:
    for part in document.parts.data_configs:
        pre = part.components["pre_process_data"]
        columns: Columns | None = None
        looked = False
        broken = False
        for key in _TEMPLATES:
            entry = pre.get(key)
            if entry is None or not isinstance(entry.value, str):
                continue
            placeholders, wrong = placeholders_of(entry.value)
            if wrong:
                broken = True
            if not looked and entry.value:
                columns, looked = _columns(part, document), True
            if wrong:
                yield _braces(key, entry, wrong, columns, pre)
                continue
            yield from _constant(key, entry, placeholders, columns)
            if columns is not None:
                for name in placeholders:
                    if name not in columns.names:
                        yield _column(key, entry, name, columns, in_template=True)
                        break
        if not broken:
            yield from _named(part, pre, document, columns, looked)


_NO_COLUMN = re.compile(r"""["'\n\r]""")


def placeholders_of(template: str) -> tuple[list[str], str]:
    """(the columns that a template names, what is wrong with its braces)."""
    names: list[str] = []
    if "{%" in template:
        return names, "{% %} is Jinja, and the template is filled in as Python's str.format does it"
    try:
        for _, name, _, _ in Formatter().parse(template):
            if name is None:
                continue
            column = re.split(r"[.\[]", name, maxsplit=1)[0]
            if not column or column.isdecimal():
                shown = "{" + name + "}"
                return names, f"`{shown}` names no column"
            if _NO_COLUMN.search(column):
                return names, f"`{{{column}...}}` is text and no column"
            names.append(column)
    except ValueError:
        opened, closed = template.count("{"), template.count("}")
        return names, (
            "a brace { is not closed"
            if opened > closed
            else "a brace } was never opened"
            if closed > opened
            else "its braces are not in pairs"
        )
    return list(dict.fromkeys(names)), ""


_DOUBLED = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def _constant(key: str, entry: Field, placeholders: list[str], columns: Columns | None) -> Iterator[Problem]:
    """Where no column is named, and where braces are doubled around one."""
    doubled = [name for name in _DOUBLED.findall(entry.value) if columns is None or name in columns.names]
    if not entry.value or (placeholders and not (doubled and columns)):
        return
    if not doubled and key != "text_template":
        return
    text = f"`{key}` names no column, so that every row becomes the same text"
    remedies = []
    if doubled:
        name = doubled[0]
        text = f"`{key}`: {{{{{name}}}}} is written as the text {{{name}}}: a column stands in single braces"
        single = _DOUBLED.sub(
            lambda found: f"{{{found[1]}}}" if found[1] in doubled else found[0], entry.value
        )
        remedies = [replace(entry.pointer, single, title="Write single braces")]
    yield told(Severity.WARNING, "template-constant", text, entry.pointer, remedies=remedies)


def _braces(key: str, entry: Field, wrong: str, columns: Columns | None, pre: Part) -> Problem:
    repaired, exact = _repaired(entry.value, columns.names if columns else _strings(pre.value("text_cols")))
    hint = (
        f": write {json.dumps(repaired, ensure_ascii=False)}"
        if repaired and len(repaired) < 60
        else ": each column stands in { }, literal braces are doubled"
    )
    return told(
        Severity.ERROR,
        "template-braces",
        f"`{key}`: {wrong}{hint}",
        entry.pointer,
        remedies=[replace(entry.pointer, repaired, exact=exact, title="Close the brace")]
        if repaired
        else (_literal(entry) if "no column" in wrong else []),
    )


def _literal(entry: Field) -> list[Remedy]:
    """Braces around no name doubled, where that mends the template: `{"tone": "{tone}"}`."""
    if "{{" in entry.value or "{%" in entry.value:
        return []
    doubled = re.sub(r"(\{\w+\})|[{}]", lambda found: found[1] or found[0] * 2, entry.value)
    names, wrong = placeholders_of(doubled)
    if wrong or not names:
        return []
    return [replace(entry.pointer, doubled, title="Double the literal braces")]


def _repaired(template: str, names: Iterable[str]) -> tuple[str, bool]:
    """The template with the missing brace, where a name shows its place; whether the name is a column for certain."""
    known = set(names)
    for match in re.finditer(r"\{\{|\}\}|\{(\w+)\}|\{(\w+)", template):
        name = match[2]
        if name:
            candidate = template[: match.end()] + "}" + template[match.end() :]
            return (candidate, name in known) if not placeholders_of(candidate)[1] else ("", False)
    for match in re.finditer(r"\{\{|\{\w+\}|(?<![{\w])(\w+)\}(?!\})", template):
        name = match[1]
        if name:
            candidate = template[: match.start(1)] + "{" + template[match.start(1) :]
            return (candidate, name in known) if not placeholders_of(candidate)[1] else ("", False)
    return "", False


def _strings(value: Any) -> list[str]:
    entries = value if isinstance(value, list) else [value]
    return [entry for entry in entries if isinstance(entry, str)]


def _columns(part: DataPart, document: Document) -> Columns | None:
    """Those of the local file; None where there is none or it cannot be read."""
    config = document.config if isinstance(document.config, dict) else {}
    root = config.get("data_root")
    raw = {name: entry.value for name, entry in part.fields.items()}
    source = source_of(raw, document.folder, root if isinstance(root, str) else "")
    table = source.table() if source is not None else None
    return Columns(table.columns, table.whole and not (source and source.others)) if table else None


def _column(key: str, entry: Field, name: str, columns: Columns, *, in_template: bool = False) -> Problem:
    near = nearest(name, columns.names)
    there = f"; did you mean `{near}`?" if near else f"; it has {listing(columns.names)}"
    seen = "the data" if columns.whole else "the part of the data that was looked at"
    remedies = []
    exact = near is not None and unmistakable(name, columns.names) is not None
    for value in [near] if near else columns.names[:5]:
        text = _with_name(entry.value, name, value) if in_template else value
        remedies.append(replace(entry.pointer, text, exact=exact, title=f"Use the column `{value}`"))
    return told(
        Severity.ERROR if columns.whole else Severity.WARNING,
        "unknown-column",
        f"`{key}` names the column `{name}`, and {seen} has none of that name{there}",
        entry.pointer,
        remedies=remedies,
    )


def _with_name(template: str, name: str, other: str) -> str:
    return re.sub(r"(?<!\{)\{" + re.escape(name) + r"(?=[}\[.!:])", "{" + other, template)


def _named(
    part: DataPart, pre: Part, document: Document, columns: Columns | None, looked: bool
) -> Iterator[Problem]:
    """Columns named one by one."""
    if not _is_text_generation(part, document):
        keys: tuple[str, ...] = ("input_cols", "label_cols", "label_col")
    elif any(pre.value(name) for name in _OTHER_SOURCES):
        keys = ("message_col",) if pre.value("chat_template") and not pre.value("text_template") else ()
    else:
        keys = ("text_cols", "input_col", "output_col")
    entries = [(key, entry) for key in keys if (entry := pre.get(key)) is not None]
    default = keys == ("text_cols", "input_col", "output_col") and not entries and document.era == "current"
    if not entries and not default:
        return
    if not looked:
        columns = _columns(part, document)
    if columns is None:
        return
    for key, entry in entries:
        names = (
            [Field(name, join(entry.pointer, index)) for index, name in enumerate(entry.value)]
            if isinstance(entry.value, list)
            else [entry]
        )
        for name in names:
            if isinstance(name.value, str) and name.value not in columns.names:
                yield _column(key, name, name.value, columns)
    if default and "text" not in columns.names and columns.whole:
        place = pre.pointer
        yield told(
            Severity.ERROR,
            "unknown-column",
            f"nothing says where the text is, and the data has no column `text`, the default of `text_cols`; it has "
            f"{listing(columns.names)}",
            place,
            "key",
            remedies=[insert(place, "text_cols", [name]) for name in columns.names[:4]]
            if place != part.pointer
            else [],
        )


def _is_text_generation(part: DataPart, document: Document) -> bool:
    shape = document.view.shape(join(part.pointer, "pre_process_data_config"))
    return shape.type_name == _TEXT_GENERATION
