"""What a run left behind, as models that can be asked: the base, the adapter on it, the merged model, the built one.

Reads the run's summary and its config; loads nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from olive_schemas.workflow import DataConfig, InputModel, Workflow

from .. import keys, summary
from ..artifact import Artifact
from ..errors import RunError
from ..generate import CONFIG as GENAI_CONFIG
from ..hashes import HashMemory, digest

if TYPE_CHECKING:
    from ..runs import Run

BASE, ADAPTER, MERGED, INT4 = "base", "adapter", "merged", "int4"


@dataclass(frozen=True)
class Output:
    folder: Path
    summary: Mapping[str, Any]
    workflow: Workflow | None
    """As the config was when the run began; None where neither its snapshot nor the file can be read any more."""

    @property
    def base(self) -> Artifact:
        """The run's input model."""
        model = self.summary.get("input_model") or {}
        if model.get("kind") != "hf" or not model.get("path"):
            raise RunError(
                f"The run in {self.folder} did not begin with a transformers model: there is no base to ask.",
                code="evaluation-no-model",
            )
        return Artifact("hf_model", "", path=str(model["path"]), load_kwargs=model.get("load_kwargs") or {})


@dataclass(frozen=True)
class Target:
    """One model to ask. `folders`: where its files are, for its fingerprint."""

    name: str
    artifact: Artifact
    folders: tuple[Path, ...] = ()
    base: InputModel | None = None

    @property
    def built(self) -> bool:
        """For onnxruntime-genai; otherwise for transformers."""
        return self.artifact.kind == "onnx_model"


def find_output(where: str | Path) -> Output:
    """By the output folder, or by a run's id. RunError where there is no finished run."""
    folder = Path(where)
    if not folder.is_dir():
        folder = _folder_of_run(str(where))
    found = summary.read(folder)
    if found is None:
        parent = summary.read(folder.parent)
        raise RunError(
            f"{folder} holds no finished run: {summary.NAME} is missing or cannot be read.",
            code="evaluation-no-run",
            hint=f"Perhaps {folder.parent} is meant."
            if parent
            else "It is output_dir of a run that succeeded.",
        )
    return Output(folder.absolute(), found, _workflow(found))


def _folder_of_run(where: str) -> Path:
    from .. import runs

    try:
        run: Run = runs.find(where)
    except RunError:
        raise RunError(
            f"{where} is neither a folder nor the id of a run.",
            code="evaluation-no-run",
            hint="Give output_dir of a run that succeeded, or an id from `olivepress runs list`.",
        ) from None
    if run.state != "succeeded" or not run.output_dir:
        raise RunError(f"Run {run.id} has no results: it is {run.state}.", code="evaluation-no-run")
    return Path(run.output_dir)


def _workflow(found: Mapping[str, Any]) -> Workflow | None:
    from olive_schemas import read

    written = Path(str(found.get("config") or ""))
    snapshot = written.parent / ".olivepress" / "runs" / str(found.get("run_id")) / "config.json"
    for file in (snapshot, written):
        try:
            text = file.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            continue
        return read(text, path=written, lenient=True).workflow
    return None


def training_data(output: Output, name: str | None = None) -> DataConfig:
    """The data config called `name`, or the one that the run trained with. RunError where there is none."""
    if output.workflow is None:
        raise RunError(
            f"The config of the run in {output.folder} is gone, so that the form of its prompts is not known.",
            code="evaluation-template",
            hint="Give it by hand: --template 'Text: {phrase}\\nTone: {tone}'.",
        )
    known = output.workflow.data_configs
    if name is None:
        steps = output.workflow.passes
        name = next(
            (str(step.parameters["train_data_config"]) for step in steps if _trains(step.parameters)), None
        )
    if name is None or name not in known:
        which = "The run trained with no data config" if name is None else f"There is no data config {name!r}"
        raise RunError(
            f"{which}; there are: {', '.join(known) or 'none'}.",
            code="evaluation-template",
            hint="Name one with --data-config, or give the form by hand with --template.",
        )
    return known[name]


def _trains(parameters: Mapping[str, Any]) -> bool:
    return bool(parameters.get("train_data_config"))


def first_token(output: Output) -> str:
    """The text of the tokenizer's first token (`bos_token`), as training put it in front."""
    base = Path(str((output.summary.get("input_model") or {}).get("path") or ""))
    for folder in (base, output.folder / "model", output.folder / "adapter"):
        try:
            token = json.loads((folder / "tokenizer_config.json").read_text("utf-8"))["bos_token"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        return str(token["content"] if isinstance(token, Mapping) else token)
    from ..training.models import load_tokenizer

    return str(load_tokenizer(output.base).bos_token)


def targets(output: Output) -> dict[str, Target]:
    """Name -> model, in the order in which they came about; only those that the run left."""
    found: dict[str, Target] = {}
    model, adapter = output.folder / "model", output.folder / "adapter"
    trained = (adapter / "adapter_config.json").is_file()
    base = (output.summary.get("input_model") or {}).get("kind") == "hf"
    if base:
        source = output.base
        below = InputModel("hf", str(source.path), load_kwargs=source.load_kwargs)
        found[BASE] = Target(BASE, source, base=below)
        if trained:
            on_it = Artifact("adapter", "", path=str(adapter), base=source)
            found[ADAPTER] = Target(ADAPTER, on_it, (adapter,), below)
        if (model / "config.json").is_file() and not (model / GENAI_CONFIG).is_file():
            merged = Artifact("hf_model", "", path=str(model), load_kwargs=source.load_kwargs)
            found[MERGED] = Target(MERGED, merged, (model,))
        elif trained and _has_pass(output, "MergeAdapterWeights"):
            deferred = Artifact("hf_model", "", base=source, adapter_path=str(adapter))
            found[MERGED] = Target(MERGED, deferred, (adapter,), below)
    if (model / GENAI_CONFIG).is_file():
        name = precision(output)
        found[name] = Target(name, Artifact("onnx_model", "", path=str(model)), (model,))
    return found


def _has_pass(output: Output, kind: str) -> bool:
    return any(one.get("type") == kind for one in output.summary.get("passes") or [])


def precision(output: Output) -> str:
    """What the built model is called in a summary: its precision, "int4" and so on; "built" where none is known."""
    for one in reversed(output.summary.get("passes") or []):
        if one.get("type") == "ModelBuilder":
            return str((one.get("parameters") or {}).get("precision") or "built")
    return "built"


def fingerprint(target: Target, memory: HashMemory) -> str | None:
    """By the content of everything the answers depend on; None where that cannot be told (a model of the hub that is
    not in the local cache)."""
    parts: list[Any] = [target.name]
    if target.base is not None:
        below = keys.content_fingerprint(target.base, memory)
        if below is None:
            return None
        parts += [below, keys.without_secrets(target.base.load_kwargs)]
    for folder in target.folders:
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        hashes = memory.hashes(files)
        parts.append([[path.relative_to(folder).as_posix(), hashes[path]] for path in files])
    return digest(parts)
