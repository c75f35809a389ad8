"""Adapters folded in weight by weight: bit for bit peft's merge_and_unload; and the folder that comes out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from olive_engine.artifact import Artifact
from olive_engine.errors import RunError
from olive_engine.weights import materialise, open_merged

ADAPTERS: dict[str, Callable[[Any], Any]] = {
    "LoRA": lambda peft: peft.LoraConfig(r=4, lora_alpha=9, target_modules=["q_proj", "down_proj"]),
    "LoRA, rank-stabilised, patterns": lambda peft: peft.LoraConfig(
        r=5,
        lora_alpha=9,
        use_rslora=True,
        target_modules=["q_proj", "down_proj"],
        rank_pattern={"layers.0.self_attn.q_proj": 7},
        alpha_pattern={"down_proj": 3},
    ),
    "LoRA, fan_in_fan_out written for linear layers": lambda peft: peft.LoraConfig(
        r=4, fan_in_fan_out=True, target_modules=["v_proj"]
    ),
    "LoRA, biases trained": lambda peft: peft.LoraConfig(
        r=4, bias="all", target_modules=["q_proj", "down_proj"]
    ),
    "LoRA with a bias": lambda peft: peft.LoraConfig(r=4, lora_bias=True, target_modules=["q_proj"]),
    "LoRA and whole modules": lambda peft: peft.LoraConfig(
        r=4, modules_to_save=["lm_head", "norm"], target_modules=["v_proj"]
    ),
    "DoRA": lambda peft: peft.LoraConfig(r=4, use_dora=True, target_modules=["q_proj", "down_proj"]),
    "LoHa": lambda peft: peft.LoHaConfig(r=4, alpha=9, target_modules=["q_proj", "down_proj"]),
    "LoKr": lambda peft: peft.LoKrConfig(r=4, alpha=9, target_modules=["q_proj", "down_proj"]),
    "LoKr, both parts decomposed": lambda peft: peft.LoKrConfig(
        r=2, alpha=3, decompose_both=True, decompose_factor=8, target_modules=["q_proj", "down_proj"]
    ),
}
LEFT_TO_PEFT: dict[str, Callable[[Any], Any]] = {
    "VeRA": lambda peft: peft.VeraConfig(r=4, target_modules=["q_proj"]),
    "PiSSA": lambda peft: peft.LoraConfig(r=4, init_lora_weights="pissa", target_modules=["q_proj"]),
}
DTYPES = [torch.float32, torch.bfloat16, torch.float16]


def train(folder: Path, model: Path, config: Any, dtype: torch.dtype) -> Path:
    """An adapter as if trained: every trainable value moved a little."""
    import peft
    from transformers import AutoModelForCausalLM

    torch.manual_seed(1)
    adapted = peft.get_peft_model(AutoModelForCausalLM.from_pretrained(model, dtype=dtype), config)
    for parameter in adapted.parameters():
        if parameter.requires_grad:
            parameter.data += torch.randn_like(parameter) * 0.1
    adapted.save_pretrained(folder)
    return folder


def by_peft(model: Path, adapter: Path, dtype: torch.dtype) -> dict[str, torch.Tensor]:
    import peft
    from transformers import AutoModelForCausalLM

    base = AutoModelForCausalLM.from_pretrained(model, dtype=dtype)
    merged = peft.PeftModel.from_pretrained(base, adapter).merge_and_unload()
    found: dict[str, torch.Tensor] = merged.state_dict()
    return found


def deferred(model: Path, adapter: Path, dtype: torch.dtype) -> Artifact:
    options = {"torch_dtype": str(dtype).removeprefix("torch.")}
    base = Artifact("hf_model", "base", path=str(model), load_kwargs=options)
    return Artifact("hf_model", "merged", base=base, adapter_path=str(adapter), load_kwargs=options)


def unequal(expected: dict[str, torch.Tensor], folder: Path) -> list[str]:
    from transformers import AutoModelForCausalLM

    found = AutoModelForCausalLM.from_pretrained(folder).state_dict()
    assert set(found) == set(expected)
    return [name for name, value in expected.items() if not torch.equal(value, found[name])]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("kind", ADAPTERS)
def test_bits_of_peft(model_of: Any, tmp_path: Path, log: Any, kind: str, dtype: torch.dtype) -> None:
    import peft

    model = model_of("qwen2, biases")
    adapter = train(tmp_path / "adapter", model, ADAPTERS[kind](peft), dtype)
    expected = by_peft(model, adapter, dtype)
    source = deferred(model, adapter, dtype)
    assert open_merged(source).needs_peft is None
    folder = materialise(source, tmp_path / "merged", log)
    assert unequal(expected, folder) == []
    assert log.lines == []
    untouched = by_peft_untouched(model, dtype)
    assert any(not torch.equal(expected[name], untouched[name]) for name in expected)


def by_peft_untouched(model: Path, dtype: torch.dtype) -> dict[str, torch.Tensor]:
    from transformers import AutoModelForCausalLM

    found: dict[str, torch.Tensor] = AutoModelForCausalLM.from_pretrained(model, dtype=dtype).state_dict()
    return found


@pytest.mark.parametrize("kind", LEFT_TO_PEFT)
def test_others_are_merged_by_peft_and_it_is_said(model_of: Any, tmp_path: Path, log: Any, kind: str) -> None:
    import peft

    model = model_of("qwen2, biases")
    adapter = train(tmp_path / "adapter", model, LEFT_TO_PEFT[kind](peft), torch.float32)
    folder = materialise(deferred(model, adapter, torch.float32), tmp_path / "merged", log)
    assert unequal(by_peft(model, adapter, torch.float32), folder) == []
    assert log.said("merged by peft with the whole model in memory")


def test_whole_embeddings_of_a_tied_model_are_left_to_peft(model_of: Any, tmp_path: Path) -> None:
    import peft

    model = model_of("llama, tied")
    config = peft.LoraConfig(r=4, modules_to_save=["embed_tokens"], target_modules=["q_proj"])
    adapter = train(tmp_path / "adapter", model, config, torch.float32)
    reason = open_merged(deferred(model, adapter, torch.float32)).needs_peft
    assert reason is not None and "shared by input and output embeddings" in reason


def test_the_folder_holds_what_belongs_to_a_model(model_of: Any, tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    for file in model_of("phi3").iterdir():
        (model / file.name).write_bytes(file.read_bytes())
    (model / "custom.py").write_text("raise SystemExit")
    (model / "README.md").write_text("not part of the model")
    source = Artifact("hf_model", "m", path=str(model), load_kwargs={"torch_dtype": "float16"})
    plain = materialise(source, tmp_path / "plain")
    whole = {
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    }
    assert {file.name for file in plain.iterdir()} == whole
    config = json.loads((plain / "config.json").read_text())
    assert config.get("dtype", config.get("torch_dtype")) == "float16"
    trusted = Artifact("hf_model", "m", path=str(model), load_kwargs={"trust_remote_code": True})
    assert {file.name for file in materialise(trusted, tmp_path / "trusted").iterdir()} == {
        *whole,
        "custom.py",
    }


def test_large_models_are_written_in_shards(model_of: Any, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    folder = materialise(
        Artifact("hf_model", "m", path=str(model_of("qwen2, biases"))),
        tmp_path / "out",
        progress=lambda *it: told.append(it),
        shard_bytes=50_000,
    )
    assert len(list(folder.glob("model-0*.safetensors"))) > 2
    assert unequal(by_peft_untouched(model_of("qwen2, biases"), torch.float32), folder) == []
    assert told[-1][0] == told[-1][1]


def test_an_adapter_of_another_model_is_refused(model_of: Any, tmp_path: Path) -> None:
    import peft

    adapter = train(tmp_path / "adapter", model_of("llama, 80 wide"), ADAPTERS["LoRA"](peft), torch.float32)
    with pytest.raises(RunError, match="trained on another model") as caught:
        materialise(deferred(model_of("qwen2, biases"), adapter, torch.float32), tmp_path / "merged")
    assert caught.value.code == "adapter-does-not-fit"


def test_a_quantised_model_is_refused(model_of: Any, tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    for file in model_of("phi3").iterdir():
        (model / file.name).write_bytes(file.read_bytes())
    config = json.loads((model / "config.json").read_text())
    (model / "config.json").write_text(json.dumps({**config, "quantization_config": {"quant_method": "awq"}}))
    with pytest.raises(RunError, match="quantised already"):
        open_merged(Artifact("hf_model", "m", path=str(model)))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda data: data[:5], "it has 5 bytes"),
        (lambda data: data[:-100], "ends at byte"),
        (lambda data: b"\xff" * 8 + data[8:], "its header says"),
        (lambda data: data[:8] + b"!" + data[9:], "no JSON"),
    ],
)
def test_damaged_weights_are_named(model_of: Any, tmp_path: Path, damage: Any, words: str) -> None:
    model = tmp_path / "model"
    model.mkdir()
    for file in model_of("phi3").iterdir():
        (model / file.name).write_bytes(file.read_bytes())
    weights = model / "model.safetensors"
    weights.write_bytes(damage(weights.read_bytes()))
    with pytest.raises(RunError, match=words) as caught:
        open_merged(Artifact("hf_model", "m", path=str(model)))
    assert str(weights) in caught.value.message


def test_old_checkpoints_are_read_too(model_of: Any, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    model = tmp_path / "model"
    model.mkdir()
    for file in model_of("qwen2, biases").iterdir():
        if file.suffix == ".safetensors":
            torch.save(load_file(file), model / "pytorch_model.bin")
        else:
            (model / file.name).write_bytes(file.read_bytes())
    folder = materialise(Artifact("hf_model", "m", path=str(model)), tmp_path / "out")
    assert unequal(by_peft_untouched(model_of("qwen2, biases"), torch.float32), folder) == []
