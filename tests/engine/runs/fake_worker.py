"""A worker with passes that take no time and need no packages: run as a script in place of `olive_engine.worker`.

The config is `{"input", "output_dir", "cache_dir", "passes": [{"name", "type", ...parameters}], "data": FILE}`. Types: Train
(an adapter, in steps, with checkpoints), Merge (deferred if a pass follows), Build (a model of three files).
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

from olive_engine.artifact import Artifact
from olive_engine.errors import RunError
from olive_engine.passes import Estimate
from olive_schemas.problems import Problem, Severity
from olive_schemas.workflow import Component, DataConfig, EngineSettings, InputModel, PassStep, Workflow

KNOBS = {"die_at", "die_once", "delay", "say"}
"""Parameters that steer the test and touch no result."""


class Fake:
    IRRELEVANT = frozenset(KNOBS)

    def __init__(self, gives: str, work) -> None:
        self.GIVES = gives
        self._work = work

    def check(self, step, source, workflow):
        if message := step.parameters.get("refuse"):
            return [Problem("refused", Severity.ERROR, message, step.pointer)]
        return []

    def estimate(self, step, source, context):
        return Estimate(disk_bytes=step.parameters.get("disk_bytes"))

    def fingerprint(self, step, source, workflow):
        return {"fake": 1}

    def run(self, step, source, context):
        misbehave(step, context)
        return self._work(step, source, context)


def misbehave(step: PassStep, context) -> None:
    how = step.parameters.get("raise")
    if say := step.parameters.get("say"):
        print(say)
        context.log(say)
    if how == "run-error":
        raise RunError(
            "target_modules match nothing", code="no-modules", pointer=f"{step.pointer}/type", hint="q_proj"
        )
    if how == "defect":
        raise KeyError("surprise")
    if how == "memory":
        raise RuntimeError(
            "[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory: 9 bytes"
        )
    if how == "disk":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if how == "stuck":
        context.progress("train", 0, 10)
        time.sleep(600)


def die_here(step: PassStep, at: int) -> None:
    """As kill -9 or the system's lack of memory does it."""
    mark = step.parameters.get("die_once")
    if step.parameters.get("die_at") == at and not (mark and Path(mark).exists()):
        if mark:
            Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)


def train(step, source, context) -> Artifact:
    state = context.checkpoints / "state.json"
    done, loss = json.loads(state.read_text()) if state.exists() else (0, 1.0)
    steps = step.parameters.get("steps", 4)
    for number in range(done + 1, steps + 1):
        context.check_stop()
        time.sleep(step.parameters.get("delay", 0))
        loss = loss * 0.75 + len(source.path) * 0
        context.metric(step=number, loss=loss, learning_rate=1e-4)
        context.progress("train", number, steps)
        if number % 2 == 0:
            temporary = state.with_suffix(".new")
            temporary.write_text(json.dumps([number, loss]))
            temporary.replace(state)
        die_here(step, number)
    text = step.parameters.get("content", "weights")
    for config in context.workflow.data_configs.values():
        text += Path(config.load.params["data_files"]).read_text()
        if grow := step.parameters.get("grow_data"):
            Path(config.load.params["data_files"]).write_text(grow)
    (context.output / "adapter_model.safetensors").write_text(f"{text} {loss!r} {read_input(source)}")
    (context.output / "adapter_config.json").write_text("{}")
    return Artifact("adapter", "", path=str(context.output), base=source)


def merge(step, source, context) -> Artifact:
    die_here(step, 1)
    if context.next_type:
        return Artifact("hf_model", "", base=source.base, adapter_path=source.path)
    (context.output / "model.safetensors").write_text(read_input(source))
    return Artifact("hf_model", "", path=str(context.output))


def build(step, source, context) -> Artifact:
    (context.output / "genai_config.json").write_text('{"model": 1}')
    size = step.parameters.get("size", 1_500_000)
    with (context.output / "model.onnx.data").open("wb") as file:
        for begin in range(0, size, 100_000):
            context.check_stop()
            file.write(os.urandom(1) * 100_000)
            if begin == 500_000:
                file.flush()
                die_here(step, 1)
                time.sleep(step.parameters.get("delay", 0))
    (context.output / "model.onnx").write_text(
        f"{step.parameters.get('precision', 'int4')} {read_input(source)}"
    )
    return Artifact("onnx_model", "", path=str(context.output))


