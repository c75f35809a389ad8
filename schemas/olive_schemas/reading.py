"""What comes of reading a config: the workflow, or what is wrong, each finding at its line and column."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from .lazy import lazy
from .problems import Problem, Severity
from .report import Report
from .tree import SyntaxProblem, Tree, parse, to_python
from .workflow import Workflow


@dataclass(frozen=True)
class Reading:
    """`workflow` is None where any problem is an error. `refused`: what Olive would do and this engine does not."""

    text: str
    path: Path
    tree: Tree
    dialect: Literal["classic", "current"]
    workflow: Workflow | None
    problems: tuple[Problem, ...] = ()
    refused: tuple[Problem, ...] = ()

    @lazy
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

    def refusals(self) -> tuple[Problem, ...]:
        """What this engine cannot do of what the config asks for; see `runnable`."""
        from .runnable import refusals

        return tuple(refusals(self))

    def locate(self, pointer: str, on: Literal["key", "value"] = "value") -> tuple[int, int, int, int]:
        """(line, column, end line, end column), 1-based, of a pointer or of its nearest ancestor that exists."""
        return _place(self.tree, *self.tree.span(pointer, on))

    def place(self, problem: Problem) -> Problem:
        """The problem with its line and column, unless it has them."""
        return problem if problem.line else placed(self.tree, problem)


def read_text(text: str, *, path: Path, lenient: bool = False) -> Reading:
    """See `olive_schemas.read`."""
    return read_tree(parse(text), path=path, lenient=lenient)


def read_tree(tree: Tree, *, path: Path, lenient: bool = False) -> Reading:
    """As `read_text`, of a text that is parsed already."""
    from .dialect import normalise

    report = Report(lenient)
    base = Path(path).absolute().parent
    dialect, workflow = normalise(to_python(tree.root), base, Path(path), report, broken=tree.broken)
    syntax = syntax_problems(tree)
    if tree.broken:
        report.problems = [problem for problem in report.problems if problem.code not in _GUESSES]
    found = [*syntax, *(placed(tree, problem) for problem in report.problems)]
    if any(problem.severity is Severity.ERROR for problem in found):
        workflow = None
    return Reading(
        text=tree.text,
        path=Path(path),
        tree=tree,
        dialect=dialect,
        workflow=workflow,
        problems=tuple(sorted(found, key=lambda problem: (problem.line, problem.column))),
        refused=tuple(placed(tree, problem) for problem in report.refusals),
    )


_GUESSES = frozenset(("missing", "pass-order", "unknown-reference", "not-run"))
"""What a brace or a value that was not understood can bring about: not told while the text is broken."""


def _place(tree: Tree, start: int, end: int) -> tuple[int, int, int, int]:
    line, column = tree.lines.position(start)
    end_line, end_column = tree.lines.position(end)
    return line + 1, column + 1, end_line + 1, end_column + 1


def placed(tree: Tree, problem: Problem) -> Problem:
    """The problem with the line and column of its pointer."""
    line, column, end_line, end_column = _place(tree, *tree.span(problem.pointer, problem.on))
    return replace(problem, line=line, column=column, end_line=end_line, end_column=end_column)


def syntax_problems(tree: Tree) -> list[Problem]:
    """Where the text is not JSON, as located problems."""
    return [_syntax(tree, problem) for problem in tree.problems]


def _syntax(tree: Tree, problem: SyntaxProblem) -> Problem:
    line, column, end_line, end_column = _place(tree, problem.start, problem.end)
    return Problem(
        code=problem.code,
        severity=Severity.WARNING if problem.warning else Severity.ERROR,
        message=problem.message,
        pointer=tree.at(problem.start)[0],
        line=line,
        column=column,
        end_line=end_line,
        end_column=end_column,
    )
