"""`olivepress generate`: asks a built model, once or in a conversation."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import exits
from .calls import Parser

if TYPE_CHECKING:
    from olive_engine.errors import RunError
    from olive_engine.generate import Answer, Loaded, Options

DESCRIPTION = """\
Asks a model that ModelBuilder made, through onnxruntime-genai, and shows the answer as it comes. The folder may be
the model's, a run's output_dir, or the id of a run. Without --prompt: a conversation (or the text piped in).

The model's own chat template is used where it has one. A model fine-tuned on a text_template answers best to the
same text: --template 'Phrase: {prompt} Tone:'. --raw gives the prompt as it is.

--serve-stdio is for programs: the model stays loaded, requests come on stdin, one JSON object a line such as
{"id": 1, "prompt": "What is joy?", "temperature": 0.7} or {"cancel": 1}; the answers are lines on stdout:
{"id": 1, "token": "Joy"} ... {"id": 1, "done": true, "tokens_per_second": 41.5, "first_token_s": 0.2, ...}."""

EXAMPLES = """\
  olivepress generate --model out/model --prompt "What is joy?"
  olivepress generate -m out/model --template "### Text: {prompt}\\n### The tone is:\\n" -p "I miss you" -p "Hooray"
  olivepress generate -m out/model --system "Answer in one word." --temperature 0.7 --seed 1
  echo "a long text" | olivepress generate -m out/model --json
  echo '{"prompt": "What is joy?"}' | olivepress generate -m out/model --serve-stdio"""


def main(arguments: Sequence[str]) -> int:
    from olive_engine.errors import RunError

    call = _parser().parse_args(arguments)
    try:
        return _generate(call)
    except RunError as error:
        print(f"olivepress generate: {error.message}", file=sys.stderr)
        if error.hint:
            print(f"  {error.hint}", file=sys.stderr)
        return exit_code(error)


_WRONG_CALLS = ("no-such-model", "not-a-genai-model", "empty-prompt", "prompt-too-long", "run-not-found", "run-id-ambiguous")  # fmt: skip


def _parser() -> Parser:
    parser = Parser("olivepress generate", DESCRIPTION, EXAMPLES)
    parser.add_argument(
        "-m", "--model", metavar="FOLDER", required=True, help="model folder, output_dir, or run id"
    )
    parser.add_argument(
        "-p",
        "--prompt",
        metavar="TEXT",
        action="append",
        help="what to ask; several are answered one by one; - reads stdin",
    )
    parser.add_argument("--system", metavar="TEXT", help="the system message of the chat template")
    parser.add_argument(
        "--template",
        metavar="TEXT",
        type=_template,
        help="the text around the prompt, with {prompt} in it; \\n is a new line",
    )
    parser.add_argument("--raw", action="store_true", help="no template at all: the prompt as it is")
    parser.add_argument(
        "--max-new-tokens", type=_positive, default=256, metavar="N", help="the answer's limit (256)"
    )
    parser.add_argument(
        "--temperature",
        type=_temperature,
        default=0.0,
        metavar="T",
        help="0, the default: the likeliest token every time",
    )
    parser.add_argument(
        "--top-p",
        type=_share,
        default=1.0,
        metavar="P",
        help="sample from the likeliest tokens that make up P",
    )
    parser.add_argument("--seed", type=int, metavar="N", help="the same sample again")
    parser.add_argument("--json", action="store_true", help="one JSON object a line for each answer")
    parser.add_argument(
        "--serve-stdio", action="store_true", help="answer JSON requests on stdin until it is closed"
    )
    return parser  # fmt: skip


def _template(text: str) -> str:
    if "{prompt}" not in text:
        raise argparse.ArgumentTypeError(f"{text!r} has no {{prompt}} in it")
    return text.replace("\\n", "\n").replace("\\t", "\t")


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _temperature(text: str) -> float:
    return _number(text, lambda value: 0 <= value <= 10, "a number from 0 to 10")


def _share(text: str) -> float:
    return _number(text, lambda value: 0 < value <= 1, "a number above 0, at most 1")


def _number(text: str, fits: Any, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not fits(value):
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}")
    return value


def _generate(call: argparse.Namespace) -> int:
    from olive_engine.generate import Options, inspect, load

    from .calls import wrong_call

    if call.raw and call.template:
        wrong_call("--raw and --template exclude each other", "olivepress generate")
    if call.system and (call.raw or call.template):
        wrong_call(
            "--system belongs to the chat template: not with --raw or --template", "olivepress generate"
        )
    options = Options(call.max_new_tokens, call.temperature, call.top_p, call.seed)
    if call.serve_stdio:
        _for_serving(call)
        from .generate_stdio import serve

        return serve(call.model, options)
    built = inspect(find_model(call.model))
    if call.system and not built.chat_template:
        wrong_call(
            f"{built.folder} has no chat template for a --system message; write it into the --template",
            "olivepress generate",
        )
    prompts = _prompts(call)
    if not prompts:
        from .conversation import converse

        if not call.json:
            print(f"loading {built.folder} ...", file=sys.stderr, flush=True)
        return converse(load(built), call, options)
    loaded = load(built)
    for prompt in prompts:
        _one(loaded, call, options, prompt, alone=len(prompts) == 1)
    return exits.OK  # fmt: skip


def _for_serving(call: argparse.Namespace) -> None:
    """With --serve-stdio each request says what is asked, and how."""
    from .calls import wrong_call

    given = {
        "--prompt": call.prompt,
        "--system": call.system,
        "--template": call.template,
        "--raw": call.raw,
        "--json": call.json,
    }
    for name in (name for name, value in given.items() if value):
        wrong_call(f"{name} does not go with --serve-stdio: each request says it", "olivepress generate")


def exit_code(error: RunError) -> int:
    """2 where the call names something that is not there, 1 where it cannot be done here."""
    return exits.WRONG if error.code in _WRONG_CALLS else exits.FAILED


def find_model(named: str) -> Path:
    """The folder: as named, or of the run with that id."""
    path = Path(named).expanduser()
    if path.exists():
        return path
    from olive_engine import runs
    from olive_engine.errors import RunError

    try:
        run = runs.find(named)
    except RunError as error:
        if error.code == "run-id-ambiguous":
            raise
        raise RunError(f"{named}: there is no such folder and no such run", code="no-such-model") from None
    if not run.output_dir:
        raise RunError(f"run {run.id} ({run.state}) has no output folder yet", code="no-such-model")
    return Path(run.output_dir)


def _prompts(call: argparse.Namespace) -> list[str]:
    """Those of the call; what is piped in otherwise; none for a conversation."""
    from olive_engine.errors import RunError

    if call.prompt:
        prompts = [sys.stdin.read().rstrip("\n") if each == "-" else each for each in call.prompt]
    elif sys.stdin is None or sys.stdin.isatty():
        return []
    else:
        prompts = [sys.stdin.read().rstrip("\n")]
    if not all(prompt.strip() for prompt in prompts):
        raise RunError("the prompt is empty", code="empty-prompt", hint="--prompt TEXT, or pipe a text in")
    return prompts


def prompt_text(
    loaded: Loaded,
    messages: Sequence[Mapping[str, str]],
    *,
    template: str | None = None,
    raw: bool = False,
    system: str | None = None,
) -> str:
    """The text that goes in: through `template`, as it is, or through the model's chat template."""
    from olive_engine.generate import chat_text

    last = messages[-1]["content"]
    if template:
        return template.replace("{prompt}", last)
    if raw or not loaded.built.chat_template:
        return last
    first = [{"role": "system", "content": system}] if system else []
    return chat_text(loaded, [*first, *messages])


