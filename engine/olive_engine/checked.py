"""A config from its file to a checked workflow: everything that is wrong with it, as values, at its line and column.

The reading's own problems come first; only a config without errors there is asked what its passes, its data and its
output folder say. Imports nothing heavy and does no work.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from olive_schemas.problems import Problem, Severity, has_errors

from .errors import RunError

if TYPE_CHECKING:
    from olive_schemas import Reading
    from olive_schemas.workflow import Workflow

NAME = "olive-config.json"


@dataclass(frozen=True)
class Checked:
    """`workflow` is None where the text could not be read as one; `refused` is True where no run may start."""

    path: Path
    text: str
    problems: tuple[Problem, ...]
    workflow: Workflow | None = None
    reading: Reading | None = None

    @property
    def refused(self) -> bool:
        return self.workflow is None or has_errors(self.problems)

    def with_problems(self, more: Iterable[Problem]) -> Checked:
        """The same with more problems, each at its place in the text, none told twice."""
        located = [problem if self.reading is None else self.reading.place(problem) for problem in more]
        return replace(self, problems=tuple(dict.fromkeys((*self.problems, *located))))


def read_text(path: Path) -> str:
    """The config's text. RunError where the file cannot be read as UTF-8."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise RunError(f"{path}: there is no such file", code="config-not-found") from None
    except OSError as error:
        raise RunError(
            f"{path} cannot be read: {error.strerror or error}", code="config-not-readable"
        ) from None
    return decoded(path, content)


def decoded(path: str | Path, content: bytes) -> str:
    """A config's bytes as text. RunError where they are not UTF-8."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise RunError(f"{path} is UTF-16; save it as UTF-8", code="config-not-utf8")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise RunError(
            f"{path} is not UTF-8 (byte {content[error.start]:#04x} in line {line}); save it as UTF-8",
            code="config-not-utf8",
        ) from None


def source_of(config: str | Path | Mapping[str, Any], base_dir: str | Path | None = None) -> tuple[Path, str]:
    """Path and text of a config given as a path, a folder that holds olive-config.json, or the parsed JSON.

    `base_dir`: what the relative paths of parsed JSON are relative to; the current folder if unsaid. RunError where
    the file cannot be read.
    """
    if isinstance(config, Mapping):
        base = Path(base_dir) if base_dir is not None else Path.cwd()
        return base.absolute() / NAME, json.dumps(dict(config), indent=2, ensure_ascii=False, default=str)
    path = Path(config)
    path = path / NAME if path.is_dir() else path
    return path, read_text(path)


def check_config(
    path: Path,
    text: str,
    *,
    lenient: bool = False,
    trust_user_script: bool = False,
    from_pass: str | None = None,
    to_pass: str | None = None,
) -> Checked:
    """All problems of a config, those of its passes on this machine included.

    `to_pass`: the passes behind it are taken out first: `text` of the answer is without them. `from_pass` is only looked
    at: whether there is such a pass.
    """
    from olive_schemas import read, subset

    reading = read(text, path=path, lenient=lenient)
    chosen = subset.problems(reading, from_pass, to_pass)
    if to_pass is not None and not chosen and (shorter := subset.up_to(reading, to_pass)) != text:
        text = shorter
        reading = read(text, path=path, lenient=lenient)
    found = tuple(dict.fromkeys((*chosen, *reading.problems, *reading.refusals())))
    checked = Checked(path, text, found, reading.workflow, reading).with_problems(())
    if reading.workflow is None or has_errors(found):
        return checked
    from . import passes, preflight

    try:
        more = preflight.check(reading.workflow, passes.load, trust_user_script=trust_user_script)
    except RunError as error:
        more = [as_problem(error)]
    return checked.with_problems(more)


def as_problem(error: RunError) -> Problem:
    """An error of a step as a problem of the config; its hint follows the message."""
    message = f"{error.message}. {error.hint}" if error.hint else error.message
    return Problem(error.code, Severity.ERROR, message.replace("..", "."), error.pointer)
