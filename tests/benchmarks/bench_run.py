"""Whole runs, LoRA -> merge -> int4, ours and Olive's on one config, turn about.

Three cases: equal tokens (joined to 512, no checkpointing) at 97.5M and at 778M parameters, and Olive's defaults left
in place (line by line, padded to 1,024, checkpointing unsaid) at 97.5M. Caches and outputs are emptied before every run,
so that nothing is ever reused. Each figure is a median over the repetitions; the ratio is ours by the peer's.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import statistics
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import models
import peer
from measure import Measured, measure

WORDS = Path(__file__).with_name("words.txt")


@dataclass(frozen=True)
class Case:
    name: str
    size: str
    padded: bool
    steps: int


CASES = (
    Case("equal tokens, 97.5M, 10 steps", "97.5M", False, 10),
    Case("equal tokens, 778M, 2 steps", "778M", False, 2),
    Case("Olive's defaults (padded rows), 97.5M, 4 steps", "97.5M", True, 4),
)


def dataset(path: Path, rows: int = 2400, seed: int = 0) -> None:
    """`rows` rows of 8 to 40 common words."""
    words = WORDS.read_text().split()
    draw = random.Random(seed)
    with path.open("w") as file:
        for _ in range(rows):
            file.write(json.dumps({"text": " ".join(draw.choices(words, k=draw.randint(8, 40)))}) + "\n")


def config(case: Case, model: Path, folder: Path) -> Path:
    """Writes the config that both tools run (current dialect, which Olive 0.13 accepts) and its data."""
    folder.mkdir(parents=True, exist_ok=True)
    dataset(folder / "train.jsonl")
    text: dict[str, Any] = {"text_cols": ["text"]}
    training: dict[str, Any] = {
        "seed": 0,
        "data_seed": 42,
        "per_device_train_batch_size": 1,
        "gradient_accumulation_steps": 4,
        "learning_rate": 1e-4,
        "max_steps": case.steps,
        "logging_steps": 1,
    }
    if case.padded:
        text |= {"strategy": "line-by-line"}
        # Olive prints four digits of a loss; the state that Trainer saves has them all.
        training |= {"output_dir": "trainer", "save_strategy": "steps", "save_steps": case.steps}
    else:
        text |= {"strategy": "join", "max_seq_len": 512}
        training |= {"gradient_checkpointing": False}
    whole = {
        "input_model": {"type": "HfModel", "model_path": str(model)},
        "systems": {
            "here": {
                "type": "LocalSystem",
                "accelerators": [{"device": "cpu", "execution_providers": ["CPUExecutionProvider"]}],
            }
        },
        "data_configs": [
            {
                "name": "train",
                "type": "HuggingfaceContainer",
                "load_dataset_config": {"data_name": "json", "data_files": "train.jsonl", "split": "train"},
                "pre_process_data_config": text,
            }
        ],
        "passes": {
            "lora": {
                "type": "LoRA",
                "r": 64,
                "alpha": 64,
                "lora_dropout": 0.0 if case.padded else 0.1,
                "target_modules": ["o_proj", "qkv_proj"],
                "train_data_config": "train",
                "training_args": training,
            },
            "merge": {"type": "MergeAdapterWeights"},
            "builder": {"type": "ModelBuilder", "precision": "int4"},
        },
        "host": "here",
        "target": "here",
        "evaluate_input_model": False,
        "cache_dir": "cache",
        "output_dir": "out",
    }
    path = folder / "olive-config.json"
    path.write_text(json.dumps(whole, indent=2))
    return path


def empty(folder: Path) -> None:
    for name in ("cache", "out", "trainer", ".olivepress"):
        shutil.rmtree(folder / name, ignore_errors=True)


def run_peer(work: Path, path: Path) -> tuple[Measured, list[float]]:
    """Olive: the first step has begun when its bar shows 0 of N; the losses are those it prints."""
    empty(path.parent)
    measured = measure(
        peer.command(work, path),
        cwd=path.parent,
        env=peer.ENVIRONMENT,
        patterns={"first step begins": r"\b0/\d+ \[", "first step done": r"'loss': "},
    )
    losses = [float(value) for value in re.findall(r"'loss': '?([0-9.]+)", measured.output)]
    for state in path.parent.glob("trainer/checkpoint-*/trainer_state.json"):
        losses = [each["loss"] for each in json.loads(state.read_text())["log_history"] if "loss" in each]
    return measured, losses


def _workers(folder: Path) -> Iterable[int]:
    for record in folder.glob(".olivepress/runs/*/run.json"):
        try:
            pid = json.loads(record.read_text()).get("pid")
        except (OSError, ValueError):
            continue
        if pid:
            yield int(pid)


def run_ours(path: Path) -> tuple[Measured, list[float]]:
    empty(path.parent)
    measured = measure(
        [sys.executable, "-m", "olivepress", "run", "--config", path.name, "--json"],
        cwd=path.parent,
        env={"HF_HUB_OFFLINE": "1"},
        also=lambda: _workers(path.parent),
        patterns={
            "first step begins": r'"type": ?"progress".*"phase": ?"train", ?"done": ?0\b',
            "first step done": r'"type": ?"metric"',
        },
    )
    summary = path.parent / "out" / "run-summary.json"
    if summary.exists():
        # The worker's passes know their own peaks to the byte; the looks from outside add the command's own process.
        measured.peak_bytes = max(
            measured.peak_bytes, json.loads(summary.read_text()).get("peak_memory_bytes") or 0
        )
    losses = []
    for line in measured.output.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and event.get("type") == "metric" and "loss" in event.get("data", {}):
            losses.append(float(event["data"]["loss"]))
    return measured, losses


def _median(values: list[float]) -> float:
    return statistics.median(values) if values else float("nan")


def bench(work: Path, cases: Iterable[Case] = CASES, repetitions: int = 3) -> list[dict[str, Any]]:
    """One row a case: seconds, peak bytes, seconds to the first step, losses, of both, and the ratios."""
    rows = []
    for case in cases:
        model = models.phi3(work, case.size)
        path = config(case, model, work / "runs" / re.sub(r"\W+", "-", case.name))
        ours: list[Measured] = []
        theirs: list[Measured] = []
        losses: dict[str, list[float]] = {}
        for _ in range(repetitions):
            for name, into in (("olive", theirs), ("ours", ours)):
                measured, found = run_peer(work, path) if name == "olive" else run_ours(path)
                if measured.returncode != 0 or not found:
                    sys.exit(f"{case.name}: {name} failed ({measured.returncode})\n{measured.output[-4000:]}")
                into.append(measured)
                losses[name] = found
                print(
                    f"  {case.name}: {name} {measured.seconds:.1f} s, {measured.peak_bytes / 1e9:.2f} GB",
                    flush=True,
                )
        row: dict[str, Any] = {"case": case.name, "repetitions": repetitions, "losses": losses}
        for key, get in (
            ("seconds", lambda m: m.seconds),
            ("peak_bytes", lambda m: m.peak_bytes),
            ("first_step_begins", lambda m: m.seen.get("first step begins", float("nan"))),
            ("first_step_done", lambda m: m.seen.get("first step done", float("nan"))),
        ):
            mine, other = [get(m) for m in ours], [get(m) for m in theirs]
            row[key] = {
                "ours": _median(mine),
                "olive": _median(other),
                "ratio": _median([a / b for a, b in zip(mine, other, strict=True)]),
            }
        row["largest_loss_difference"] = max(
            (abs(a - b) for a, b in zip(losses["ours"], losses["olive"], strict=False)), default=float("nan")
        )
        rows.append(row)
    return rows
