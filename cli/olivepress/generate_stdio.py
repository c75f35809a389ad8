"""`olivepress generate --serve-stdio`: a model that stays loaded, asked by a program through lines of JSON.

Requests, one a line on stdin (`id` is the program's own, given back in every line about the request):
    {"id", "prompt" | "messages": [{"role", "content"}], "template"?, "raw"?, "system"?,
     "max_new_tokens"?, "temperature"?, "top_p"?, "seed"?}
    {"cancel": id}
Answers, one a line on stdout:
    {"loading": folder}                                                                  once, at the start
    {"ready": true, "model", "chat_template", "context_length", "providers", "load_s"}   once, when it is loaded
    {"id", "token"}                                                                      a piece of text
    {"id", "done": true, "text", "tokens", "prompt_tokens", "tokens_per_second", "first_token_s", "seconds", "finish"}
    {"id"?, "error": {"code", "message", "hint"}}      without `id` and before `ready`: nothing will be answered
Requests are answered in order, also those that came before it was ready. When stdin ends, what was asked is still
answered; when nobody reads stdout any more, it ends at once, so that it never outlives whoever started it.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO

from . import exits
from .generate_command import exit_code, find_model, prompt_text

if TYPE_CHECKING:
    from olive_engine.generate import Loaded, Options

Tell = Callable[[Mapping[str, Any]], None]
Request = Mapping[str, Any]
UNREADABLE: Request = {}
"""Stands for a line that is no request."""


def serve(named: str, defaults: Options) -> int:
    """Until stdin ends. The exit code says whether the model could be loaded."""
    from olive_engine.errors import RunError
    from olive_engine.generate import inspect, load

    tell = _own_stdout()
    requests = Requests(sys.stdin.buffer)
    requests.start()
    try:
        begun = time.perf_counter()
        built = inspect(find_model(named))
        tell({"loading": str(built.folder.resolve())})
        loaded = load(built)
        tell(
            {
                "ready": True,
                "model": str(built.folder.resolve()),
                "chat_template": built.chat_template,
                "context_length": built.context_length,
                "providers": list(built.providers),
                "load_s": round(time.perf_counter() - begun, 3),
            }
        )
        answer_requests(loaded, requests, defaults, tell)
    except RunError as error:
        _tell_error(tell, {}, error)
        return exit_code(error)
    except BrokenPipeError:
        return exits.OK
    return exits.OK


class Requests(threading.Thread):
    """What comes in, read while an answer is being made, so that it can be cancelled."""

    def __init__(self, source: BinaryIO) -> None:
        super().__init__(name="requests", daemon=True)
        self._source = source
        self._waiting: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self._cancelled: set[str] = set()

    def run(self) -> None:
        for line in self._source:
            if not line.strip():
                continue
            try:
                request = json.loads(line)
            except ValueError:
                request = None
            if not isinstance(request, dict):
                self._waiting.put(UNREADABLE)
            elif "cancel" in request:
                self._cancelled.add(_name(request["cancel"]))
            else:
                # A number that is used again is a new request.
                self._cancelled.discard(_name(request.get("id")))
                self._waiting.put(request)
        self._waiting.put(None)

    def next(self) -> Request | None:
        """None once there will be no more."""
        return self._waiting.get()

    def cancelled(self, request: Request) -> bool:
        return _name(request.get("id")) in self._cancelled


def _name(value: Any) -> str:
    """An id as something to compare: 1 and "1" are different requests."""
    return json.dumps(value, sort_keys=True)


def answer_requests(loaded: Loaded, requests: Requests, defaults: Options, tell: Tell) -> None:
    """One after the other, until there are no more. BrokenPipeError where nobody takes the answers."""
    while (request := requests.next()) is not None:
        _answer(loaded, request, requests, defaults, tell)


def _answer(loaded: Loaded, request: Request, requests: Requests, defaults: Options, tell: Tell) -> None:
    from olive_engine.errors import RunError
    from olive_engine.generate import answer

    about = {"id": request["id"]} if "id" in request else {}
    if requests.cancelled(request):
        tell({**about, "done": True, "text": "", "tokens": 0, "finish": "stopped"})
        return
    try:
        options, text = _options(request, defaults), _text(loaded, request)
        said = answer(
            loaded,
            text,
            options,
            on_text=lambda piece: tell({**about, "token": piece}),
            stop=lambda: requests.cancelled(request),
        )
    except RunError as error:
        _tell_error(tell, about, error)
        return
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - one answer that fails in the runtime must not end the service
        failed = RunError(
            f"onnxruntime-genai failed: {str(error).strip() or type(error).__name__}"[:500],
            code="generation-failed",
        )
        _tell_error(tell, about, failed)
        return
    rate = said.tokens_per_second
    tell(
        {
            **about,
            "done": True,
            "text": said.text,
            "tokens": said.tokens,
            "prompt_tokens": said.prompt_tokens,
            "tokens_per_second": None if rate is None else round(rate, 2),
            "first_token_s": round(said.prompt_seconds, 4),
            "seconds": round(said.seconds, 4),
            "finish": said.finish,
        }
    )


def _text(loaded: Loaded, request: Request) -> str:
    if request is UNREADABLE:
        raise _wrong("the line is no JSON object")
    messages = request.get("messages")
    if messages is None:
        messages = [{"role": "user", "content": request.get("prompt")}]
    fits = isinstance(messages, list) and all(
        isinstance(each, dict) and isinstance(each.get("role"), str) and isinstance(each.get("content"), str)
        for each in messages
    )
    if not fits or not messages:
        raise _wrong("`prompt` must be a text, or `messages` a list of {role, content}")
    template, system = request.get("template") or None, request.get("system") or None
    if not isinstance(template, str | None) or not isinstance(system, str | None):
        raise _wrong("`template` and `system` must be texts")
    if template is not None and "{prompt}" not in template:
        raise _wrong("`template` has no {prompt} in it")
    if system and (template or request.get("raw")):
        raise _wrong("`system` belongs to the chat template: not with `template` or `raw`")
    if system and not loaded.built.chat_template:
        raise _wrong("the model has no chat template for `system`; write it into `template`")
    if not messages[-1]["content"].strip():
        raise _wrong("the prompt is empty", "empty-prompt")
    return prompt_text(loaded, messages, template=template, raw=bool(request.get("raw")), system=system)


def _options(request: Request, defaults: Options) -> Options:
    given = {
        name: request[name] for name in ("max_new_tokens", "temperature", "top_p", "seed") if name in request
    }
    bounds: dict[str, tuple[type | tuple[type, ...], Callable[[Any], bool], str]] = {
        "max_new_tokens": (int, lambda value: value >= 1, "a whole number above 0"),
        "temperature": ((int, float), lambda value: 0 <= value <= 10, "a number from 0 to 10"),
        "top_p": ((int, float), lambda value: 0 < value <= 1, "a number above 0, at most 1"),
        "seed": (int, lambda value: value >= 0, "a whole number, 0 or more"),
    }
    for name, value in given.items():
        kind, fits, what = bounds[name]
        if value is None and name == "seed":
            continue
        if isinstance(value, bool) or not isinstance(value, kind) or not fits(value):
            raise _wrong(f"`{name}` is {json.dumps(value)}; it must be {what}")
    return replace(defaults, **given)


def _wrong(message: str, code: str = "wrong-request") -> Exception:
    from olive_engine.errors import RunError

    return RunError(message, code=code)


def _tell_error(tell: Tell, about: Mapping[str, Any], error: Any) -> None:
    tell({**about, "error": {"code": error.code, "message": error.message, "hint": error.hint}})


def _own_stdout() -> Tell:
    """Lines on what stdout is now. Whatever a library prints goes to stderr from here on, never between them."""
    sys.stdout.flush()
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    lock = threading.Lock()

    def tell(value: Mapping[str, Any]) -> None:
        line = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        with lock:
            out.write(line + b"\n")

    return tell
