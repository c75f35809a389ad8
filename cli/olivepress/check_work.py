"""One file's findings, and those of many: in this process, or in several where the files are many."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from . import check_files
from .check_files import Content, Source, Unreadable
from .check_results import Edit, Finding, Fix, Place, Result

if TYPE_CHECKING:
    from olive_schemas.problems import Problem
    from olive_schemas.releases import Scope
    from olive_server.document import Document

POOL_FROM: Final = 48
"""Files: below, starting processes takes longer than they save."""
_SOFT: Final = frozenset(("unknown-name", "unknown-key"))
"""What `--lenient` makes a warning."""


@dataclass(frozen=True)
class Wanted:
    """What is asked of each file."""

    olive_version: str = "auto"
    installed: str | None = None
    ignored: frozenset[str] = frozenset()
    lenient: bool = False
    quiet: bool = False
    """Whether remarks are left out."""
    with_fixes: bool = False
    """Whether findings come with their edits: costly, and not shown as text."""
    mend: bool = False
    write: bool = False
    here: bool = False
    """Whether the embedded engine is asked, too, if it can run the config on this machine."""


def work(sources: Sequence[Source], wanted: Wanted) -> Iterator[Result]:
    """The results in the order of the sources."""
    workers = min(_cpus(), 8)
    if len(sources) < POOL_FROM or workers < 2:
        for source in sources:
            yield check_source(source, wanted)
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from functools import partial

    forks = "fork" in multiprocessing.get_all_start_methods() and sys.platform.startswith("linux")
    context = multiprocessing.get_context("fork" if forks else None)
    yield check_source(sources[0], wanted)  # what it loads, forked processes need not
    rest = sources[1:]
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        yield from pool.map(
            partial(check_source, wanted=wanted), rest, chunksize=max(1, len(rest) // (workers * 6))
        )


def _cpus() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def check_source(source: Source, wanted: Wanted) -> Result:
    try:
        content = check_files.read(source)
    except Unreadable as error:
        return Result(source.shown, source.named, unreadable=str(error))
    if content is None:
        return Result(source.shown, source.named, workflow=False)
    return check_content(source, content, wanted)


def check_content(source: Source, content: Content, wanted: Wanted) -> Result:
    """As `check_source`, for a text that was read before."""
    with _failures() as failed:
        result = _checked(source, content, wanted)
    return replace(result, failed=tuple(failed)) if failed else result


@contextlib.contextmanager
def _failures() -> Iterator[list[str]]:
    """What the server logs as failed meanwhile, instead of a traceback on the terminal."""
    failed: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            error = record.exc_info[1] if record.exc_info else None
            text = f"{record.getMessage()}: {type(error).__name__}: {error}" if error else record.getMessage()
            if text not in failed:
                failed.append(text)

    logger, handler = logging.getLogger("olive_server"), Handler(logging.WARNING)
    propagated, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        yield failed
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagated


def _checked(source: Source, content: Content, wanted: Wanted) -> Result:
    from olive_server.checking import is_workflow
    from olive_server.document import Document, Settings

    path = source.path.absolute() if source.path.name != "-" else None
    settings = Settings(wanted.olive_version, wanted.installed)
    document = Document(
        path.as_uri() if path else "untitled:stdin", content.text, path=path, settings=settings
    )
    if not is_workflow(document):
        return Result(source.shown, source.named, workflow=False, text=content.text)
    found = _problems(document, wanted)
    done: tuple[str, ...] = ()
    mended: str | None = None
    if wanted.mend:
        from olive_server.fixes import fixed

        after = fixed(document, _kept(found, wanted))
        if after.text != content.text:
            mended = after.text
            done = tuple(f"{problem.line}:{problem.column} {fix.title}" for problem, fix in after.done)
        if mended is not None and wanted.write:
            try:
                check_files.write(source.path, content, mended)
            except OSError as error:
                reason = f"{source.shown} cannot be written: {error.strerror or error}"
                return Result(source.shown, source.named, unreadable=reason, text=content.text)
            document = replace(document, text=mended)
            found = _problems(document, wanted)
    if content.bom:
        found = [_byte_order_mark(document), *found]
    return Result(
        source.shown,
        source.named,
        text=document.text,
        speaks_of=speaks_of(document.scope),
        findings=tuple(_finding(problem, source.shown, document, wanted) for problem in _kept(found, wanted)),
        done=done,
        mended=mended,
    )


def _problems(document: Document, wanted: Wanted) -> Sequence[Problem]:
    from olive_server.checking import problems

    found = problems(document)
    if not wanted.here:
        return found
    from olive_engine.checked import check_config
    from olive_server.merging import merged

    # What keeps the embedded engine from running the config here is an error then.
    engine = check_config(document.path or Path("olive-config.json"), document.text).problems
    return sorted(
        merged([*((0, problem) for problem in found), *((1, problem) for problem in engine)]),
        key=lambda problem: (problem.line, problem.column),
    )


def _byte_order_mark(document: Document) -> Problem:
    """Told of the file, not of its text: editors do not show it, and the text is checked without."""
    from olive_schemas.problems import Problem, Severity

    return Problem(
        "json-encoding",
        Severity.WARNING if document.scope.embedded else Severity.ERROR,
        "the file begins with a byte order mark, and Olive's reader stops at it: save it as UTF-8 without one",
        line=1,
        column=1,
        end_line=1,
        end_column=1,
    )


def speaks_of(scope: Scope) -> str:
    """The releases that findings speak of: `Olive 0.13.0`, `Olive 0.7.0 to main and the embedded engine`."""
    releases = scope.newest if scope.single else f"{scope.oldest} to {scope.newest}"
    return f"Olive {releases}" + (" and the embedded engine" if scope.embedded else "")


def _kept(found: Sequence[Problem], wanted: Wanted) -> list[Problem]:
    from olive_schemas.problems import Severity

    kept = [problem for problem in found if problem.code not in wanted.ignored]
    if wanted.quiet:
        kept = [problem for problem in kept if problem.severity in (Severity.ERROR, Severity.WARNING)]
    if not wanted.lenient:
        return kept
    return [
        replace(problem, severity=Severity.WARNING)
        if problem.code in _SOFT and problem.severity is Severity.ERROR
        else problem
        for problem in kept
    ]


def _finding(problem: Problem, shown: str, document: Document, wanted: Wanted) -> Finding:
    fixes: tuple[Fix, ...] = ()
    related: tuple[Place, ...] = ()
    fixable = any(remedy.exact for remedy in problem.remedies)
    if wanted.with_fixes or problem.code.startswith("json-"):
        fixes = _fixes(problem, document)
        fixable = any(fix.exact for fix in fixes)
    if wanted.with_fixes and problem.related:
        related = tuple(
            Place(*_span(document, *document.tree.span(each.pointer, each.on)), each.message)
            for each in problem.related
        )
    return Finding(
        path=shown,
        code=problem.code,
        severity=problem.severity.value,
        message=problem.message,
        pointer=problem.pointer,
        line=problem.line,
        column=problem.column,
        end_line=problem.end_line,
        end_column=problem.end_column,
        fixable=fixable,
        fixes=fixes,
        related=related,
    )


def _fixes(problem: Problem, document: Document) -> tuple[Fix, ...]:
    from olive_server.fixes import fixes

    return tuple(
        Fix(
            fix.title,
            tuple(Edit(*_span(document, edit.start, edit.end), edit.new_text) for edit in fix.edits),
            fix.exact,
        )
        for fix in fixes(document, problem)
    )


def _span(document: Document, start: int, end: int) -> tuple[int, int, int, int]:
    line, column = document.tree.lines.position(start)
    end_line, end_column = document.tree.lines.position(end)
    return line + 1, column + 1, end_line + 1, end_column + 1
