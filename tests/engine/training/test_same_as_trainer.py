"""Step for step the numbers of transformers' Trainer with peft, set up as Olive sets it up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from training_kit import make_step, make_tokens, train, trainer_losses

EQUAL = [24] * 13
UNEQUAL = [9, 24, 17, 5, 31, 12, 20, 8, 15, 27, 6, 11, 19]


def lora(targets: Any, dropout: float = 0.0) -> Any:
    import peft

    return peft.LoraConfig(
        r=4, lora_alpha=8, lora_dropout=dropout, target_modules=targets, task_type="CAUSAL_LM"
    )


CASES: dict[str, dict[str, Any]] = {
    "one row a step": {"per_device_train_batch_size": 1, "max_steps": 5},
    "accumulation": {"per_device_train_batch_size": 2, "gradient_accumulation_steps": 3, "max_steps": 5},
    "epochs with a short last step": {"gradient_accumulation_steps": 2, "num_train_epochs": 1.5},
    "drop_last": {"dataloader_drop_last": True, "num_train_epochs": 2, "per_device_train_batch_size": 3},
    "other seeds": {"max_steps": 9, "seed": 5, "data_seed": 11},
    "linear with warmup": {
        "max_steps": 6,
        "lr_scheduler_type": "linear",
        "warmup_steps": 2,
        "learning_rate": 0.01,
    },
    "cosine": {"max_steps": 6, "lr_scheduler_type": "cosine", "learning_rate": 0.01},
    "clipping": {"max_steps": 5, "max_grad_norm": 0.01, "learning_rate": 0.01, "optim": "sgd"},
    "weight decay and betas": {"max_steps": 5, "weight_decay": 0.3, "adam_beta1": 0.5, "learning_rate": 0.01},
    "adafactor": {"max_steps": 4, "optim": "adafactor", "learning_rate": 0.01},
    "label smoothing": {"max_steps": 4, "label_smoothing_factor": 0.1},
    "neftune": {"max_steps": 4, "neftune_noise_alpha": 5.0},
    "checkpointing": {"max_steps": 4, "gradient_checkpointing": True},
    "autocast": {"max_steps": 4, "bf16": True},
}


@pytest.mark.parametrize("case", CASES)
def test_losses(case: str, models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = CASES[case]
    tokens = make_tokens(EQUAL)
    theirs, _, rates, norms = trainer_losses(
        models["phi3"], tmp_path / "trainer", tokens, lora(["o_proj", "qkv_proj"]), **arguments
    )
    step = make_step("LoRA", {"warmup_ratio": 0.0, **arguments})
    ours, _, _ = train(models["phi3"], tmp_path / "ours", tokens, step, monkeypatch)
    assert ours.losses == pytest.approx(theirs, abs=2e-3 if "bf16" in arguments else 1e-5)
    assert ours.metrics("learning_rate") == pytest.approx(rates)
    assert ours.metrics("grad_norm") == pytest.approx(norms, rel=0.05 if "bf16" in arguments else 1e-3)


def test_losses_with_dropout(
    models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same rows in the same passes draw the same masks, so even dropout is equal."""
    tokens = make_tokens([512] * 6)
    arguments = {"max_steps": 4, "per_device_train_batch_size": 1, "learning_rate": 0.01}
    theirs, *_ = trainer_losses(
        models["llama"], tmp_path / "trainer", tokens, lora(["q_proj", "v_proj"], 0.3), **arguments
    )
    step = make_step("LoRA", arguments, lora_dropout=0.3)
    ours, _, _ = train(models["llama"], tmp_path / "ours", tokens, step, monkeypatch)
    assert ours.losses == pytest.approx(theirs, abs=1e-5)