def _one(loaded: Loaded, call: argparse.Namespace, options: Options, prompt: str, *, alone: bool) -> None:
    from olive_engine.generate import answer

    asked = [{"role": "user", "content": prompt}]
    text = prompt_text(loaded, asked, template=call.template, raw=call.raw, system=call.system)
    if call.json:
        from .show_json import print_json

        print_json(as_json(prompt, answer(loaded, text, options)))
        return
    if not alone:
        print(f"> {prompt}", flush=True)
    said = answer(loaded, text, options, on_text=say)
    print(flush=True)
    print(speed(said), file=sys.stderr, flush=True)


def say(piece: str) -> None:
    """Shows a piece of an answer. What would steer a terminal is not passed on to one."""
    if sys.stdout.isatty():
        piece = "".join(
            sign if sign.isprintable() or sign in "\n\t" else "\N{REPLACEMENT CHARACTER}" for sign in piece
        )
    print(piece, end="", flush=True)


def as_json(prompt: str, said: Answer) -> dict[str, Any]:
    return {"prompt": prompt, **asdict(said), "tokens_per_second": said.tokens_per_second}


def speed(said: Answer) -> str:
    rate = f", {said.tokens_per_second:.1f} tokens/s" if said.tokens_per_second else ""
    more = {"length": ", cut at the limit", "stopped": ", stopped", "stop": ""}[said.finish]
    return f"[{said.tokens} tokens{rate}, first after {said.prompt_seconds:.2f} s{more}]"
