"""Training alone, the engine's loop beside Hugging Face's Trainer with peft, on the very same tokens, turn about.

Two cases at 97.5M parameters: rows joined to 512 without checkpointing (equal tokens computed), and rows of text that
Olive pads to 1,024, with gradient checkpointing as Olive's own defaults have it for the Trainer. Each run is a process
of its own. Tokens a second are tokens of text by the time of the optimiser steps, the first left out as warm-up.
`start_up` is `olivepress --help` beside a bare interpreter.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import bench_run
import models

CASES = (
    bench_run.Case("joined to 512, 97.5M", "97.5M", False, 5),
    bench_run.Case("padded to 1,024, 97.5M", "97.5M", True, 4),
)


def bench(work: Path, repetitions: int = 3) -> list[dict[str, Any]]:
    rows = []
    for case in CASES:
        path = bench_run.config(case, models.phi3(work, case.size), work / "train" / case.name.split(",")[0])
        runs: dict[str, list[dict[str, Any]]] = {"trainer": [], "ours": []}
        for _ in range(repetitions):
            for who, into in runs.items():
                into.append(_child(who, path))
                print(f"  {case.name}: {who} {into[-1]['tokens_per_second']:.0f} tokens/s", flush=True)
        ours, theirs = runs["ours"][-1]["losses"], runs["trainer"][-1]["losses"]
        rates = {
            who: statistics.median(each["tokens_per_second"] for each in got) for who, got in runs.items()
        }
        rows.append(
            {
                "case": case.name,
                "tokens_per_second": {
                    **rates,
                    "ratio": statistics.median(
                        mine["tokens_per_second"] / other["tokens_per_second"]
                        for mine, other in zip(runs["ours"], runs["trainer"], strict=True)
                    ),
                },
                "peak_bytes": {
                    who: statistics.median(each["peak_bytes"] for each in got) for who, got in runs.items()
                },
                "largest_loss_difference": max(abs(a - b) for a, b in zip(ours, theirs, strict=True)),
            }
        )
    return rows


def start_up(work: Path, repetitions: int = 3) -> list[dict[str, Any]]:
    """`olivepress --help` and a bare interpreter, seconds, medians of ten turns each."""
    del work
    times: dict[str, list[float]] = {"bare": [], "help": []}
    for _ in range(10 * repetitions):
        for who, command in (("bare", ["-c", "pass"]), ("help", ["-m", "olivepress", "--help"])):
            begun = time.monotonic()
            subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
            times[who].append(time.monotonic() - begun)
    bare, shown = (statistics.median(times[who]) for who in ("bare", "help"))
    return [{"case": "olivepress --help", "bare": bare, "help": shown, "more": shown - bare}]


def _child(who: str, path: Path) -> dict[str, Any]:
    bench_run.empty(path.parent)  # a checkpoint of the run before would be taken up
    done = subprocess.run([sys.executable, __file__, who, str(path)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{who} failed on {path}\n{done.stderr[-4000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


class Clock:
    """Time and text tokens of every step but the first."""

    def __init__(self) -> None:
        self.losses: list[float] = []
        self.times: list[float] = []

    def step(self, loss: float) -> None:
        self.losses.append(loss)
        self.times.append(time.monotonic())


def _report(clock: Clock, tokens: int) -> None:
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    rate = tokens / (clock.times[-1] - clock.times[0])
    print(json.dumps({"tokens_per_second": rate, "peak_bytes": peak, "losses": clock.losses}))


def _ours(path: Path) -> None:
    from olive_engine import passes
    from olive_engine.artifact import Artifact
    from olive_engine.context import PassContext
    from olive_schemas import read

    workflow = read(path.read_text(), path=path).workflow
    assert workflow is not None
    step = workflow.passes[0]
    clock = Clock()
    tokens: list[int] = []

    def emit(kind: str, name: str | None, data: Any) -> None:
        if kind == "metric" and "loss" in data:
            clock.step(data["loss"])
            tokens.append(data["tokens"])

    with tempfile.TemporaryDirectory() as folder:
        output, checkpoints = Path(folder, "out"), Path(folder, "checkpoints")
        output.mkdir()
        checkpoints.mkdir()
        context = PassContext(workflow, step, output, checkpoints, emit)
        source = Artifact("hf_model", "bench", path=workflow.input_model.path)
        passes.load("LoRA").run(step, source, context)
    _report(clock, sum(tokens[1:]))


def _trainer(path: Path) -> None:
    import peft
    import torch
    import transformers

    from olive_engine import data
    from olive_schemas import read

    workflow = read(path.read_text(), path=path).workflow
    assert workflow is not None
    parameters = workflow.passes[0].parameters
    arguments = dict(json.loads(path.read_text())["passes"]["lora"]["training_args"])
    for name in ("output_dir", "save_strategy", "save_steps"):
        arguments.pop(name, None)
    config = workflow.data_configs["train"]
    tokenizer = transformers.AutoTokenizer.from_pretrained(workflow.input_model.path)
    tokens = data.tokenise(config, data.load(config, workflow), tokenizer, workflow=workflow)
    padded = data.pad(tokens, tokenizer.pad_token_id)
    texts = {row["input_ids"].tobytes(): len(ids) for row, ids in zip(padded, tokens.ids, strict=True)}
    rows = [{key: torch.tensor(value, dtype=torch.long) for key, value in row.items()} for row in padded]

    class Rows(torch.utils.data.Dataset):
        def __len__(self) -> int:
            return len(rows)

        def __getitem__(self, index: int) -> dict[str, Any]:
            return rows[index]

    model = transformers.AutoModelForCausalLM.from_pretrained(workflow.input_model.path, dtype=torch.bfloat16)
    checkpointing = arguments.pop("gradient_checkpointing", True)
    for one in model.parameters():
        one.requires_grad = False
    if checkpointing:
        model.enable_input_require_grads()
        model.gradient_checkpointing_enable()
    model.accepts_loss_kwargs = (
        False  # as Olive's wrapped model ends up: the mean of the micro-batches' means
    )
    torch.manual_seed(arguments["seed"])
    adapted = peft.get_peft_model(
        model,
        peft.LoraConfig(
            r=parameters["r"],
            lora_alpha=parameters["alpha"],
            lora_dropout=parameters["lora_dropout"],
            target_modules=list(parameters["target_modules"]),
            task_type="CAUSAL_LM",
        ),
    )
    clock = Clock()
    seen: list[int] = []

    class Watch(transformers.TrainerCallback):
        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **more: Any) -> None:
            if logs and "loss" in logs:
                clock.step(float(logs["loss"]))

    class Counting(transformers.Trainer):
        def training_step(self, model: Any, inputs: Any, *rest: Any, **more: Any) -> Any:
            seen.append(sum(texts[row.to(torch.int32).numpy().tobytes()] for row in inputs["input_ids"]))
            return super().training_step(model, inputs, *rest, **more)

    with tempfile.TemporaryDirectory() as folder:
        given = transformers.TrainingArguments(
            output_dir=folder,
            report_to="none",
            save_strategy="no",
            use_cpu=True,
            disable_tqdm=True,
            lr_scheduler_type="constant",
            optim="adamw_torch",
            gradient_checkpointing=checkpointing,
            **arguments,
        )
        Counting(model=adapted, args=given, train_dataset=Rows(), callbacks=[Watch()]).train()
    _report(clock, sum(seen[arguments["gradient_accumulation_steps"] :]))


if __name__ == "__main__":
    {"ours": _ours, "trainer": _trainer}[sys.argv[1]](Path(sys.argv[2]))
