"""What can be wrong with a data config, told before any work and without torch or `datasets`.

Small local files are read whole and rendered once with the same code as in the run, so that a bad line, an unknown
column or an empty cell is found here with the very words of the run.
"""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from olive_schemas.problems import Problem, Severity
from olive_schemas.workflow import DataConfig, Workflow

from ..errors import RunError
from .advice import of_settings, of_workflow
from .loading import HUGGING_FACE, light_split, refuse_unknown_loader, slices_of
from .pairs import NEEDED_COLUMNS, pair_texts
from .peeking import columns_of
from .rendering import Rendering, TemplateError, placeholders, unknown_column
from .rows import TableRows
from .scripts import script_pointer, uses_script, written_script
from .settings import (
    TextSettings,
    is_own_pre_process,
    is_text_generation,
    pointer_of,
    text_settings,
)
from .sources import Source, find_source


def check(config: DataConfig, workflow: Workflow, *, trust_user_script: bool | None = None) -> list[Problem]:
    """Every problem at once. `trust_user_script` None: whether the run trusts scripts is not known yet."""
    problems: list[Problem] = []
    rows: TableRows | None = None
    names: list[str] | None = None
    source: Source | None = None

    def attempt(step: Callable[[], None]) -> None:
        try:
            step()
        except RunError as error:
            problems.append(problem(error))

    attempt(lambda: _check_script(config, workflow, trust_user_script))
    attempt(lambda: refuse_unknown_loader(config))
    if config.load.type.lower() == HUGGING_FACE:
        try:
            source = find_source(config, workflow)
            slices = slices_of(config)
            rows = light_split(config, source, slices) if slices is not None else None
            names = rows.column_names if rows is not None else columns_of(source)
            if rows is None:
                _need_datasets(config, source)
        except RunError as error:
            problems.append(problem(error, pointer_of(config.load, "data_files", "data_name")))
        except OSError as error:
            problems.append(
                problem(
                    RunError(
                        f"{error.filename} cannot be read: {error.strerror}",
                        code="data-unreadable",
                        pointer=pointer_of(config.load, "data_files"),
                    )
                )
            )
    if not is_text_generation(config):
        attempt(lambda: _check_other_kind(config))
        return problems
    try:
        settings = text_settings(config)
    except KeyError as error:
        missing = RunError(
            f"{error.args[0]} is missing: the longest sequence in tokens",
            code="data-length",
            pointer=config.pre_process.pointer,
            hint=f'write, for instance, "{error.args[0]}": 1024',
        )
        return [*problems, problem(missing)]
    problems += _check_text(config, settings, rows, names)
    problems += of_settings(config, settings)
    problems += of_workflow(config, workflow)
    return problems


def problem(error: RunError, otherwise: str = "") -> Problem:
    """A run's error as a finding before the run: message and remedy in one text. `otherwise`: where it points to if
    the error does not say."""
    text = f"{error.message}: {error.hint}" if error.hint else error.message
    return Problem(error.code, Severity.ERROR, text, error.pointer or otherwise)


def _need_datasets(config: DataConfig, source: Source) -> None:
    if importlib.util.find_spec("datasets") is None:
        raise RunError(
            f"loading {source.name} needs the package `datasets`, which is not installed",
            code="data-package",
            pointer=pointer_of(config.load, "data_name"),
            hint="pip install 'olivepress[engine]'",
        )


def _check_other_kind(config: DataConfig) -> None:
    if not is_own_pre_process(config) or config.user_script:
        return
    raise RunError(
        f"pre_process_data_config is `{config.pre_process.type}`, which gives no token sequences to train on",
        code="data-pre-process",
        pointer=config.pre_process.pointer,
        hint='write "type": "text_generation_huggingface_pre_process", or "task": "text-generation"',
    )


def _check_script(config: DataConfig, workflow: Workflow, trust: bool | None) -> None:
    """Exists, is Python, defines the functions named; looked at, not run."""
    if not uses_script(config):
        return
    path = written_script(config, workflow, trust=trust is not False)
    try:
        tree = ast.parse(path.read_bytes(), str(path))
    except SyntaxError as error:
        raise RunError(
            f"{path.name}, line {error.lineno}: {error.msg}",
            code="user-script",
            pointer=script_pointer(config),
        ) from None
    if is_text_generation(config):
        defined = set(_names_in(tree))
        for parameter in ("text_formatting_func", "input_formatting_func", "output_formatting_func"):
            named = config.pre_process.params.get(parameter)
            if isinstance(named, str) and named and defined and named not in defined and "*" not in defined:
                raise RunError(
                    f"{path.name} defines no function `{named}`",
                    code="user-script",
                    pointer=pointer_of(config.pre_process, parameter),
                    hint=f"it defines {', '.join(sorted(defined))}",
                )


