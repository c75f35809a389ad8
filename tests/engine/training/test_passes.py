"""Each adapter pass trains, saves exactly the files of a PEFT folder, and is read by peft with equal outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from training_kit import Recorder, make_model, make_step, make_tokens, source_of, train

from olive_engine.errors import RunError

TOKENS = make_tokens([20, 14, 9, 17, 23, 8])
ARGUMENTS = {"max_steps": 3, "learning_rate": 0.02}
FILES = ["adapter_config.json", "adapter_model.safetensors"]


def read_with_peft(base: Any, folder: Path) -> Any:
    """peft's model; every tensor of the folder must have found its place."""
    import peft

    model = peft.PeftModel.from_pretrained(base, folder, is_trainable=False)
    from safetensors.torch import load_file

    saved = load_file(folder / "adapter_model.safetensors")
    there = peft.get_peft_model_state_dict(model, save_embedding_layers=False)
    assert set(saved) == set(there)
    return model


def logits(model: Any) -> Any:
    import torch

    model.eval()
    with torch.no_grad():
        return model(input_ids=torch.arange(5, 40).unsqueeze(0)).logits


def trained_logits(model: Path, folder: Path, step: Any, patch: pytest.MonkeyPatch) -> tuple[Any, Any, Any]:
    """(logits of the model as it was trained, recorder, artifact)."""
    from olive_engine.training import attaching

    kept: list[Any] = []
    prepare = attaching.prepare

    def spy(*arguments: Any) -> Any:
        found = prepare(*arguments)
        kept.append(found[1].model)
        return found

    patch.setattr(attaching, "prepare", spy)
    recorder, _, artifact = train(model, folder, TOKENS, step, patch)
    return logits(kept[0]), recorder, artifact


