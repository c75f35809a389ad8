"""Runs onnxruntime-genai's builder in this process and keeps its voice down."""

from __future__ import annotations

import io
import logging
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from ..errors import RunError
from .options import Request

Say = Callable[[str, str], None]
"""say(message, level)."""


def builder_module() -> Any:
    """genai's builder, imported without the root logging that onnxruntime's quantiser sets up on import."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    from onnxruntime_genai.models import builder

    for handler in list(root.handlers):
        if handler not in handlers:
            root.removeHandler(handler)
    root.setLevel(level)
    return builder


def make_model(
    module: Any, request: Request, folder: Path, output: Path, say: Say, more: Mapping[str, Any]
) -> None:
    """Has genai build the model in `folder` (config, tokenizer and, unless it was taken over, weights) into `output`.

    more: options beside the request's. RunError with genai's own words when it refuses the options or the model.
    """
    options = {**request.options, "hf_token": "false", **more}
    options.setdefault("filename", "model.onnx")
    place, precision, provider = str(folder), request.precision, request.provider
    with tempfile.TemporaryDirectory(prefix="olivepress-build-") as scratch, _listening(say):
        (Path(scratch) / "kept").touch()
        try:
            module.check_extra_options(place, place, str(output), precision, provider, scratch, options)
        except (ValueError, NotImplementedError, AssertionError) as error:
            raise RunError(
                f"onnxruntime-genai refuses the options: {error}", code="builder-options"
            ) from error
        try:
            module.create_model(place, place, str(output), precision, provider, scratch, **options)
        except (ValueError, NotImplementedError, AssertionError) as error:
            raise RunError(
                f"onnxruntime-genai refuses to build this model: {str(error) or 'its builder does not say why'}",
                code="builder-refused",
                hint=_hint(error, request),
            ) from error
        except (LookupError, AttributeError, TypeError) as error:
            raise RunError(
                f"onnxruntime-genai's builder broke off with this model: {type(error).__name__}: {error}",
                code="builder-refused",
                hint="The model's config.json does not hold what the builder expects of this architecture.",
            ) from error


def _hint(error: BaseException, request: Request) -> str:
    """What to change, for refusals whose text does not tell."""
    method = str(request.options.get("algo_config") or "default")
    if "cannot reshape array" in str(error) and method != "default":
        return (
            f"int4_algo_config {method} needs an even number of blocks along each weight's inputs: choose a smaller "
            "int4_block_size, or the default method."
        )
    if isinstance(error, AssertionError) and method != "default":
        return f"int4_algo_config {method} works on float32 and float16 only: leave out use_cuda_bf16, or the method."
    return ""


@contextmanager
def _listening(say: Say) -> Iterator[None]:
    """What the builder prints goes to the log line by line; progress bars are left out.

    `say` and whatever it calls still print where everybody else prints.
    """
    outside = (sys.stdout, sys.stderr)
    ear = _Ear(lambda message, level: aside(outside, say, message, level))
    with redirect_stdout(ear), redirect_stderr(ear):
        yield
    ear.finish()


def aside(outside: tuple[Any, Any], call: Callable[..., None], *arguments: Any) -> None:
    """Calls with the standard streams that were there before."""
    with redirect_stdout(outside[0]), redirect_stderr(outside[1]):
        call(*arguments)


class _Ear(io.TextIOBase):
    def __init__(self, say: Say) -> None:
        self._say = say
        self._rest = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._hear(line)
        return len(text)

    def finish(self) -> None:
        self._hear(self._rest)
        self._rest = ""

    def _hear(self, line: str) -> None:
        line = line.rsplit("\r", 1)[-1].strip()
        if not line or "it/s]" in line or "%|" in line:
            return
        if line.startswith("WARNING:"):
            self._say(line.removeprefix("WARNING:").strip(), "warning")
        else:
            self._say(line, "debug")
