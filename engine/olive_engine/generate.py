"""Asks a built model through onnxruntime-genai: the folder is checked first, so that what is missing has a name.

Nothing falls back: a model built for a provider that is not here is refused with the package that has it.
Limits: text models only, one conversation at a time.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .errors import RunError

CONFIG = "genai_config.json"


@dataclass(frozen=True)
class Options:
    """`temperature` 0 is greedy: the likeliest token every time. `seed` only matters above 0."""

    max_new_tokens: int = 256
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int | None = None


@dataclass(frozen=True)
class Answer:
    text: str
    prompt_tokens: int
    tokens: int
    prompt_seconds: float
    """Until the first token."""
    seconds: float
    """All of it, the prompt included."""
    finish: Literal["stop", "length", "stopped"]
    """stop: the model ended it. length: max_new_tokens or the model's context. stopped: whoever asked."""

    @property
    def tokens_per_second(self) -> float | None:
        """Of the tokens after the first, without the time that the prompt took."""
        later = self.seconds - self.prompt_seconds
        return (self.tokens - 1) / later if self.tokens > 1 and later > 0 else None


@dataclass(frozen=True)
class Built:
    """A built model on disk, looked at and not loaded."""

    folder: Path
    settings: Mapping[str, Any]
    """genai_config.json"""

    @property
    def context_length(self) -> int:
        return int(self.settings["model"].get("context_length") or 2048)

    @property
    def providers(self) -> tuple[str, ...]:
        """genai's short names (cuda, dml, webgpu, ...) of the providers it was built for; none for the CPU."""
        names: list[str] = []
        for part in self.settings["model"].values():
            options = part.get("session_options", {}) if isinstance(part, dict) else {}
            for entry in options.get("provider_options", []):
                names += [name for name in entry if name.lower() != "cpu" and name not in names]
        return tuple(names)

    @property
    def chat_template(self) -> bool:
        """True where the tokenizer brings one."""
        if (self.folder / "chat_template.jinja").is_file():
            return True
        try:
            settings = json.loads((self.folder / "tokenizer_config.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return isinstance(settings, dict) and bool(settings.get("chat_template"))


def inspect(folder: Path) -> Built:
    """The built model in `folder`, or in `folder/model`. RunError says what is missing."""
    if not folder.exists():
        raise RunError(f"{folder}: there is no such folder", code="no-such-model")
    if folder.is_file():
        raise RunError(
            f"{folder} is a file; give the folder that holds {CONFIG}",
            code="not-a-genai-model",
            hint=f"perhaps {folder.parent}" if (folder.parent / CONFIG).is_file() else "",
        )
    home = next((each for each in (folder, folder / "model") if (each / CONFIG).is_file()), None)
    if home is None:
        raise RunError(
            f"{folder} is not a model that onnxruntime-genai can load: {CONFIG} is missing",
            code="not-a-genai-model",
            hint=_what_it_is(folder),
        )
    try:
        settings = json.loads((home / CONFIG).read_text(encoding="utf-8-sig"))
        parts = [part for part in settings["model"].values() if isinstance(part, dict) and "filename" in part]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunError(
            f"{home / CONFIG} cannot be read as genai's settings ({error})", code="not-a-genai-model"
        ) from None
    files = [str(part["filename"]) for part in parts] + ["tokenizer_config.json"]
    missing = [name for name in files if not (home / name).is_file()]
    missing += _missing_weights(home, [name for name in files if name.endswith(".onnx")])
    if missing:
        raise RunError(
            f"{home} is not whole: {', '.join(missing)} missing",
            code="not-a-genai-model",
            hint="build it again: olivepress run",
        )
    return Built(home, settings)


def _missing_weights(home: Path, graphs: Sequence[str]) -> list[str]:
    """`X.onnx.data` where the graph is far too small to hold its weights and the file that does is not there."""
    return [
        f"{name}.data"
        for name in graphs
        if (home / name).is_file()
        and not (home / f"{name}.data").exists()
        and f"{name}.data".encode() in (home / name).read_bytes()[:64_000_000]
    ]


def _what_it_is(folder: Path) -> str:
    """What the folder seems to be instead, and what to do with it."""
    if (folder / "adapter_config.json").is_file():
        return "this is an adapter: run MergeAdapterWeights and ModelBuilder on it first"
    if (folder / "config.json").is_file():
        return "this is a model of transformers: build it first, with a ModelBuilder pass"
    if any(folder.glob("*.onnx")):
        return "it holds an ONNX graph but not what genai needs beside it: build it with a ModelBuilder pass"
    below = sorted(path.parent for path in folder.glob(f"*/{CONFIG}"))
    if below:
        return f"perhaps {below[0]}"
    return "a ModelBuilder pass makes one, in output_dir/model" + (
        "" if any(folder.iterdir()) else "; it is empty"
    )


def require_provider(built: Built) -> None:
    """RunError where a provider that the model was built for is not here."""
    from .providers import missing_provider

    for name in built.providers:
        problem = missing_provider(name)
        if problem is not None:
            raise RunError(
                f"{built.folder} was built for {name}, and {problem.message}",
                code="provider-missing",
                hint=problem.remedy,
            )


@dataclass(frozen=True)
class Loaded:
    built: Built
    model: Any
    tokenizer: Any


def load(built: Built) -> Loaded:
    """Loads it on the provider it was built for. RunError where that is not here or the files do not load."""
    try:
        import onnxruntime_genai as og
    except ImportError as error:
        raise RunError(
            f"onnxruntime-genai cannot be imported ({error})",
            code="package-missing",
            hint="pip install 'olivepress[engine]'",
        ) from None
    require_provider(built)
    # genai reports its use to its makers where it can; prompts are nobody's business.
    getattr(og, "disable_telemetry_events", lambda: None)()
    from .providers import register_plugin

    try:
        for name in built.providers:
            register_plugin(name)
        model = og.Model(str(built.folder))
        return Loaded(built, model, og.Tokenizer(model))
    except Exception as error:
        raise RunError(
            f"onnxruntime-genai does not load {built.folder}: {_first_line(error)}",
            code="model-does-not-load",
            hint=f"genai here is {_version('onnxruntime-genai')}; `olivepress doctor` says what fits together",
        ) from error


def chat_text(loaded: Loaded, messages: Sequence[Mapping[str, str]], template: str | None = None) -> str:
    """The conversation through the model's own chat template, or through `template` (Jinja)."""
    more = {"template_str": template} if template else {}
    try:
        text = loaded.tokenizer.apply_chat_template(
            json.dumps(list(messages)), add_generation_prompt=True, **more
        )
    except Exception as error:
        raise RunError(
            f"the chat template cannot be applied: {_first_line(error)}",
            code="chat-template",
            hint="--raw asks without a template, --template 'Text: {prompt}' with one of your own",
        ) from error
    return str(text)


def answer(
    loaded: Loaded,
    text: str,
    options: Options | None = None,
    *,
    on_text: Callable[[str], None] = lambda piece: None,
    stop: Callable[[], bool] = lambda: False,
) -> Answer:
    """The model's continuation of `text`, told piece by piece to `on_text`; `stop` is asked after every token."""
    options = options or Options()
    import onnxruntime_genai as og

    ids = loaded.tokenizer.encode(text)
    limit = loaded.built.context_length
    if len(ids) == 0:
        raise RunError("the prompt is empty: it has no tokens", code="empty-prompt")
    if len(ids) >= limit:
        raise RunError(
            f"the prompt has {len(ids):,} tokens, the model takes {limit:,} with its answer",
            code="prompt-too-long",
            hint="shorten the prompt or start a new conversation",
        )
    started = time.perf_counter()
    generator = og.Generator(loaded.model, _parameters(og, loaded, len(ids), options))
    generator.append_tokens(ids)
    first = 0.0
    pieces: list[str] = []
    count = 0
    stopped = False
    for token, piece in _tokens(loaded, generator):
        count += 1
        first = first or time.perf_counter() - started
        last_is_end = token in _ends(loaded)
        if piece and not last_is_end:
            pieces.append(piece)
            on_text(piece)
        if last_is_end or (stopped := stop()):
            break
    ended = count > 0 and token in _ends(loaded)
    finish: Literal["stop", "length", "stopped"] = "stop" if ended else "stopped" if stopped else "length"
    return Answer("".join(pieces), len(ids), count, first, time.perf_counter() - started, finish)


def _tokens(loaded: Loaded, generator: Any) -> Iterator[tuple[int, str]]:
    stream = loaded.tokenizer.create_stream()
    while not generator.is_done():
        generator.generate_next_token()
        token = int(generator.get_next_tokens()[0])
        yield token, stream.decode(token)


def _ends(loaded: Loaded) -> frozenset[int]:
    ends = loaded.built.settings["model"].get("eos_token_id", [])
    return frozenset(ends if isinstance(ends, list) else [ends])


def _parameters(og: Any, loaded: Loaded, prompt: int, options: Options) -> Any:
    parameters = og.GeneratorParams(loaded.model)
    search: dict[str, Any] = {
        "max_length": min(prompt + options.max_new_tokens, loaded.built.context_length),
        "do_sample": options.temperature > 0,
        "num_beams": 1,
    }
    if options.temperature > 0:
        search |= {"temperature": options.temperature, "top_p": options.top_p}
        if options.seed is not None:
            search["random_seed"] = options.seed
    parameters.set_search_options(**search)
    return parameters


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]


def _version(distribution: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    for name in (distribution, f"{distribution}-cuda", f"{distribution}-directml", f"{distribution}-winml"):
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return "not installed"
