"""How many phrases of a file each model of a run gets right, and that written into the run's summary.

The built model is asked first, so that its peak of memory is its own and not that of torch beside it. Results are
kept under the content of everything they depend on, in `output_dir/.olivepress/evaluations`.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .. import summary
from ..artifact import Artifact
from ..errors import RunError
from ..hashes import HashMemory, digest, file_hash
from ..memory_watch import PeakMemory
from ..runs.folder import replace_json
from .answers import Score, score, score_from_json
from .outputs import (
    ADAPTER,
    BASE,
    MERGED,
    Output,
    Target,
    find_output,
    fingerprint,
    first_token,
    targets,
    training_data,
)
from .task import PromptForm, Task, cut_template, prompt_form, read_task

FORMAT = 1
Progress = Callable[[str, str, int, int], None]
"""progress(target, phase, done, total); phase: "load", "ask", "cached"."""


def _quiet(target: str, phase: str, done: int, total: int) -> None:
    del target, phase, done, total


@dataclass(frozen=True)
class Evaluation:
    output_dir: Path
    data_file: Path
    answer_column: str
    labels: tuple[str, ...]
    scores: Mapping[str, Score] = field(default_factory=dict)
    """Target ("base", "adapter", "merged", "int4" or another precision) -> score, in the order of a run."""

    def to_json(self) -> dict[str, Any]:
        return {
            "output_dir": str(self.output_dir),
            "data_file": str(self.data_file),
            "answer_column": self.answer_column,
            "labels": list(self.labels),
            "accuracy": {name: one.accuracy for name, one in self.scores.items()},
            "scores": {name: one.to_json() for name, one in self.scores.items()},
        }


def evaluate_run(
    where: str | Path,
    data_file: str | Path,
    answer_column: str,
    *,
    only: Sequence[str] = (),
    template: str | None = None,
    data_config: str | None = None,
    fresh: bool = False,
    progress: Progress = _quiet,
) -> Evaluation:
    """Asks every model of the run for the answer to every row of `data_file` and compares.

    `where`: the run's output folder, or its id. `only`: names of targets; by default all there are. `template`: the
    prompt's form, where that of the run's data config is not to be taken. `data_config`: another data config of the
    run for the form. `fresh`: ask again though the answer is known. RunError for what the caller can mend.
    """
    output = find_output(where)
    chosen = _chosen(output, only)
    file = Path(data_file).absolute()
    task = read_task(file, answer_column, _form(output, answer_column, template, data_config))
    _check_providers(chosen)
    memory = _hash_memory(output)
    scores: dict[str, Score] = {}
    asked: dict[str, Target] = {}
    prints = {name: _key(target, task, memory) for name, target in chosen.items()}
    for name, target in chosen.items():
        known = None if fresh else _known(output, prints[name])
        if known is None:
            asked[name] = target
        else:
            progress(name, "cached", known.n, known.n)
            scores[name] = known
    for name, one in _ask(output, asked, task, progress):
        scores[name] = one
        _remember(output, prints[name], one)
    ordered = {name: scores[name] for name in chosen}
    result = Evaluation(output.folder, file, answer_column, task.labels, ordered)
    _write(output, result, file_hash(file))
    return result


def _form(output: Output, answer_column: str, template: str | None, data_config: str | None) -> PromptForm:
    if template is not None:
        return cut_template(template, answer_column)
    return prompt_form(training_data(output, data_config), answer_column, first_token(output))


def _chosen(output: Output, only: Sequence[str]) -> dict[str, Target]:
    there = targets(output)
    unknown = [name for name in only if name not in there]
    if unknown or not there:
        raise RunError(
            f"The run in {output.folder} left no {', '.join(unknown) or 'model'}"
            f"{'; there are: ' + ', '.join(there) if there else ''}.",
            code="evaluation-no-model",
        )
    return {name: target for name, target in there.items() if not only or name in only}


def _check_providers(chosen: Mapping[str, Target]) -> None:
    """Before any work: a model built for what this machine lacks is refused, not asked elsewhere."""
    from ..generate import inspect, require_provider

    for target in chosen.values():
        if target.built:
            require_provider(inspect(target.artifact.folder))


def _ask(
    output: Output, asked: Mapping[str, Target], task: Task, progress: Progress
) -> list[tuple[str, Score]]:
    found = [
        (name, _ask_built(name, target, task, progress)) for name, target in asked.items() if target.built
    ]
    return found + _ask_torch(output, [one for one in asked.values() if not one.built], task, progress)


def _ask_built(name: str, target: Target, task: Task, progress: Progress) -> Score:
    from .. import generate
    from .built_model import answer_all

    progress(name, "load", 0, len(task.prompts))
    with PeakMemory() as peak:
        started = time.perf_counter()
        loaded = generate.load(generate.inspect(target.artifact.folder))
        ready = time.perf_counter()
        texts = answer_all(
            loaded, task.prompts, task.labels, lambda done, total: progress(name, "ask", done, total)
        )
        ended = time.perf_counter()
    return _scored(task, texts, ended - ready, ready - started, peak.bytes)


def _ask_torch(
    output: Output, asked: Sequence[Target], task: Task, progress: Progress
) -> list[tuple[str, Score]]:
    """One loaded model answers as the base, then with the adapter around it, then with the adapter merged in."""
    if not asked:
        return []
    progress(asked[0].name, "load", 0, len(task.prompts))
    from ..training.models import load_tokenizer
    from .torch_model import merge_into, with_adapter

    found: list[tuple[str, Score]] = []
    model: Any = None
    for target in sorted(asked, key=lambda one: [BASE, ADAPTER, MERGED].index(one.name)):
        name, artifact = target.name, target.artifact
        with PeakMemory() as peak, contextlib.ExitStack() as stack:
            started = time.perf_counter()
            if name == MERGED and not artifact.deferred:
                model = _load(output, artifact)
            elif model is None:
                model = _load(output, output.base)
            tokenizer = load_tokenizer(output.base)
            asked_model = model
            if name == ADAPTER:
                asked_model = stack.enter_context(with_adapter(model, artifact.folder))
            elif artifact.deferred:
                asked_model = model = merge_into(model, artifact)
            ready = time.perf_counter()
            texts = _torch_texts(asked_model, tokenizer, task, name, progress)
            ended = time.perf_counter()
        found.append((name, _scored(task, texts, ended - ready, ready - started, peak.bytes)))
    return found


def _torch_texts(model: Any, tokenizer: Any, task: Task, name: str, progress: Progress) -> list[str]:
    from .torch_model import answer_all

    return answer_all(
        model, tokenizer, task.prompts, task.labels, lambda done, total: progress(name, "ask", done, total)
    )


def _load(output: Output, artifact: Artifact) -> Any:
    import torch

    from ..hardware import choose_device
    from ..training.models import load_causal_lm

    device = torch.device("cpu") if output.workflow is None else choose_device(output.workflow).torch_device
    model = load_causal_lm(artifact, dtype=_dtype(artifact), device=device)
    if device.type == "cpu" and _fits_as_float32(model):
        # The same weights; products in bfloat16 take longer on most CPUs, and three times the memory on those that
        # have instructions for them.
        model = model.float()
    return model


def _dtype(artifact: Artifact) -> Any:
    """As the config's load arguments say, otherwise the model's own."""
    import torch

    given = artifact.load_kwargs.get("dtype") or artifact.load_kwargs.get("torch_dtype") or "auto"
    return given if given == "auto" else getattr(torch, str(given).removeprefix("torch."))


def _fits_as_float32(model: Any) -> bool:
    from ..hardware import available_memory

    return 4 * sum(int(parameter.numel()) for parameter in model.parameters()) * 1.5 < available_memory()


def _scored(task: Task, texts: Sequence[str], seconds: float, load_seconds: float, peak: int | None) -> Score:
    return score(
        task.prompts,
        task.expected,
        texts,
        task.labels,
        seconds=round(seconds, 3),
        load_seconds=round(load_seconds, 3),
        peak_memory_bytes=peak,
    )


# -- what is known already --------------------------------------------------------------------------------------


def _hash_memory(output: Output) -> HashMemory:
    place = output.folder / ".olivepress"
    with contextlib.suppress(OSError):
        place.mkdir(exist_ok=True)
    return HashMemory(place / "hashes.json")


def _key(target: Target, task: Task, memory: HashMemory) -> str | None:
    """None: the result cannot be kept, since it is not known what it was made from."""
    made_from = fingerprint(target, memory)
    if made_from is None:
        return None
    names = ("onnxruntime-genai", "onnxruntime") if target.built else ("torch", "transformers", "peft")
    return digest(
        [FORMAT, made_from, task.prompts, task.expected, task.labels, [_version(name) for name in names]]
    )


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _place(output: Output, key: str) -> Path:
    return output.folder / ".olivepress" / "evaluations" / f"{key}.json"


def _known(output: Output, key: str | None) -> Score | None:
    if key is None:
        return None
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        return score_from_json(json.loads(_place(output, key).read_bytes()), cached=True)
    return None


def _remember(output: Output, key: str | None, one: Score) -> None:
    """A folder that cannot be written costs only the time of asking again."""
    if key is None:
        return
    with contextlib.suppress(OSError):
        place = _place(output, key)
        place.parent.mkdir(parents=True, exist_ok=True)
        replace_json(place, replace(one, cached=False).to_json())


def _write(output: Output, result: Evaluation, data_hash: str) -> None:
    """Into run-summary.json; numbers of an evaluation of other data or answers are taken out first."""
    before = output.summary.get("evaluation") or {}
    about = {
        "data_file": str(result.data_file),
        "data_sha256": data_hash,
        "answer_column": result.answer_column,
        "labels": list(result.labels),
    }
    try:
        if any(before.get(name) != about[name] for name in ("data_sha256", "answer_column", "labels")):
            summary.update(output.folder, {"accuracy": None, "evaluation": None})
        scores = {name: _short(one) for name, one in result.scores.items()}
        accuracy = {name: one.accuracy for name, one in result.scores.items()}
        summary.update(output.folder, {"accuracy": accuracy, "evaluation": {**about, "scores": scores}})
    except OSError as error:
        said = error.strerror or str(error)
        raise RunError(
            f"The result cannot be written into {output.folder / summary.NAME}: {said}.",
            code="output-not-writable",
        ) from error


def _short(one: Score) -> dict[str, Any]:
    """A score without each wrong answer."""
    return {name: value for name, value in one.to_json().items() if name != "wrong"}
