"""`olivepress evaluate`: how many phrases of a file each model of a run gets right."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import exits
from .calls import Parser
from .tables import table
from .terminal import interactive
from .words import seconds, several, size

if TYPE_CHECKING:
    from olive_engine.evaluation import Evaluation, Score

DESCRIPTION = """\
Asks every model that a run left (the base, the adapter on it, the merged model, the built one) for the answer to
each row of a file, and compares. A row becomes the text that training made of it, up to the answer; the model writes
on, and the first label in what it writes is its answer. The accuracies are written into run-summary.json."""

EXAMPLES = """\
  olivepress evaluate out --data held-out.json --answer-column tone
  olivepress evaluate out --data held-out.json --answer-column tone --only int4 --wrong
  olivepress evaluate 20260131-184502-k3f9 --data test.jsonl --answer-column tone --json"""

_WRONG_CALLS = (
    "evaluation-no-run", "evaluation-no-model", "evaluation-data", "evaluation-column", "evaluation-label",
    "evaluation-template",
)  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    from olive_engine.errors import RunError

    call = _parser().parse_args(arguments)
    from olive_engine.evaluation import evaluate_run

    progress = _Progress(on=not call.json)
    try:
        result = evaluate_run(
            call.output,
            Path(call.data),
            call.answer_column,
            only=call.only or (),
            template=call.template,
            data_config=call.data_config,
            fresh=call.fresh,
            progress=progress.told,
        )
    except RunError as error:
        progress.end()
        print(f"olivepress evaluate: {error.message}", file=sys.stderr)
        if error.hint:
            print(f"  {error.hint}", file=sys.stderr)
        return exits.WRONG if error.code in _WRONG_CALLS else exits.FAILED
    progress.end()
    if call.json:
        print(json.dumps(result.to_json(), ensure_ascii=False, indent=2))
    else:
        print(text_of(result, wrong=call.wrong))
    return exits.OK


def _parser() -> Parser:
    parser = Parser("olivepress evaluate", DESCRIPTION, EXAMPLES)
    parser.add_argument(
        "output", metavar="OUTPUT_DIR", help="output_dir of a run that succeeded, or a run's id"
    )
    parser.add_argument(
        "--data", metavar="FILE", required=True, help="rows to ask: a JSON array, or one object a line"
    )
    parser.add_argument(
        "--answer-column", metavar="NAME", required=True, help="the column that holds the right answer"
    )
    parser.add_argument(
        "--only",
        metavar="MODEL",
        action="append",
        help="base, adapter, merged, int4; may be given several times",
    )
    parser.add_argument("--data-config", metavar="NAME", help="the data config whose form the prompts take")
    parser.add_argument(
        "--template",
        metavar="TEXT",
        type=lambda text: text.replace("\\n", "\n"),
        help="the form of the prompts, in place of a data config's; \\n is a new line",
    )
    parser.add_argument("--fresh", action="store_true", help="ask again although the answers are known")
    parser.add_argument("--wrong", action="store_true", help="show each wrong answer")
    parser.add_argument("--json", action="store_true", help="everything as JSON, the wrong answers included")
    return parser


def text_of(result: Evaluation, *, wrong: bool = False) -> str:
    """The evaluation for a terminal: a line for each model, and the last one's confusion."""
    n = next(iter(result.scores.values())).n
    rows = [
        [
            name,
            f"{one.accuracy:.1%}",
            f"{one.correct}",
            f"{one.unparsed}",
            "known" if one.cached else seconds(one.seconds),
            size(one.peak_memory_bytes),
        ]
        for name, one in result.scores.items()
    ]
    head = ["model", "accuracy", "correct", "no label", "time", "memory"]
    last, score = list(result.scores.items())[-1]
    parts = [
        f"{result.data_file.name}: {several(n, 'row')}, answers {', '.join(result.labels)}",
        table(head, rows, right=range(1, len(head))),
        f"{last}: the right answers, and across what was answered\n{_confusion(score)}",
    ]
    if wrong:
        for name, one in result.scores.items():
            parts.append("\n".join([f"{name}, wrong:", *(f"  {_wrong(each)}" for each in one.wrong)]))
    return "\n\n".join(parts)


def _confusion(score: Score) -> str:
    columns = list(next(iter(score.confusion.values())))
    if not score.unparsed:
        columns = columns[:-1]
    rows = [
        [right, *(str(row[column] or ".") for column in columns)] for right, row in score.confusion.items()
    ]
    return table(["", *columns], rows, right=range(1, len(columns) + 1))


def _wrong(one: Any) -> str:
    asked = " ".join(str(one["prompt"]).split())
    said = one["answer"] or f"nothing ({one['text']!r})"
    return f"{one['expected']} expected, {said} answered: {asked}"


class _Progress:
    """One line on a terminal's stderr, redrawn; nothing elsewhere."""

    def __init__(self, *, on: bool) -> None:
        self._on = on and interactive(sys.stderr)
        self._drawn = False

    def told(self, target: str, phase: str, done: int, total: int) -> None:
        if not self._on:
            return
        said = {"load": "loading", "cached": "known already"}.get(phase, f"{done}/{total}")
        print(f"\r\x1b[K{target}: {said}", end="", file=sys.stderr, flush=True)
        self._drawn = True

    def end(self) -> None:
        if self._drawn:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
            self._drawn = False