def read_input(source: Artifact) -> str:
    """All the text that an artifact and what lies under it hold: equal texts, equal results."""
    texts = []
    for folder in (source.path, source.adapter_path):
        if folder is not None and Path(folder).is_dir():
            texts += [path.read_text() for path in sorted(Path(folder).glob("*.safetensors"))]
    return " ".join(texts) + ("" if source.base is None else read_input(source.base))


def fingerprint_data(config: DataConfig, workflow: Workflow) -> str:
    return hashlib.sha256(Path(config.load.params["data_files"]).read_bytes()).hexdigest()


DATA = SimpleNamespace(
    check=lambda config, workflow, trust_user_script=None: [], fingerprint=fingerprint_data
)
"""In place of `olive_engine.data`."""
PASSES = {
    "Train": Fake("adapter", train),
    "Merge": Fake("hf_model", merge),
    "Build": Fake("onnx_model", build),
}


def read(text: str, *, path: Path, lenient: bool = False):
    """The config as a workflow; a file that is no JSON has one problem."""
    del lenient
    try:
        raw = json.loads(text)
    except ValueError:
        problem = Problem("syntax", Severity.ERROR, "this is no JSON", "", line=3, column=7)
        return SimpleNamespace(
            workflow=None, problems=(problem,), locate=lambda pointer: (1, 1, 1, 1), refusals=tuple
        )
    base = path.parent
    steps = tuple(
        PassStep(
            one["name"],
            one["type"],
            {name: value for name, value in one.items() if name not in ("name", "type")},
            pointer=f"/passes/{index}",
        )
        for index, one in enumerate(raw["passes"])
    )
    data = {}
    if "data" in raw:
        files = Component("huggingface_dataset", {"data_files": str(base / raw["data"])})
        other = Component("other")
        data["rows"] = DataConfig("rows", "HuggingfaceContainer", files, other, other, other)
        steps = tuple(
            replace(step, parameters={**step.parameters, "train_data_config": "rows"})
            if step.type == "Train"
            else step
            for step in steps
        )
    workflow = Workflow(
        data_configs=data,
        base_dir=base,
        dialect="current",
        input_model=InputModel("hf", str(base / raw.get("input", "input"))),
        passes=steps,
        engine=EngineSettings(
            str(base / raw.get("output_dir", "out")),
            str(base / raw.get("cache_dir", "cache")),
            output_dir_pointer="/output_dir",
            cache_dir_pointer="/cache_dir",
            clean_cache=raw.get("clean_cache", False),
        ),
    )
    return SimpleNamespace(
        workflow=workflow, problems=(), locate=lambda pointer: (12, 5, 12, 9), refusals=tuple
    )


def simulate_disk(place: Path, size: int) -> None:
    """For tests that may not mount a disk: from `size` bytes on, nothing under `place` can be opened for writing."""

    def used() -> int:
        return sum(path.stat().st_size for path in place.rglob("*") if path.is_file())

    def hook(event: str, arguments: tuple) -> None:
        if event != "open" or not isinstance(arguments[0], str) or not arguments[0].startswith(f"{place}/"):
            return
        if isinstance(arguments[1], str) and set(arguments[1]) & set("wax+") and used() >= size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    usage = shutil.disk_usage

    def disk_usage(path):
        real = usage(path)
        return real._replace(free=max(0, size - used())) if Path(path).is_relative_to(place) else real

    sys.addaudithook(hook)
    shutil.disk_usage = disk_usage


if __name__ == "__main__":
    import olive_engine
    from olive_engine import worker

    if "TEST_SMALL_DISK" in os.environ:
        where, _, limit = os.environ["TEST_SMALL_DISK"].rpartition(":")
        simulate_disk(Path(where), int(limit))
    olive_engine.data = sys.modules["olive_engine.data"] = DATA
    raise SystemExit(worker.main(sys.argv[1], load_pass=PASSES.__getitem__, read=read))
