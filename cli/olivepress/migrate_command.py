"""`olivepress migrate`: a config brought to a later release of Olive, with what that costs."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import exits
from .calls import Parser, wrong_call
from .check_files import Content, Source, Unreadable, decode, read, write
from .terminal import coloured, paint

if TYPE_CHECKING:
    from olive_server.document import Document
    from olive_server.migrate import Migration

DESCRIPTION = """\
Rewrites a config for a later release of Olive, from 0.7.0 on: the classic form of 0.2 to 0.6 as well as older files of
the current form. Order, layout and comments stay. Says of each change whether the config means the same (exact), means
the same since a value is written out whose default changed (default), lost something (lossy), or needs a person (person).

Shows the notes; the text with --write (in place), --output or --diff. Exit code 0 where nothing is lost and nobody has to
do anything, 1 where something is or has, 2 for a wrong call."""

EXAMPLES = """\
  olivepress migrate olive-config.json                     what would change, and what it costs
  olivepress migrate olive-config.json --diff
  olivepress migrate olive-config.json --write
  olivepress migrate old.json --to 0.9 --output new.json
  olivepress migrate - < old.json > new.json"""
_STYLE = {"exact": "good", "default": "information", "lossy": "warning", "person": "error"}


def main(arguments: Sequence[str]) -> int:
    parser = _parser()
    call = parser.parse_args(arguments)
    target = _release(call.to, parser.prog, from_current=True)
    source = _release(call.from_release, parser.prog) if call.from_release != "auto" else None
    path, content = _content(call, parser.prog)
    document, migration = _migrated(path, content, target, source)
    _put_text(call, path, content, migration, parser.prog)
    _put_notes(call, document, migration)
    return exits.OK if migration.exact else exits.FAILED


def _parser() -> Parser:
    parser = Parser("olivepress migrate", DESCRIPTION, EXAMPLES)
    parser.add_argument("file", metavar="FILE", help="the config; - for standard input")
    parser.add_argument("--to", default="0.13", metavar="RELEASE", help="0.7 to 0.13 (the default), or main")
    parser.add_argument(
        "--from",
        dest="from_release",
        default="auto",
        metavar="RELEASE",
        help="the release it is written for; auto (the default): the newest that takes it best",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--write", action="store_true", help="in place, whole or not at all")
    where.add_argument("--output", metavar="FILE", help="into a file that is not there yet")
    where.add_argument("--diff", action="store_true", help="show what would change")
    parser.add_argument("--force", action="store_true", help="--output may replace a file")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="of the notes")
    return parser


def _release(written: str, prog: str, *, from_current: bool = False) -> str:
    from olive_schemas.releases import FIRST_CURRENT, RELEASES, index, resolve

    found = resolve(written.strip().removeprefix("v"))
    names = [name for name in RELEASES if not from_current or index(name) >= index(FIRST_CURRENT)]
    if found is None:
        wrong_call(f'Olive has no release "{written}" that is known here; there are {", ".join(names)}', prog)
    if found not in names:
        wrong_call(f"configs are brought to later forms only: to {', '.join(names)}", prog)
    return found


def _content(call: argparse.Namespace, prog: str) -> tuple[Path | None, Content]:
    if call.file == "-":
        if call.write:
            wrong_call("--write needs a file; standard input comes back on standard output", prog)
        source, stdin = Source(Path("-"), "<stdin>", True), sys.stdin.buffer
        try:
            content = decode(source, stdin.read())
        except Unreadable as error:
            wrong_call(str(error), prog)
        return None, content or Content("")
    path = Path(call.file)
    if not path.exists():
        from .checking import others

        wrong_call(f"{path}: there is no such file{others(path)}", prog)
    if not path.is_file():
        wrong_call(f"{path} is not a file", prog)
    output = Path(call.output) if call.output else None
    if output is not None and output.exists() and not call.force:
        wrong_call(f"{output} is there already; --force replaces it", prog)
    try:
        content = read(Source(path, str(path), True))
    except Unreadable as error:
        wrong_call(str(error), prog)
    return path, content or Content("")


def _migrated(
    path: Path | None, content: Content, target: str, source: str | None
) -> tuple[Document, Migration]:
    from olive_server.document import Document
    from olive_server.migrate import migrate

    place = path.absolute() if path else None
    document = Document(place.as_uri() if place else "untitled:stdin", content.text, path=place)
    return document, migrate(document, target, source)


def _put_text(
    call: argparse.Namespace, path: Path | None, content: Content, migration: Migration, prog: str
) -> None:
    try:
        if call.write and path is not None and migration.changed:
            write(path, content, migration.text)
        elif call.output:
            goal = Path(call.output)
            if not goal.exists():
                goal.touch()
            write(goal, Content(*_of(goal)), migration.text)
    except OSError as error:
        wrong_call(f"{call.output or path} cannot be written: {error.strerror or error}", prog)
    if call.file == "-" and not (call.output or call.diff) and call.format == "text":
        sys.stdout.write(migration.text)
    if call.diff and call.format == "text":
        from .check_text import diff_of

        sys.stdout.write(diff_of(migration.before, migration.text, call.file, sys.stdout))


def _of(path: Path) -> tuple[str, bool]:
    content = decode(Source(path, str(path), True), path.read_bytes())
    return (content.text, content.bom) if content else ("", False)


def _put_notes(call: argparse.Namespace, document: Document, migration: Migration) -> None:
    if call.format == "json":
        json.dump(_data(call, document, migration), sys.stdout, indent=2)
        sys.stdout.write("\n")
        return
    stream = sys.stderr if call.diff or (call.file == "-" and not call.output) else sys.stdout
    shown = "<stdin>" if call.file == "-" else call.file
    for note in migration.notes:
        line, column, _, _ = _place(document, note.pointer)
        head = paint(f"{shown}:{line}:{column}: ", "bold", coloured(stream))
        kind = paint(f"{note.kind}: ", _STYLE[note.kind], coloured(stream))
        print(f"{head}{kind}{note.message}", file=stream)
    print(_summary(call, migration), file=stream)


def _summary(call: argparse.Namespace, migration: Migration) -> str:
    from olive_server.migrate import WORDS

    counts = [
        f"{number} {words}"
        for kind, words in WORDS.items()
        if (number := sum(note.kind == kind for note in migration.notes))
    ]
    if not migration.changed and not counts:
        return f"nothing to do: it is a config for Olive {migration.target} already"
    done = f"written to {call.file if call.write else call.output}" if call.write or call.output else ""
    if call.write and not migration.changed:
        done = "nothing is written"
    if not done and call.file != "-" and not call.diff:
        done = "nothing is written yet (--write, --output or --diff)"
    text = (
        f"from Olive {migration.source} to {migration.target}: {', '.join(counts) or 'only its form changes'}"
    )
    return f"{text}; {done}" if done else text


def _data(call: argparse.Namespace, document: Document, migration: Migration) -> dict[str, Any]:
    return {
        "path": call.file,
        "from": migration.source,
        "to": migration.target,
        "changed": migration.changed,
        "exact": migration.exact,
        "notes": [
            {
                **dict(
                    zip(
                        ("line", "column", "end_line", "end_column"),
                        _place(document, note.pointer),
                        strict=True,
                    )
                ),
                "pointer": note.pointer,
                "kind": note.kind,
                "message": note.message,
            }
            for note in migration.notes
        ],
        "text": migration.text,
    }


def _place(document: Document, pointer: str) -> tuple[int, int, int, int]:
    tree = document.tree
    start, end = tree.span(pointer, "key")
    (line, column), (end_line, end_column) = tree.lines.position(start), tree.lines.position(end)
    return line + 1, column + 1, end_line + 1, end_column + 1
