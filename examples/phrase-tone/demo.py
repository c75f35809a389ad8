"""The demo: a real small model is fetched, fine-tuned to tell the tone of a phrase, merged, built to int4 and asked.

    python demo.py            what `make demo` runs
    python demo.py --plain    without frames, colours and redrawn lines

The run is the command line's own, `olivepress run --config olive-config.json`, with its progress; a second demo takes
everything from the cache and says so.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import fetch_model  # noqa: E402
import report  # noqa: E402

if TYPE_CHECKING:
    from rich.console import Console

CONFIG = HERE / "olive-config.json"
HELD_OUT = HERE / "dataset" / "held-out.json"
NEW_PHRASES = (
    ("His boots are still by the door, two winters after the funeral.", "Sad"),
    ("We finally got the keys and waltzed through every empty room.", "Joy"),
    ("Something is breathing on the other side of the bathroom door.", "Fear"),
    ("Hold on, did the goldfish just wave at me?", "Surprise"),
)


def main() -> int:
    parser = argparse.ArgumentParser(description="Fine-tunes, merges, builds and asks a small real model.")
    parser.add_argument("--plain", action="store_true", help="no frames, no colours, no redrawn lines")
    plain = bool(parser.parse_args().plain)
    if plain:
        os.environ |= {"NO_COLOR": "1", "TERM": "dumb"}
    from rich.console import Console

    console = Console(highlight=False, no_color=plain or None)
    began = time.monotonic()
    try:
        _headline(console, 1, "the model")
        fetch_model.link(fetch_model.fetch(lambda text: console.print(text, soft_wrap=True)))
    except fetch_model.FetchError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    _headline(console, 2, f"olivepress run --config {os.path.relpath(CONFIG)}")
    sys.stdout.flush()
    code = subprocess.run(
        [sys.executable, "-m", "olivepress", "run", "--config", str(CONFIG)], check=False
    ).returncode
    if code != 0:
        return code
    from olive_engine.errors import RunError

    try:
        output = _output_dir()
        _headline(console, 3, "phrases that it has not seen")
        _evaluate(output, console)
        answers = _ask(output)
    except RunError as error:
        print(f"demo: {error.message}\n  {error.hint}".rstrip(), file=sys.stderr)
        return 1
    from olive_engine import summary

    report.show(summary.read(output) or {}, answers, time.monotonic() - began, console, plain=plain)
    return 0


def _headline(console: Console, number: int, text: str) -> None:
    console.print(f"\n[bold]{number}/3[/bold]  {text}", soft_wrap=True)


def _output_dir() -> Path:
    """As the config says it."""
    from olive_engine.errors import RunError
    from olive_schemas import read

    workflow = read(CONFIG.read_text("utf-8"), path=CONFIG).workflow
    if workflow is None:
        raise RunError(f"{CONFIG} has errors; olivepress check --config {CONFIG} tells them")
    return Path(workflow.engine.output_dir)


def _evaluate(output: Path, console: Console) -> None:
    """Asks the base, the adapter, the merged and the int4 model; a line for each as it is done."""
    from olive_engine.evaluation import evaluate_run

    def told(target: str, phase: str, done: int, total: int) -> None:
        if phase == "cached":
            console.print(f"{target}: known already")
        elif phase == "ask" and done == total:
            console.print(f"{target}: {total} phrases asked")

    with console.status("asking the models") if console.is_terminal else contextlib.nullcontext():
        evaluate_run(output, HELD_OUT, "tone", progress=told)


def _ask(output: Path) -> list[report.Answered]:
    """The new phrases, in the form of the training texts, through onnxruntime-genai."""
    from olive_engine import generate
    from olive_engine.evaluation.answers import answer_in
    from olive_engine.evaluation.outputs import find_output, first_token, training_data
    from olive_engine.evaluation.task import prompt_form

    found = find_output(output)
    form = prompt_form(training_data(found), "tone", first_token(found))
    labels = found.summary["evaluation"]["labels"]
    loaded = generate.load(generate.inspect(output / "model"))
    answers = []
    for phrase, meant in NEW_PHRASES:
        text = generate.answer(
            loaded, form.prompt({"phrase": phrase}), generate.Options(max_new_tokens=8)
        ).text
        answers.append(report.Answered(phrase, meant, answer_in(text, labels) or repr(text)))
    return answers


if __name__ == "__main__":
    sys.exit(main())
