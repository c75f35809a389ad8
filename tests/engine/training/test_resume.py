"""A training that was stopped or killed and goes on ends with the bits of the undisturbed one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from training_kit import Recorder, make_step, make_tokens, train

from olive_engine.errors import Cancelled

TOKENS = make_tokens([9, 24, 17, 5, 31, 12, 20, 8, 15, 27, 6, 11, 19], padded_to=64)
ARGUMENTS = {
    "max_steps": 11,
    "gradient_accumulation_steps": 2,
    "learning_rate": 0.01,
    "lr_scheduler_type": "cosine",
    "group_by_length": True,
}


def weights(folder: Path) -> dict[str, bytes]:
    from safetensors.torch import load_file

    return {
        name: one.numpy().tobytes() for name, one in load_file(folder / "adapter_model.safetensors").items()
    }


class StopAfter:
    """Asks the run to stop once so many metrics have come."""

    def __init__(self, steps: int) -> None:
        self.recorder, self.steps = Recorder(), steps

    def __call__(self) -> bool:
        return len(self.recorder.losses) >= self.steps


@pytest.mark.parametrize("steps", [1, 3, 4, 7, 10])
def test_resume_after_a_stop(
    steps: int, models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Epochs have four steps here: stops lie inside one, at its end and behind it."""
    step = make_step("LoRA", ARGUMENTS, lora_dropout=0.2)
    whole, undisturbed, _ = train(models["phi3"], tmp_path / "whole", TOKENS, step, monkeypatch)

    stop = StopAfter(steps)
    monkeypatch.setattr("training_kit.Recorder", lambda: stop.recorder)
    with pytest.raises(Cancelled):
        train(models["phi3"], tmp_path / "run", TOKENS, step, monkeypatch, stop_requested=stop)
    monkeypatch.setattr("training_kit.Recorder", Recorder)
    rest, resumed, artifact = train(models["phi3"], tmp_path / "run", TOKENS, step, monkeypatch)

    assert stop.recorder.losses + rest.losses == whole.losses
    assert f"resumed after step {steps}" in rest.messages
    assert weights(resumed.output) == weights(undisturbed.output)
    assert artifact.notes["final_loss"] == whole.losses[-1]


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, {kit!r})
import pytest
from training_kit import train, Recorder
from test_resume import TOKENS, ARGUMENTS, make_step
from olive_engine.training import finetune
finetune.CHECKPOINT_SECONDS = 0.0
kept = Recorder.__call__
def slow(self, type, name, data):
    kept(self, type, name, data)
    if type == "metric":
        print(data["step"], flush=True)
        if data["step"] == 6:
            import time; time.sleep(60)
