"""What is asked and what would be right: rows of a file, rendered as in training up to the place of the answer.

The prompt is the data config's `text_template` cut at the answer column's placeholder (or its `text_cols` up to that
column), with the tokenizer's first token in front where training had it there. Limits: JSON and JSON lines files;
no chat templates, no pair format, no functions of the workspace: there a template is given by hand.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from olive_schemas.workflow import DataConfig

from ..data.rendering import TemplateError, placeholders, unknown_column
from ..data.settings import is_text_generation, text_settings
from ..errors import RunError

Row = Mapping[str, Any]


@dataclass(frozen=True)
class PromptForm:
    """How a row becomes a prompt. Exactly one of `template` and `columns` is set."""

    template: str | None = None
    """`str.format` template, already cut before the answer."""
    columns: tuple[str, ...] = ()
    first_token: str = ""
    """Text of the token that training put in front; a space follows it, as there."""

    def prompt(self, row: Row) -> str:
        body = (
            self.template.format(**row)
            if self.template is not None
            else " ".join(str(row[c]) for c in self.columns)
        )
        text = f"{self.first_token} {body}" if self.first_token else body
        # In training a space before the answer is part of the answer's first token, so it must not stand here.
        return text.rstrip(" ")


@dataclass(frozen=True)
class Task:
    prompts: tuple[str, ...]
    expected: tuple[str, ...]
    labels: tuple[str, ...]
    """Every answer there is, in order of the alphabet."""


def read_task(data_file: Path, answer_column: str, form: PromptForm, labels: Sequence[str] = ()) -> Task:
    """RunError for a file that cannot be read, a column that is missing, a value that is no text.

    `labels`: further answers that are possible though no row of the file has them.
    """
    rows = read_rows(data_file)
    needed = [answer_column, *(form.columns or [one.name for one in placeholders(form.template or "")])]
    for number, row in enumerate(rows, 1):
        for column in needed:
            if column not in row:
                said = unknown_column(column, list(row), "", "the evaluation")
                raise RunError(
                    f"Row {number} of {data_file}: {said.message}", code="evaluation-column", hint=said.hint
                )
    for number, row in enumerate(rows, 1):
        value = row[answer_column]
        if not isinstance(value, str) or not value.strip():
            raise RunError(
                f"Row {number} of {data_file}: column {answer_column!r} holds {value!r}, and a label has to be a text.",
                code="evaluation-label",
            )
    expected = tuple(str(row[answer_column]).strip() for row in rows)
    known = sorted({*expected, *labels})
    if len(known) < 2:
        raise RunError(
            f"Every row of {data_file} has the same {answer_column!r}, {known[0]!r}: there is nothing to tell apart.",
            code="evaluation-label",
            hint="Name the column of the answers with --answer-column.",
        )
    try:
        prompts = tuple(form.prompt(row) for row in rows)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise RunError(
            f"The template cannot be filled from {data_file}: {error}", code="evaluation-template"
        ) from None
    return Task(prompts, expected, tuple(known))


def prompt_form(config: DataConfig, answer_column: str, first_token: str) -> PromptForm:
    """The form that training used. RunError where the data config has none that ends in the answer.

    `first_token`: the tokenizer's own (`bos_token`); taken only where the data config adds special tokens.
    """
    hint = "Give the form by hand: --template 'Text: {phrase}\\nTone: {tone}'."
    if not is_text_generation(config):
        raise RunError(
            f"Data config {config.name!r} makes its tokens with {config.pre_process.type}, so that no prompt is known.",
            code="evaluation-template",
            hint=hint,
        )
    settings = text_settings(config)
    first = first_token if settings.add_special_tokens else ""
    if settings.dataset_type == "pair" or settings.chat_template or settings.text_formatting_func:
        what = (
            "the pair format"
            if settings.dataset_type == "pair"
            else "a chat template"
            if settings.chat_template
            else "a text_formatting_func"
        )
        raise RunError(
            f"Data config {config.name!r} uses {what}; only text_template and text_cols tell where an answer begins.",
            code="evaluation-template",
            hint=hint,
        )
    if settings.text_template:
        return cut_template(settings.text_template, answer_column, first)
    columns = settings.text_cols
    if answer_column not in columns or columns.index(answer_column) == 0:
        raise RunError(
            f"text_cols of data config {config.name!r} are {', '.join(map(repr, columns))}: "
            f"no column stands before {answer_column!r}.",
            code="evaluation-column",
            hint=hint,
        )
    return PromptForm(columns=columns[: columns.index(answer_column)], first_token=first)


def cut_template(template: str, answer_column: str, first_token: str = "") -> PromptForm:
    """The template up to `{answer_column}`; one that never names it is taken whole."""
    try:
        found = placeholders(template)
    except TemplateError as error:
        raise RunError(
            f"The template {template!r} is wrong at character {error.position + 1}: {error.message}",
            code="evaluation-template",
        ) from None
    at = next((one.position for one in found if one.name == answer_column), len(template))
    if not any(one.position < at for one in found):
        raise RunError(
            f"The template {template!r} names no column before {{{answer_column}}}: every prompt would be the same.",
            code="evaluation-template",
        )
    return PromptForm(template=template[:at], first_token=first_token)


def read_rows(file: Path) -> list[Row]:
    """A JSON array of objects, or one object a line. RunError says where it is broken."""
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise RunError(f"{file} cannot be read: {said}.", code="evaluation-data") from None
    try:
        value = json.loads(text)
        rows = value if isinstance(value, list) else [value]
    except ValueError as error:
        rows = _lines(file, text, error)
    bad = next((number for number, row in enumerate(rows, 1) if not isinstance(row, dict)), None)
    if bad is not None:
        raise RunError(f"Row {bad} of {file} is no object with columns.", code="evaluation-data")
    if not rows:
        raise RunError(f"{file} holds no rows.", code="evaluation-data")
    return rows


def _lines(file: Path, text: str, whole: ValueError) -> list[Any]:
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            rows.append(json.loads(line))
        except ValueError as error:
            first = not rows
            said = whole if first else f"line {number}: {error}"
            raise RunError(f"{file} is no JSON: {said}.", code="evaluation-data") from None
    return rows
