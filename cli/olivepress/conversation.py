"""Talking with a model on a terminal: a history over the arrow keys, /exit, Ctrl-C stops an answer."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from . import exits
from .generate_command import as_json, prompt_text, say, speed
from .terminal import coloured, paint

if TYPE_CHECKING:
    from types import FrameType

    from olive_engine.generate import Loaded, Options

HELP = """\
/new     forget what was said
/exit    leave (also Ctrl-D)
Ctrl-C   stop the answer"""


def converse(loaded: Loaded, call: argparse.Namespace, options: Options) -> int:
    """Until /exit, Ctrl-D, or Ctrl-C at the prompt. With a chat template the model is told what was said before."""
    from olive_engine.errors import RunError
    from olive_engine.generate import answer

    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 - importing it gives input() its history and editing
    remembers = loaded.built.chat_template and not call.raw and not call.template
    print(f"{loaded.built.folder}   /help /new /exit", file=sys.stderr)
    messages: list[dict[str, str]] = []
    for prompt in _lines():
        if prompt == "/help":
            print(HELP, file=sys.stderr)
            continue
        if prompt == "/new":
            messages = []
            continue
        messages = [*(messages if remembers else []), {"role": "user", "content": prompt}]
        try:
            with _stoppable() as stopped:
                show = (lambda piece: None) if call.json else say
                text = prompt_text(loaded, messages, template=call.template, raw=call.raw, system=call.system)
                said = answer(loaded, text, options, on_text=show, stop=lambda: bool(stopped))
        except RunError as error:
            print(f"{error.message}{'; /new forgets what was said' if messages[1:] else ''}", file=sys.stderr)
            messages = messages[:-1]
            continue
        messages.append({"role": "assistant", "content": said.text})
        if call.json:
            from .show_json import print_json

            print_json(as_json(prompt, said))
        else:
            print(flush=True)
            print(paint(speed(said), "dim", coloured(sys.stderr)), file=sys.stderr, flush=True)
    return exits.OK


def _lines() -> Iterator[str]:
    while True:
        try:
            line = input("> ").strip()
        except (EOFError, KeyboardInterrupt):
            print(file=sys.stderr)
            return
        if line in ("/exit", "/quit"):
            return
        if line:
            yield line


@contextlib.contextmanager
def _stoppable() -> Iterator[list[int]]:
    """A list that is no longer empty once Ctrl-C was pressed."""
    pressed: list[int] = []

    def press(number: int, frame: FrameType | None) -> None:
        del frame
        pressed.append(number)

    before = signal.signal(signal.SIGINT, press)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)