Recorder.__call__ = slow
step = make_step("LoRA", ARGUMENTS, lora_dropout=0.2)
train(Path({model!r}), Path({folder!r}), TOKENS, step, pytest.MonkeyPatch())
"""


def test_resume_after_kill_9(
    models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    monkeypatch.setattr("olive_engine.training.finetune.CHECKPOINT_SECONDS", 0.0)
    step = make_step("LoRA", ARGUMENTS, lora_dropout=0.2)
    whole, undisturbed, _ = train(models["phi3"], tmp_path / "whole", TOKENS, step, monkeypatch)
    script = KILLED.format(
        kit=str(Path(__file__).parent), model=str(models["phi3"]), folder=str(tmp_path / "run")
    )
    environment = {**os.environ, "OMP_NUM_THREADS": str(torch.get_num_threads())}
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == "6":
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    rest, resumed, _ = train(models["phi3"], tmp_path / "run", TOKENS, step, monkeypatch)
    # The metric of step 6 was out before its checkpoint, so it is done again.
    assert rest.losses == whole.losses[5:]
    assert weights(resumed.output) == weights(undisturbed.output)


def test_checkpoints_do_not_alter_numbers(
    models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = make_step("LoRA", ARGUMENTS, lora_dropout=0.2)
    without, _, _ = train(models["phi3"], tmp_path / "a", TOKENS, step, monkeypatch)
    monkeypatch.setattr("olive_engine.training.finetune.CHECKPOINT_SECONDS", 0.0)
    each, context, _ = train(models["phi3"], tmp_path / "b", TOKENS, step, monkeypatch)
    assert each.losses == without.losses
    assert sorted(folder.name for folder in context.checkpoints.iterdir()) == [
        "checkpoint-10",
        "checkpoint-11",
    ]


def _stopped(
    steps: int, step: Any, model: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, tokens: Any = TOKENS
) -> list[float]:
    """Trains so many steps with a checkpoint after each; the losses."""
    stop = StopAfter(steps)
    with monkeypatch.context() as patch:
        patch.setattr("training_kit.Recorder", lambda: stop.recorder)
        patch.setattr("olive_engine.training.finetune.CHECKPOINT_SECONDS", 0.0)
        with pytest.raises(Cancelled):
            train(model, folder, tokens, step, patch, stop_requested=stop)
    return stop.recorder.losses


def test_a_damaged_checkpoint_gives_way_to_the_one_before(
    models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = make_step("LoRA", ARGUMENTS)
    whole, _, _ = train(models["phi3"], tmp_path / "whole", TOKENS, step, monkeypatch)
    _stopped(5, step, models["phi3"], tmp_path / "run", monkeypatch)
    state = tmp_path / "run" / "checkpoints" / "checkpoint-5" / "state.pt"
    state.write_bytes(state.read_bytes()[:-100])
    rest, _, _ = train(models["phi3"], tmp_path / "run", TOKENS, step, monkeypatch)
    assert any("checkpoint-5 is damaged" in message for message in rest.messages)
    assert "resumed after step 4" in rest.messages
    assert rest.losses == whole.losses[4:]


def test_a_checkpoint_of_other_data_is_refused(
    models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = make_step("LoRA", ARGUMENTS)
    _stopped(3, step, models["phi3"], tmp_path / "run", monkeypatch)
    others = make_tokens([9, 24, 17, 5, 31, 12], seed=4)
    rest, _, _ = train(models["phi3"], tmp_path / "run", others, step, monkeypatch)
    assert any("other data, parameters or another model" in message for message in rest.messages)
    assert len(rest.losses) == 11


def test_half_written_checkpoints_are_never_read(
    models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = make_step("LoRA", ARGUMENTS)
    whole, _, _ = train(models["phi3"], tmp_path / "whole", TOKENS, step, monkeypatch)
    _stopped(3, step, models["phi3"], tmp_path / "run", monkeypatch)
    (tmp_path / "run" / "checkpoints" / ".checkpoint-9.1.partial").mkdir()
    (tmp_path / "run" / "checkpoints" / "checkpoint-8").mkdir()
    rest, _, _ = train(models["phi3"], tmp_path / "run", TOKENS, step, monkeypatch)
    assert rest.losses == whole.losses[3:]


def test_the_number_of_threads_is_kept(
    models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    threads = torch.get_num_threads()
    step = make_step("LoRA", ARGUMENTS)
    _stopped(2, step, models["phi3"], tmp_path / "run", monkeypatch)
    torch.set_num_threads(threads + 1)
    try:
        train(models["phi3"], tmp_path / "run", TOKENS, step, monkeypatch)
        assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(threads)


def test_output_dir_gets_checkpoints_that_a_later_run_can_name(
    models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "kept"
    arguments = {**ARGUMENTS, "save_steps": 4, "save_total_limit": 2, "output_dir": str(kept)}
    first, _, _ = train(models["phi3"], tmp_path / "a", TOKENS, make_step("LoRA", arguments), monkeypatch)
    assert sorted(folder.name for folder in kept.iterdir()) == ["checkpoint-11", "checkpoint-8"]
    named = {**arguments, "resume_from_checkpoint": str(kept / "checkpoint-8")}
    again, _, _ = train(models["phi3"], tmp_path / "b", TOKENS, make_step("LoRA", named), monkeypatch)
    assert again.losses == first.losses[8:]
