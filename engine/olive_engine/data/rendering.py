"""From a row to its text: a chat template, a function of the workspace, a template or columns, in this order."""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from olive_schemas.nearest import did_you_mean, listing
from olive_schemas.problems import Severity

from ..errors import RunError
from .settings import TextSettings

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Placeholder:
    """`{name...}` in a template; `position` is the 0-based index of its opening brace."""

    name: str
    position: int


class TemplateError(ValueError):
    """What is wrong with a template, in words, and where (0-based)."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


def placeholders(template: str) -> list[Placeholder]:
    """The columns a template names, as `str.format` reads it. TemplateError for braces that do not pair up."""
    found: list[Placeholder] = []
    at = 0
    while at < len(template):
        character = template[at]
        if character in "{}" and template[at : at + 2] == character * 2:
            at += 2
        elif character == "}":
            raise TemplateError("a '}' without its '{'; a brace that is meant as text is written '}}'", at)
        elif character == "{":
            end = _closing(template, at)
            found.append(Placeholder(_field_name(template[at + 1 : end], at), at))
            found += _nested(template[at + 1 : end], at + 1)
            at = end + 1
        else:
            at += 1
    return found


def _closing(template: str, opened: int) -> int:
    depth = 0
    for at in range(opened, len(template)):
        if template[at] == "{":
            depth += 1
        elif template[at] == "}":
            depth -= 1
            if depth == 0:
                return at
    raise TemplateError("'{' is never closed; a brace that is meant as text is written '{{'", opened)


def _field_name(inside: str, position: int) -> str:
    try:
        _, field_name, _, _ = next(iter(string.Formatter().parse("{" + inside + "}")))
    except ValueError as error:
        raise TemplateError(str(error), position) from None
    name = str(field_name or "")
    first = name.split("[", 1)[0].split(".", 1)[0]
    if not first or first.isdigit():
        shown = "{" + inside + "}"
        raise TemplateError(f"{shown} names no column; write the column's name between the braces", position)
    return first


def _nested(inside: str, offset: int) -> list[Placeholder]:
    """Placeholders in a format specification: `{score:{width}}`."""
    _, colon, specification = inside.partition(":")
    if "{" not in specification:
        return []
    shift = offset + len(inside) - len(specification) if colon else offset
    return [Placeholder(one.name, one.position + shift) for one in placeholders(specification)]


@dataclass
class Rendering:
    """Renders rows one after another and remembers what is worth a note."""

    settings: TextSettings
    tokenizer: Any
    pointers: Callable[..., str]
    """Parameter names -> JSON pointer of the place that writes them."""
    function: Callable[[Row], Any] | None = None
    odd: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(column, kind of value) -> in how many rows a template or a column held something that is no string."""

    def texts(self, rows: Iterable[Row]) -> list[str]:
        """One text a row; in the current era rows whose text is empty are left out, as Olive does."""
        rendered = (self.text(row, number) for number, row in enumerate(rows, 1))
        if self.settings.era == "current":
            return [text for text in rendered if text]
        return list(rendered)

    def text(self, row: Row, number: int) -> str:
        """RunError names the row (1-based) and the column."""
        settings = self.settings
        if settings.chat_template:
            return self._chat(row, number)
        text: str | None
        if self.function is not None:
            text = self._called(row, number)
        elif settings.text_template:
            text = self.filled(settings.text_template, row, number, "text_template")
        else:
            text = self.column_text(settings.text_cols, row, number, "text_cols")
        if settings.add_special_tokens:
            return f"{self.tokenizer.bos_token} {text} {self.tokenizer.eos_token}"
        return text or ""

    def filled(self, template: str, row: Row, number: int, parameter: str) -> str:
        try:
            text = template.format(**row)
        except KeyError as error:
            name = str(error.args[0]) if error.args else "?"
            raise unknown_column(name, list(row), self.pointers(parameter), parameter) from None
        except (AttributeError, IndexError, TypeError, ValueError) as error:
            raise RunError(
                f"{parameter} cannot be filled in row {number}: {error}",
                code="data-template",
                pointer=self.pointers(parameter),
                hint="look at the values of that row, or simplify the placeholder",
            ) from None
        for one in self._names(template):
            self._note(one, row.get(one))
        return text

    def column_text(self, columns: Sequence[str], row: Row, number: int, parameter: str) -> str:
        pieces = []
        for column in columns:
            if column not in row:
                raise unknown_column(column, list(row), self.pointers(parameter), parameter)
            value = row[column]
            if value is None:
                raise RunError(
                    f"column `{column}` is null in row {number}, and {parameter} needs a text there",
                    code="data-not-text",
                    pointer=self.pointers(parameter),
                    hint="fill the value in, leave the row out, or write a text_template, where null becomes the word None",
                )
            self._note(column, value)
            pieces.append(value if isinstance(value, str) else str(value))
        return " ".join(pieces)

    def findings(self) -> list[tuple[Severity, str]]:
        """A sentence for each column that held something other than text; nulls are most likely a mistake."""
        found = []
        for (column, kind), count in sorted(self.odd.items()):
            null = kind == "null"
            how = "the word None stands there" if null else "they are written as Python prints them"
            rows = f"{count:,} rows" if count > 1 else "1 row"
            text = f"column `{column}` holds {kind} instead of text in {rows}: {how}"
            found.append((Severity.WARNING if null else Severity.INFORMATION, text))
        return found

    def _names(self, template: str) -> list[str]:
        if not hasattr(self, "_known_names"):
            self._known_names: dict[str, list[str]] = {}
        if template not in self._known_names:
            self._known_names[template] = list(dict.fromkeys(one.name for one in placeholders(template)))
        return self._known_names[template]

    def _note(self, column: str, value: Any) -> None:
        if not isinstance(value, str):
            self.odd[column, "null" if value is None else _kind(value)] += 1

    def _called(self, row: Row, number: int) -> str | None:
        assert self.function is not None
        try:
            # A copy: what the function changes stays its own.
            text = self.function(dict(row))
        except Exception as error:
            raise RunError(
                f"text_formatting_func failed on row {number}: {type(error).__name__}: {error}",
                code="user-script",
                pointer=self.pointers("text_formatting_func"),
            ) from error
        return text if text is None or isinstance(text, str) else str(text)

    def _chat(self, row: Row, number: int) -> str:
        settings = self.settings
        if settings.message_col not in row:
            raise unknown_column(
                settings.message_col, list(row), self.pointers("message_col", "chat_template"), "message_col"
            )
        try:
            return str(
                self.tokenizer.apply_chat_template(
                    row[settings.message_col],
                    tokenize=False,
                    chat_template=settings.chat_template if isinstance(settings.chat_template, str) else None,
                )
            )
        except Exception as error:  # noqa: BLE001 - jinja and transformers raise many kinds
            if settings.chat_template is True and not getattr(self.tokenizer, "chat_template", None):
                raise RunError(
                    "chat_template is true, but this model's tokenizer brings no chat template",
                    code="data-chat-template",
                    pointer=self.pointers("chat_template"),
                    hint="write the template (Jinja) as the value of chat_template, or use text_template",
                ) from None
            raise RunError(
                f"the chat template cannot render row {number}, column `{settings.message_col}`: {error}",
                code="data-chat-template",
                pointer=self.pointers("chat_template"),
                hint='each row needs a list of messages such as {"role": "user", "content": "..."}',
            ) from None


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "numbers"
    if isinstance(value, (list, tuple)):
        return "lists"
    if isinstance(value, Mapping):
        return "objects"
    return f"{type(value).__name__} values"


def unknown_column(name: str, columns: Sequence[str], pointer: str, parameter: str) -> RunError:
    """The error of a column that the data does not have: the nearest one, and which there are."""
    near = did_you_mean(name, columns)
    hint = f"its columns are {listing(columns)}"
    for shown, separator in ((";", ";"), ("\\t", "\t"), ("|", "|")):
        if len(columns) == 1 and separator in columns[0]:
            hint = f'its only column is `{columns[0]}`: the separator seems to be another, write "sep": "{shown}"'
    return RunError(
        f"{parameter} names the column `{name}`, which the data does not have{near}",
        code="data-unknown-column",
        pointer=pointer,
        hint=hint,
    )