@pytest.mark.parametrize("kind", ["llama", "phi3", "gpt2"])
@pytest.mark.parametrize("accumulation", [1, 3])
def test_padded_rows(
    kind: str, accumulation: int, models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Trainer computes rows filled up to 64 tokens; we leave the padding out and fuse rows."""
    tokens = make_tokens(UNEQUAL, padded_to=64)
    arguments = {"max_steps": 6, "gradient_accumulation_steps": accumulation, "learning_rate": 0.01}
    targets = {"llama": ["q_proj", "v_proj"], "phi3": ["o_proj", "qkv_proj"], "gpt2": ["c_attn"]}[kind]
    theirs, _, _, norms = trainer_losses(
        models[kind], tmp_path / "trainer", tokens, lora(targets), **arguments
    )
    ours, _, _ = train(models[kind], tmp_path / "ours", tokens, make_step("LoRA", arguments), monkeypatch)
    assert ours.losses == pytest.approx(theirs, abs=1e-5)
    assert ours.metrics("grad_norm") == pytest.approx(norms, rel=1e-3)


@pytest.mark.parametrize("kind", ["llama", "gpt2"])
@pytest.mark.parametrize("mask", [True, False])
def test_rows_padded_at_the_left(
    kind: str, mask: bool, models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = make_tokens(UNEQUAL, padded_to=40, padding_side="left", use_attention_mask=mask)
    targets = ["q_proj", "v_proj"] if kind == "llama" else ["c_attn"]
    arguments = {"max_steps": 4, "gradient_accumulation_steps": 2}
    theirs, *_ = trainer_losses(models[kind], tmp_path / "trainer", tokens, lora(targets), **arguments)
    ours, _, _ = train(models[kind], tmp_path / "ours", tokens, make_step("LoRA", arguments), monkeypatch)
    assert ours.losses == pytest.approx(theirs, abs=1e-4)


@pytest.mark.parametrize("padded_to", [None, 40])
def test_grouped_by_length(
    padded_to: int | None, models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = make_tokens([9, 24, 17, 5, 31, 12, 20, 8, 15, 27, 6, 11, 19] * 3, padded_to)
    theirs, *_ = trainer_losses(
        models["phi3"],
        tmp_path / "trainer",
        tokens,
        lora(["o_proj", "qkv_proj"]),
        num_train_epochs=1,
        train_sampling_strategy="group_by_length",
    )
    step = make_step("LoRA", {"max_steps": -1, "num_train_epochs": 1, "group_by_length": True})
    ours, _, _ = train(models["phi3"], tmp_path / "ours", tokens, step, monkeypatch)
    assert ours.losses == pytest.approx(theirs, abs=1e-5)


@pytest.mark.parametrize(
    "arguments", [{"eval_strategy": "steps", "eval_steps": 2}, {"eval_strategy": "epoch"}]
)
def test_evaluation(
    arguments: dict[str, Any], models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens, held_out = make_tokens(UNEQUAL), make_tokens([12, 30, 7, 9, 22], seed=9)
    more = {**arguments, "max_steps": 7, "per_device_eval_batch_size": 2, "learning_rate": 0.01}
    _, theirs, _, _ = trainer_losses(
        models["phi3"], tmp_path / "trainer", tokens, lora(["o_proj", "qkv_proj"]), held_out, **more
    )
    ours, _, artifact = train(
        models["phi3"], tmp_path / "ours", tokens, make_step("LoRA", more), monkeypatch, held_out
    )
    found = ours.metrics("eval_loss")
    assert found == pytest.approx(theirs, abs=1e-5)
    assert artifact.notes["eval_loss"] == found[-1]


def test_bfloat16_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Olive's default: frozen weights in bfloat16, adapters in float32."""
    import torch
    from training_kit import make_model

    model = make_model("phi3", tmp_path / "model", dtype=torch.bfloat16)
    tokens = make_tokens(EQUAL)
    arguments = {"max_steps": 6, "learning_rate": 0.01}
    theirs, *_ = trainer_losses(
        model, tmp_path / "trainer", tokens, lora(["o_proj", "qkv_proj"]), dtype=torch.bfloat16, **arguments
    )
    step = make_step("LoRA", arguments, torch_dtype="bfloat16")
    ours, _, _ = train(model, tmp_path / "ours", tokens, step, monkeypatch)
    assert ours.losses == pytest.approx(theirs, abs=1e-3)