def _names_in(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif not isinstance(node, ast.Expr):
            # Whatever is defined under a condition is not followed.
            yield "*"


def _check_text(
    config: DataConfig, settings: TextSettings, rows: TableRows | None, names: list[str] | None
) -> list[Problem]:
    place = partial(pointer_of, config.pre_process)
    problems = [problem(error) for error in _template_errors(settings, config)]
    if problems:
        return problems
    if names is not None:
        missing = [
            unknown_column(column, names, place(parameter), parameter)
            for parameter, column in _wanted_columns(settings)
            if column not in names
        ]
        if missing:
            return [problem(error) for error in missing]
    if rows is None or settings.chat_template or _has_function(settings):
        return []
    # Special tokens need the tokenizer and change nothing about what can go wrong.
    rendering = Rendering(replace(settings, add_special_tokens=False), None, place)
    try:
        if settings.dataset_type == "pair":
            texts = [source for source, _ in pair_texts(rows, settings, rendering, {})]
        else:
            texts = rendering.texts(rows)
    except RunError as error:
        return [problem(error)]
    told = [
        Problem("data-not-text", severity, note, place("text_template", "text_cols", "pair_format"))
        for severity, note in rendering.findings()
    ]
    if not rows.rows:
        empty = RunError(
            "the split, or its slice, holds no rows",
            code="data-empty",
            pointer=pointer_of(config.load, "split", "data_files"),
            hint="take more of the split",
        )
        told.append(problem(empty))
    elif len(texts) < len(rows) and settings.dataset_type == "corpus" and not settings.add_special_tokens:
        told.append(
            Problem(
                "data-empty-text",
                Severity.INFORMATION,
                f"{len(rows) - len(texts):,} of {len(rows):,} rows give an empty text and are left out",
                place("text_template", "text_cols"),
            )
        )
    return told


def _has_function(settings: TextSettings) -> bool:
    return bool(
        settings.text_formatting_func or settings.input_formatting_func or settings.output_formatting_func
    )


def _template_errors(settings: TextSettings, config: DataConfig) -> Iterator[RunError]:
    for parameter, template in _templates(settings):
        try:
            placeholders(template)
        except TemplateError as error:
            yield RunError(
                f"{parameter}, character {error.position + 1}: {error.message}",
                code="data-template",
                pointer=pointer_of(config.pre_process, parameter),
            )


def _templates(settings: TextSettings) -> list[tuple[str, str]]:
    if settings.dataset_type == "pair":
        if settings.pair_format != "custom":
            return []
        pairs = (("input_template", settings.input_template), ("output_template", settings.output_template))
    else:
        pairs = (("text_template", None if settings.chat_template else settings.text_template),)  # type: ignore[assignment]
    return [(name, template) for name, template in pairs if template]


def _wanted_columns(settings: TextSettings) -> list[tuple[str, str]]:
    """(parameter, column) for everything that the settings take from a row."""
    if settings.dataset_type == "pair" and settings.pair_format != "custom":
        return [("pair_format", column) for column in NEEDED_COLUMNS[settings.pair_format]]
    wanted = [(name, one.name) for name, template in _templates(settings) for one in placeholders(template)]
    if settings.dataset_type == "pair":
        for side in ("input", "output"):
            column = getattr(settings, f"{side}_col")
            if (
                column
                and not getattr(settings, f"{side}_template")
                and not getattr(settings, f"{side}_formatting_func")
            ):
                wanted.append((f"{side}_col", column))
        return list(dict.fromkeys(wanted))
    if settings.chat_template:
        return [("message_col", settings.message_col)]
    if settings.text_formatting_func:
        return []
    return list(dict.fromkeys(wanted)) or [("text_cols", column) for column in settings.text_cols]


def script_path(config: DataConfig, workflow: Workflow) -> Path | None:
    """The script that the config would run; None where it runs none."""
    return written_script(config, workflow, trust=True) if uses_script(config) else None