@pytest.mark.parametrize("kind", ["LoRA", "DoRA", "LoHa", "LoKr"])
@pytest.mark.parametrize("model", ["llama", "phi3", "gpt2"])
def test_trains_saves_and_is_read_again(
    kind: str, model: str, models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch
    import transformers

    if model == "gpt2" and kind in ("LoHa", "LoKr"):
        with pytest.raises(RunError, match="cannot adapt the Conv1D layers of a gpt2 model"):
            train(models[model], tmp_path, TOKENS, make_step(kind), monkeypatch)
        return
    step = make_step(kind, ARGUMENTS, lora_dropout=0.1)
    ours, recorder, artifact = trained_logits(models[model], tmp_path, step, monkeypatch)
    base = transformers.AutoModelForCausalLM.from_pretrained(models[model], dtype=torch.float32)
    untrained = logits(base)
    again = read_with_peft(base, artifact.folder)
    assert torch.allclose(logits(again), ours, atol=1e-5)
    assert not torch.allclose(untrained, ours, atol=1e-4)
    assert len(recorder.losses) == 3
    assert sorted(file.name for file in artifact.folder.iterdir()) == FILES
    assert artifact.kind == "adapter" and artifact.base == source_of(models[model])
    assert artifact.notes["trainable_parameters"] > 0


def test_the_same_run_gives_the_same_fingerprint(
    models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = make_step("LoRA", ARGUMENTS)
    _, _, one = train(models["phi3"], tmp_path / "a", TOKENS, step, monkeypatch)
    _, _, two = train(models["phi3"], tmp_path / "b", TOKENS, step, monkeypatch)
    other = make_step("LoRA", {**ARGUMENTS, "seed": 1})
    _, _, three = train(models["phi3"], tmp_path / "c", TOKENS, other, monkeypatch)
    assert one.fingerprint == two.fingerprint != three.fingerprint


@pytest.mark.parametrize("quant_type,double", [("nf4", False), ("fp4", True)])
def test_qlora(
    quant_type: str, double: bool, models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import bitsandbytes
    import torch
    import transformers

    step = make_step(
        "QLoRA",
        {**ARGUMENTS, "optim": "paged_adamw_32bit"},
        quant_type=quant_type,
        double_quant=double,
        compute_dtype="float32",
    )
    ours, recorder, artifact = trained_logits(models["phi3"], tmp_path, step, monkeypatch)
    base = transformers.AutoModelForCausalLM.from_pretrained(
        models["phi3"],
        dtype=torch.float32,
        quantization_config=transformers.BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type=quant_type,
            bnb_4bit_use_double_quant=double,
            bnb_4bit_compute_dtype=torch.float32,
        ),
    )
    assert isinstance(base.model.layers[0].self_attn.o_proj, bitsandbytes.nn.Linear4bit)
    assert torch.allclose(logits(read_with_peft(base, artifact.folder)), ours, atol=0.01)
    assert artifact.notes["quantization"] == quant_type
    assert artifact.base == source_of(models["phi3"])
    # Olive adapts every layer that is quantised.
    assert any("down_proj, gate_up_proj, o_proj, qkv_proj" in message for message in recorder.messages)
    assert any("torch's AdamW does its work (equal numbers)" in message for message in recorder.messages)


def test_loftq(models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Starts nearer to the original model than plain nf4 does, and brings the base that its adapter belongs to."""
    import torch
    import transformers

    original = transformers.AutoModelForCausalLM.from_pretrained(models["llama"], dtype=torch.float32)
    still = make_step("LoftQ", {"max_steps": 1, "learning_rate": 0.0}, r=16, alpha=16)
    start, _, artifact = trained_logits(models["llama"], tmp_path / "a", still, monkeypatch)
    plain = make_step("QLoRA", {"max_steps": 1, "learning_rate": 0.0}, r=16, alpha=16)
    with pytest.MonkeyPatch.context() as patch:
        quantised, _, _ = trained_logits(models["llama"], tmp_path / "b", plain, patch)
    target = logits(original)
    assert (start - target).norm() < 0.8 * (quantised - target).norm()

    assert artifact.base is not None and artifact.base.folder == artifact.folder / "base_model"
    base = transformers.AutoModelForCausalLM.from_pretrained(artifact.base.folder, dtype=torch.float32)
    merged = read_with_peft(base, artifact.folder)
    assert (logits(merged) - target).norm() < 0.8 * (quantised - target).norm()


def test_modules_to_save_and_bias(
    models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch
    import transformers

    step = make_step("LoRA", ARGUMENTS, modules_to_save=["lm_head"], bias="all")
    ours, _, artifact = trained_logits(models["phi3"], tmp_path, step, monkeypatch)
    base = transformers.AutoModelForCausalLM.from_pretrained(models["phi3"], dtype=torch.float32)
    before = base.lm_head.weight.clone()
    again = read_with_peft(base, artifact.folder)
    assert torch.allclose(logits(again), ours, atol=1e-5)
    assert not torch.equal(again.base_model.model.lm_head.modules_to_save["default"].weight, before)


def test_target_modules_are_a_users_choice(
    models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safetensors import safe_open

    step = make_step("LoRA", ARGUMENTS, target_modules=["layers.1.mlp.down_proj"])
    _, _, artifact = train(models["llama"], tmp_path, TOKENS, step, monkeypatch)
    with safe_open(artifact.folder / "adapter_model.safetensors", "pt") as file:
        assert sorted(file.keys()) == [
            f"base_model.model.model.layers.1.mlp.down_proj.lora_{one}.weight" for one in "AB"
        ]


def test_an_adapted_output_layer(
    models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch
    import transformers

    step = make_step("LoRA", ARGUMENTS, target_modules=["lm_head", "q_proj"])
    ours, _, artifact = trained_logits(models["llama"], tmp_path, step, monkeypatch)
    base = transformers.AutoModelForCausalLM.from_pretrained(models["llama"], dtype=torch.float32)
    assert torch.allclose(logits(read_with_peft(base, artifact.folder)), ours, atol=1e-5)


def test_a_model_whose_logits_are_capped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """gemma2 does more than call its output layer: its logits are taken whole, and the losses are right."""
    import torch
    import transformers
    from training_kit import trainer_losses

    config = transformers.Gemma2Config(
        vocab_size=300,
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=16,
        final_logit_softcapping=0.5,
    )
    torch.manual_seed(0)
    transformers.Gemma2ForCausalLM(config).save_pretrained(tmp_path / "model")
    import peft

    lora = peft.LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
    theirs, *_ = trainer_losses(tmp_path / "model", tmp_path / "trainer", TOKENS, lora, **ARGUMENTS)
    ours, _, _ = train(
        tmp_path / "model", tmp_path / "ours", TOKENS, make_step("LoRA", ARGUMENTS), monkeypatch
    )
    assert ours.losses == pytest.approx(theirs, abs=1e-5)
    assert any("kept whole" in message for message in ours.messages)


def test_float16_trains_in_mixed_precision(
    models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, _, _ = train(models["phi3"], tmp_path / "a", TOKENS, make_step("LoRA", ARGUMENTS), monkeypatch)
    step = make_step("LoRA", ARGUMENTS, torch_dtype="float16")
    half, _, _ = train(models["phi3"], tmp_path / "b", TOKENS, step, monkeypatch)
    assert half.losses == pytest.approx(plain.losses, abs=0.02)
    assert half.losses != plain.losses


def test_load_best_model_at_end(
    models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a learning rate that ruins the model the first evaluation stays the best one."""
    arguments = {"max_steps": 6, "learning_rate": 0.3, "eval_strategy": "steps", "eval_steps": 1}
    held_out = make_tokens([15, 12, 18], seed=8)
    best = make_step("LoRA", {**arguments, "load_best_model_at_end": True})
    recorder, _, kept = train(models["phi3"], tmp_path / "a", TOKENS, best, monkeypatch, held_out)
    losses = recorder.metrics("eval_loss")
    first = min(range(len(losses)), key=losses.__getitem__) + 1
    assert first < 6
    shorter = make_step("LoRA", {**arguments, "max_steps": first})
    _, _, upto = train(models["phi3"], tmp_path / "b", TOKENS, shorter, monkeypatch, held_out)
    assert kept.fingerprint == upto.fingerprint


def test_trainer_is_used_for_what_only_it_knows(
    models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch
    import transformers

    arguments = {
        "max_steps": 3,
        "optim": "adamw_torch",
        "lr_scheduler_type": "greedy",
        "eval_strategy": "steps",
    }
    step = make_step("LoRA", {**arguments, "eval_steps": 1, "use_cpu": True})
    held_out = make_tokens([15, 12, 18], seed=8)
    monkeypatch.setattr("olive_engine.training.finetune.load_tokenizer", lambda source: _Tokenizer())
    recorder, _, artifact = train(models["phi3"], tmp_path, TOKENS, step, monkeypatch, held_out)
    assert any(
        "lr_scheduler_type greedy is known to transformers' Trainer only" in m for m in recorder.messages
    )
    assert len(recorder.losses) == 3 and recorder.metrics("eval_loss")
    base = transformers.AutoModelForCausalLM.from_pretrained(models["phi3"], dtype=torch.float32)
    read_with_peft(base, artifact.folder)


class _Tokenizer:
    pad_token_id = 0
    eos_token_id = 2


def test_weights_in_another_dtype_or_shape_of_file(
    models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mapped weights and from_pretrained's give one model."""
    import torch
    import transformers

    from olive_engine.training.models import load_causal_lm

    tied = make_model("llama", tmp_path / "tied", tie_word_embeddings=True)
    for folder in (models["llama"], models["gpt2"], tied):
        for dtype in (torch.float32, torch.bfloat16):
            ours = load_causal_lm(source_of(folder), dtype=dtype)
            theirs = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=dtype)
            assert type(ours) is type(theirs)
            assert {name: one.dtype for name, one in ours.state_dict().items()} == {
                name: one.dtype for name, one in theirs.state_dict().items()
            }
            assert torch.equal(logits(ours), logits(theirs))
            assert ours.generation_config.to_dict() == theirs.generation_config.to_dict()


def test_progress_and_metrics(
    models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder()
    monkeypatch.setattr("training_kit.Recorder", lambda: recorder)
    train(models["phi3"], tmp_path, TOKENS, make_step("LoRA", ARGUMENTS), monkeypatch)
    phases = [data["phase"] for type, data in recorder.events if type == "progress"]
    assert [one for at, one in enumerate(phases) if at == 0 or phases[at - 1] != one] == [
        "imports",
        "load",
        "train",
        "save",
    ]
    metrics = [data for type, data in recorder.events if type == "metric"]
    assert [data["step"] for data in metrics] == [1, 2, 3]
    assert set(metrics[0]) >= {"loss", "learning_rate", "grad_norm", "epoch", "tokens_per_second"}
